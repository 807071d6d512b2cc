//! `registry backup`, `restore`, `verify`, `repair`, `gc`: keeping a data directory whole, with or without a server on
//! it.

mod backup;
mod gc;
mod migrate;
mod repair;
mod restore;
mod verify;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::actions::{Actor, Caller};
use crate::cli::arguments::time::now;
use crate::cli::error::CliError;
use crate::config::{Environment, Flags, Settings, settings_table};
use crate::serve::open_existing_store;
use crate::store::Store;

pub(in crate::cli) use backup::Backup;
pub(in crate::cli) use gc::Gc;
pub(in crate::cli) use migrate::Migrate;
pub(in crate::cli) use repair::Repair;
pub(in crate::cli) use restore::Restore;
pub(in crate::cli) use verify::Verify;

/// The data directory, and the settings of the server on it.
#[derive(Debug, Args)]
struct DataArgs {
    /// Data directory, whether a server runs on it or not [env: REGISTRY_DATA_DIR] [default: that of `serve`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The database that several servers share, in place of that of the data directory [env: REGISTRY_STORE]
    #[arg(long, value_name = "ADDRESS")]
    store: Option<String>,
    /// The object store for the crates of those servers [env: REGISTRY_BLOBS]
    #[arg(long, value_name = "ADDRESS")]
    blobs: Option<String>,
    /// The server's file with settings [env: REGISTRY_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl DataArgs {
    fn settings(&self) -> Result<Settings, CliError> {
        let directory = self.data_dir.iter().map(|dir| (settings_table::DATA_DIR.name, dir.display().to_string()));
        let store = self.store.iter().map(|address| (settings_table::STORE.name, address.clone()));
        let blobs = self.blobs.iter().map(|address| (settings_table::BLOBS.name, address.clone()));
        let flags: Flags = directory.chain(store).chain(blobs).map(|(name, value)| (name, vec![value])).collect();
        Ok(Settings::load(&flags, &Environment::of_process(), self.config.as_deref())?)
    }

    /// The settings, and the store for reading: a wrong path must not become a new registry.
    fn open_to_read(&self) -> Result<(Settings, Store), CliError> {
        let settings = self.settings()?;
        if settings.store.is_some() {
            let store = open_existing_store(&settings)?;
            return Ok((settings, store));
        }
        require_registry(&settings.data_dir, OF_SERVE)?;
        let store = Store::open_to_read(&settings.data_dir)?;
        Ok((settings, store))
    }

    /// The settings, and the store for writing.
    fn open(&self) -> Result<(Settings, Store), CliError> {
        let settings = self.settings()?;
        if settings.store.is_none() {
            require_registry(&settings.data_dir, OF_SERVE)?;
        }
        let store = open_existing_store(&settings)?;
        Ok((settings, store))
    }
}

/// How a directory is named that holds a registry.
const OF_SERVE: &str = "name the directory of `registry serve` with --data-dir";

/// Refuses a directory without a registry, and says what to do `instead`.
fn require_registry(dir: &Path, instead: &str) -> Result<(), CliError> {
    match dir.join("registry.db").is_file() {
        true => Ok(()),
        false => Err(CliError::CannotRun(format!("{} holds no registry; {instead}", dir.display()))),
    }
}

/// Whoever may write to the data directory.
fn operator(store: &Store) -> Actor<'_> {
    Actor { caller: &Caller::Operator, client: None, store, at: now(), observer: &() }
}

/// Bytes in MiB.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
