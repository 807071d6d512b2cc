//! A sum over the rows of each table, which every write of a store changes along with the rows. Whatever else changes a
//! byte of a row, or loses one, the rows do not have their sum any more, and `verify` says so.
//!
//! Triggers of the connection that writes keep the sums. They are temporary: the file has none of them, so that another
//! program can still write to it, and is found to have done so.

use std::borrow::Cow;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Statement};

use crate::store::db::statements::row_checksum::RowChecksum;

/// The table of the sums, which has none itself.
const SUMS: &str = "table_checksums";

/// Contents whose digest is a column, or that of a row beside theirs: they are compared with that.
const WITH_DIGEST: &[(&str, &str)] =
    &[("blobs", "content"), ("check_plugin_programs", "content"), ("crate_blobs", "content"), ("recipes", "content")];

/// A table with the columns that its sum is over.
struct Table {
    name: String,
    columns: Vec<String>,
}

impl Table {
    fn select(&self) -> String {
        format!("SELECT {} FROM {}", self.columns.join(", "), self.name)
    }

    /// The triggers that keep the sum of the table.
    fn triggers(&self) -> String {
        let Self { name, columns } = self;
        let row = |of: &str| columns.iter().map(|column| format!(", {of}.{column}")).collect::<String>();
        let (old, new) = (row("old"), row("new"));
        let trigger = |event: &str, sum: &str| {
            format!(
                "CREATE TEMP TRIGGER {name}_sum_{event} AFTER {event} ON main.{name} BEGIN
                     UPDATE {SUMS} SET sum = {sum} WHERE name = '{name}';
                 END;"
            )
        };
        [
            trigger("insert", &format!("sum_with(sum{new})")),
            trigger("delete", &format!("sum_without(sum{old})")),
            trigger("update", &format!("sum_with(sum_without(sum{old}){new})")),
        ]
        .concat()
    }
}

/// Lets the writes of `conn` keep the sums.
pub(super) fn keep(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let sum = |of: &Context<'_>| of.get::<i64>(0);
    conn.create_scalar_function("sum_with", -1, flags, move |of| Ok(sum(of)?.wrapping_add(checksum(values(of)))))?;
    conn.create_scalar_function("sum_without", -1, flags, move |of| Ok(sum(of)?.wrapping_sub(checksum(values(of)))))?;
    conn.pragma_update(None, "temp_store", "memory")?;
    // Without this, a row that is replaced is gone without a trigger.
    conn.pragma_update(None, "recursive_triggers", true)?;
    let triggers: String = tables(conn)?.iter().map(Table::triggers).collect();
    conn.execute_batch(&triggers)
}

/// The sums, by table.
pub(in crate::store) fn sums(conn: &Connection) -> Result<Vec<(String, i64)>> {
    let mut sums = conn.prepare(&format!("SELECT name, sum FROM {SUMS}"))?;
    sums.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Sets the sums to these.
pub(in crate::store) fn set(conn: &Connection, sums: &[(String, i64)]) -> Result<()> {
    let mut set = conn.prepare(&format!("UPDATE {SUMS} SET sum = ?2 WHERE name = ?1"))?;
    sums.iter().try_for_each(|(name, sum)| set.execute((name, sum)).map(drop))
}

/// Takes the rows as they are: computes all sums anew.
pub(in crate::store) fn renew(conn: &Connection) -> Result<()> {
    conn.execute(&format!("DELETE FROM {SUMS}"), [])?;
    for table in tables(conn)? {
        conn.execute(&format!("INSERT INTO {SUMS} VALUES (?1, ?2)"), (&table.name, sum(conn, &table)?))?;
    }
    Ok(())
}

/// The tables whose rows are not those that were written.
pub(super) fn changed(conn: &Connection) -> Result<Vec<String>> {
    let mut kept = conn.prepare(&format!("SELECT sum FROM {SUMS} WHERE name = ?1"))?;
    let mut is_changed = |table: &Table| -> Result<bool> {
        let kept: Option<i64> = kept.query_row([&table.name], |row| row.get(0)).or_else(no_row)?;
        Ok(kept != Some(sum(conn, table)?))
    };
    let mut changed = vec![];
    for table in tables(conn)? {
        if is_changed(&table)? {
            changed.push(table.name);
        }
    }
    Ok(changed)
}

fn no_row(error: rusqlite::Error) -> Result<Option<i64>> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(None),
        error => Err(error),
    }
}

