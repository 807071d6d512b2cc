//! A store that a failing disk has changed: what is not as it was stored is never served.

use std::panic::catch_unwind;
use std::path::Path;

use crate::support::{Module, Registry, pets};

/// Bits that are flipped, each in a copy of the database of its own.
const FLIPS: u64 = 60;

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
        let pushed =
            Module::new(&name).file("pets.proto", pets("name")).file("LICENSE", "Do what you like.").push(&registry);
        let mut paths = vec![
            format!("/{name}/raw/main/pets.proto"),
            format!("/{name}/raw/main/LICENSE"),
            format!("/{name}/descriptor/main"),
        ];
        for sdk in &pushed.sdks {
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
    for (table, column, part) in
        [("crate_blobs", "content", "/download"), ("sdks", "index_line", "/gen/cargo/"), ("blobs", "content", "/raw/")]
    {
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
        for (path, body) in &truth.answers {
            let answer = registry.get(path);
            refused += usize::from(answer.status != 200);
            assert!(answer.status != 200 || answer.body == *body, "bit {bit} of byte {at} changed {path}");
        }
    }
    assert!(served > FLIPS / 2, "only {served} of {FLIPS} start");
    assert!(refused > 0, "no bit that was flipped is in anything that is served");
}
