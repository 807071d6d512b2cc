//! Damage: whichever byte of what is kept is another, `verify` finds it.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::*;

/// Bytes that are changed, one at a time.
const FLIPS: usize = 1_000;

/// Bytes around the changed one by which it is found in the file.
const WINDOW: usize = 12;

/// Numbers that look random, from a seed.
struct Random(u64);

impl Random {
    /// Below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 20) as usize % end
    }
}

/// The file of a store with commits that depend on each other, and crates.
fn filled() -> Vec<u8> {
    let fixture = fixture();
    let readme = "A dog has a name. ".repeat(20_000);
    let pets =
        [("pets.proto", &*message("acme.pets.v1", "Pet")), ("README.md", &*readme), ("LICENSE", "Do what you like.")];
    let pets = fixture.push(vec![fixture.content("pets", &[], &pets)], &[]);
    let order = "syntax = \"proto3\"; package acme.shop.v1; import \"pets.proto\"; \
                 message Order { acme.pets.v1.Pet pet = 1; } service Shop { rpc Buy(Order) returns (Order); }";
    let shop = fixture.content("shop", &[], &[("shop.proto", order)]);
    let shop = fixture.push(vec![shop], &[&pets.commits[0]]);
    fixture.wait_for_sdks(&[&pets.sdks[..], &shop.sdks].concat());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.db");
    let size = fixture.running.store().backup_to(&file, &mut |_| {}, &mut |_| Ok(None)).unwrap();
    let mut bytes = fs::read(file).unwrap();
    // The seal is no part of the database.
    bytes.truncate(usize::try_from(size).unwrap() / 4096 * 4096);
    bytes
}

/// The values of all columns of all tables, but for the words of the full-text indexes, which are made from others.
fn values(dir: &Path) -> rusqlite::Result<Vec<Vec<u8>>> {
    let conn = Connection::open(dir.join("registry.db"))?;
    let sql =
        "SELECT tables.name, columns.name FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
               WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite%'";
    let mut columns = conn.prepare(sql)?;
    let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let columns = columns.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    let mut values = vec![];
    for (table, column) in columns {
        let mut rows = conn.prepare(&format!("SELECT CAST(ifnull({column}, x'') AS BLOB) FROM {table} ORDER BY 1"))?;
        values.extend(rows.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<Vec<u8>>>>()?);
    }
    Ok(values)
}

/// Whether `verify` finds that a byte of `bytes` is another.
fn is_found(dir: &Path, bytes: &[u8]) -> bool {
    for name in ["registry.db-wal", "registry.db-shm"] {
        let _ = fs::remove_file(dir.join(name));
    }
    fs::write(dir.join("registry.db"), bytes).unwrap();
    let found = Store::open_to_read(dir).and_then(|store| verify(&store, Depth::Full, &mut |_| {}));
    found.map_or(true, |found| !found.damage.is_empty())
}

/// A place in the file where a byte of what is kept stands.
fn place(random: &mut Random, values: &[Vec<u8>], file: &[u8]) -> usize {
    let all: usize = values.iter().map(Vec::len).sum();
    loop {
        let mut at = random.below(all);
        let value = values.iter().find(|value| {
            let inside = at < value.len();
            at -= if inside { 0 } else { value.len() };
            inside
        });
        let value = value.unwrap();
        let start = at.saturating_sub(WINDOW / 2).min(value.len().saturating_sub(WINDOW));
        let window = &value[start..value.len().min(start + WINDOW)];
        let found: Vec<_> = file.windows(window.len()).enumerate().filter(|(_, bytes)| *bytes == window).collect();
        // What goes over the end of a page is in no one place.
        if let Some((first, _)) = found.get(random.below(found.len().max(1))) {
            return first + at - start;
        }
    }
}

/// What both tests begin with.
struct Flips {
    seed: u64,
    random: Random,
    /// The database, whole.
    file: Vec<u8>,
    dir: tempfile::TempDir,
    kept: Vec<Vec<u8>>,
}

impl Flips {
    /// From this seed, unless SEED names another.
    fn from(seed: u64) -> Self {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(seed);
        println!("SEED={seed}");
        let (file, dir) = (filled(), tempfile::tempdir().unwrap());
        assert!(!is_found(dir.path(), &file), "it is damaged from the start");
        let kept = values(dir.path()).unwrap();
        Self { seed, random: Random(seed), file, dir, kept }
    }
}

#[test]
fn each_of_a_thousand_flipped_bytes_of_what_is_kept_is_found() {
    let Flips { seed, mut random, file, dir, kept } = Flips::from(20_261_128);
    let mut found = 0;
    while found < FLIPS {
        let at = place(&mut random, &kept, &file);
        let mut bytes = file.clone();
        bytes[at] ^= 1 << random.below(8);
        if is_found(dir.path(), &bytes) {
            found += 1;
        } else {
            // The same bytes stand elsewhere too, as in the queue of jobs.
            let same = values(dir.path()).is_ok_and(|now| now == kept);
            assert!(same, "after {found} flips: nobody noticed byte {at}, of seed {seed}");
        }
    }
}

#[test]
fn a_thousand_flipped_bytes_anywhere_are_found_or_are_in_nothing_that_is_kept() {
    let Flips { seed, mut random, file, dir, kept } = Flips::from(20_261_129);
    let mut found = 0;
    for number in 0..FLIPS {
        let at = random.below(file.len());
        let mut bytes = file.clone();
        bytes[at] ^= 1 << random.below(8);
        if is_found(dir.path(), &bytes) {
            found += 1;
        } else {
            let now = values(dir.path());
            let same = now.as_ref().is_ok_and(|now| *now == kept);
            let around = String::from_utf8_lossy(&file[at - at.min(60)..file.len().min(at + 60)]);
            let error = now.err();
            assert!(same, "flip {number}: nobody noticed byte {at}, of seed {seed}: {error:?}, around {around:?}");
        }
    }
    println!("{found} of {FLIPS} are found; the others are in nothing that is kept");
    assert!(found > FLIPS / 5, "only {found} of {FLIPS} are found");
}
