//! Brings a database to the newest format. The rules are those of the migrations of SQLite; these have their own numbers.
//!
//! Nodes of two neighbouring versions run on one database while they are updated. So a migration only adds what the
//! version before does not need; what nobody needs any more is removed by the version after.

use super::driver::{Access, Session};
use super::failure::Error;
use crate::fail_point::{self, FailPoint};
use crate::store::db::engine::row::Column as _;
use crate::store::db::engine::sql_error::{SqlError, SqlResult};
use crate::store::db::engine::stale::Stale;
use crate::store::db::error::{StoreError, Work};
use std::path::Path;

const MIGRATIONS: &[&str] = &[include_str!("sql/0001_initial.sql")];

/// What `pg_advisory_lock` is called with by whoever updates the format.
const UPDATERS: i64 = 0x5265_6765;

/// The newest format that this program knows.
fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
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
/// [`StoreError::Newer`] if a newer program has updated the database named `name`; [`StoreError::NotADatabase`] if it
/// holds something else; [`StoreError::NoRegistry`], [`StoreError::UnfinishedCopy`] or [`StoreError::AlreadyExists`] if it
/// is not what it is opened for.
pub(in crate::store) fn migrate(session: &Session, name: &Path, purpose: Purpose<'_>) -> Work<()> {
    let begun = session.begin(Access::Write)?;
    // Taken with the transaction, whatever a newer program calls the lock of those who write.
    session.batch(&format!("SELECT pg_advisory_xact_lock({UPDATERS})"))?;
    check_encoding(session)?;
    let found = format(session)?;
    if found > known() {
        return Err(StoreError::Newer { path: name.into(), found, known: known() }.into());
    }
    if found == 0 && has_tables(session)? {
        return Err(StoreError::NotADatabase { path: name.into() }.into());
    }
    if found == 0 && purpose == Purpose::Use {
        return Err(StoreError::NoRegistry { path: name.into() }.into());
    }
    if found > 0 {
        check_copy(session, name, purpose)?;
    }
    for migration in MIGRATIONS.iter().skip(found as usize) {
        session.batch(migration)?;
    }
    if found < known() {
        let sql = "INSERT INTO registry_format (format) VALUES (?1)
                   ON CONFLICT (only_row) DO UPDATE SET format = excluded.format";
        session.execute(sql, [known()])?;
        if let (0, Purpose::Copy(source)) = (found, purpose) {
            session.batch("CREATE TABLE unfinished_copy (source TEXT NOT NULL)")?;
            session.execute("INSERT INTO unfinished_copy VALUES (?1)", [source])?;
        }
        fail_point::reach(FailPoint::MigrationWritten);
        begun.commit(Stale::Nothing)?;
        fail_point::reach(FailPoint::MigrationCommitted);
    }
    Ok(())
}

/// The format of the database; 0 if it has none.
fn format(session: &Session) -> SqlResult<u32> {
    let exists = "SELECT to_regclass('registry_format') IS NOT NULL";
    if number(session, exists)? == 0 {
        return Ok(0);
    }
    Ok(u32::try_from(number(session, "SELECT coalesce(max(format), 0) FROM registry_format")?).unwrap_or(u32::MAX))
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
