//! Errors of the store, worded for the operator of the registry.

use std::fmt;
use std::path::{Path, PathBuf};

use super::engine::reason::Reason;
use super::engine::{SqlError, SqlResult};
use crate::model::{LimitExceeded, ModuleName, OwnerName, Timestamp};

/// The result of every call of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a call of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk has no room for a write.
    #[error("could not {doing}: {disk} is full; {}", disk.remedy())]
    Full {
        /// The attempted action.
        doing: &'static str,
        /// Which disk.
        disk: FullDisk,
    },
    /// The database file can be read but not written.
    #[error(
        "could not {doing}: {path} cannot be written; give the user that runs the registry write permission on the directory and its files"
    )]
    ReadOnly {
        /// The attempted action.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
    },
    /// The database file cannot be opened or created.
    #[error(
        "could not open {path}; check that its directory exists, is a directory, and may be read and written by the user that runs the registry"
    )]
    CannotOpen {
        /// The database file.
        path: PathBuf,
    },
    /// The data directory, or a directory above it, is a file.
    #[error("{dir} cannot be a data directory: it, or something above it, is a file; give another --data-dir")]
    NotADirectory {
        /// The place of the data directory.
        dir: PathBuf,
    },
    /// The directory for backups in pieces, or a directory above it, is a file.
    #[error("{dir} cannot be a directory of backups in pieces: it, or something above it, is a file; name another")]
    NotABackupDirectory {
        /// The place of the directory.
        dir: PathBuf,
    },
    /// The disk fails.
    #[error(
        "could not {doing}: the disk that holds {path} cannot be {access} ({source}); look into the system's log and check the disk"
    )]
    Disk {
        /// The attempted action.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
        /// The kind of access that failed.
        access: DiskAccess,
        /// The error of SQLite.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The path of the database leads to another file than the opened one.
    #[error(
        "could not {doing}: {path} was moved, replaced or deleted while the registry was running; put it back and start the registry again"
    )]
    Displaced {
        /// The attempted action.
        doing: &'static str,
        /// Where the database was.
        path: PathBuf,
    },
    /// Another process has locked the data directory.
    #[error("data directory {dir} is in use by another registry; stop it, or give this one another --data-dir")]
    InUse {
        /// The data directory.
        dir: PathBuf,
    },
    /// Another process adds to a directory of backups in pieces.
    #[error("another backup is being added to {dir}; try again when it is done")]
    BackupsInUse {
        /// The directory.
        dir: PathBuf,
    },
    /// Another process is writing.
    #[error("could not {doing}: another program is writing to {path}; try again when it has finished")]
    Busy {
        /// The attempted action.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
    },
    /// The database was made by a newer registry.
    #[error(
        "{path} has format {found}, this registry knows formats up to {known}; run the version that wrote it, or a newer one"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// Programs run on the database that could not use the new format.
    #[error(
        "{path} is in use by {}, whose program is too old to run beside this one; end it first, or update it to a version \
         between the two; nothing was changed",
        list(nodes)
    )]
    OlderNodes {
        /// The address of the database.
        path: PathBuf,
        /// Their nodes, as people know them.
        nodes: Vec<String>,
    },
    /// The file is not a database of a registry.
    #[error("{path} is not a database of a registry; move it away, or give another --data-dir (or --store)")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database on a server holds nothing yet.
    #[error("{path} holds no registry; `registry serve --store` makes one, and `registry migrate` moves one there")]
    NoRegistry {
        /// The address of the database.
        path: PathBuf,
    },
    /// A registry was being moved into the database on a server.
    #[error(
        "{path} holds a part of {source_place}: `registry migrate` was interrupted; run it again from there, which goes on"
    )]
    UnfinishedCopy {
        /// The data directory, or the address of the database.
        path: PathBuf,
        /// What is being copied.
        source_place: String,
    },
    /// A copy cannot go on, because somebody wrote to what is copied.
    #[error(
        "{path} has {copied} rows of {table}, and what is copied has {rows}: somebody wrote to it since the copy began, so \
         it cannot go on; remove what is in {path}, and begin again"
    )]
    CopyDiffers {
        /// The directory or the database that is copied into.
        path: PathBuf,
        /// The table.
        table: String,
        /// Its rows in the copy.
        copied: u64,
        /// Its rows in what is copied.
        rows: u64,
    },
    /// The file is there, and holds nothing: no registry leaves it like that.
    #[error(
        "{path} is empty: something has cut it off, or made it; restore the last backup into another directory, or remove \
         the file to begin with a new registry"
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A table or a column is not there.
    #[error(
        "could not {doing}: {path} lacks a table or a column that this program needs; it is damaged, or of an older \
         program: `registry verify` tells"
    )]
    OtherTables {
        /// The attempted action.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
    },
    /// A migration failed, and nothing was changed.
    #[error(
        "could not bring {path} from format {from} to {to}: {reason}; nothing was changed, so the program that wrote it \
         opens it still: please report this"
    )]
    NotUpdated {
        /// The database file.
        path: PathBuf,
        /// Its format.
        from: u32,
        /// The newest format.
        to: u32,
        /// What SQLite says, in a line.
        reason: String,
    },
    /// The database has an older format, and was opened for reading only.
    #[error(
        "{path} has the format of an older program; start `registry serve` of this one once, which brings it up to date"
    )]
    Older {
        /// The file.
        path: PathBuf,
    },
    /// The server of the database cannot be reached.
    #[error("could not {doing}: {database} cannot be reached ({source}); try again when its server answers")]
    Unreachable {
        /// The attempted action.
        doing: &'static str,
        /// The address of the database.
        database: PathBuf,
        /// What the driver, or the server, says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server of the database does not let the registry in, or not to what it needs.
    #[error("could not {doing}: {database} refuses it: {source}")]
    NotLetIn {
        /// The attempted action.
        doing: &'static str,
        /// The address of the database.
        database: PathBuf,
        /// What the server says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server was lost while a change was committed.
    #[error(
        "it is not known whether this was done: {doing}: {database} was lost while it kept the change ({source}); look \
         before you try again"
    )]
    Unconfirmed {
        /// The attempted action.
        doing: &'static str,
        /// The address of the database.
        database: PathBuf,
        /// What the driver, or the server, says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database is on a server that has tools of its own for this.
    #[error(
        "could not {doing}: the store is on PostgreSQL, whose own tools do that (pg_dump, pg_basebackup); `registry \
         migrate --from ADDRESS --to DIR` makes a data directory of it"
    )]
    ServersOwn {
        /// The attempted action.
        doing: &'static str,
    },
    /// The object store asks for fewer requests, or has a failure of its own.
    #[error(
        "could not {doing}: the object store of {blobs} is busy: {reason}, also after several tries; it is asked again \
         with the next request"
    )]
    BlobsBusy {
        /// The attempted action.
        doing: &'static str,
        /// The address of the place for crates.
        blobs: String,
        /// What it says.
        reason: String,
    },
    /// The object store cannot be reached.
    #[error(
        "could not {doing}: the object store of {blobs} cannot be reached: {reason}; check its endpoint and the network; \
         it is asked again with the next request"
    )]
    BlobsUnreachable {
        /// The attempted action.
        doing: &'static str,
        /// The address of the place for crates.
        blobs: String,
        /// What happened.
        reason: String,
    },
    /// The object store does not do what is asked.
    #[error(
        "could not {doing}: the object store refuses that in {blobs}: {reason}; check the region, and that the \
         credentials may read, write, list and delete objects there"
    )]
    BlobsRefused {
        /// The attempted action.
        doing: &'static str,
        /// The address of the place for crates.
        blobs: String,
        /// What it says.
        reason: String,
    },
    /// The object store has no such bucket.
    #[error("could not {doing}: there is no bucket of {blobs}; make it, or name another with --blobs")]
    NoBucket {
        /// The attempted action.
        doing: &'static str,
        /// The address of the place for crates.
        blobs: String,
    },
    /// A crate is neither in the database nor in the object store.
    #[error(
        "{what} is lost: {blobs} has no object {key}; if that is the bucket which --blobs has always named, restore the \
         object, or run `registry repair`"
    )]
    NotInBlobs {
        /// The crate.
        what: String,
        /// The address of the place for crates.
        blobs: String,
        /// The name of its object.
        key: String,
    },
    /// The record to create exists already.
    #[error("{0} already exists")]
    AlreadyExists(String),
    /// A named record does not exist.
    #[error("{0} does not exist")]
    Missing(String),
    /// Another node has moved heads of labels since they were read.
    #[error("another node of this registry moved labels meanwhile; nothing was changed: try again")]
    Overtaken,
    /// Another node has taken the job over.
    #[error("job {0} was taken over by another node of this registry, which makes its SDK")]
    Lost(i64),
    /// A published crate never changes.
    #[error("{0} is published with other bytes; a published version never changes, raise the plugin's revision")]
    AlreadyPublished(String),
    /// An owner that has modules cannot be deleted.
    #[error("owner {owner} has {modules} modules; delete them first")]
    OwnerHasModules {
        /// The owner's name.
        owner: OwnerName,
        /// How many modules it has.
        modules: u64,
    },
    /// An owner that has check plugins cannot be deleted.
    #[error("owner {owner} has {plugins} check plugins; delete them first with `buf registry plugin delete`")]
    OwnerHasCheckPlugins {
        /// The owner's name.
        owner: OwnerName,
        /// How many check plugins it has.
        plugins: u64,
    },
    /// A module that other modules depend on cannot be deleted.
    #[error(
        "module {module} is a dependency of {}; delete these first, or deprecate the module instead",
        list(dependants)
    )]
    HasDependants {
        /// The module.
        module: ModuleName,
        /// The modules that depend on it.
        dependants: Vec<ModuleName>,
    },
    /// The name belonged to a deleted owner not long ago, and the caller is not one of its administrators.
    #[error(
        "the name {name} belonged to an owner that was deleted at {deleted}, and rests until {until}: before that only \
         those who administered it may take it, or an administrator of the registry frees it with \
         `registry organization free {name}` (the server's --name-rest changes how long names rest)"
    )]
    NameRests {
        /// The name.
        name: OwnerName,
        /// When its owner was deleted; the name rests since then.
        deleted: Timestamp,
        /// When anybody can take the name.
        until: Timestamp,
    },
    /// A public module would depend on private modules, and reveal their content.
    #[error(
        "module {module} is public, so it cannot depend on {}, which is private: whoever reads it would see that too; \
         make both public, or both private",
        list(private)
    )]
    NeedsPrivate {
        /// The public module.
        module: ModuleName,
        /// The private modules that it would depend on.
        private: Vec<ModuleName>,
    },
    /// Public modules depend on a module that would become private, and would reveal its content.
    #[error(
        "module {module} cannot be private: {}, which is public, depends on it; make that private first, or both at once",
        list(public)
    )]
    NeededByPublic {
        /// The private module.
        module: ModuleName,
        /// The public modules that depend on it.
        public: Vec<ModuleName>,
    },
    /// A version that was published before its module was deleted.
    #[error(
        "{0} was published before its module was deleted, with other bytes; a published version never changes: push \
         again, which makes a new one"
    )]
    Retired(String),
    /// Stored content does not match its digest.
    #[error(
        "{0} is damaged in the store: it does not have the digest that it was stored with; restore the last backup"
    )]
    Damaged(String),
    /// A copy for a backup is damaged, as is what it was made of.
    #[error(
        "{0}; so no backup was made, and earlier ones stay: `registry verify` lists everything that is damaged, \
         `registry repair` mends what it can, and for the rest there is the last backup"
    )]
    DamagedCopy(String),
    /// A quota of an owner is exceeded.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// A stored value cannot be read.
    #[error("the store is damaged: {0}; restore the last backup")]
    Corrupt(String),
    /// A system call on another file or directory failed.
    #[error("could not {doing} {path}: {source}")]
    Io {
        /// The attempted action, up to the path.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// Any other error of the database.
    #[error("could not {doing}: {source}")]
    Sql {
        /// The attempted action.
        doing: &'static str,
        /// The error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The disk that is full, in the words of [`StoreError::Full`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullDisk {
    /// That of the data directory, or what the settings let it take of it.
    OfRegistry,
    /// That of the server with the database.
    OfDatabase,
}

impl FullDisk {
    fn of(error: &SqlError) -> Self {
        match error {
            #[cfg(feature = "cluster")]
            SqlError::Postgres(_) => Self::OfDatabase,
            _ => Self::OfRegistry,
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::OfRegistry => "free space on the disk, delete modules, or raise the limit",
            Self::OfDatabase => "free space there, or give it a larger one",
        }
    }
}

impl fmt::Display for FullDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OfRegistry => "the disk (or --max-store-bytes)",
            Self::OfDatabase => "the disk of the database's server",
        })
    }
}

