//! What an error of a database means, whichever engine reports it.

/// What the store must tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "cluster"), expect(dead_code, reason = "some are reasons of a server alone"))]
pub(in crate::store) enum Reason {
    /// There is no room.
    Full,
    /// The database cannot be written.
    ReadOnly,
    /// The database cannot be opened.
    CannotOpen,
    /// The file is something else.
    NotADatabase,
    /// Another program is writing.
    Busy,
    /// The database contradicts itself.
    Corrupt,
    /// The disk cannot be read.
    DiskRead,
    /// The disk cannot be written.
    DiskWritten,
    /// A row refers to one that does not exist.
    BrokenReference,
    /// There is a row with this key.
    Taken,
    /// A value is not one of its column.
    Undecodable,
    /// The server of the database cannot be reached.
    Unreachable,
    /// The server does not let this user in, or not to this.
    NotLetIn,
    /// The server was lost while a change was committed: it may be kept or not.
    Unconfirmed,
    /// Two transactions could not both be kept; this one may be tried again.
    Conflict,
    /// Only the other engine can do it.
    OtherEngine,
    /// A table or a column is not there.
    OtherTables,
    /// Anything else.
    Other,
}