/// The tables with rows of ours. Those of the full-text indexes belong to SQLite, and are made from others.
fn tables(conn: &Connection) -> Result<Vec<Table>> {
    let sql =
        "SELECT tables.name, columns.name FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
               WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
               ORDER BY tables.name, columns.cid";
    let mut tables: Vec<Table> = vec![];
    let mut found: Statement<'_> = conn.prepare(sql)?;
    for row in found.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
        let (name, column) = row?;
        if name == SUMS || WITH_DIGEST.contains(&(name.as_str(), column.as_str())) {
            continue;
        }
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name, columns: vec![column] }),
        }
    }
    Ok(tables)
}

fn sum(conn: &Connection, table: &Table) -> Result<i64> {
    let mut rows = conn.prepare(&table.select())?;
    let mut rows = rows.raw_query();
    let mut sum = 0_i64;
    while let Some(row) = rows.next()? {
        let values = (0..table.columns.len()).map(|column| row.get_ref(column)).collect::<Result<Vec<_>>>()?;
        sum = sum.wrapping_add(checksum(values.into_iter()));
    }
    Ok(sum)
}

/// The columns after the sum.
fn values<'a>(of: &'a Context<'_>) -> impl Iterator<Item = ValueRef<'a>> {
    (1..of.len()).map(|column| of.get_raw(column))
}

/// The checksum of a row: of the types and the values of its columns.
fn checksum<'a>(columns: impl Iterator<Item = ValueRef<'a>>) -> i64 {
    let typed = |column| match column {
        ValueRef::Null => ([0], Cow::default()),
        ValueRef::Integer(number) => ([1], number.to_le_bytes().to_vec().into()),
        ValueRef::Real(number) => ([2], number.to_bits().to_le_bytes().to_vec().into()),
        ValueRef::Text(text) => ([3], Cow::Borrowed(text)),
        ValueRef::Blob(bytes) => ([4], Cow::Borrowed(bytes)),
    };
    let typed: Vec<([u8; 1], Cow<'_, [u8]>)> = columns.map(typed).collect();
    RowChecksum::of(&typed.iter().flat_map(|(kind, value)| [&kind[..], value]).collect::<Vec<_>>()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table whose rows are deleted with those that they belong to.
    fn database() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(include_str!("sql/0019_table_checksums.sql")).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT UNIQUE, weight REAL, note BLOB);
             CREATE TABLE pets (name TEXT PRIMARY KEY, owner INTEGER REFERENCES owners ON DELETE CASCADE) WITHOUT ROWID;
             CREATE VIRTUAL TABLE words USING fts5 (text);
             INSERT INTO owners VALUES (1, 'ann', 0.5, NULL);",
        )
        .unwrap();
        renew(&conn).unwrap();
        conn
    }

    #[test]
    fn every_write_keeps_the_sums() {
        let conn = database();
        keep(&conn).unwrap();
        for sql in [
            "INSERT INTO owners VALUES (2, 'bob', 1, x'00'), (3, 'cat', NULL, x'')",
            "INSERT INTO pets VALUES ('rex', 2), ('tom', 3), ('kit', 3)",
            "INSERT INTO words VALUES ('rex')",
            "UPDATE owners SET name = name || '!', note = NULL WHERE id > 1",
            "INSERT OR REPLACE INTO owners VALUES (7, 'cat!', 2, NULL)",
            "INSERT INTO pets VALUES ('rex', 1) ON CONFLICT DO UPDATE SET owner = excluded.owner",
            "DELETE FROM pets WHERE name = 'rex'",
            "DELETE FROM owners",
        ] {
            conn.execute(sql, []).unwrap();
            assert_eq!(changed(&conn).unwrap(), Vec::<String>::new(), "{sql}");
        }
        assert_eq!(conn.query_row("SELECT count(*) FROM pets", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }

    #[test]
    fn what_was_changed_otherwise_is_found() {
        for sql in [
            "UPDATE owners SET name = 'amn'",
            "UPDATE owners SET weight = 0.25",
            "UPDATE owners SET note = x''",
            "DELETE FROM owners",
            "INSERT INTO owners VALUES (2, 'bob', NULL, NULL)",
        ] {
            let conn = database();
            conn.execute(sql, []).unwrap();
            assert_eq!(changed(&conn).unwrap(), ["owners"], "{sql}");
            renew(&conn).unwrap();
            assert_eq!(changed(&conn).unwrap(), Vec::<String>::new());
        }
        let conn = database();
        conn.execute("DELETE FROM table_checksums WHERE name = 'pets'", []).unwrap();
        assert_eq!(changed(&conn).unwrap(), ["pets"]);
    }
}
