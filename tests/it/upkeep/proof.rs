//! `registry verify` and `registry repair`: what is wrong is found, and what can be made again is.

use std::path::Path;

use rusqlite::types::Value;

use crate::upkeep::{Filled, damage, on, sql};

/// Bits that are flipped, each in a copy of the database of its own.
const FLIPS: u64 = 40;

/// What answers are made of, and all of it is compared with digests: tables with their columns, but for those that no
/// answer has.
const PROVEN: &[(&str, &str)] = &[
    ("blobs", "digest, content"),
    ("commits", "id, module_id, created, released, files_digest, digest, created_by, source_control_url"),
    ("commit_files", "commit_id, path, blob_id"),
    ("commit_dependencies", "commit_id, dependency_id"),
    ("crates", "name, module_id"),
    (
        "sdks",
        "commit_id, plugin, version, revision, crate_id, crate_version, checksum, size, unpacked_size, index_line, yanked, created",
    ),
    ("crate_blobs", "content"),
    ("recipes", "content"),
];

/// The rows of the proven tables.
fn proven(data: &Path) -> Result<Vec<Vec<Value>>, rusqlite::Error> {
    let conn = rusqlite::Connection::open(data.join("registry.db"))?;
    let mut rows = vec![];
    for (table, columns) in PROVEN {
        let mut statement = conn.prepare(&format!("SELECT {columns} FROM {table}"))?;
        let width = statement.column_count();
        let read = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect())?;
        rows.extend(read.collect::<Result<Vec<Vec<Value>>, _>>()?);
    }
    Ok(rows)
}

/// The rows of all tables, but for the words of the search index.
fn everything(data: &Path) -> Result<Vec<Vec<Value>>, rusqlite::Error> {
    let conn = rusqlite::Connection::open(data.join("registry.db"))?;
    let tables = "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let mut rows = vec![];
    for table in conn.prepare(tables)?.query_map([], |row| row.get::<_, String>(0))? {
        let mut statement = conn.prepare(&format!("SELECT * FROM {}", table?))?;
        let width = statement.column_count();
        let read = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect())?;
        rows.extend(read.collect::<Result<Vec<Vec<Value>>, _>>()?);
    }
    Ok(rows)
}

#[test]
fn every_crate_is_made_again_from_its_sources_with_the_same_bytes() {
    let filled = Filled::new();
    let shop = format!("{}/shop", filled.owner);
    let all = on(filled.data.path(), &["verify", "--regenerate", "--json"]).ok().json();
    assert_eq!((all["commits"].as_u64(), all["crates"].as_u64()), (Some(3), Some(6)), "{all}");
    assert_eq!((all["regenerated"].as_u64(), all["unproven"].as_array().unwrap().len()), (Some(6), 0), "{all}");
    let one = on(filled.data.path(), &["verify", "--regenerate", &shop, "--json"]).ok().json();
    assert_eq!(one["regenerated"].as_u64(), Some(2), "{one}");
    on(filled.data.path(), &["verify", "--regenerate", "no/body"]).refused().says("module no/body does not exist");
    let _running = filled.serve(filled.data.path());
    on(filled.data.path(), &["verify"]).ok().prints("compared");
}

#[test]
fn a_crate_that_does_not_follow_from_its_sources_is_found() {
    let filled = Filled::new();
    let data = filled.copy();
    // The name of a module stands in its crates. Somebody has accepted what another program wrote.
    sql(data.path(), "UPDATE modules SET name = 'shed' WHERE name = 'shop'");
    on(data.path(), &["repair", "--accept-rows"]).ok();
    on(data.path(), &["verify"]).ok();
    on(data.path(), &["verify", "--regenerate"]).refused().prints("but its sources make");
}

#[test]
fn damage_is_named_and_a_damaged_crate_is_repaired_to_the_byte() {
    let filled = Filled::new();
    let before = proven(filled.data.path()).unwrap();
    // One that is whole tells the address of the server, which stands in each.
    for loss in ["damage", "DELETE FROM crate_blobs WHERE sdk_id > 1"] {
        let data = filled.copy();
        match loss {
            "damage" => damage(data.path(), "crate_blobs", "content"),
            statement => sql(data.path(), statement),
        }
        on(data.path(), &["verify"]).refused().prints("damaged: ").says("registry repair");
        on(data.path(), &["repair"]).ok().prints("repaired: ");
        on(data.path(), &["verify"]).ok();
        on(data.path(), &["repair"]).ok().prints("nothing is damaged");
        assert!(proven(data.path()).unwrap() == before, "{loss}");
        let conn = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
        let audited: i64 = conn
            .query_row("SELECT count(*) FROM audit_events WHERE action = 'sdk.repair'", [], |row| row.get(0))
            .unwrap();
        assert!(audited > 0, "{loss}");
    }
}

#[test]
fn a_crate_whose_sources_are_damaged_too_is_not_repaired() {
    let filled = Filled::new();
    let data = filled.copy();
    damage(data.path(), "crate_blobs", "content");
    sql(data.path(), "UPDATE blobs SET content = CAST(content || x'07' AS BLOB)");
    on(data.path(), &["verify"]).refused().prints("damaged: the content of a file in row");
    on(data.path(), &["repair"]).refused().prints("damaged: ").says("restore the last backup");
    on(data.path(), &["verify"]).refused().prints("damaged: crate");
}

