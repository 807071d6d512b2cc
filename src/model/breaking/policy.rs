//! What a module or an owner says about changes that break, in place of the server's gates.

use std::fmt;
use std::str::FromStr;

use crate::model::{BreakingCategory, BreakingGateError, GateAction};

/// The word that lets packages such as `acme.pets.v1beta1` break.
const UNSTABLE_EXEMPT: &str = "unstable-exempt";

/// The word that lets the `breaking` section of a pushed `buf.yaml` make exceptions from what is refused.
const BUF_YAML: &str = "buf-yaml";

/// The most words of a policy: each of six categories twice, both exceptions, and some that are repeated.
const MOST_WORDS: usize = 16;

/// What is done with changes that break, and what is exempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GatePolicy {
    /// What is done in which category; nothing at all if empty.
    pub actions: Vec<GateAction>,
    /// Whether unstable packages may break.
    pub unstable_exempt: bool,
    /// Whether the `breaking` section of a pushed `buf.yaml` makes exceptions from what is refused too.
    pub buf_yaml: bool,
}

/// A text that is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatePolicyError {
    /// No word.
    #[error("a gate is missing; write for example off, warn:rust or refuse:wire_json,rust")]
    Empty,
    /// `off` beside other words.
    #[error("`off` stands alone: it turns every category off")]
    OffAndMore,
    /// Too many words.
    #[error("a gate has at most {MOST_WORDS} words")]
    TooLong,
    /// A word that is neither an action nor an exception.
    #[error(
        "{0:?} is neither off, warn:CATEGORY,…, refuse:CATEGORY,…, {UNSTABLE_EXEMPT} nor {BUF_YAML}; write for example \
         refuse:wire_json,rust"
    )]
    Word(String),
    /// An unknown category.
    #[error(transparent)]
    Gate(#[from] BreakingGateError),
}

impl GatePolicy {
    /// The categories in which what breaks is refused.
    #[must_use]
    pub fn refused(&self) -> Vec<BreakingCategory> {
        self.categories(GateAction::Refuse)
    }

    /// The categories in which what breaks is told.
    #[must_use]
    pub fn warned(&self) -> Vec<BreakingCategory> {
        self.categories(GateAction::Warn)
    }

    /// Whether nothing is compared.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.actions.iter().all(|action| *action == GateAction::Off)
    }

    fn categories(&self, kind: fn(BreakingCategory) -> GateAction) -> Vec<BreakingCategory> {
        BreakingCategory::ALL.into_iter().filter(|category| self.actions.contains(&kind(*category))).collect()
    }

    fn add(&mut self, word: &str) -> Result<(), GatePolicyError> {
        match word {
            UNSTABLE_EXEMPT => self.unstable_exempt = true,
            BUF_YAML => self.buf_yaml = true,
            _ => {
                let unknown = || GatePolicyError::Word(word.chars().take(60).collect());
                let (kind, categories) = word.split_once(':').ok_or_else(unknown)?;
                for category in categories.split(',') {
                    let action: GateAction = match format!("{kind}:{category}").parse() {
                        Err(BreakingGateError::Action(_)) => return Err(unknown()),
                        parsed => parsed?,
                    };
                    if !self.actions.contains(&action) {
                        self.actions.push(action);
                    }
                }
            }
        }
        Ok(())
    }
}

impl FromStr for GatePolicy {
    type Err = GatePolicyError;

    fn from_str(text: &str) -> Result<Self, GatePolicyError> {
        let mut policy = Self::default();
        let words: Vec<_> = text.split_whitespace().take(MOST_WORDS + 1).collect();
        match words.as_slice() {
            [] => return Err(GatePolicyError::Empty),
            ["off"] => return Ok(policy),
            _ if words.contains(&"off") => return Err(GatePolicyError::OffAndMore),
            _ if words.len() > MOST_WORDS => return Err(GatePolicyError::TooLong),
            words => words.iter().try_for_each(|word| policy.add(word))?,
        }
        if policy.actions.is_empty() {
            return Err(GatePolicyError::Empty);
        }
        Ok(policy)
    }
}

impl fmt::Display for GatePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_off() {
            return f.write_str("off");
        }
        let mut words = vec![];
        for (kind, categories) in [("refuse", self.refused()), ("warn", self.warned())] {
            let names: Vec<_> = categories.iter().map(|category| category.name()).collect();
            words.extend((!names.is_empty()).then(|| format!("{kind}:{}", names.join(","))));
        }
        words.extend(self.unstable_exempt.then(|| UNSTABLE_EXEMPT.to_owned()));
        words.extend(self.buf_yaml.then(|| BUF_YAML.to_owned()));
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<GatePolicy>().map(|policy| policy.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_policy_is_written_as_it_is_read() {
        for text in ["off", "refuse:wire_json,rust", "refuse:wire warn:file,rust unstable-exempt buf-yaml"] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
        assert_eq!(read(" warn:rust  refuse:rust,file warn:rust ").as_deref(), Ok("refuse:file,rust warn:rust"));
    }

    #[test]
    fn what_is_no_policy_says_what_is() {
        for (text, says) in [
            ("", "refuse:wire_json,rust"),
            ("off warn:rust", "stands alone"),
            ("unstable-exempt", "is missing"),
            ("refuse", "\"refuse\" is neither off"),
            ("block:rust", "\"block:rust\" is neither off"),
            ("warn:wired", "wire_json"),
            ("warn:", "wire_json"),
        ] {
            assert!(read(text).unwrap_err().contains(says), "{text}: {:?}", read(text));
        }
        assert!(read(&"warn:rust ".repeat(17)).unwrap_err().contains("at most 16 words"));
    }
}
