//! What a webhook tells of, on the command line.

use std::str::FromStr;

use crate::cli::arguments::module_name::ModuleArg;
use crate::cli::error::CliError;
use crate::client::{Client, WebhookScope};
use crate::model::{NameError, OwnerName};

/// `owner/module`, perhaps with a server in front, or `owner`.
#[derive(Debug, Clone)]
pub(super) enum ScopeArg {
    Module(ModuleArg),
    Owner(OwnerName),
}

impl FromStr for ScopeArg {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.contains('/') { text.parse().map(Self::Module) } else { text.parse().map(Self::Owner) }
    }
}

impl ScopeArg {
    /// The names, for the server of `client`.
    ///
    /// # Errors
    /// When another server stands in front of the module.
    pub(super) fn at(&self, client: &Client) -> Result<WebhookScope, CliError> {
        Ok(match self {
            Self::Module(module) => WebhookScope::Module(module.at(client)?),
            Self::Owner(owner) => WebhookScope::Owner(owner.clone()),
        })
    }
}
