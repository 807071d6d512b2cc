//! The settings of backups that the server makes by itself.

use std::path::PathBuf;
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

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<Option<BackupSettings>, ConfigError> {
    let dir = from.optional(&settings_table::BACKUP_DIR, value::directory)?;
    let every = from.plain(&settings_table::BACKUP_EVERY, value::span)?;
    let keep = from.plain(&settings_table::BACKUP_KEEP, value::number)?;
    Ok(dir.map(|dir| BackupSettings { dir, every, keep }))
}