/// The kind of disk access, in the words of [`StoreError::Disk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskAccess {
    /// Reading fails.
    Read,
    /// Writing fails.
    Written,
}

impl fmt::Display for DiskAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Written => "written",
        })
    }
}

/// The first few names, and the number of the others.
fn list(names: &[impl fmt::Display]) -> String {
    let shown: Vec<_> = names.iter().take(5).map(ToString::to_string).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl StoreError {
    /// Whether the same call would fail again even after disk and database are mended.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::AlreadyExists(_) | Self::AlreadyPublished(_))
    }

    /// Whether what was read is damaged.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Corrupt(_) | Self::OtherTables { .. } | Self::NotInBlobs { .. })
    }

    /// Whether the object store is the reason.
    #[must_use]
    pub fn is_of_blobs(&self) -> bool {
        matches!(
            self,
            Self::BlobsBusy { .. } | Self::BlobsUnreachable { .. } | Self::BlobsRefused { .. } | Self::NoBucket { .. }
        )
    }

    /// The reason why the store does not work, worded for users: without the action and the file, which only the
    /// operator may know.
    #[must_use]
    pub fn outage(&self) -> &'static str {
        match (self, self.disk_failure()) {
            (Self::Full { disk: FullDisk::OfRegistry, .. }, _) => "the registry's disk (or --max-store-bytes) is full",
            (Self::Full { disk: FullDisk::OfDatabase, .. }, _) => "the disk of the registry's database is full",
            (Self::BlobsBusy { .. }, _) => "the registry's object store is busy",
            (Self::BlobsUnreachable { .. }, _) => "the registry's object store cannot be reached",
            (Self::BlobsRefused { .. } | Self::NoBucket { .. }, _) => {
                "the registry's object store refuses its requests"
            }
            (_, Some(DiskAccess::Read)) => "the registry's disk cannot be read",
            (_, Some(DiskAccess::Written)) => "the registry's disk cannot be written",
            (Self::Unreachable { .. }, None) => "the registry's database cannot be reached",
            (_, None) => "the registry's database failed; the registry's log has the details",
        }
    }

    /// The kind of access that fails, if a failing disk is the reason. A full disk does not count: it can still be
    /// read.
    #[must_use]
    pub fn disk_failure(&self) -> Option<DiskAccess> {
        match self {
            Self::Disk { access, .. } => Some(*access),
            Self::ReadOnly { .. } | Self::CannotOpen { .. } | Self::Displaced { .. } | Self::Io { .. } => {
                Some(DiskAccess::Written)
            }
            _ => None,
        }
    }

    /// The error for `error` of the database `path` while `doing` something.
    pub(in crate::store) fn from_sql(doing: &'static str, path: &Path, error: impl Into<SqlError>) -> Self {
        let (path, error): (_, SqlError) = (path.to_path_buf(), error.into());
        let disk = |access, error| Self::Disk { doing, path: path.clone(), access, source: Box::new(error) };
        match error.reason() {
            Reason::Full => Self::Full { doing, disk: FullDisk::of(&error) },
            Reason::ReadOnly => Self::ReadOnly { doing, path },
            Reason::CannotOpen => Self::CannotOpen { path },
            Reason::NotADatabase => Self::NotADatabase { path },
            Reason::Busy => Self::Busy { doing, path },
            Reason::Corrupt => Self::Corrupt(format!("{} ({error})", path.display())),
            Reason::DiskRead => disk(DiskAccess::Read, error),
            Reason::DiskWritten => disk(DiskAccess::Written, error),
            Reason::BrokenReference => Self::Missing(format!("something needed to {doing}")),
            Reason::Undecodable => Self::Corrupt(format!("could not {doing}: {error}")),
            Reason::Unreachable => Self::Unreachable { doing, database: path, source: Box::new(error) },
            Reason::NotLetIn => Self::NotLetIn { doing, database: path, source: Box::new(error) },
            Reason::Unconfirmed => Self::Unconfirmed { doing, database: path, source: Box::new(error) },
            Reason::OtherEngine => Self::ServersOwn { doing },
            Reason::Taken | Reason::Conflict | Reason::Other => Self::Sql { doing, source: Box::new(error) },
            Reason::OtherTables => Self::OtherTables { doing, path },
        }
    }
}

