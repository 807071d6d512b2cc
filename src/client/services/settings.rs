//! Settings of modules and owners.

use connectrpc::ErrorCode;

use crate::client::transport::Transport;
use crate::client::{Client, ClientError, refs};
use crate::model::{ModuleName, OwnerName};
use crate::wire::registry::v1::{
    Gate, GetModuleSettingsRequest, GetOwnerSettingsRequest, SettingsServiceClient, UpdateModuleSettingsRequest,
    UpdateOwnerSettingsRequest,
};

/// The settings of an owner.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerSettings {
    /// The gate of the owner's modules that have none of their own.
    pub gate: Gate,
    /// What is done with names that another module of the owner has: off, warn or refuse.
    pub unique_names: String,
}

impl Client {
    fn settings_service(&self) -> SettingsServiceClient<Transport> {
        let (http, config) = self.parts();
        SettingsServiceClient::new(http, config)
    }

    /// The gate of a module.
    ///
    /// # Errors
    /// When there is no such module for the caller.
    pub async fn module_gate(&self, name: &ModuleName) -> Result<Gate, ClientError> {
        let request = GetModuleSettingsRequest { module: refs::module_name(name).into() };
        let answer = self.read(self.settings_service().get_module_settings(request).await)?;
        self.present("gate", answer.breaking.into_option())
    }

    /// Changes the gate of a module; `default` takes it back.
    ///
    /// # Errors
    /// When the caller does not administer the module, or the text is no gate.
    pub async fn set_module_gate(&self, name: &ModuleName, gate: &str) -> Result<Gate, ClientError> {
        let module = refs::module_name(name).into();
        let request = UpdateModuleSettingsRequest { module, breaking: Some(gate.to_owned()) };
        let answer = self.read(self.settings_service().update_module_settings(request).await)?;
        self.present("gate", answer.breaking.into_option())
    }

    /// The settings of an owner; none for whoever does not belong to it.
    pub async fn owner_settings(&self, name: &OwnerName) -> Result<Option<OwnerSettings>, ClientError> {
        let request = GetOwnerSettingsRequest { owner: name.to_string() };
        let answer = match self.read(self.settings_service().get_owner_settings(request).await) {
            Err(error) if error.code() == Some(ErrorCode::PermissionDenied) => return Ok(None),
            answer => answer?,
        };
        let gate = self.present("gate", answer.breaking.into_option())?;
        Ok(Some(OwnerSettings { gate, unique_names: answer.unique_names }))
    }

    /// Changes the settings of an owner; an absent one stays, and the gate `default` takes it back.
    ///
    /// # Errors
    /// When the caller does not administer the owner, or a text is no setting.
    pub async fn update_owner_settings(
        &self,
        name: &OwnerName,
        gate: Option<String>,
        unique_names: Option<String>,
    ) -> Result<OwnerSettings, ClientError> {
        let request = UpdateOwnerSettingsRequest { owner: name.to_string(), breaking: gate, unique_names };
        let answer = self.read(self.settings_service().update_owner_settings(request).await)?;
        let gate = self.present("gate", answer.breaking.into_option())?;
        Ok(OwnerSettings { gate, unique_names: answer.unique_names })
    }
}
