//! A store that a failing disk has changed: damaged records are never served.

use std::panic::catch_unwind;
use std::path::Path;

use rusqlite::types::Value;

use crate::support::{Module, Registry, pets};

/// Bits that are flipped, each in a copy of the database of its own.
const FLIPS: u64 = 120;

/// A registry that was filled and stopped, and what it answered.
struct Truth {
    data: tempfile::TempDir,
    token: String,
    answers: Vec<(String, Vec<u8>)>,
}

impl Truth {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut registry = Registry::with(|options| {
            options.keep(data.path(), None);
        });
        let owner = registry.user.clone();
        let name = format!("{owner}/pets");
        let module = |field| Module::new(&name).file("pets.proto", pets(field)).file("LICENSE", "Do what you like.");
        let first = module("first").push(&registry);
        let pushed = module("name").push(&registry);
        let yanked = &first.sdks[0];
        registry.cli(["sdk", "yank", &yanked.name, &yanked.version]).ok();
        let mut paths = vec![];
        for at in [&first.commit, "main"] {
            let of_commit = ["raw/{}/pets.proto", "raw/{}/LICENSE", "descriptor/{}"];
            paths.extend(of_commit.map(|path| format!("/{name}/{}", path.replace("{}", at))));
        }
        for sdk in first.sdks.iter().chain(&pushed.sdks) {
            let (one, two) = (&sdk.name[..2], &sdk.name[2..4]);
            paths.push(format!("/gen/cargo/{one}/{two}/{}", sdk.name));
            paths.push(format!("/gen/cargo/api/v1/crates/{}/{}/download", sdk.name, sdk.version));
        }
        let answers = paths.into_iter().map(|path| (path.clone(), registry.get(&path).ok().body)).collect();
        // Stopped as an operator stops it, so that everything is in the one file.
        registry.signal("TERM");
        registry.process().wait().unwrap();
        Self { data, token: registry.token.clone(), answers }
    }

    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        std::fs::copy(self.data.path().join("registry.db"), copy.path().join("registry.db")).unwrap();
        copy
    }

    /// Checks that each answer is the one that it was, or none; returns how many are none. `cause` is what was flipped.
    fn changed_nothing(&self, registry: &Registry, cause: &str) -> usize {
        let mut refused = 0;
        for (path, body) in &self.answers {
            let answer = registry.get(path);
            refused += usize::from(answer.status != 200);
            assert!(answer.status != 200 || answer.body == *body, "{cause} changed {path}");
        }
        refused
    }

    fn serve(&self, data: &Path) -> Registry {
        Registry::with(|options| {
            options.keep(data, Some(&self.token));
        })
    }
}