/// A failure inside a transaction: an error of the database that is not translated yet, or an error of the store.
#[derive(Debug)]
pub(in crate::store) enum Fault {
    Sql(SqlError),
    Refused(StoreError),
}

/// The result of statements inside a transaction.
pub(in crate::store) type Work<T> = std::result::Result<T, Fault>;

impl Fault {
    /// Translates the failure into an error of the store.
    pub(in crate::store) fn into_error(self, doing: &'static str, path: &Path) -> StoreError {
        match self {
            Self::Sql(error) => StoreError::from_sql(doing, path, error),
            Self::Refused(error) => error,
        }
    }
}

impl From<SqlError> for Fault {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl From<LimitExceeded> for Fault {
    fn from(error: LimitExceeded) -> Self {
        Self::Refused(error.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

/// Turns a unique-constraint failure into [`StoreError::AlreadyExists`] about `what`.
pub(in crate::store) fn unless_taken<T>(result: SqlResult<T>, what: impl FnOnce() -> String) -> Work<T> {
    result.map_err(|error| match error.reason() {
        Reason::Taken => Fault::Refused(StoreError::AlreadyExists(what())),
        _ => Fault::Sql(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_dependants_are_counted_not_listed() {
        let names: Vec<ModuleName> = (0..7).map(|n| format!("acme/m{n}").parse().unwrap()).collect();
        assert_eq!(list(&names[..2]), "acme/m0, acme/m1");
        assert!(list(&names).ends_with("acme/m4 and 2 more"));
    }
}
