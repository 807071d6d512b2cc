//! Where the database of a store is, for further connections and for messages: a file, or a server.

use std::path::{Path, PathBuf};
#[cfg(feature = "cluster")]
use std::sync::Arc;

use super::engine::Connection;
use super::error::{Result, StoreError};
use super::file_identity::FileIdentity;
#[cfg(feature = "cluster")]
use super::postgres::{address::DatabaseAddress, driver::Session, migrate, server};
use super::sqlite;

/// Where the database is.
pub(super) enum Origin {
    /// A file, and its identity when it was opened.
    File(PathBuf, FileIdentity),
    /// A file that nobody writes to, which was made of one.
    Copy(PathBuf, FileIdentity),
    /// On a server.
    #[cfg(feature = "cluster")]
    Server(Arc<server::Server>),
}

impl Origin {
    /// The file at `path`.
    pub(super) fn file(path: PathBuf) -> Result<Self> {
        identity(&path).map(|opened| Self::File(path, opened))
    }

    /// The copy at `path`.
    pub(super) fn copy(path: PathBuf) -> Result<Self> {
        identity(&path).map(|opened| Self::Copy(path, opened))
    }

    /// The server at `address`, and a connection for writing to its database, which has the newest format then.
    #[cfg(feature = "cluster")]
    pub(super) fn connect(
        address: DatabaseAddress,
        doing: &'static str,
        purpose: migrate::Purpose<'_>,
    ) -> Result<(Self, Connection)> {
        let server = server::Server::at(address);
        let session = Session::open(&server).map_err(|error| StoreError::from_sql(doing, server.as_path(), error))?;
        migrate::migrate(&session, server.as_path(), purpose)
            .map_err(|fault| fault.into_error(doing, server.as_path()))?;
        Ok((Self::Server(server), Connection::Postgres(Box::new(session))))
    }

    /// Its path, or its address in the place of one, for people.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(path, _) | Self::Copy(path, _) => path,
            #[cfg(feature = "cluster")]
            Self::Server(server) => server.as_path(),
        }
    }

    /// Whether other processes may serve it too.
    pub(super) fn is_shared(&self) -> bool {
        match self {
            Self::File(..) | Self::Copy(..) => false,
            #[cfg(feature = "cluster")]
            Self::Server(_) => true,
        }
    }

    /// Checks that it is still where it was opened.
    pub(super) fn check(&self, doing: &'static str) -> Result<()> {
        match self {
            Self::File(path, opened) | Self::Copy(path, opened) => match FileIdentity::of(path) {
                Ok(found) if found == *opened => Ok(()),
                _ => Err(StoreError::Displaced { doing, path: path.clone() }),
            },
            #[cfg(feature = "cluster")]
            Self::Server(_) => Ok(()),
        }
    }

    /// A connection for reading.
    pub(super) fn open_reader(&self) -> Result<Connection> {
        match self {
            Self::File(path, _) => sqlite::open::open_reader(path),
            Self::Copy(path, _) => sqlite::open::open_copy(path),
            #[cfg(feature = "cluster")]
            Self::Server(server) => Session::open(server)
                .map(|session| Connection::Postgres(Box::new(session)))
                .map_err(|error| StoreError::from_sql("open the database for reading", self.path(), error)),
        }
    }
}

fn identity(path: &Path) -> Result<FileIdentity> {
    FileIdentity::of(path).map_err(|_| StoreError::CannotOpen { path: path.into() })
}
