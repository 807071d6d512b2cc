//! A database for each test, on the server that [`super::both_engines`] has started.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::PasswordSource;
use crate::store::db::engine::Connection;
use crate::store::db::postgres::driver::Session;
use crate::store::db::postgres::server::Server;
use crate::store::{DatabaseAddress, Store, StoreOptions};

/// The directory of the socket of the server for these tests, if they are to run on one.
pub(super) const VARIABLE: &str = "REGISTRY_TEST_POSTGRES";

/// The name of the database that all others are copies of.
pub(super) const TEMPLATE: &str = "registry_template";

/// Empties a database, as no program does. Tests that change tables have databases of their own.
const EMPTY: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET session_replication_role = replica;
    DO 'DECLARE name TEXT; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = ''public'' LOOP
            IF name NOT IN (''registry_format'', ''changes'') THEN EXECUTE ''DELETE FROM '' || name; END IF;
        END LOOP;
        PERFORM setval(CAST(oid AS REGCLASS), 1, FALSE) FROM pg_class WHERE relkind = ''S'';
        UPDATE changes SET number = 0, of_all = 0, turns = 0;
    END'";

/// The names of databases that tests have left, emptied: making one takes longer than most tests.
static LEFT: Mutex<Vec<String>> = Mutex::new(vec![]);

/// The store in the database that takes the place of the one in `dir`, if the tests are to run on PostgreSQL.
pub(in crate::store) fn open_in_place_of(dir: &Path) -> Option<Store> {
    static DATABASES: Mutex<BTreeMap<PathBuf, Database>> = Mutex::new(BTreeMap::new());
    let mut databases = DATABASES.lock().unwrap_or_else(PoisonError::into_inner);
    // A test whose directory is gone has ended.
    databases.retain(|dir, _| dir.exists());
    if !databases.contains_key(dir) {
        databases.insert(dir.to_owned(), Database::if_wanted()?);
    }
    databases.get(dir).map(|database| database.open(StoreOptions::default()))
}

/// A database of one test.
pub(in crate::store) struct Database {
    socket_dir: PathBuf,
    name: String,
    /// Whether the next test may have it, emptied.
    is_left: bool,
}

impl Database {
    /// A database without rows, if the tests are to run on PostgreSQL.
    pub(in crate::store) fn if_wanted() -> Option<Self> {
        let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut database = match left {
            Some(name) => Self { socket_dir: std::env::var_os(VARIABLE)?.into(), name, is_left: false },
            None => Self::new_if_wanted()?,
        };
        database.is_left = true;
        Some(database)
    }

    /// A database that nobody has had, if the tests are to run on PostgreSQL.
    pub(super) fn new_if_wanted() -> Option<Self> {
        Self::like(TEMPLATE)
    }

    /// One without tables, if the tests are to run on PostgreSQL.
    pub(super) fn empty_if_wanted() -> Option<Self> {
        Self::like("template0")
    }

    fn like(template: &str) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let socket_dir = PathBuf::from(std::env::var_os(VARIABLE)?);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        administer(&socket_dir, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Some(Self { socket_dir, name, is_left: false })
    }

    pub(in crate::store) fn open(&self, options: StoreOptions) -> Store {
        Store::connect(&address(&self.socket_dir, &self.name), options).unwrap()
    }

    pub(super) fn try_open(&self) -> crate::store::Result<Store> {
        Store::connect(&address(&self.socket_dir, &self.name), StoreOptions::default())
    }

    /// The directory of the socket of its server.
    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// A connection of another program, which keeps none of the rules of a store.
    pub(in crate::store) fn open_beside(&self) -> Connection {
        self.open_beside_with("")
    }

    /// As [`Self::open_beside`], with more at the end of the address.
    pub(super) fn open_beside_with(&self, settings: &str) -> Connection {
        let server = Server::at(address_with(&self.socket_dir, &self.name, settings));
        Connection::Postgres(Box::new(Session::open(&server).unwrap()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.is_left && !std::thread::panicking() {
            self.open_beside().execute_batch(EMPTY).unwrap();
            LEFT.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.name));
        }
    }
}

/// The address of a database on the server.
pub(super) fn address(socket_dir: &Path, name: &str) -> DatabaseAddress {
    address_with(socket_dir, name, "")
}

fn address_with(socket_dir: &Path, name: &str, settings: &str) -> DatabaseAddress {
    let text = format!("postgres:///{name}?host={}&user=registry{settings}", socket_dir.display());
    DatabaseAddress::parse(&text.parse().unwrap(), &PasswordSource::default()).unwrap()
}

/// Runs a statement that makes or removes a database.
pub(super) fn administer(socket_dir: &Path, sql: &str) {
    Session::open(&Server::at(address(socket_dir, "postgres"))).unwrap().batch(sql).unwrap();
}