/// Changes one bit of the first row's column, in a database that nobody serves.
fn flip(data: &Path, table: &str, column: &str) {
    let conn = rusqlite::Connection::open(data.join("registry.db")).unwrap();
    let read = format!("SELECT rowid, typeof({column}), CAST({column} AS BLOB) FROM {table} LIMIT 1");
    let (row, kind, mut value): (i64, String, Vec<u8>) =
        conn.query_row(&read, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let at = value.len() / 2;
    value[at] ^= 1;
    let sql = format!("UPDATE {table} SET {column} = CAST(?2 AS {kind}) WHERE rowid = ?1");
    assert_eq!(conn.execute(&sql, rusqlite::params![row, value]).unwrap(), 1);
}

#[test]
fn what_is_damaged_is_refused_logged_and_counted() {
    let truth = Truth::new();
    for (table, column, part) in [
        ("crate_blobs", "content", "/download"),
        ("sdks", "index_line", "/gen/cargo/"),
        ("sdks", "yanked", "/gen/cargo/"),
        ("blobs", "content", "/raw/"),
    ] {
        let data = truth.copy();
        flip(data.path(), table, column);
        let registry = truth.serve(data.path());
        let refused: Vec<_> =
            truth.answers.iter().filter(|(path, _)| path.contains(part) && registry.get(path).status == 500).collect();
        assert!(!refused.is_empty(), "{table}.{column}");
        let log = registry.log();
        assert!(log.contains("the store is damaged"), "{log}");
        let metrics = registry.get("/metrics").ok().text();
        let counted = metrics.lines().find_map(|line| line.strip_prefix("registry_damaged_reads_total ")).unwrap();
        assert_ne!(counted, "0", "{table}.{column}");
        let conn = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
        let sql = "SELECT count(*) FROM audit_events WHERE action = 'store.damaged'";
        let audited: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert!(audited > 0, "{table}.{column}");
    }
}

/// The columns of a table, as they are in this database.
fn columns(data: &Path, table: &str) -> Vec<String> {
    let conn = rusqlite::Connection::open(data.join("registry.db")).unwrap();
    let mut names = conn.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
    names.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Changes a random bit of a column in a random row. Nothing that SQLite checks by itself keeps it from that.
fn flip_at_random(data: &Path, table: &str, column: &str, random: u64) {
    let conn = rusqlite::Connection::open(data.join("registry.db")).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
    let mut rows = conn.prepare(&format!("SELECT {column} FROM {table}")).unwrap();
    let values: Vec<Value> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let before = values[usize::try_from(random >> 32).unwrap() % values.len()].clone();
    let at = usize::try_from(random & 0xffff).unwrap();
    let flipped = |mut bytes: Vec<u8>| {
        let length = bytes.len();
        bytes[at / 8 % length] ^= 1 << (at % 8);
        bytes
    };
    // One that is not UTF-8 any more stays a text for SQLite.
    let (kind, after) = match before.clone() {
        Value::Text(text) if text.is_empty() => ("TEXT", Value::Blob(vec![1])),
        Value::Text(text) => ("TEXT", Value::Blob(flipped(text.into_bytes()))),
        // What is 0 or 1 may be a yes or no; of other numbers a bit that makes none that another row has.
        Value::Integer(number) => ("INTEGER", Value::Integer(number ^ if number < 2 { 1 } else { 8 << (at % 5) })),
        Value::Blob(bytes) => ("BLOB", Value::Blob(flipped(bytes))),
        other => panic!("{table}.{column} holds {other:?}"),
    };
    let sql = format!("UPDATE {table} SET {column} = CAST(?2 AS {kind}) WHERE {column} = ?1");
    assert_ne!(conn.execute(&sql, rusqlite::params![before, after]).unwrap(), 0);
}

/// Whatever column it is of the rows that answers are made of.
#[test]
fn a_flipped_bit_of_any_column_changes_no_answer() {
    let truth = Truth::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for table in ["commits", "commit_files", "sdks"] {
        for column in columns(truth.data.path(), table) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let data = truth.copy();
            flip_at_random(data.path(), table, &column, random);
            let registry = truth.serve(data.path());
            let refused = truth.changed_nothing(&registry, &format!("{random:x}, {table}.{column}"));
            // No answer is made of these: an estimate of work, and the name that other tables have for the row.
            let is_harmless = column == "source_bytes" || (table, &*column) == ("sdks", "id");
            assert!(refused > 0 || is_harmless, "nobody noticed {random:x} in {table}.{column}");
        }
    }
}

/// Whatever bit it is: an answer is the one that it was before, or none.
#[test]
fn a_flipped_bit_anywhere_changes_no_answer() {
    let truth = Truth::new();
    let size = std::fs::metadata(truth.data.path().join("registry.db")).unwrap().len();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut served, mut refused) = (0, 0);
    for _ in 0..FLIPS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The first page holds the header, without which nothing is read at all.
        let (at, bit) = (4096 + (random >> 16) % (size - 4096), (random >> 8) % 8);
        let data = truth.copy();
        let file = data.path().join("registry.db");
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[usize::try_from(at).unwrap()] ^= 1 << bit;
        std::fs::write(&file, bytes).unwrap();
        // One that does not start serves nothing.
        let Ok(registry) = catch_unwind(|| truth.serve(data.path())) else { continue };
        served += 1;
        refused += truth.changed_nothing(&registry, &format!("bit {bit} of byte {at}"));
    }
    assert!(served > FLIPS / 2, "only {served} of {FLIPS} start");
    assert!(refused > 0, "no bit that was flipped is in anything that is served");
}
