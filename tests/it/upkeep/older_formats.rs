//! Data directories that older programs left: this one opens each format that there was, keeps every row, and serves the
//! same. The older ones are made here, of all migrations up to theirs, with the rows of a registry that was really used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::support::{Module, Registry, eventually, pets, registry_command, run};
use crate::upkeep::{Filled, on, sql};

/// The migrations, in their order.
fn migrations() -> Vec<String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/db/sqlite/sql");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().unwrap().to_str().unwrap().starts_with('0'));
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// Rows of tables that only few registries fill.
const RARE: &str = "
    INSERT INTO nodes VALUES (randomblob(16), 5);
    INSERT INTO device_logins SELECT randomblob(32), 'BCDF-GHJK', 'buf', '', '192.0.2.1', '192.0.2.1/32', 5, NULL, 'approved',
        owner_id, 'read' FROM modules LIMIT 1;
    INSERT INTO sessions SELECT randomblob(32), id, 1, 9000000000000000 FROM tokens WHERE revoked IS NULL LIMIT 1;
    INSERT INTO retired_versions VALUES ('old_pets_community_neoeinstein-prost', '0.5.0-1', zeroblob(32));
    INSERT INTO plugin_answers VALUES ('acme/dto', 'v1.0.0', 1, zeroblob(32), zeroblob(32), 1, 2);
    INSERT INTO sdk_checks SELECT commit_id, plugin, version, revision, 'cargo 1.90.0', 5 FROM sdks LIMIT 1;
    INSERT OR IGNORE INTO recipes SELECT id, x'', x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
        FROM sdks LIMIT 1;
    INSERT INTO downloads SELECT crate_id, crate_version, 20000, 3 FROM sdks LIMIT 1;
    INSERT INTO crate_users SELECT crate_id, crate_version, zeroblob(32), 7 FROM sdks LIMIT 1;
    INSERT INTO interests SELECT module_id, 'anthropics/buffa', '', 'main', 5, NULL FROM labels LIMIT 1;
    INSERT INTO webhooks SELECT randomblob(16), owner_id, id, 'https://ci.example/hook', 'json', 'push', randomblob(32), 5,
        owner_id, 0 FROM modules LIMIT 1;
    INSERT INTO webhook_deliveries (webhook_id, module_id, event, data, state, created, tries)
        SELECT id, module_id, 'push', '{}', 'delivered', 9000000000000000, 1 FROM webhooks;
    INSERT INTO owner_settings SELECT owner_id, 'off', 'warn' FROM modules LIMIT 1;
    INSERT INTO module_settings SELECT id, 'warn:rust' FROM modules LIMIT 1;
    INSERT INTO verdicts SELECT id, zeroblob(16), 1, 1, 0, 0, 1 FROM commits LIMIT 1;
    INSERT OR REPLACE INTO histories SELECT module_id, id, id, 0 FROM commits LIMIT 1;
    INSERT INTO declarations SELECT module_id, zeroblob(16), 'declared', first FROM histories;
    INSERT OR IGNORE INTO commit_changes SELECT id, 'field', zeroblob(16), 1, 0, 0 FROM commits LIMIT 1;
    INSERT INTO check_plugins SELECT randomblob(16), owner_id, 'check', 'public', 0, '', '', 5, 5 FROM modules LIMIT 1;
    INSERT INTO check_plugin_commits SELECT randomblob(16), id, 5,
        unhex('f1c81d84f683bdd43b7e6030244183c9cc5751c2a0dd64da7c4be44583fe0d03'
        || '8906a0cf5746a4d53891cfe26d19c77c53908af0acfa5ee467236879f4b207cc'), owner_id, '' FROM check_plugins;
    INSERT INTO check_plugin_programs SELECT id, x'0061736d' FROM check_plugin_commits;
    INSERT INTO check_plugin_labels SELECT randomblob(16), plugin_id, 'main', id, 5, 5, created_by, NULL
        FROM check_plugin_commits;
    INSERT INTO check_plugin_label_events (label_id, commit_id, at, moved_by)
        SELECT id, commit_id, 5, updated_by FROM check_plugin_labels;
";

/// A data directory with rows in every table.
fn used() -> Filled {
    let filled = Filled::new();
    {
        let registry = filled.serve(filled.data.path());
        let user = registry.user_token("sam");
        assert!(!user.is_empty());
        for name in ["kept", "gone"] {
            registry.cli(["organization", "create", name]).ok();
        }
        registry.cli(["organization", "member", "set", "kept", "sam", "--role", "reader"]).ok();
        registry.cli(["organization", "delete", "gone", "--yes"]).ok();
        let module = format!("{}/pets", filled.owner);
        Module::new(&module).file("pets.proto", pets("next")).argument("--label=next").push(&registry);
        ends(registry);
    }
    sql(filled.data.path(), RARE);
    filled
}

/// Stops it in order, so that everything is in one file.
fn ends(mut registry: Registry) {
    registry.signal("TERM");
    registry.process().wait().unwrap();
}

/// The names of tables with rows of their own, and their columns.
fn tables(conn: &Connection, schema: &str) -> BTreeMap<String, Vec<String>> {
    let names = format!(
        "SELECT name FROM {schema}.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         AND sql NOT LIKE 'CREATE VIRTUAL%'"
    );
    let mut statement = conn.prepare(&names).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let columns = |name: &String| {
        let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1, ?2)").unwrap();
        statement.query_map([name, schema], |row| row.get(0)).unwrap().map(Result::unwrap).collect::<Vec<String>>()
    };
    names.iter().map(|name| (name.clone(), columns(name))).collect()
}

