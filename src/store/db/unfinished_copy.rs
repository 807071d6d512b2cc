//! The beginning of a copy in a data directory: nobody serves that before it is whole.

use std::path::Path;

use super::sqlite::open::FILE;

/// The directory in a data directory in which the database of a copy is made.
pub(in crate::store) const UNFINISHED: &str = ".registry-migrate";

/// The file in it that names what is copied.
pub(in crate::store) const SOURCE: &str = "source";

/// The place of the registry of which a copy into `dir` was begun, and not finished.
pub(in crate::store) fn unfinished_copy(dir: &Path) -> Option<String> {
    std::fs::read_to_string(dir.join(UNFINISHED).join(SOURCE)).ok().filter(|_| !dir.join(FILE).exists())
}
