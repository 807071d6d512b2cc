//! The gate before a release, as it is written on the command line and printed.

use buffa::EnumValue;
use serde::Serialize;

use crate::wire::registry::v1::{Gate, GateOrigin};

/// A gate in the output.
#[derive(Debug, Clone, Serialize)]
pub(in crate::cli) struct GateRow {
    /// What is done, in the words of `--breaking`.
    policy: String,
    /// Whose words these are: `module`, `owner` or `server`.
    from: &'static str,
}

impl From<Gate> for GateRow {
    fn from(gate: Gate) -> Self {
        Self { policy: gate.policy, from: origin(gate.origin) }
    }
}

impl GateRow {
    /// The gate in one line.
    pub(in crate::cli) fn line(&self) -> String {
        format!("{}, by the {}", self.policy, self.from)
    }
}

fn origin(origin: EnumValue<GateOrigin>) -> &'static str {
    match origin.as_known() {
        Some(GateOrigin::GATE_ORIGIN_MODULE) => "module",
        Some(GateOrigin::GATE_ORIGIN_OWNER) => "owner",
        Some(GateOrigin::GATE_ORIGIN_SERVER) => "server",
        Some(GateOrigin::GATE_ORIGIN_UNSPECIFIED) | None => "unknown",
    }
}

/// A text for `--breaking`. An empty one is most often a variable that is not set, so it takes nothing back.
pub(in crate::cli) fn given(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("a gate is missing; `default` takes it back, and `off` turns it off"),
        _ => Ok(text.to_owned()),
    }
}

/// The words of a repeated `--breaking` as one text; none if it was not given.
pub(in crate::cli) fn words(breaking: &[String]) -> Option<String> {
    (!breaking.is_empty()).then(|| breaking.join(" "))
}
