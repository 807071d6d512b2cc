//! Paths as users see them.

use std::path::{Path, PathBuf};

/// An absolute path as it is seen from the working directory.
pub(in crate::cli) fn seen_path(path: &Path) -> PathBuf {
    let here = std::path::absolute(".").unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(below) if below.as_os_str().is_empty() => ".".into(),
        Ok(below) => below.to_owned(),
        Err(_) => path.to_owned(),
    }
}
