//! Brings a database to the newest format. The rules are those of the migrations of SQLite; these have their own numbers.
//!
//! Nodes of two neighbouring versions run on one database while they are updated. So a migration only adds what the
//! version before does not need: tables, indexes, and columns that are last and have a default. What nobody needs any more
//! is removed by the version after. The database says which programs may run on it, so an older one that cannot does not
//! start, and is not left out while it runs: `overlap` sees to that.

use std::path::Path;
use std::time::Duration;

use super::driver::{Access, Session};
use super::failure::Error;
use super::overlap::{self, OldNode};
use crate::fail_point::{self, FailPoint};
use crate::store::db::engine::row::Column as _;
use crate::store::db::engine::sql_error::{SqlError, SqlResult};
use crate::store::db::engine::stale::Stale;
use crate::store::db::error::{StoreError, Work};
use crate::store::db::node_beats::LOST_AFTER;

/// The step to a format from the one before.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Migration {
    /// Its statements.
    pub(in crate::store) sql: &'static str,
    /// The oldest program that may run on the format, by the newest format that it knows. It is that of the migration
    /// before, unless this one takes away what such a program uses.
    pub(in crate::store) oldest_program: u32,
}

const fn migration(sql: &'static str, oldest_program: u32) -> Migration {
    Migration { sql, oldest_program }
}

/// All of them. None is ever changed, moved or removed.
pub(in crate::store) const MIGRATIONS: &[Migration] =
    &[migration(include_str!("sql/0001_initial.sql"), 1), migration(include_str!("sql/0002_node_details.sql"), 1)];

/// The format from which on a database says which programs may run on it.
const OVERLAP_SINCE: u32 = 2;

/// The format of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    /// How many migrations made it; 0 if it has no tables.
    number: u32,
    /// The oldest program that may run on it.
    oldest_program: u32,
}

/// What `pg_advisory_lock` is called with by whoever updates the format.
const UPDATERS: i64 = 0x5265_6765;

/// The newest format that a program with these migrations knows.
pub(in crate::store) fn newest(migrations: &[Migration]) -> u32 {
    u32::try_from(migrations.len()).unwrap_or(u32::MAX)
}

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Purpose<'p> {
    /// To be served; it gets its tables if it has none.
    Serve,
    /// For its registry, which must be there.
    Use,
    /// To copy the registry of this place into it; it must have none but the beginning of that copy.
    Copy(&'p str),
}

/// Applies the missing migrations, all or none.
///
/// # Errors
/// [`StoreError::Newer`] if a newer program has updated the database named `name` to what this one cannot use;
/// [`StoreError::OlderNodes`] if an older program runs on it that could not use it any more;
/// [`StoreError::NotADatabase`] if it holds something else; [`StoreError::NoRegistry`], [`StoreError::UnfinishedCopy`] or
/// [`StoreError::AlreadyExists`] if it is not what it is opened for.
pub(in crate::store) fn migrate(session: &Session, name: &Path, purpose: Purpose<'_>) -> Work<()> {
    migrate_by(MIGRATIONS, session, name, purpose, LOST_AFTER)
}

/// The same as a program with these migrations does it, for which a node has ended whose beat is silent for `patience`.
pub(in crate::store) fn migrate_by(
    migrations: &[Migration],
    session: &Session,
    name: &Path,
    purpose: Purpose<'_>,
    patience: Duration,
) -> Work<()> {
    let mut ended = vec![];
    loop {
        let in_use = apply(migrations, session, name, purpose, &ended)?;
        if in_use.is_empty() {
            return Ok(());
        }
        overlap::require_silence(session, name, &in_use, patience)?;
        ended = in_use;
    }
}

