//! The identity of the file at a path, to notice that the database, or the file of the audit log, was moved, replaced or
//! deleted while the registry runs.

use std::io;
use std::path::Path;

/// A file, identified by device and inode; equal for all files on systems without these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The file that `path` names now.
    ///
    /// # Errors
    /// When there is none, or it cannot be looked at.
    pub fn of(path: &Path) -> io::Result<Self> {
        let found = path.metadata()?;
        #[cfg(unix)]
        let (device, inode) = {
            use std::os::unix::fs::MetadataExt as _;
            (found.dev(), found.ino())
        };
        #[cfg(not(unix))]
        let (device, inode) = {
            let _ = found;
            (0, 0)
        };
        Ok(Self { device, inode })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_itself_and_not_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (dir.path().join("one"), dir.path().join("other"));
        std::fs::write(&one, "one").unwrap();
        let opened = FileIdentity::of(&one).unwrap();
        std::fs::rename(&one, &other).unwrap();
        assert!(FileIdentity::of(&one).is_err());
        assert_eq!(FileIdentity::of(&other).unwrap(), opened);
        std::fs::write(&one, "another").unwrap();
        #[cfg(unix)]
        assert_ne!(FileIdentity::of(&one).unwrap(), opened);
    }
}
