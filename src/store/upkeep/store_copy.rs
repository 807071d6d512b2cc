//! A copy of a whole store into another one, of the same engine or the other. It goes on where it was interrupted, and
//! nobody serves what is not whole.
//!
//! Rows are copied in the order of their keys, tables after those that they refer to. What the last row of a table in the
//! target is, is where a copy goes on, so nobody may write to either store meanwhile. The search index is not copied: a
//! server makes it anew in the background.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Sha256Digest, Timestamp};
#[cfg(feature = "cluster")]
use crate::store::audit;
use crate::store::audit::AuditEvent;
use crate::store::db::connections::Store;
use crate::store::db::dir_lock::{DataDir, DirLock, io, sync_dir};
use crate::store::db::engine::params::{Bind, Parameter};
use crate::store::db::engine::{
    Connection, FromSql, FromSqlError, FromSqlResult, Kind, Params, Row, SqlResult, Value, ValueRef,
};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::sqlite::migrate::newest_in_memory;
use crate::store::db::sqlite::open::{FILE, StoreOptions};
use crate::store::db::statements::query::{all, count, one};
use crate::store::db::unfinished_copy::{SOURCE, UNFINISHED, unfinished_copy};
use crate::store::sdks::crate_bytes::put_crate_bytes;
use crate::store::sdks::sdk::crate_of_sdk;

/// What the nodes keep for themselves, what one engine has alone, and the search index.
const LEFT_OUT: [&str; 5] = ["nodes", "table_checksums", "symbols", "symbol_details", "indexed"];

/// The most rows that are read at a time, and those of a table of contents, each of which may be large.
const ROWS: usize = 500;
const CONTENTS: usize = 8;

/// The rows of one statement.
const ROWS_AT_ONCE: usize = 16;

/// The table of the bytes of crates.
const CRATES: &str = "crate_blobs";

/// A store that another one is copied into.
pub struct CopyTarget {
    store: Store,
    place: Place,
}

enum Place {
    /// The data directory, which is locked.
    Dir(PathBuf, DirLock),
    /// A database on a server.
    #[cfg(feature = "cluster")]
    Database,
}

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedRows {
    /// The table that is being copied.
    pub table: String,
    /// How many of its rows are copied.
    pub rows: u64,
}

impl CopyTarget {
    /// A data directory, which must hold no registry yet, or the beginning of this copy of the one in the place `source`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if it holds one, [`StoreError::UnfinishedCopy`] if another one, [`StoreError::InUse`] if it is used, [`StoreError::Io`].
    pub fn in_dir(dir: &Path, source: &str) -> Result<Self> {
        let lock = DataDir::lock(dir)?;
        if dir.join(FILE).exists() {
            return Err(StoreError::AlreadyExists(format!("a registry in {}", dir.display())));
        }
        let unfinished = dir.join(UNFINISHED);
        match unfinished_copy(dir) {
            Some(of) if of != source => {
                return Err(StoreError::UnfinishedCopy { path: dir.into(), source_place: of });
            }
            _ => {}
        }
        fs::create_dir_all(&unfinished).map_err(|source| io("create", &unfinished, source))?;
        let note = unfinished.join(SOURCE);
        fs::write(&note, source).map_err(|source| io("write", &note, source))?;
        let store = Store::open(&unfinished, StoreOptions::default())?;
        Ok(Self { store, place: Place::Dir(dir.to_owned(), lock) })
    }

    /// A database on a server, which must hold no registry yet, or the beginning of this copy, with crates in `blobs`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if it holds one, and those of [`Store::connect`].
    #[cfg(feature = "cluster")]
    pub fn at(
        address: &crate::store::DatabaseAddress,
        source: &str,
        blobs: Option<crate::store::BlobStore>,
    ) -> Result<Self> {
        let store = Store::connect_to_copy(address, source)?;
        let store = match blobs {
            Some(blobs) => store.with_blobs(blobs),
            None => store,
        };
        Ok(Self { store, place: Place::Database })
    }

    /// The store, to be looked at before it is served.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Copies all rows of `source` that are not there yet. Returns how many the target has then. Nobody may write to
    /// `source` meanwhile.
    ///
    /// # Errors
    /// When one of the stores fails; [`StoreError::CopyDiffers`] if somebody wrote to one of them; [`StoreError::Newer`] if
    /// the source holds what this program does not know of.
    pub fn copy(&self, source: &Store, at: Timestamp, progress: &mut dyn FnMut(CopiedRows)) -> Result<u64> {
        source.require_known_format()?;
        let tables = tables().map_err(|fault| fault.into_error("list the tables", self.store.path()))?;
        let mut rows = 0;
        for table in &tables {
            // Crates may be beside either database.
            if table.name == CRATES && (source.blob_place().is_some() || self.store.blob_place().is_some()) {
                self.copy_crates(source, at, progress)?;
                continue;
            }
            table.copy(source, &self.store, progress)?;
            rows += table.compare(source, &self.store)?;
        }
        self.store.write_quietly("number new rows", |conn| {
            tables.iter().try_for_each(|table| Ok(conn.continue_numbers(&table.name)?))
        })?;
        Ok(rows)
    }

