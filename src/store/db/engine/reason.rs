//! What an error of a database means, whichever engine reports it.

/// What the store must tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// A table or a column is not there.
    OtherTables,
    /// Anything else.
    Other,
}
