//! A database for each test, on the server that [`super::both_engines`] has started.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::store::db::engine::Connection;
use crate::store::db::postgres::driver::Session;
use crate::store::{DatabaseAddress, PasswordSource, Store, StoreOptions};

/// The directory of the socket of the server for these tests, if they are to run on one.
pub(super) const VARIABLE: &str = "REGISTRY_TEST_POSTGRES";

/// The name of the database that all others are copies of.
pub(super) const TEMPLATE: &str = "registry_template";

/// A database of one test, which is removed with it.
pub(in crate::store) struct Database {
    socket_dir: PathBuf,
    name: String,
}

impl Database {
    /// A copy of the template, if the tests are to run on PostgreSQL.
    pub(in crate::store) fn if_wanted() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let socket_dir = PathBuf::from(std::env::var_os(VARIABLE)?);
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        administer(&socket_dir, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
        Some(Self { socket_dir, name })
    }

    pub(in crate::store) fn open(&self, options: StoreOptions) -> Store {
        Store::connect(&address(&self.socket_dir, &self.name), options).unwrap()
    }

    /// A connection of another program, which keeps none of the rules of a store.
    pub(in crate::store) fn open_beside(&self) -> Connection {
        Connection::Postgres(Session::open(&address(&self.socket_dir, &self.name).into()).unwrap())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        administer(&self.socket_dir, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// The address of a database on the server.
pub(super) fn address(socket_dir: &Path, name: &str) -> DatabaseAddress {
    let text = format!("postgres:///{name}?host={}&user=registry", socket_dir.display());
    DatabaseAddress::parse(&text, &PasswordSource::default()).unwrap()
}

/// Runs a statement that makes or removes a database.
pub(super) fn administer(socket_dir: &Path, sql: &str) {
    Session::open(&address(socket_dir, "postgres").into()).unwrap().batch(sql).unwrap();
}
