//! Which gate is that of a module: its own, its owner's, or the server's.

use super::settings::GateSettings;
use crate::model::{BreakingGate, GateAction, GatePolicy, OwnerName};
use crate::publish::Publisher;
use crate::store::{Module, Owner, StoreError};

/// Who set a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateOrigin {
    /// The module's settings.
    Module,
    /// The settings of the module's owner.
    Owner,
    /// The flags of the server.
    Server,
}

/// A gate, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// What is done.
    pub policy: GatePolicy,
    /// Who set it.
    pub origin: GateOrigin,
}

impl Publisher {
    /// The gate of `module`: its own, else that of its owner, else the server's.
    ///
    /// # Errors
    /// When the store fails.
    pub fn gate(&self, module: &Module) -> Result<Gate, StoreError> {
        if let Some(policy) = self.store.module_gate(module.id)? {
            return Ok(Gate { policy, origin: GateOrigin::Module });
        }
        if let Some(policy) = self.store.owner_settings(module.owner)?.breaking {
            return Ok(Gate { policy, origin: GateOrigin::Owner });
        }
        Ok(self.gate_beneath(&|gates| BreakingGate::actions(gates, &module.name)))
    }

    /// The gate of an owner's modules that have none of their own.
    ///
    /// # Errors
    /// When the store fails.
    pub fn owner_gate(&self, owner: &Owner) -> Result<Gate, StoreError> {
        if let Some(policy) = self.store.owner_settings(owner.id)?.breaking {
            return Ok(Gate { policy, origin: GateOrigin::Owner });
        }
        let name: &OwnerName = &owner.name;
        Ok(self.gate_beneath(&|gates| BreakingGate::actions_of_owner(gates, name)))
    }

    fn gate_beneath(&self, actions: &dyn Fn(&[BreakingGate]) -> Vec<GateAction>) -> Gate {
        let GateSettings { gates, ignore_unstable_packages } = &self.settings.gate;
        let policy =
            GatePolicy { actions: actions(gates), unstable_exempt: *ignore_unstable_packages, buf_yaml: false };
        Gate { policy, origin: GateOrigin::Server }
    }
}
