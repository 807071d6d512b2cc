//! Makes a published crate again, from its sources and from nothing else, and compares the bytes.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::model::{CrateName, Revision, Sha256Digest};
use crate::package::{Package, repository_in};
use crate::publish::Publisher;
use crate::publish::build::BuildError;
use crate::store::{CrateRows, DamagedSdk, Sdk, StoreError};

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
        let is_same = |made: &Package| made.checksum == sdk.checksum && made.index_line == sdk.index_line;
        Ok(match self.make_again(sdk, addresses, |made| is_same(made).then_some(()))? {
            Ok(((), bytes)) => Regenerated::Same(bytes),
            Err(different) => Regenerated::Different(different),
        })
    }

    /// Makes the crate of a damaged row again, and returns what the row held, if that is what it makes: the checksum of
    /// the row tells.
    ///
    /// # Errors
    /// As [`Self::regenerate`].
    pub fn regenerate_row(
        &self,
        damaged: &DamagedSdk,
        addresses: &BTreeSet<String>,
    ) -> Result<Option<(Sdk, Bytes)>, NotRegenerated> {
        let held = |made: &Package| {
            [damaged.as_read().yanked, !damaged.as_read().yanked].into_iter().find_map(|yanked| {
                let sdk = Sdk {
                    checksum: made.checksum,
                    size: made.crate_bytes.len() as u64,
                    unpacked_size: made.unpacked_size,
                    index_line: made.index_line.clone(),
                    yanked,
                    ..damaged.as_read().clone()
                };
                damaged.was(&sdk).then_some(sdk)
            })
        };
        Ok(self.make_again(damaged.as_read(), addresses, held)?.ok())
    }

    /// Makes a crate with each of the addresses, until one is what `is_wanted`; else returns the checksum of the last.
    fn make_again<T>(
        &self,
        sdk: &Sdk,
        addresses: &BTreeSet<String>,
        is_wanted: impl Fn(&Package) -> Option<T>,
    ) -> Result<Result<(T, Bytes), Sha256Digest>, NotRegenerated> {
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
            if let Some(wanted) = is_wanted(&made) {
                return Ok(Ok((wanted, made.crate_bytes)));
            }
            different = made.checksum;
        }
        Ok(Err(different))
    }

    /// The addresses of this server with which the crate may have been made: the one that stands in it, or, if it cannot
    /// be read, those that stand in other crates, and the one of the settings.
    pub fn addresses_of(&self, sdk: &Sdk) -> Result<BTreeSet<String>, StoreError> {
        if let Some(address) = self.address_in(sdk) {
            return Ok(BTreeSet::from([address]));
        }
        let rows = self.store.crate_rows(sdk.module, &sdk.crate_name)?;
        let mut addresses = BTreeSet::from([self.settings.public_url.clone()]);
        addresses.extend(rows.whole.iter().filter_map(|other| self.address_in(other)));
        addresses.extend(self.addresses_in_damaged(&rows));
        for (module, name) in self.store.crate_names()? {
            // Rows that cannot be read say nothing.
            let others = self.store.crate_rows(module, &name).unwrap_or_default();
            addresses.extend(others.whole.iter().rev().find_map(|other| self.address_in(other)));
        }
        Ok(addresses)
    }

    /// The addresses that stand in crates whose rows are damaged.
    fn addresses_in_damaged(&self, rows: &CrateRows) -> Vec<String> {
        let address = |row: &DamagedSdk| address_of(row.as_read(), &self.store.crate_bytes_of_row(row).ok()?);
        rows.damaged.iter().filter_map(address).collect()
    }

    /// The address of the server that stands in a crate; none if the crate is damaged.
    fn address_in(&self, sdk: &Sdk) -> Option<String> {
        let bytes = self.store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version).ok()??;
        address_of(sdk, &bytes)
    }
}

/// The address of the server that stands in these bytes of a crate.
fn address_of(sdk: &Sdk, crate_bytes: &[u8]) -> Option<String> {
    let page = format!("/{}", sdk.crate_name.module());
    Some(repository_in(crate_bytes)?.strip_suffix(&page)?.to_owned())
}
