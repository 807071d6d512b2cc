//! The store that the settings name: the database of the data directory, or one on a server.

use super::error::ServeError;
use crate::config::{Settings, StoreSettings};
#[cfg(feature = "cluster")]
use crate::store::{BlobAddress, BlobStore};
use crate::store::{CopyTarget, Store, StoreOptions};

/// The directory below the data directory that holds what was read from the object store.
#[cfg(feature = "cluster")]
const CACHE: &str = "crate-cache";

/// The file in a data directory that says which database its server shares with others.
const SHARED: &str = "shared-store";

/// Opens the store for a server; makes it if there is none yet.
///
/// # Errors
/// Those of [`Store::open`] and of [`Store::connect`]; [`ServeError::StoreAddress`] if the address cannot be used; those of
/// the object store, if there is one and it cannot be written and read.
pub(super) fn open_store(settings: &Settings) -> Result<Store, ServeError> {
    let options =
        StoreOptions { max_bytes: settings.max_store_bytes, quotas: settings.quotas, ..StoreOptions::default() };
    let Some(store) = &settings.store else { return open_own(settings, options) };
    if settings.data_dir.join("registry.db").exists() {
        let dir = settings.data_dir.display();
        tracing::warn!("the registry in {dir} is not served: the store is {}", store.address);
    }
    let opened = with_blobs(connect(store, options, Missing::Made)?, settings, Cache::Kept)?;
    let note = settings.data_dir.join(SHARED);
    let failed = |source| ServeError::Io { doing: format!("write {}", note.display()), source };
    std::fs::write(&note, format!("{}\n", store.address)).map_err(failed)?;
    Ok(opened)
}

/// Opens the database of the data directory. Refuses the directory of a server on a shared database: a command that
/// forgets that would make a new and empty registry there.
fn open_own(settings: &Settings, options: StoreOptions) -> Result<Store, ServeError> {
    let dir = &settings.data_dir;
    match std::fs::read_to_string(dir.join(SHARED)) {
        Ok(address) if !dir.join("registry.db").exists() => {
            Err(ServeError::SharedElsewhere { dir: dir.clone(), address: address.trim().to_owned() })
        }
        _ => Ok(Store::open(dir, options)?),
    }
}

/// Opens the store that servers with these settings have made, beside them or without them.
///
/// # Errors
/// Those of [`open_store`], and if there is none yet.
pub fn open_existing_store(settings: &Settings) -> Result<Store, ServeError> {
    let options = StoreOptions { quotas: settings.quotas, ..StoreOptions::default() };
    match &settings.store {
        None => open_own(settings, options),
        // The cache is that of a server, which may be running.
        Some(store) => with_blobs(connect(store, options, Missing::Refused)?, settings, Cache::None),
    }
}

/// A place for a copy of the registry in the place `source`.
///
/// # Errors
/// Those of [`CopyTarget::in_dir`] and [`CopyTarget::at`].
pub fn copy_target(settings: &Settings, source: &str) -> Result<CopyTarget, ServeError> {
    match &settings.store {
        None => Ok(CopyTarget::in_dir(&settings.data_dir, source)?),
        Some(store) => copy_target_at(store, settings, source),
    }
}

#[cfg(feature = "cluster")]
fn copy_target_at(store: &StoreSettings, settings: &Settings, source: &str) -> Result<CopyTarget, ServeError> {
    let address = crate::store::DatabaseAddress::parse(&store.address, &store.passwords)?;
    Ok(CopyTarget::at(&address, source, blobs(settings, Cache::None)?)?)
}

#[cfg(not(feature = "cluster"))]
fn copy_target_at(store: &StoreSettings, _: &Settings, _: &str) -> Result<CopyTarget, ServeError> {
    Err(ServeError::NoCluster(store.address.clone()))
}

/// What becomes of a registry that is not there.
#[derive(Clone, Copy)]
enum Missing {
    Made,
    Refused,
}

/// Whether what comes from the object store is kept in the data directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    Kept,
    None,
}

/// The store with the object store of the settings, if they name one.
#[cfg(feature = "cluster")]
fn with_blobs(store: Store, settings: &Settings, cache: Cache) -> Result<Store, ServeError> {
    Ok(match blobs(settings, cache)? {
        Some(blobs) => store.with_blobs(blobs),
        None => store,
    })
}

/// The object store of the settings, if they name one. It can be written and read.
#[cfg(feature = "cluster")]
fn blobs(settings: &Settings, cache: Cache) -> Result<Option<BlobStore>, ServeError> {
    let Some(blobs) = &settings.blobs else { return Ok(None) };
    let address = BlobAddress::parse(&blobs.address, |name| blobs.variables.get(name).map(Into::into))?;
    let opened = match cache {
        Cache::Kept => BlobStore::open(&address, settings.data_dir.join(CACHE), blobs.cache_bytes)?,
        Cache::None => BlobStore::open_without_cache(&address)?,
    };
    opened.check()?;
    Ok(Some(opened))
}

#[cfg(not(feature = "cluster"))]
fn with_blobs(store: Store, _: &Settings, _: Cache) -> Result<Store, ServeError> {
    Ok(store)
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
