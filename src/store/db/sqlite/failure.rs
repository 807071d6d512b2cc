//! What the errors of SQLite mean.

use rusqlite::{ErrorCode, ffi};

use crate::store::db::engine::reason::Reason;

pub(in crate::store) use rusqlite::Error;

/// What the store must know of an error.
pub(in crate::store) fn reason(error: &Error) -> Reason {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Reason::Full,
        Some(ErrorCode::ReadOnly) => Reason::ReadOnly,
        Some(ErrorCode::CannotOpen) => Reason::CannotOpen,
        Some(ErrorCode::NotADatabase) => Reason::NotADatabase,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Reason::Busy,
        Some(ErrorCode::DatabaseCorrupt) => Reason::Corrupt,
        Some(ErrorCode::SystemIoFailure) => disk_access(error),
        _ => of_statement(error),
    }
}

/// The kind of access that failed, by the extended code of an I/O error.
fn disk_access(error: &Error) -> Reason {
    match extended_code(error) {
        Some(ffi::SQLITE_IOERR_READ | ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS) => Reason::DiskRead,
        _ => Reason::DiskWritten,
    }
}

fn of_statement(error: &Error) -> Reason {
    match (extended_code(error), error) {
        (Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY), _) => Reason::BrokenReference,
        (Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY), _) => Reason::Taken,
        (
            _,
            Error::FromSqlConversionFailure(..) | Error::IntegralValueOutOfRange(..) | Error::InvalidColumnType(..),
        ) => Reason::Undecodable,
        (_, Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg))) if msg.starts_with("no such ") => {
            Reason::OtherTables
        }
        _ => Reason::Other,
    }
}

fn extended_code(error: &Error) -> Option<i32> {
    error.sqlite_error().map(|failure| failure.extended_code)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::StoreError;

    fn words(code: i32) -> String {
        let error = Error::SqliteFailure(ffi::Error::new(code), None);
        StoreError::from_sql("store the push", Path::new("/data/registry.db"), error).to_string()
    }

    #[test]
    fn what_sqlite_says_is_put_into_words() {
        assert!(
            words(ffi::SQLITE_FULL).starts_with("could not store the push: the disk (or --max-store-bytes) is full")
        );
        assert!(
            words(ffi::SQLITE_READONLY).starts_with("could not store the push: /data/registry.db cannot be written;")
        );
        assert!(words(ffi::SQLITE_BUSY).contains("another program is writing to /data/registry.db"));
        assert!(words(ffi::SQLITE_NOTADB).starts_with("/data/registry.db is not a database of a registry"));
        assert!(words(ffi::SQLITE_CORRUPT).starts_with("the store is damaged: /data/registry.db"));
        assert!(words(ffi::SQLITE_IOERR_FSYNC).contains("the disk that holds /data/registry.db cannot be written ("));
        assert!(words(ffi::SQLITE_IOERR_READ).contains("the disk that holds /data/registry.db cannot be read ("));
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let error = conn.prepare("SELECT name FROM owners").unwrap_err();
        let error = StoreError::from_sql("list owners", Path::new("/data/registry.db"), error);
        let text = error.to_string();
        assert!(error.is_damage() && text.contains("lacks a table or a column") && !text.contains("SELECT"), "{text}");
        assert!(words(ffi::SQLITE_NOMEM).starts_with("could not store the push: "));
    }
}
