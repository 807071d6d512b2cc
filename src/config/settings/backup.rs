//! The settings of backups that the server makes by itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::resolve::Resolver;
use crate::config::{ConfigError, settings_table, value};

/// Backups on a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSettings {
    /// The directory that they are written into.
    pub dir: PathBuf,
    /// The time between two.
    pub every: Duration,
    /// How many are kept.
    pub keep: usize,
}

pub(super) fn settings(from: &mut Resolver<'_>, data_dir: &Path) -> Result<Option<BackupSettings>, ConfigError> {
    let dir = from.optional(&settings_table::BACKUP_DIR, |text| outside(value::directory(text)?, data_dir))?;
    let every = from.plain(&settings_table::BACKUP_EVERY, value::span)?;
    let keep = from.plain(&settings_table::BACKUP_KEEP, value::number)?;
    Ok(dir.map(|dir| BackupSettings { dir, every, keep }))
}

/// Refuses the data directory itself and a directory in it: what is lost with the data is no backup.
fn outside(dir: PathBuf, data_dir: &Path) -> Result<PathBuf, String> {
    if real(&dir).starts_with(real(data_dir)) {
        return Err(format!(
            "{} is in the data directory, and would be lost with it; name a directory outside of it, best on another disk",
            dir.display()
        ));
    }
    Ok(dir)
}

/// The path without symbolic links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let existing = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    match existing {
        Some((above, found)) => path.strip_prefix(above).map_or(found.clone(), |rest| found.join(rest)),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_are_outside_of_the_data_directory() {
        let temp = tempfile::tempdir().unwrap();
        let data = temp.path().join("data");
        for (place, is_taken) in [("data", false), ("data/backups", false), ("data-backups", true), ("", true)] {
            assert_eq!(outside(temp.path().join(place), &data).is_ok(), is_taken, "{place}");
        }
        #[cfg(unix)]
        {
            std::fs::create_dir(&data).unwrap();
            std::os::unix::fs::symlink(&data, temp.path().join("link")).unwrap();
            assert!(outside(temp.path().join("link/backups"), &data).is_err());
        }
    }
}
