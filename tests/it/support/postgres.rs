//! Databases on PostgreSQL, for registries of several nodes. One server serves all tests of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

use super::link::{End, Link};

/// The server of the store's own tests.
#[path = "../../../src/store/tests/server.rs"]
mod server;

pub(crate) use server::{Server, Stop};

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// A database that nobody else uses. It goes with its server.
pub(crate) struct Database {
    name: String,
    socket_dir: PathBuf,
    address: String,
}

impl Database {
    /// A database without tables, on the server of all tests.
    pub(crate) fn new() -> Self {
        Self::on(&SERVER)
    }

    /// A database without tables, on a server of the test's own.
    pub(crate) fn on(server: &Server) -> Self {
        Self::make(server, "pg_default")
    }

    /// A database without tables, on the small disk of a server of the test's own.
    pub(crate) fn on_small_disk(server: &Server) -> Self {
        let sql = format!("CREATE TABLESPACE small LOCATION '{}'", server.small_disk().display());
        client(&address(&server.socket_dir(), "postgres")).batch_execute(&sql).unwrap();
        Self::make(server, "small")
    }

    fn make(server: &Server, tablespace: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("it_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let socket_dir = server.socket_dir();
        let sql = format!("CREATE DATABASE {name} TABLESPACE {tablespace}");
        client(&address(&socket_dir, "postgres")).batch_execute(&sql).unwrap();
        Self { address: address(&socket_dir, &name), name, socket_dir }
    }

    /// A link to its server.
    pub(crate) fn link(&self) -> Link {
        Link::to(End::Socket(self.socket_dir.join(".s.PGSQL.5432")))
    }

    /// Its address over a link to its server.
    pub(crate) fn address_over(&self, link: &Link) -> String {
        format!("postgres://registry@127.0.0.1:{}/{}?sslmode=disable", link.port(), self.name)
    }

    /// Its address, as `--store` takes it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Cuts all connections of others.
    pub(crate) fn cut(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.connect().query(sql, &[]).unwrap();
    }

    /// For `time`, cuts all connections again and again, when their transactions are committed and not acknowledged:
    /// every commit waits for a second server that does not exist. It is so for all databases of the server.
    pub(crate) fn cut_unconfirmed(&self, time: Duration) {
        let mut beside = self.connect();
        let waits = [
            &*format!("ALTER DATABASE {} SET synchronous_commit = on", self.name),
            "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
            "SELECT pg_reload_conf()",
        ];
        waits.into_iter().for_each(|sql| beside.batch_execute(sql).unwrap());
        // The setting is that of new connections.
        self.cut();
        let end = Instant::now() + time;
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(40));
            self.cut();
        }
        let ends = ["ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()"];
        beside = self.connect();
        ends.into_iter().for_each(|sql| beside.batch_execute(sql).unwrap());
    }

    /// Lets a command of the shell run on the machine of the server, as its user.
    pub(crate) fn shell(&self, command: &str) {
        let sql = format!("CHECKPOINT; COPY (SELECT 1) TO PROGRAM '{command}'");
        self.connect().batch_execute(&sql).unwrap();
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
