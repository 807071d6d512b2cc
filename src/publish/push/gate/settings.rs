//! The settings of the server's gate before a release.

use crate::model::BreakingGate;

/// The settings of the server's gate.
#[derive(Debug, Clone, Default)]
pub struct GateSettings {
    /// What is done, in which modules and categories.
    pub gates: Vec<BreakingGate>,
    /// Whether packages such as `acme.pets.v1beta1` may break.
    pub ignore_unstable_packages: bool,
}