    /// Copies crates one by one, each to where the target has its crates. Those that are there stay as they are.
    fn copy_crates(&self, source: &Store, at: Timestamp, progress: &mut dyn FnMut(CopiedRows)) -> Result<()> {
        let (mut last, mut rows) = (0, 0);
        loop {
            let next = source.read("list crates", |conn| {
                let sql = "SELECT id, checksum FROM sdks WHERE id > ?1 ORDER BY id LIMIT 1";
                one(conn, sql, [last], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Sha256Digest>(1)?)))
            })?;
            let Some((id, checksum)) = next else { return Ok(()) };
            progress(CopiedRows { table: CRATES.to_owned(), rows });
            let found = source.read("read a crate", |conn| crate_of_sdk(conn, id))?;
            let bytes = source.crate_bytes_at(found)?;
            if !self.store.blob_place().keep(&checksum, &bytes, at)? {
                self.store.write_quietly("write what is copied", |conn| put_crate_bytes(conn, id, &bytes))?;
            }
            (last, rows) = (id, rows + 1);
        }
    }

    /// Lets the copy be served, with this record in its audit log.
    ///
    /// # Errors
    /// When it cannot be put in its place.
    pub fn finish(self, event: &AuditEvent) -> Result<()> {
        match self.place {
            #[cfg(feature = "cluster")]
            Place::Database => self.store.write_quietly("finish the copy", |conn| {
                audit::insert(conn, event)?;
                Ok(conn.end_copy()?)
            }),
            Place::Dir(dir, _lock) => {
                self.store.audit(event)?;
                // Closed, so that it is one file.
                drop(self.store);
                let (unfinished, file) = (dir.join(UNFINISHED), dir.join(FILE));
                let made = unfinished.join(FILE);
                fs::rename(&made, &file).map_err(|source| io("rename", &made, source))?;
                sync_dir(&dir)?;
                fs::remove_dir_all(&unfinished).map_err(|source| io("remove", &unfinished, source))
            }
        }
    }
}

/// A table, as both engines have it.
struct Table {
    name: String,
    columns: Vec<String>,
    /// What SQLite stores in each column.
    kinds: Vec<Kind>,
    /// The places of the columns of its key, in their order.
    key: Vec<usize>,
    /// The other tables that it refers to.
    needs: BTreeSet<String>,
}

/// The tables that are copied, each after those that it refers to.
fn tables() -> Work<Vec<Table>> {
    let conn = newest_in_memory()?;
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let names: Vec<String> = all(&conn, sql, [], |row| row.get(0))?;
    let names = names.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str()));
    let mut waiting = names.map(|name| Table::read(&conn, name)).collect::<Work<Vec<_>>>()?;
    let mut sorted: Vec<Table> = vec![];
    while !waiting.is_empty() {
        let is_ready = |table: &Table| table.needs.iter().all(|need| sorted.iter().any(|done| done.name == *need));
        let Some(place) = waiting.iter().position(is_ready) else {
            return Err(StoreError::Corrupt("tables refer to each other in a circle".into()).into());
        };
        sorted.push(waiting.swap_remove(place));
    }
    Ok(sorted)
}

