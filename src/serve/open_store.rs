//! The store that the settings name: the database of the data directory, or one on a server.

use super::error::ServeError;
use crate::config::{Settings, StoreSettings};
use crate::store::{Store, StoreOptions};

/// Opens the store for a server; makes it if there is none yet.
///
/// # Errors
/// Those of [`Store::open`] and of [`Store::connect`]; [`ServeError::StoreAddress`] if the address cannot be used.
pub(super) fn open_store(settings: &Settings) -> Result<Store, ServeError> {
    let options =
        StoreOptions { max_bytes: settings.max_store_bytes, quotas: settings.quotas, ..StoreOptions::default() };
    match &settings.store {
        None => Ok(Store::open(&settings.data_dir, options)?),
        Some(store) => connect(store, options, Missing::Made),
    }
}

/// Opens the store that servers with these settings have made, beside them or without them.
///
/// # Errors
/// Those of [`open_store`], and if there is none yet.
pub fn open_existing_store(settings: &Settings) -> Result<Store, ServeError> {
    let options = StoreOptions { quotas: settings.quotas, ..StoreOptions::default() };
    match &settings.store {
        None => Ok(Store::open(&settings.data_dir, options)?),
        Some(store) => connect(store, options, Missing::Refused),
    }
}

/// What becomes of a registry that is not there.
#[derive(Clone, Copy)]
enum Missing {
    Made,
    Refused,
}

#[cfg(feature = "cluster")]
fn connect(store: &StoreSettings, options: StoreOptions, missing: Missing) -> Result<Store, ServeError> {
    let address = crate::store::DatabaseAddress::parse(&store.address, &store.passwords)?;
    Ok(match missing {
        Missing::Made => Store::connect(&address, options)?,
        Missing::Refused => Store::connect_existing(&address, options)?,
    })
}

#[cfg(not(feature = "cluster"))]
fn connect(store: &StoreSettings, _: StoreOptions, _: Missing) -> Result<Store, ServeError> {
    Err(ServeError::NoCluster(store.address.clone()))
}
