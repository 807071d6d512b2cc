//! Makes a published crate again, from its sources and from nothing else, and compares the bytes.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::model::{CrateName, Revision, Sha256Digest};
use crate::package::repository_in;
use crate::publish::Publisher;
use crate::publish::build::BuildError;
use crate::store::{Sdk, StoreError};

/// A crate that was made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regenerated {
    /// Its bytes are those that were published.
    Same(Bytes),
    /// Its bytes have this checksum.
    Different(Sha256Digest),
}

/// Why a crate could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum NotRegenerated {
    /// This program has another revision of the plugin.
    #[error(
        "{name} was made by revision {made_by} of its plugin, and this program has revision {known}; the program that \
         made it can make it again"
    )]
    OtherRevision {
        /// The crate.
        name: CrateName,
        /// The revision that made it.
        made_by: Revision,
        /// The revision of the catalogue.
        known: Revision,
    },
    /// The plugin is not in the catalogue, or it failed.
    #[error("{name} could not be made again: {reason}")]
    Failed {
        /// The crate.
        name: CrateName,
        /// Why.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Publisher {
    /// Makes a published crate again, and compares its checksum with the recorded one. The server's address stands in
    /// crates, so this tries those of `addresses` in turn; [`Publisher::addresses_of`] finds them.
    ///
    /// # Errors
    /// When this program's plugins cannot make it, or the sources cannot be read.
    pub fn regenerate(&self, sdk: &Sdk, addresses: &BTreeSet<String>) -> Result<Regenerated, NotRegenerated> {
        let name = || sdk.crate_name.clone();
        let failed = |error: BuildError| match error {
            BuildError::Store(error) => NotRegenerated::Store(error),
            error => NotRegenerated::Failed { name: name(), reason: error.to_string() },
        };
        let plugin = self.plugin_of(&sdk.key).map_err(failed)?;
        if plugin.revision != sdk.key.revision {
            let (made_by, known) = (sdk.key.revision, plugin.revision);
            return Err(NotRegenerated::OtherRevision { name: name(), made_by, known });
        }
        let mut different = sdk.checksum;
        for address in addresses {
            let made = self.build_again(&sdk.key, address).map_err(failed)?;
            if made.checksum == sdk.checksum && made.index_line == sdk.index_line {
                return Ok(Regenerated::Same(made.crate_bytes));
            }
            different = made.checksum;
        }
        Ok(Regenerated::Different(different))
    }

    /// The addresses of this server with which the crate may have been made: the one that stands in it, or, if it cannot
    /// be read, those that stand in other crates, and the one of the settings.
    pub fn addresses_of(&self, sdk: &Sdk) -> Result<BTreeSet<String>, StoreError> {
        if let Some(address) = self.address_in(sdk) {
            return Ok(BTreeSet::from([address]));
        }
        let mut addresses = BTreeSet::from([self.settings.public_url.clone()]);
        addresses.extend(
            self.store.sdks_of_crate(sdk.module, &sdk.crate_name)?.iter().filter_map(|other| self.address_in(other)),
        );
        for (module, name) in self.store.crate_names()? {
            // Lists that are damaged say nothing.
            let others = self.store.sdks_of_crate(module, &name).unwrap_or_default();
            addresses.extend(others.iter().rev().find_map(|other| self.address_in(other)));
        }
        Ok(addresses)
    }

    /// The address of the server that stands in a crate; none if the crate is damaged.
    fn address_in(&self, sdk: &Sdk) -> Option<String> {
        let bytes = self.store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version).ok()??;
        let page = format!("/{}", sdk.crate_name.module());
        Some(repository_in(&bytes)?.strip_suffix(&page)?.to_owned())
    }
}
