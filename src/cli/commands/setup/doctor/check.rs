//! One line of the findings.

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// All is well.
    Ok,
    /// It works, but something is worth knowing.
    Warning,
    /// Something does not work.
    Failed,
    /// It could not be looked at, or does not matter here.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    /// What was looked at, in one word.
    pub(super) check: &'static str,
    pub(super) state: State,
    /// What was found.
    pub(super) message: String,
    /// What to do, unless all is well.
    pub(super) advice: Option<String>,
}

impl Check {
    pub(super) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: State::Ok, message: message.into(), advice: None }
    }

    pub(super) fn skipped(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: State::Skipped, message: message.into(), advice: None }
    }

    pub(super) fn warning(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Warning, message: message.into(), advice: Some(advice.into()) }
    }

    pub(super) fn failed(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Failed, message: message.into(), advice: Some(advice.into()) }
    }

    /// The line of the check, and one with what to do.
    pub(super) fn lines(&self) -> Vec<String> {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "FAILED",
            State::Skipped => "-",
        };
        let mut lines = vec![format!("{:<8}{state:<9}{}", self.check, self.message)];
        lines.extend(self.advice.as_ref().map(|advice| format!("{:17}{advice}", "")));
        lines
    }
}