/// The rows of the columns in order.
fn rows(conn: &Connection, table: &str, columns: &[String]) -> Vec<Vec<Value>> {
    let list = columns.join(", ");
    let mut statement = conn.prepare(&format!("SELECT {list} FROM {table} ORDER BY {list}")).unwrap();
    let read = statement.query_map([], |row| (0..columns.len()).map(|column| row.get(column)).collect());
    read.unwrap().map(Result::unwrap).collect()
}

/// The database of `newest` as the program wrote it that knew `count` migrations. Returns its tables and columns.
fn older(newest: &Path, place: &Path, migrations: &[String], count: usize) -> BTreeMap<String, Vec<String>> {
    let conn = Connection::open(place.join("registry.db")).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for migration in &migrations[..count] {
        conn.execute_batch(migration).unwrap();
    }
    conn.pragma_update(None, "user_version", i64::try_from(count).unwrap()).unwrap();
    conn.execute("ATTACH ?1 AS newest", [newest.join("registry.db").to_str().unwrap()]).unwrap();
    let now = tables(&conn, "newest");
    let mut then = tables(&conn, "main");
    for (table, columns) in &mut then {
        columns.retain(|column| now[table].contains(column));
        let list = columns.join(", ");
        let fill =
            format!("DELETE FROM main.{table}; INSERT INTO main.{table} ({list}) SELECT {list} FROM newest.{table}");
        conn.execute_batch(&fill).unwrap();
        let filled: i64 = conn.query_row(&format!("SELECT count(*) FROM main.{table}"), [], |row| row.get(0)).unwrap();
        assert!(filled > 0, "no row of {table} is tried");
    }
    then
}

#[test]
fn every_format_that_there_was_is_opened_kept_and_served() {
    let used = used();
    let migrations = migrations();
    assert!(migrations.len() >= 12);
    let sources = {
        let conn = Connection::open(used.data.path().join("registry.db")).unwrap();
        let read = "SELECT lower(hex(commit_id)), path FROM commit_files WHERE path LIKE '%.proto'";
        let mut statement = conn.prepare(read).unwrap();
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        found.map(Result::unwrap).collect::<Vec<(String, String)>>()
    };
    let name = |path: &str| if path == "shop.proto" { "shop" } else { "pets" };
    for count in 1..migrations.len() {
        let place = tempfile::tempdir().unwrap();
        let then = older(used.data.path(), place.path(), &migrations, count);
        on(place.path(), &["verify"]).could_not_run().says("has the format of an older program");
        {
            let registry = used.serve(place.path());
            for (commit, path) in &sources {
                registry.get(&format!("/{}/{}/raw/{commit}/{path}", used.owner, name(path))).ok();
            }
            if count >= 2 {
                assert!(registry.get("/search?q=dog").ok().text().contains("Dog"), "format {count}");
            }
            if count >= 1 {
                // What older programs did not index is filled in the background.
                let fields = || registry.get("/search?q=name").ok().text().contains("Dog.<mark>name</mark>");
                eventually("fields are found", fields);
            }
            for (commit, path) in &sources {
                registry.get(&format!("/{}/{}/docs/{commit}", used.owner, name(path))).ok();
            }
            registry.is_well();
            ends(registry);
        }
        let outlined = "SELECT count(*) FROM commits WHERE id NOT IN (SELECT commit_id FROM commit_outlines)";
        let conn = Connection::open(place.path().join("registry.db")).unwrap();
        let without: i64 = conn.query_row(outlined, [], |row| row.get(0)).unwrap();
        assert_eq!(without, 0, "format {count}: the next page reads all sources again");
        on(place.path(), &["verify", "--regenerate"]).ok().prints("made ");
        let before = Connection::open(used.data.path().join("registry.db")).unwrap();
        let after = Connection::open(place.path().join("registry.db")).unwrap();
        for (table, columns) in then.iter().filter(|(table, _)| !table.contains("_words")) {
            // Places in crates may be lost at any time, and those without a digest are.
            if table == "recipes" && count < 9 {
                continue;
            }
            // Modules are indexed again, one after the other; nodes that are gone are forgotten; sums are of more rows now.
            if ["indexed", "nodes", "table_checksums"].contains(&table.as_str()) {
                continue;
            }
            let kept = rows(&after, table, columns);
            for row in rows(&before, table, columns) {
                assert!(kept.contains(&row), "format {count} has lost {row:?} of {table}");
            }
        }
    }
}

#[test]
fn a_migration_that_fails_changes_nothing_and_says_so_in_a_line() {
    let used = Filled::new();
    let migrations = migrations();
    let place = tempfile::tempdir().unwrap();
    {
        let conn = Connection::open(place.path().join("registry.db")).unwrap();
        for migration in &migrations[..10] {
            conn.execute_batch(migration).unwrap();
        }
        // What the last migration wants to create is there, and the one before it succeeds.
        conn.execute_batch(
            "PRAGMA user_version = 10; CREATE TABLE downloads (mine TEXT); INSERT INTO downloads VALUES ('x')",
        )
        .unwrap();
    }
    let dump = || {
        let conn = Connection::open(place.path().join("registry.db")).unwrap();
        let mut statement = conn.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
        let schema: Vec<Option<String>> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        (schema, version, rows(&conn, "downloads", &["mine".into()]))
    };
    let before = dump();
    let mut command = registry_command(used.data.path());
    let failed = run(command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(place.path())).fails();
    let failed = failed.says("from format 10 to ").says("table downloads already exists; nothing was changed");
    assert!(!failed.stderr.contains("CREATE"), "{failed}");
    assert_eq!(failed.stderr.lines().filter(|line| line.contains("format 10")).count(), 1, "{failed}");
    assert!(dump() == before, "the old state has changed");
}