/// Applies the missing migrations in one transaction, or returns the nodes that could not go on then. Those that have
/// `ended` are removed.
fn apply(
    migrations: &[Migration],
    session: &Session,
    name: &Path,
    purpose: Purpose<'_>,
    ended: &[OldNode],
) -> Work<Vec<OldNode>> {
    let begun = session.begin(Access::Write)?;
    // Taken with the transaction, whatever a newer program calls the lock of those who write.
    session.batch(&format!("SELECT pg_advisory_xact_lock({UPDATERS})"))?;
    check_encoding(session)?;
    let (found, known) = (format(session)?, newest(migrations));
    if found.oldest_program > known {
        return Err(StoreError::Newer { path: name.into(), found: found.number, known }.into());
    }
    if found.number == 0 && has_tables(session)? {
        return Err(StoreError::NotADatabase { path: name.into() }.into());
    }
    if found.number == 0 && purpose == Purpose::Use {
        return Err(StoreError::NoRegistry { path: name.into() }.into());
    }
    if found.number > 0 {
        check_copy(session, name, purpose)?;
    }
    let Some(missing) = migrations.get(found.number as usize..).filter(|missing| !missing.is_empty()) else {
        return Ok(vec![]);
    };
    let oldest_program = missing.iter().map(|one| one.oldest_program).fold(found.oldest_program, u32::max);
    if found.number > 0 {
        let in_use = overlap::older_nodes(session, found.number >= OVERLAP_SINCE, oldest_program)?;
        if in_use.iter().any(|node| !ended.contains(node)) {
            return Ok(in_use);
        }
        overlap::remove(session, &in_use)?;
    }
    for migration in missing {
        session.batch(migration.sql)?;
    }
    set_format(session, Format { number: known, oldest_program })?;
    if let (0, Purpose::Copy(source)) = (found.number, purpose) {
        session.batch("CREATE TABLE unfinished_copy (source TEXT NOT NULL)")?;
        session.execute("INSERT INTO unfinished_copy VALUES (?1)", [source])?;
    }
    fail_point::reach(FailPoint::MigrationWritten);
    begun.commit(Stale::Nothing)?;
    fail_point::reach(FailPoint::MigrationCommitted);
    Ok(vec![])
}

fn format(session: &Session) -> SqlResult<Format> {
    let exists = "SELECT to_regclass('registry_format') IS NOT NULL";
    if number(session, exists)? == 0 {
        return Ok(Format { number: 0, oldest_program: 0 });
    }
    let read = |sql| number(session, sql).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let number = read("SELECT coalesce(max(format), 0) FROM registry_format")?;
    let oldest_program = match number {
        OVERLAP_SINCE.. => read("SELECT oldest_program FROM registry_format")?,
        _ => 1,
    };
    Ok(Format { number, oldest_program })
}

fn set_format(session: &Session, format: Format) -> SqlResult<()> {
    let sql = "INSERT INTO registry_format (format) VALUES (?1)
               ON CONFLICT (only_row) DO UPDATE SET format = excluded.format";
    session.execute(sql, [format.number])?;
    if format.number >= OVERLAP_SINCE {
        session.execute("UPDATE registry_format SET oldest_program = ?1", [format.oldest_program])?;
    }
    Ok(())
}

/// Refuses a copy that is not whole, unless it is to be finished, and a whole registry in the place of one.
fn check_copy(session: &Session, name: &Path, purpose: Purpose<'_>) -> Work<()> {
    let is_unfinished = number(session, "SELECT to_regclass('unfinished_copy') IS NOT NULL")? != 0;
    let mut of = String::new();
    if is_unfinished {
        session.query("SELECT source FROM unfinished_copy", [], |row| {
            of = 0_usize
                .of_postgres(row)?
                .as_str()
                .map_err(|source| SqlError::Column { column: "source".into(), source })?
                .to_owned();
            Ok(false)
        })?;
    }
    match purpose {
        Purpose::Copy(_) if !is_unfinished => {
            Err(StoreError::AlreadyExists(format!("a registry in {}", name.display())).into())
        }
        Purpose::Copy(source) if source == of => Ok(()),
        Purpose::Serve | Purpose::Use if !is_unfinished => Ok(()),
        _ => Err(StoreError::UnfinishedCopy { path: name.into(), source_place: of }.into()),
    }
}

/// Whether the place for new tables holds some.
fn has_tables(session: &Session) -> SqlResult<bool> {
    let sql = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace =
                   (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";
    Ok(number(session, sql)? > 0)
}

fn check_encoding(session: &Session) -> SqlResult<()> {
    if number(session, "SELECT current_setting('server_encoding') = 'UTF8'")? == 0 {
        let problem = "its texts are not in UTF-8; make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0";
        return Err(Error::Unfit(problem.into()).into());
    }
    Ok(())
}

/// The number, or the truth value, in the only row.
fn number(session: &Session, sql: &str) -> SqlResult<i64> {
    let mut found = 0;
    session.query(sql, [], |row| {
        found = 0_usize.of_postgres(row)?.as_i64().map_err(|source| SqlError::Column { column: "0".into(), source })?;
        Ok(false)
    })?;
    Ok(found)
}
