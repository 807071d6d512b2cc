//! Why a server could not start, or stopped.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::publish::{CatalogueError, ExternalError, UnknownPlugin, VerifyError};
use crate::store::{RestoreError, StoreError};

/// Why a server could not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not an address of this machine.
    #[error("could not listen on {address}: {source}; is another registry running? `{flag}` names another address")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The flag that names it.
        flag: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The data directory cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data directory is that of a server on a shared database.
    #[error(
        "{dir} belongs to a server whose registry is in {address}; name that with --store, or in REGISTRY_STORE",
        dir = dir.display()
    )]
    SharedElsewhere {
        /// The data directory.
        dir: PathBuf,
        /// The address of the database, without a password.
        address: String,
    },
    /// The address of the store, or the password for it, cannot be used.
    #[cfg(feature = "cluster")]
    #[error("setting store: {0}")]
    StoreAddress(#[from] crate::store::AddressError),
    /// The address of the object store, or what goes with it, cannot be used.
    #[cfg(feature = "cluster")]
    #[error("setting blobs: {0}")]
    BlobAddress(#[from] crate::store::BlobAddressError),
    /// Another server on the database keeps its crates in another place.
    #[error(
        "server {node} on the same database keeps new crates in {theirs}, this one would in {own}, and neither could read \
         those of the other; give all servers the same --blobs, and end those with another one first"
    )]
    OtherBlobs {
        /// The other server.
        node: String,
        /// Its place for crates.
        theirs: String,
        /// The place of this one.
        own: String,
    },
    /// This program knows no databases on servers.
    #[cfg(not(feature = "cluster"))]
    #[error("setting store: this program was built without the feature `cluster`, so it cannot use {0}")]
    NoCluster(crate::model::StoreAddress),
    /// The place for a backup is taken.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The plugin catalogue is not consistent.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// An eager plugin is not in the catalogue.
    #[error("setting eager-plugins: {0}")]
    Eager(#[from] UnknownPlugin),
    /// A plugin's program cannot be run.
    #[error(transparent)]
    External(#[from] ExternalError),
    /// Crates are to be checked, but cargo cannot be used.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The file for `buf` in the data directory could not be written.
    #[error("could not {doing}: {source}")]
    Io {
        /// The action that failed.
        doing: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file for the audit log cannot be used.
    #[error("could not go on with the audit log {path}: {source}; `--audit-log` names another file")]
    AuditLog {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// The certificate or key cannot be used.
    #[error("could not use {path} ({setting}): {reason}")]
    Tls {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS could not be set up.
    #[error("could not set up TLS: {0}")]
    Rustls(#[from] rustls::Error),
    /// The first user could not be created.
    #[error("could not create the first user: {0}")]
    FirstUser(String),
}
