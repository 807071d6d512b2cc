//! Databases on PostgreSQL, for registries of several nodes. One server serves all tests of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use postgres_driver::{Client, NoTls};

/// The server of the store's own tests.
#[path = "../../../src/store/tests/server.rs"]
mod server;

pub(crate) use server::Server;

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// A database that nobody else uses. It goes with its server.
pub(crate) struct Database {
    address: String,
}

impl Database {
    /// A database without tables, on the server of all tests.
    pub(crate) fn new() -> Self {
        Self::on(&SERVER)
    }

    /// A database without tables, on a server of the test's own.
    pub(crate) fn on(server: &Server) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("it_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let socket_dir = server.socket_dir();
        client(&address(&socket_dir, "postgres")).batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Self { address: address(&socket_dir, &name) }
    }

    /// Its address, as `--store` takes it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A connection of another program.
    pub(crate) fn connect(&self) -> Client {
        client(&self.address)
    }
}

/// The address of the database in the place of the store in `directory`, or of one that ends with its registry, if the
/// tests are to run on PostgreSQL: `REGISTRY_TEST_STORE=postgres`.
pub(super) fn address_in_place_of(directory: Option<&Path>) -> Option<String> {
    static DATABASES: Mutex<BTreeMap<PathBuf, Database>> = Mutex::new(BTreeMap::new());
    if std::env::var_os("REGISTRY_TEST_STORE")? != "postgres" {
        return None;
    }
    let Some(directory) = directory else { return Some(Database::new().address) };
    let mut databases = DATABASES.lock().unwrap();
    Some(databases.entry(directory.to_owned()).or_insert_with(Database::new).address.clone())
}

fn address(socket_dir: &Path, name: &str) -> String {
    format!("postgres:///{name}?host={}&user=registry", socket_dir.display())
}

fn client(address: &str) -> Client {
    Client::connect(address, NoTls).unwrap()
}
