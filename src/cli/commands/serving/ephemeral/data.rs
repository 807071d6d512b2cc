//! The temporary directory. Its name tells the process that it belongs to; a process that was killed leaves it, and the
//! next one removes it.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::store::{DataDir, temporary_dir};

const PREFIX: &str = "registry-ephemeral-";

/// A directory that is removed when this is dropped.
pub(in crate::cli) struct TemporaryData(TempDir);

impl TemporaryData {
    /// Creates the directory, and removes those that killed processes left beside it.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(in crate::cli) fn create() -> io::Result<Self> {
        let directory = temporary_dir(&format!("{PREFIX}{}-", std::process::id()), None)?;
        if let Some(parent) = directory.path().parent() {
            remove_abandoned(parent);
        }
        Ok(Self(directory))
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What cannot be removed stays: it is no reason not to start.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if is_abandoned(&entry) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the process of the directory is gone. Its lock is asked as well, because the process may be one of a
/// container that shares the temporary directory, whose numbers mean nothing here.
fn is_abandoned(entry: &DirEntry) -> bool {
    let process = entry.file_name().to_str().and_then(process_of);
    process.is_some_and(is_gone) && is_own_directory(entry) && DataDir::lock(&entry.path()).is_ok()
}

/// The number of the process in a name such as `registry-ephemeral-4711-Xa2b3c`.
fn process_of(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

#[cfg(unix)]
fn is_gone(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|process| rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_gone(_process: u32) -> bool {
    false
}

/// Not a link, and not what another user put there for this one to remove.
#[cfg(unix)]
fn is_own_directory(entry: &DirEntry) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    entry.metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own)
}

#[cfg(not(unix))]
fn is_own_directory(entry: &DirEntry) -> bool {
    entry.metadata().is_ok_and(|metadata| metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_process() {
        assert_eq!(process_of("registry-ephemeral-4711-Xa2b3c"), Some(4711));
        for other in ["registry-ephemeral-x-y", "registry-ephemeral-4711", "registry-fixture-4711-x", "4711"] {
            assert_eq!(process_of(other), None, "{other}");
        }
    }
}