impl Table {
    fn read(conn: &Connection, name: String) -> Work<Self> {
        let sql = "SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid";
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?));
        let columns = all(conn, sql, [&name], read)?;
        let mut key: Vec<_> = (0..columns.len()).filter(|place| columns[*place].2 > 0).collect();
        key.sort_by_key(|place| columns[*place].2);
        if key.is_empty() {
            let sql =
                "SELECT columns.name FROM pragma_index_list(?1) AS indexes, pragma_index_info(indexes.name) AS columns
                       WHERE \"unique\" AND seq = 0 ORDER BY seqno";
            let unique: Vec<String> = all(conn, sql, [&name], |row| row.get(0))?;
            key.extend(unique.iter().filter_map(|name| columns.iter().position(|(column, ..)| column == name)));
        }
        let kind = |declared: &str| match declared {
            "INTEGER" => Kind::Integer,
            "TEXT" => Kind::Text,
            _ => Kind::Blob,
        };
        let kinds = columns.iter().map(|(_, declared, _)| kind(declared)).collect();
        let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1)";
        let mut needs: BTreeSet<String> = all(conn, sql, [&name], |row| row.get(0))?.into_iter().collect();
        needs.remove(&name);
        Ok(Self { columns: columns.into_iter().map(|(column, ..)| column).collect(), name, kinds, key, needs })
    }

    fn key_columns(&self) -> Vec<&str> {
        self.key.iter().map(|place| self.columns[*place].as_str()).collect()
    }

    fn rows_at_a_time(&self) -> usize {
        if self.columns.iter().any(|column| column == "content") { CONTENTS } else { ROWS }
    }

    fn copy(&self, source: &Store, target: &Store, progress: &mut dyn FnMut(CopiedRows)) -> Result<()> {
        let count_rows = format!("SELECT count(*) FROM {}", self.name);
        let (mut rows, mut last, kinds) = target.read("look how far the copy is", |conn| {
            let truths = conn.truth_columns(&self.name)?;
            let kind = |(column, kind): (&String, &Kind)| if truths.contains(column) { Kind::Truth } else { *kind };
            let kinds: Vec<_> = self.columns.iter().zip(&self.kinds).map(kind).collect();
            Ok((count(conn, &count_rows, [])?, self.last(conn)?, kinds))
        })?;
        loop {
            progress(CopiedRows { table: self.name.clone(), rows });
            let chunk = source.read("read what is copied", |conn| self.after(conn, last.as_deref()))?;
            let Some(end) = chunk.last() else { return Ok(()) };
            last = Some(self.key.iter().map(|place| end[*place].clone()).collect());
            target.write_quietly("write what is copied", |conn| self.insert(conn, &kinds, &chunk))?;
            rows += chunk.len() as u64;
        }
    }

    /// The key of the last row.
    fn last(&self, conn: &Connection) -> Work<Option<Vec<Cell>>> {
        let (columns, backwards) = (self.key_columns().join(", "), self.key_columns().join(" DESC, "));
        let sql = format!("SELECT {columns} FROM {} ORDER BY {backwards} DESC LIMIT 1", self.name);
        let mut last = None;
        conn.query(&sql, [], |row| {
            last = Some(cells(row, self.key.len())?);
            Ok(false)
        })?;
        Ok(last)
    }

    /// The next rows after the one with the key `last`.
    fn after(&self, conn: &Connection, last: Option<&[Cell]>) -> Work<Vec<Vec<Cell>>> {
        let key = self.key_columns().join(", ");
        let places = (1..=self.key.len()).map(|number| format!("?{number}")).collect::<Vec<_>>().join(", ");
        let after = if last.is_some() { format!("WHERE ({key}) > ({places})") } else { String::new() };
        let (columns, limit) = (self.columns.join(", "), self.rows_at_a_time());
        let sql = format!("SELECT {columns} FROM {} {after} ORDER BY {key} LIMIT {limit}", self.name);
        let kinds: Vec<_> = self.key.iter().map(|place| self.kinds[*place]).collect();
        let mut rows = vec![];
        conn.query(&sql, Cells { cells: last.into_iter().flatten().zip(&kinds).collect() }, |row| {
            rows.push(cells(row, self.columns.len())?);
            Ok(true)
        })?;
        Ok(rows)
    }

    fn insert(&self, conn: &Connection, kinds: &[Kind], rows: &[Vec<Cell>]) -> Work<()> {
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let row = |number: usize| {
                let first = number * self.columns.len() + 1;
                let places = (first..first + self.columns.len()).map(|place| format!("?{place}"));
                format!("({})", places.collect::<Vec<_>>().join(", "))
            };
            let values = (0..rows.len()).map(row).collect::<Vec<_>>().join(", ");
            let sql = format!("INSERT INTO {} ({}) VALUES {values}", self.name, self.columns.join(", "));
            conn.execute(&sql, Cells { cells: rows.iter().flat_map(|row| row.iter().zip(kinds)).collect() })?;
        }
        Ok(())
    }

    /// The number of rows, which must be the same in both.
    fn compare(&self, source: &Store, target: &Store) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {}", self.name);
        let rows = |store: &Store| store.read("count what is copied", |conn| count(conn, &sql, []));
        let (before, after) = (rows(source)?, rows(target)?);
        if before == after {
            return Ok(after);
        }
        let (path, table) = (target.path().to_owned(), self.name.clone());
        Err(StoreError::CopyDiffers { path, table, copied: after, rows: before })
    }
}

/// What one column of a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    fn value(&self, kind: Kind) -> Value<'_> {
        match (self, kind) {
            (Self::Null, kind) => Value::Null(kind),
            (Self::Integer(number), Kind::Truth) => Value::Truth(*number != 0),
            (Self::Integer(number), _) => Value::Integer(*number),
            (Self::Text(text), _) => Value::text(text),
            (Self::Blob(bytes), _) => Value::Blob(bytes),
        }
    }
}

fn cells(row: &Row<'_>, columns: usize) -> SqlResult<Vec<Cell>> {
    (0..columns).map(|place| row.get::<_, Cell>(place)).collect()
}

impl FromSql for Cell {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Text(_) => Self::Text(value.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
            ValueRef::Real(_) => return Err(FromSqlError::InvalidType),
        })
    }
}

/// Cells as parameters, in their order.
struct Cells<'c> {
    cells: Vec<(&'c Cell, &'c Kind)>,
}

impl Params for Cells<'_> {
    fn each<'p>(&'p self, bind: Bind<'_, 'p>) -> SqlResult<()> {
        self.cells
            .iter()
            .zip(1..)
            .try_for_each(|((cell, kind), number)| bind(Parameter::Number(number), cell.value(**kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_key_and_comes_after_what_it_refers_to() {
        let tables = tables().unwrap();
        let place = |name: &str| tables.iter().position(|table| table.name == name).unwrap();
        assert!(tables.len() > 30);
        for table in &tables {
            assert!(!table.key.is_empty(), "{}", table.name);
            assert!(table.needs.iter().all(|need| place(need) < place(&table.name)), "{}", table.name);
        }
    }
}
