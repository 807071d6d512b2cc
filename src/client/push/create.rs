//! `--create`: creates modules that do not exist before the push.

use connectrpc::ErrorCode;

use crate::client::{Client, ClientError};
use crate::model::{LabelName, ModuleName, OwnerName};
use crate::wire::buf::registry::module::v1::ModuleVisibility;

/// The modules and organizations that a push created before its upload, to be deleted if the upload is refused.
#[derive(Debug, Default)]
pub struct CreatedModules {
    organizations: Vec<OwnerName>,
    modules: Vec<ModuleName>,
}

impl CreatedModules {
    /// Creates the module, and its owner, if they are missing. If another client creates them at the same moment, that
    /// is no error.
    pub async fn ensure(
        &mut self,
        client: &Client,
        module: &ModuleName,
        visibility: ModuleVisibility,
        default_label: Option<&LabelName>,
    ) -> Result<(), ClientError> {
        if client.module(module).await?.is_some() {
            return Ok(());
        }
        if client.owner(module.owner()).await?.is_none() && made(client.create_organization(module.owner()).await)? {
            self.organizations.push(module.owner().clone());
        }
        if made(client.create_module(module, visibility, default_label).await)? {
            self.modules.push(module.clone());
        }
        Ok(())
    }

    /// Deletes the created modules and organizations, so that a refused push leaves nothing behind. Failures are
    /// ignored (another client may use them by now, or the server cannot be reached), because the user must see the
    /// refusal.
    pub async fn take_back(self, client: &Client) {
        for module in &self.modules {
            let _ = client.delete_module(module).await;
        }
        for organization in &self.organizations {
            let _ = client.delete_organization(organization).await;
        }
    }
}

/// Whether this call created it; that it exists already is not an error.
fn made<T>(made: Result<T, ClientError>) -> Result<bool, ClientError> {
    match made {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(ErrorCode::AlreadyExists) => Ok(false),
        Err(error) => Err(error),
    }
}
