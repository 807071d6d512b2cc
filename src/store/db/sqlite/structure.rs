//! What is wrong with the database as a whole: its pages, its indexes, and references between its rows.

use std::path::Path;

use super::{migrate, table_checksums};
use crate::store::db::connections::Store;
use crate::store::db::engine::reason::Reason;
use crate::store::db::engine::{Connection, ValueRef};
use crate::store::db::error::{Fault, Result, StoreError, Work};
use crate::store::db::statements::query::all;

/// The most findings of SQLite that are told; a failing disk may cause more.
const TOLD: u32 = 100;

/// A contradiction if no crate is beside the database.
const NO_BYTES: (&str, &str) = (
    "an SDK has no crate file: row",
    "SELECT id FROM sdks WHERE NOT EXISTS (SELECT 1 FROM crate_blobs WHERE sdk_id = sdks.id)",
);

/// Rows that contradict each other without a foreign key that would notice.
const CONTRADICTIONS: &[(&str, &str)] = &[
    (
        "the job of an SDK is done, but there is no SDK: job",
        "SELECT id FROM sdk_jobs AS job WHERE state = 'done' AND NOT EXISTS (
             SELECT 1 FROM sdks WHERE (commit_id, plugin, version, revision)
                                    = (job.commit_id, job.plugin, job.version, job.revision))",
    ),
    (
        "an SDK is in the crate of another module: row",
        "SELECT sdks.id FROM sdks JOIN crates ON crates.id = crate_id JOIN commits ON commits.id = commit_id
         WHERE crates.module_id <> commits.module_id",
    ),
    (
        "a label is on a commit of another module: label",
        "SELECT labels.name FROM labels JOIN commits ON commits.id = commit_id
         WHERE commits.module_id <> labels.module_id",
    ),
    (
        "the history of a module is not of one of its commits: head",
        "SELECT lower(hex(head)) FROM histories WHERE NOT EXISTS (
             SELECT 1 FROM commits WHERE id = head AND commits.module_id = histories.module_id)",
    ),
    (
        "the content of a file belongs to no commit: row",
        "SELECT id FROM blobs WHERE NOT EXISTS (SELECT 1 FROM commit_files WHERE blob_id = blobs.id)",
    ),
];

impl Store {
    /// What is wrong with the database as a whole, a line each. `quick` leaves out the comparison of tables with their
    /// indexes.
    ///
    /// # Errors
    /// [`StoreError::Older`] if the database has an older format.
    pub fn structure_damage(&self, quick: bool) -> Result<Vec<String>> {
        // The pages and indexes of a server's database are its own to check.
        let is_file = !self.is_shared();
        self.read("check the database", |conn| {
            let mut found = if is_file { damage_of_file(conn, self.path(), quick)? } else { vec![] };
            let no_bytes = (!self.blob_place().is_some()).then_some(&NO_BYTES);
            for (what, sql) in CONTRADICTIONS.iter().chain(no_bytes) {
                let rows = all(conn, sql, [], |row| row.get_ref(0).map(text));
                found.extend(findings_of(rows.map(|rows| rows.iter().map(|row| format!("{what} {row}")).collect()))?);
            }
            Ok(found)
        })
    }
}

/// What is wrong with the file, its tables and its indexes.
fn damage_of_file(conn: &Connection, path: &Path, quick: bool) -> Work<Vec<String>> {
    if !migrate::is_newest(conn)? {
        return Err(StoreError::Older { path: path.into() }.into());
    }
    let check = if quick { "quick_check" } else { "integrity_check" };
    let found = findings_of(all(conn, &format!("PRAGMA {check}({TOLD})"), [], |row| row.get::<_, String>(0)))?;
    let mut found = found.iter().flat_map(|finding| of_sqlite(finding)).collect::<Vec<_>>();
    found.extend(findings_of(changed_definitions(conn))?);
    found.extend(findings_of(broken_references(conn))?);
    found.extend(findings_of(changed_tables(conn))?);
    Ok(found)
}

fn changed_tables(conn: &Connection) -> Work<Vec<String>> {
    let changed = table_checksums::changed(conn.sqlite()?)?;
    let words = |table| format!("rows of the table {table} are not those that the registry wrote");
    Ok(changed.into_iter().map(words).collect())
}

/// The lines of one finding of SQLite, without its heading; none if it found nothing.
fn of_sqlite(finding: &str) -> impl Iterator<Item = String> {
    let lines = finding.lines().filter(|line| *line != "ok" && !line.starts_with("*** in database"));
    lines.map(|line| format!("the database file, as SQLite says: {line}"))
}

/// Definitions of tables, indexes and triggers that are not those of the format: SQLite reads most of what a changed
/// byte makes of them.
fn changed_definitions(conn: &Connection) -> Work<Vec<String>> {
    let found = migrate::definitions(conn)?;
    let changed = migrate::definitions_of_newest()?.into_iter().filter(|(name, sql)| found.get(name) != Some(sql));
    Ok(changed.map(|(name, _)| format!("the definition of {name} in the database is not that of its format")).collect())
}

fn broken_references(conn: &Connection) -> Work<Vec<String>> {
    all(conn, "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2", [], |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(1)?);
        let rows: i64 = row.get(2)?;
        Ok(format!("{rows} rows of the table {table} refer to rows of {parent} that do not exist"))
    })
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

/// The findings of a check. A database that SQLite calls corrupt is a finding too.
fn findings_of(found: Work<Vec<String>>) -> Work<Vec<String>> {
    match found {
        Err(Fault::Sql(error)) if error.reason() == Reason::Corrupt => Ok(vec![error.to_string()]),
        // The definitions that are not there were told.
        Err(Fault::Sql(error)) if error.reason() == Reason::OtherTables => Ok(vec![]),
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use crate::store::testing::Scratch;

    #[test]
    fn a_finding_of_sqlite_is_told_without_its_heading() {
        assert_eq!(super::of_sqlite("ok").count(), 0);
        let found: Vec<_> =
            super::of_sqlite("*** in database main ***\nTree 21 page 21: free space corruption").collect();
        assert_eq!(found, ["the database file, as SQLite says: Tree 21 page 21: free space corruption"]);
    }

    #[test]
    fn a_definition_that_is_another_is_a_finding() {
        let store = Scratch::with_modules();
        let change = "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, 'soft', 'skft') WHERE name = 'job_needs'";
        store.change_beside(change);
        let found = store.structure_damage(true).unwrap();
        assert_eq!(found, ["the definition of job_needs in the database is not that of its format"]);
    }

    #[test]
    fn a_store_that_is_whole_has_no_findings_and_a_lost_row_is_one() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        assert_eq!(store.structure_damage(false).unwrap(), Vec::<String>::new());
        assert_eq!(store.structure_damage(true).unwrap(), Vec::<String>::new());
        let lose = "PRAGMA foreign_keys = OFF; DELETE FROM blobs";
        store.change_beside(lose);
        let found = store.structure_damage(true).unwrap();
        store.change_beside(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, '''done'', ''failed''', '''done''. ''failed''') WHERE name = 'sdk_jobs'",
        );
        let damaged = crate::store::Store::open_to_read(store.dir()).unwrap().structure_damage(true).unwrap();
        assert!(damaged.iter().any(|line| line.contains("sdk_jobs")), "{damaged:?}");
        let references = "1 rows of the table commit_files refer to rows of blobs that do not exist";
        assert_eq!(found, [references, "rows of the table blobs are not those that the registry wrote"]);
    }
}
