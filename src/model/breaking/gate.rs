//! What a registry does with a push that breaks users of the last release.

use std::fmt;
use std::str::FromStr;

use crate::model::{BreakingCategory, BreakingCategoryError, ModuleName, NameError, OwnerName};

/// What is done with changes that break, and in which modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakingGate {
    /// The modules.
    pub scope: GateScope,
    /// What is done.
    pub action: GateAction,
}

/// The modules that a gate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateScope {
    /// All modules of the server.
    Server,
    /// The modules of one owner.
    Owner(OwnerName),
    /// One module.
    Module(ModuleName),
}

/// What is done with changes that break in one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateAction {
    /// Nothing.
    Off,
    /// The push is taken, and its reply says what breaks.
    Warn(BreakingCategory),
    /// The push is refused.
    Refuse(BreakingCategory),
}

/// A text that is no gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BreakingGateError {
    /// No action in front of the category.
    #[error("{0:?} is neither off nor ACTION:CATEGORY; write for example warn:rust or acme/pets=refuse:wire_json")]
    Action(String),
    /// An unknown category.
    #[error(transparent)]
    Category(#[from] BreakingCategoryError),
    /// What stands in front is no name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl BreakingGate {
    /// The actions for `module`: those of the gates for it alone, else of those for its owner, else for all.
    #[must_use]
    pub fn actions(gates: &[Self], module: &ModuleName) -> Vec<GateAction> {
        let owner = module.owner().clone();
        Self::nearest(gates, &[GateScope::Module(module.clone()), GateScope::Owner(owner), GateScope::Server])
    }

    /// The actions for modules of `owner` without gates of their own.
    #[must_use]
    pub fn actions_of_owner(gates: &[Self], owner: &OwnerName) -> Vec<GateAction> {
        Self::nearest(gates, &[GateScope::Owner(owner.clone()), GateScope::Server])
    }

    fn nearest(gates: &[Self], scopes: &[GateScope]) -> Vec<GateAction> {
        let of_scope = |scope: &GateScope| -> Vec<_> {
            gates.iter().filter(|gate| gate.scope == *scope).map(|gate| gate.action).collect()
        };
        scopes.iter().map(of_scope).find(|actions| !actions.is_empty()).unwrap_or_default()
    }
}

impl FromStr for BreakingGate {
    type Err = BreakingGateError;

    fn from_str(text: &str) -> Result<Self, BreakingGateError> {
        match text.split_once('=') {
            None => Ok(Self { scope: GateScope::Server, action: text.parse()? }),
            Some((name, action)) if name.contains('/') => {
                Ok(Self { scope: GateScope::Module(name.parse()?), action: action.parse()? })
            }
            Some((name, action)) => Ok(Self { scope: GateScope::Owner(name.parse()?), action: action.parse()? }),
        }
    }
}

impl FromStr for GateAction {
    type Err = BreakingGateError;

    fn from_str(text: &str) -> Result<Self, BreakingGateError> {
        match text.split_once(':') {
            None if text == "off" => Ok(Self::Off),
            Some(("warn", category)) => Ok(Self::Warn(category.parse()?)),
            Some(("refuse", category)) => Ok(Self::Refuse(category.parse()?)),
            _ => Err(BreakingGateError::Action(text.chars().take(60).collect())),
        }
    }
}

impl fmt::Display for BreakingGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            GateScope::Server => {}
            GateScope::Owner(owner) => write!(f, "{owner}=")?,
            GateScope::Module(module) => write!(f, "{module}=")?,
        }
        match self.action {
            GateAction::Off => f.write_str("off"),
            GateAction::Warn(category) => write!(f, "warn:{category}"),
            GateAction::Refuse(category) => write!(f, "refuse:{category}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(texts: &[&str]) -> Vec<BreakingGate> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_gate_is_written_as_it_is_read() {
        for text in ["off", "warn:rust", "acme=refuse:wire_json", "acme/pets=off"] {
            assert_eq!(text.parse::<BreakingGate>().unwrap().to_string(), text);
        }
        let refused = |text: &str| text.parse::<BreakingGate>().unwrap_err().to_string();
        assert!(refused("warn").contains("refuse:wire_json"));
        assert!(refused("warn:wired").contains("wire_json"));
        assert!(refused("Acme=off").contains("lower-case"));
    }

    #[test]
    fn the_nearest_gates_count_alone() {
        use BreakingCategory::{File, Rust, Wire};
        let gates = gates(&["warn:rust", "acme=refuse:wire", "acme=warn:file", "acme/pets=off"]);
        let of = |module: &str| BreakingGate::actions(&gates, &module.parse().unwrap());
        assert_eq!(of("zoo/cats"), [GateAction::Warn(Rust)]);
        assert_eq!(of("acme/shop"), [GateAction::Refuse(Wire), GateAction::Warn(File)]);
        assert_eq!(of("acme/pets"), [GateAction::Off]);
        let of_owner = |owner: &str| BreakingGate::actions_of_owner(&gates, &owner.parse().unwrap());
        assert_eq!((of_owner("acme"), of_owner("zoo")), (of("acme/shop"), of("zoo/cats")));
        assert!(BreakingGate::actions(&[], &"acme/pets".parse().unwrap()).is_empty());
    }
}
