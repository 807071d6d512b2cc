//! The key of an SDK, which several tables have as columns.

use crate::model::{CommitId, PluginName, PluginVersion, Revision};
use crate::store::db::engine::{Row, SqlResult};

/// The key of an SDK, known before the SDK exists: a commit, and one revision of one plugin version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SdkKey {
    /// The source commit.
    pub commit: CommitId,
    /// The plugin.
    pub plugin: PluginName,
    /// The plugin's version.
    pub version: PluginVersion,
    /// The revision of its packaging.
    pub revision: Revision,
}

/// The condition on the columns of an [`SdkKey`] whose values [`key_columns`] gives.
pub(in crate::store) const IS_KEY: &str = "commit_id = ?1 AND plugin = ?2 AND version = ?3 AND revision = ?4";

pub(in crate::store) fn key_columns(key: &SdkKey) -> (&CommitId, &PluginName, &PluginVersion, &Revision) {
    (&key.commit, &key.plugin, &key.version, &key.revision)
}

pub(in crate::store) fn read_key(row: &Row<'_>) -> SqlResult<SdkKey> {
    Ok(SdkKey {
        commit: row.get("commit_id")?,
        plugin: row.get("plugin")?,
        version: row.get("version")?,
        revision: row.get("revision")?,
    })
}
