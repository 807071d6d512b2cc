//! Crates as directories that depend on each other by path.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use crate::cli::error::CliError;
use crate::model::{CrateName, SdkVersion};

/// Writes a `.crate` file to the directory of its name in `into`; the crates of the registry that it depends on are
/// expected beside it. Files that are there with the same content are left alone, so that cargo does not build them
/// again, and files of an earlier version are removed.
///
/// # Errors
/// When the crate cannot be read, or the directory not written.
pub(in crate::cli::commands) fn write(
    into: &Path,
    name: &CrateName,
    version: &SdkVersion,
    file: &[u8],
) -> Result<PathBuf, CliError> {
    let directory = into.join(name.to_string());
    let failed = |error: io::Error| CliError::CannotRun(format!("could not write {}: {error}", directory.display()));
    let root = format!("{name}-{version}");
    let mut kept = BTreeSet::new();
    for (path, content) in files(file, &root).map_err(failed)? {
        let to = directory.join(&path);
        if fs::read(&to).ok().as_deref() != Some(&content) {
            fs::create_dir_all(to.parent().unwrap_or(&directory)).map_err(failed)?;
            fs::write(&to, &content).map_err(failed)?;
        }
        kept.insert(to);
    }
    remove_others(&directory, &kept).map_err(failed)?;
    Ok(directory)
}

/// The files below `root` of a `.crate` file, the manifest with paths.
fn files(file: &[u8], root: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = vec![];
    for entry in tar::Archive::new(GzDecoder::new(file)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let is_below = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        let Some(path) = path.strip_prefix(root).ok().filter(|_| is_below) else {
            return Err(io::Error::other(format!("the crate holds {}", path.display())));
        };
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        if path == Path::new("Cargo.toml") {
            content = with_paths(&String::from_utf8_lossy(&content)).into_bytes();
        }
        files.push((path.to_owned(), content));
    }
    Ok(files)
}

/// Removes the files below a directory that are not among those to keep; a lock file and build output are cargo's.
fn remove_others(directory: &Path, kept: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.ends_with("target") || path.ends_with("Cargo.lock") {
            continue;
        }
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The manifest with paths in the place of the registry. Dependencies of a generated manifest are tables of their own,
/// with one key in a line.
fn with_paths(manifest: &str) -> String {
    let mut dependency = "";
    let mut text = String::with_capacity(manifest.len());
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            dependency = table.trim_end_matches(']').strip_prefix("dependencies.").unwrap_or_default();
        }
        match line.starts_with("registry-index = ") && !dependency.is_empty() {
            true => text += &format!("path = \"../{dependency}\""),
            false => text += line,
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_becomes_a_path_and_nothing_else_changes() {
        let manifest = "[package]\nname = \"a\"\n\n[dependencies.b_c_d_e]\nversion = \"1\"\n\
                        registry-index = \"sparse+http://localhost/gen/cargo/\"\n\n[dependencies.prost]\nversion = \"0.14\"\n";
        let expected = "[package]\nname = \"a\"\n\n[dependencies.b_c_d_e]\nversion = \"1\"\n\
                        path = \"../b_c_d_e\"\n\n[dependencies.prost]\nversion = \"0.14\"\n";
        assert_eq!(with_paths(manifest), expected);
    }
}
