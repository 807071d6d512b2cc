//! What the errors of PostgreSQL mean.

use std::fmt;
use std::io;
use std::time::Duration;

use postgres_driver::error::SqlState;

use crate::store::db::engine::reason::Reason;

/// Why a statement, or a connection, failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum Error {
    /// What the driver or the server reports.
    #[error("{}", Told(.0))]
    Driver(#[from] postgres_driver::Error),
    /// The connection was lost while a transaction was committed: it may be committed or not.
    #[error("the connection was lost while the database was told to keep the change: {0}")]
    Unconfirmed(Box<Self>),
    /// The server says no word.
    #[error("it does not answer: no word for {} s", .0.as_secs_f32())]
    Silent(Duration),
    /// The server answers, and has no process for the connection.
    #[error("it has started anew, and does not know the connection")]
    Forgotten,
    /// A connection is refused on this side, by what the server asks for or cannot do.
    #[error("{0}")]
    NotLetIn(&'static str),
    /// The connection was lost before, and not opened again.
    #[error("the connection was lost")]
    NotConnected,
    /// A statement of the transaction failed before, so nothing of it can be kept.
    #[error("an earlier statement of the transaction failed")]
    Aborted,
    /// The values do not fit the parameters of the statement.
    #[error("the values do not fit the parameters of the statement: {0}")]
    Parameters(String),
    /// The database cannot hold a registry.
    #[error("{0}")]
    Unfit(String),
}

/// An error in a line: what the server says, without the driver's words before it.
struct Told<'a>(&'a postgres_driver::Error);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_db_error(), std::error::Error::source(self.0)) {
            (Some(told), _) => f.write_str(told.message()),
            (None, Some(source)) => write!(f, "{source}"),
            (None, None) => write!(f, "{}", self.0),
        }
    }
}

impl Error {
    /// Whether the connection is of no use any more.
    pub(super) fn is_lost(&self) -> bool {
        matches!(reason(self), Reason::Unreachable | Reason::Unconfirmed)
    }

    /// Whether the same transaction may succeed when it is tried again, and nothing was kept of this one. Whoever has
    /// waited for a silent server does not wait again.
    pub(super) fn is_temporary(&self) -> bool {
        let may_pass = matches!(reason(self), Reason::Unreachable | Reason::Conflict);
        self.is_stale_statement() || (may_pass && !self.is_silence())
    }

    /// Whether the server says no word.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Silent(_))
    }

    /// Whether the system has given a connection up.
    pub(super) fn is_time_over(&self) -> bool {
        matches!(self, Self::Driver(error) if of_system(error).is_some_and(|error| error.kind() == io::ErrorKind::TimedOut))
    }

    /// Whether the server has no place for one more connection.
    pub(super) fn is_crowded(&self) -> bool {
        matches!(self, Self::Driver(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
    }

    /// Whether a statement was prepared before another node changed the schema.
    pub(super) fn is_stale_statement(&self) -> bool {
        matches!(self, Self::Driver(error) if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED))
    }

    /// Whether the server refuses the password, or none was given.
    pub(super) fn is_of_password(&self) -> bool {
        match self {
            Self::Driver(error) => error.code().is_some_and(|code| code.code().starts_with("28")),
            Self::NotLetIn(_) => true,
            _ => false,
        }
    }

    /// What a failed connection means. The driver has only words for some failures, and none for what to do.
    pub(super) fn of_connecting(error: postgres_driver::Error) -> Self {
        let told = Told(&error).to_string();
        match told.as_str() {
            "password missing" => Self::NotLetIn(
                "it asks for a password; set PGPASSWORD, or write it into ~/.pgpass or the file that PGPASSFILE names",
            ),
            "server does not support TLS" => Self::NotLetIn(
                "it has no TLS; where the network is trusted, write sslmode=prefer or sslmode=disable into the address",
            ),
            _ => Self::Driver(error),
        }
    }

    /// What a failed commit means.
    pub(super) fn of_commit(self) -> Self {
        match reason(&self) {
            Reason::Unreachable => Self::Unconfirmed(Box::new(self)),
            _ => self,
        }
    }
}

/// What the store must know of an error.
pub(in crate::store) fn reason(error: &Error) -> Reason {
    match error {
        Error::Driver(error) => reason_of_driver(error),
        Error::Unconfirmed(_) => Reason::Unconfirmed,
        Error::NotLetIn(_) => Reason::NotLetIn,
        Error::NotConnected | Error::Silent(_) | Error::Forgotten => Reason::Unreachable,
        Error::Aborted | Error::Parameters(_) | Error::Unfit(_) => Reason::Other,
    }
}

fn reason_of_driver(error: &postgres_driver::Error) -> Reason {
    match error.code() {
        Some(code) => reason_of_code(code),
        // Without a code of the server, it is closed or a system call failed; or a value could not be sent or read.
        None if error.is_closed() || of_system(error).is_some() => Reason::Unreachable,
        None => Reason::Other,
    }
}

fn of_system(error: &postgres_driver::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn reason_of_code(code: &SqlState) -> Reason {
    let class = code.code().get(..2).unwrap_or_default();
    match code.code() {
        "23503" => Reason::BrokenReference,
        "23505" => Reason::Taken,
        // A deadlock, and transactions that cannot both be kept: nothing was changed, and the next try may succeed.
        "40001" | "40P01" => Reason::Conflict,
        "55P03" => Reason::Busy,
        "42P01" | "42703" => Reason::OtherTables,
        "53100" => Reason::Full,
        "25006" => Reason::ReadOnly,
        "42501" => Reason::NotLetIn,
        "58030" => Reason::DiskWritten,
        // The server is being stopped, or starts; it has too many connections, or takes none for this database.
        "57P01" | "57P02" | "57P03" | "53300" | "55000" => Reason::Unreachable,
        "25P03" => Reason::Unreachable,
        _ => match class {
            "08" => Reason::Unreachable,
            "28" | "3D" => Reason::NotLetIn,
            "XX" => Reason::Corrupt,
            _ => Reason::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_store_must_tell_apart() {
        let of = |code: &str| reason_of_code(&SqlState::from_code(code));
        assert_eq!(of("23503"), Reason::BrokenReference);
        assert_eq!(of("23505"), Reason::Taken);
        assert_eq!((of("40001"), of("40P01")), (Reason::Conflict, Reason::Conflict));
        assert_eq!((of("53100"), of("25006")), (Reason::Full, Reason::ReadOnly));
        assert_eq!((of("08006"), of("57P01")), (Reason::Unreachable, Reason::Unreachable));
        assert_eq!((of("28P01"), of("3D000")), (Reason::NotLetIn, Reason::NotLetIn));
        assert_eq!((of("XX001"), of("42601")), (Reason::Corrupt, Reason::Other));
    }

    #[test]
    fn whoever_has_waited_for_a_silent_server_does_not_wait_again() {
        let silent = || Error::Silent(Duration::from_secs(5));
        assert_eq!((silent().is_lost(), silent().is_temporary()), (true, false));
        assert_eq!((Error::Forgotten.is_lost(), Error::Forgotten.is_temporary()), (true, true));
        for error in [silent(), Error::Forgotten, Error::NotConnected] {
            let told = error.of_commit();
            assert_eq!((reason(&told), told.is_temporary()), (Reason::Unconfirmed, false), "{told}");
        }
        assert_eq!(reason(&Error::Aborted.of_commit()), Reason::Other, "nothing of it was kept");
    }
}
