//! Keeping a data directory whole: backup and restore, proof, repair, and what nobody needs.

mod await_restore;
mod backup;
mod cleaning;
mod lock_proof;
mod older_formats;
mod proof;
mod schedule;

use std::path::Path;

use crate::support::{Module, Registry, Transcript, kennel, registry_command, run};

/// The data directory of a registry that was filled and stopped, so that everything is in one file.
struct Filled {
    data: tempfile::TempDir,
    /// The owner of `pets`, and of `shop`, which depends on it.
    owner: String,
    token: String,
}

const SHOP: &str = "syntax = \"proto3\"; package acme.shop.v1; import \"pets.proto\"; message Order { acme.pets.v1.Dog dog = 1; } \
     service Till { rpc Sell(Order) returns (Order); }";

impl Filled {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut registry = Registry::with(|options| {
            options.keep(data.path(), None);
        });
        let owner = registry.user.clone();
        let module = |name: &str| Module::new(&format!("{owner}/{name}"));
        // So large that most bytes of the database hold something.
        let readme = "A dog has a name. ".repeat(20_000);
        module("pets").file("pets.proto", kennel("first")).file("README.md", readme).push(&registry);
        module("pets").file("pets.proto", kennel("name")).file("LICENSE", "Do what you like.").push(&registry);
        let config = format!("version: v1\nname: {0}/{owner}/shop\ndeps:\n  - {0}/{owner}/pets\n", registry.host());
        module("shop").file("shop.proto", SHOP).file("buf.yaml", config).push(&registry);
        registry.signal("TERM");
        registry.process().wait().unwrap();
        Self { data, owner, token: registry.token.clone() }
    }

    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        std::fs::copy(self.data.path().join("registry.db"), copy.path().join("registry.db")).unwrap();
        copy
    }

    fn serve(&self, data: &Path) -> Registry {
        Registry::with(|options| {
            options.keep(data, Some(&self.token));
        })
    }
}

/// Runs a command on a data directory.
fn on(data: &Path, arguments: &[&str]) -> Transcript {
    run(registry_command(data).args(arguments).arg("--data-dir").arg(data))
}

fn sql(data: &Path, statements: &str) {
    let conn = rusqlite::Connection::open(data.join("registry.db")).unwrap();
    conn.execute_batch(statements).unwrap();
}

/// Changes a byte in the middle of a column of the newest row.
fn damage(data: &Path, table: &str, column: &str) {
    let middle = format!("substr({column}, 1, length({column}) / 2)");
    let rest = format!("substr({column}, length({column}) / 2 + 2)");
    let newest = format!("rowid = (SELECT max(rowid) FROM {table})");
    let damaged = format!("CAST({middle} || x'07' || {rest} AS BLOB)");
    sql(data, &format!("UPDATE {table} SET {column} = {damaged} WHERE {newest}"));
}
