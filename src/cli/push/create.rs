//! `--create`: modules that do not exist are made before they are pushed.

use connectrpc::ErrorCode;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError};
use crate::model::{ModuleName, OwnerName};
use crate::wire::buf::registry::module::v1::ModuleVisibility;

/// What a push made before it uploaded, to be taken back if the upload is refused.
#[derive(Debug, Default)]
pub(super) struct Created {
    organizations: Vec<OwnerName>,
    modules: Vec<ModuleName>,
}

/// Makes what is missing. Somebody else may make it at the same moment: that is as good.
pub(super) async fn ensure(
    client: &Client,
    modules: &[ModuleName],
    visibility: ModuleVisibility,
) -> Result<Created, CliError> {
    let mut created = Created::default();
    for module in modules {
        if client.module(module).await?.is_some() {
            continue;
        }
        if client.owner(module.owner()).await?.is_none() && made(client.create_organization(module.owner()).await)? {
            created.organizations.push(module.owner().clone());
        }
        if made(client.create_module(module, visibility, None).await)? {
            created.modules.push(module.clone());
        }
    }
    Ok(created)
}

impl Created {
    /// Takes back what was made: a refused push leaves nothing behind. What cannot be removed (somebody uses it by now,
    /// or the server is gone) stays; the refusal is what the user has to hear.
    pub(super) async fn take_back(self, client: &Client) {
        for module in &self.modules {
            let _ = client.delete_module(module).await;
        }
        for organization in &self.organizations {
            let _ = client.delete_organization(organization).await;
        }
    }
}

/// Whether this call made it; if it was there already, that is no error.
fn made<T>(made: Result<T, ClientError>) -> Result<bool, CliError> {
    match made {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(ErrorCode::AlreadyExists) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