#[test]
fn one_damaged_index_line_hides_no_other_damage_and_is_repaired_too() {
    let filled = Filled::new();
    let before = proven(filled.data.path()).unwrap();
    let data = filled.copy();
    // A row and the bytes of another version, of one crate; a line alone, of another crate.
    let crates = "SELECT crate_id FROM sdks GROUP BY crate_id HAVING count(*) > 1 ORDER BY crate_id";
    let oldest = format!("(SELECT min(id) FROM sdks WHERE crate_id = ({crates} LIMIT 1))");
    let newest = format!("(SELECT max(id) FROM sdks WHERE crate_id = ({crates} LIMIT 1))");
    let other = format!("(SELECT min(id) FROM sdks WHERE crate_id = ({crates} LIMIT 1 OFFSET 1))");
    sql(
        data.path(),
        &format!(
            "UPDATE sdks SET index_line = replace(index_line, 'vers', 'verz') WHERE id IN ({oldest}, {other});
             UPDATE crate_blobs SET content = CAST(content || x'07' AS BLOB) WHERE sdk_id IN ({oldest}, {newest})"
        ),
    );
    let found = on(data.path(), &["verify", "--json"]).refused().json();
    let damage: Vec<_> = found["damage"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let lines = damage.iter().filter(|line| line.starts_with("the index line of")).count();
    let crates = damage.iter().filter(|line| line.starts_with("crate ")).count();
    assert_eq!((lines, crates), (2, 2), "{damage:#?}");
    on(data.path(), &["repair"]).ok().prints("repaired: ");
    on(data.path(), &["verify"]).ok();
    assert!(proven(data.path()).unwrap() == before, "every row and every crate is what it was");
}

#[test]
fn what_repair_cannot_mend_is_listed_and_is_no_success() {
    let filled = Filled::new();
    let data = filled.copy();
    damage(data.path(), "blobs", "content");
    on(data.path(), &["repair"]).refused().prints("damaged: the content of a file in row").says("still damaged: ");
}

#[test]
fn what_another_program_wrote_is_found_until_it_is_accepted() {
    let filled = Filled::new();
    let data = filled.copy();
    sql(data.path(), "UPDATE modules SET default_label = 'lain' WHERE name = 'shop'");
    let words = "damaged: rows of the table modules are not those that the registry wrote";
    on(data.path(), &["verify", "--quick"]).refused().prints(words);
    on(data.path(), &["repair"]).refused().prints(words);
    on(data.path(), &["repair", "--accept-rows"]).ok().prints("nothing is damaged");
    on(data.path(), &["verify"]).ok();
}

/// Whatever bit it is: `verify` finds it, or it is in no row.
#[test]
fn a_flipped_bit_anywhere_is_found_or_is_in_no_row() {
    let filled = Filled::new();
    let before = everything(filled.data.path()).unwrap();
    let size = std::fs::metadata(filled.data.path().join("registry.db")).unwrap().len();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut found = 0;
    for _ in 0..FLIPS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (at, bit) = ((random >> 16) % size, (random >> 8) % 8);
        let data = filled.copy();
        let file = data.path().join("registry.db");
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[usize::try_from(at).unwrap()] ^= 1 << bit;
        std::fs::write(&file, bytes).unwrap();
        let verified = on(data.path(), &["verify"]);
        if verified.succeeded() {
            assert!(everything(data.path()).ok().as_ref() == Some(&before), "nobody noticed bit {bit} of byte {at}");
        } else {
            found += 1;
        }
    }
    assert!(found > FLIPS / 4, "only {found} of {FLIPS} are found");
}

/// A file without a byte, and a database without a table.
#[test]
fn an_empty_database_is_damage_and_no_new_registry() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let file = data.join("registry.db");
    let backup = home.path().join("backup.db");
    let audit_log = home.path().join("audit.jsonl");
    for fill in ["", "PRAGMA user_version = 4; CREATE TABLE t (x); DROP TABLE t"] {
        let _ = std::fs::remove_file(&file);
        std::fs::write(&file, "").unwrap();
        if !fill.is_empty() {
            sql(&data, fill);
        }
        let before = std::fs::read(&file).unwrap();
        let commands: &[&[&str]] = &[
            &["backup", backup.to_str().unwrap()],
            &["verify"],
            &["repair"],
            &["gc"],
            &["gc", "--yes"],
            &["token", "list"],
            &["serve", "--listen", "127.0.0.1:0", "--audit-log", audit_log.to_str().unwrap()],
        ];
        for command in commands {
            let refused = on(&data, command).fails().says("registry.db is empty").says("restore the last backup");
            assert!(!refused.stderr.contains("SELECT"), "{refused}");
        }
        assert!(std::fs::read(&file).unwrap() == before && !backup.exists());
    }
}

#[test]
fn a_table_that_is_missing_is_told_without_statements() {
    let filled = Filled::new();
    let data = filled.copy();
    sql(data.path(), "PRAGMA foreign_keys = OFF; DROP TABLE sessions");
    let found = on(data.path(), &["verify"]).refused().prints("damaged: the definition of sessions");
    let gc = on(data.path(), &["gc"]).fails().says("lacks a table or a column").says("registry verify");
    assert!(!found.stdout.contains("SELECT") && !gc.stderr.contains("SELECT"), "{found} {gc}");
}
