//! `--create`: modules that do not exist are made before they are pushed.

use connectrpc::ErrorCode;

use crate::client::{Client, ClientError};
use crate::model::{LabelName, ModuleName, OwnerName};
use crate::wire::buf::registry::module::v1::ModuleVisibility;

/// What a push made before it uploaded, to be taken back if the upload is refused.
#[derive(Debug, Default)]
pub struct CreatedModules {
    organizations: Vec<OwnerName>,
    modules: Vec<ModuleName>,
}

impl CreatedModules {
    /// Creates the module, and its owner, if they are missing. Somebody else may create them at the same moment: that
    /// is as good.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
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

    /// Takes back what was made: a refused push leaves nothing behind. What cannot be removed (somebody uses it by now,
    /// or the server is gone) stays; the refusal is what the user has to hear.
    pub async fn take_back(self, client: &Client) {
        for module in &self.modules {
            let _ = client.delete_module(module).await;
        }
        for organization in &self.organizations {
            let _ = client.delete_organization(organization).await;
        }
    }
}

/// Whether this call made it; if it was there already, that is no error.
fn made<T>(made: Result<T, ClientError>) -> Result<bool, ClientError> {
    match made {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(ErrorCode::AlreadyExists) => Ok(false),
        Err(error) => Err(error),
    }
}
