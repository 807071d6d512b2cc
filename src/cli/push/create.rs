//! `--create`: modules that do not exist are made before they are pushed.

use connectrpc::ErrorCode;

use crate::cli::error::CliError;
use crate::client::{Client, ClientError};
use crate::model::ModuleName;
use crate::wire::buf::registry::module::v1::ModuleVisibility;

/// Makes what is missing. Somebody else may make it at the same moment: that is as good.
pub(super) async fn ensure(
    client: &Client,
    modules: &[ModuleName],
    visibility: ModuleVisibility,
) -> Result<(), CliError> {
    for module in modules {
        if client.module(module).await?.is_some() {
            continue;
        }
        if client.owner(module.owner()).await?.is_none() {
            unless_there(client.create_organization(module.owner()).await)?;
        }
        unless_there(client.create_module(module, visibility, None).await)?;
    }
    Ok(())
}

fn unless_there<T>(made: Result<T, ClientError>) -> Result<(), CliError> {
    match made {
        Err(error) if error.code() != Some(ErrorCode::AlreadyExists) => Err(error.into()),
        _ => Ok(()),
    }
}
