//! The digests of outputs of external plugins (table `plugin_answers`), to detect a plugin with different outputs for
//! the same request.

use crate::model::{Plugin, Sha256Digest, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::params;
use crate::store::db::error::Result;
use crate::store::db::statements::query::{one, run};

/// The output of an external plugin for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PluginOutput {
    /// Digest of the request.
    pub request: Sha256Digest,
    /// The digest of the files in the output, which does not depend on their order.
    pub answer: Sha256Digest,
    /// The time of the output.
    pub at: Timestamp,
}

impl Store {
    /// Records an output; `true` if the last output for the same request was different.
    pub fn record_plugin_output(&self, plugin: &Plugin, answer: &PluginOutput) -> Result<bool> {
        let (name, version, revision) = (&plugin.name, plugin.version, plugin.revision);
        self.write_quietly("record the output of a plugin", |conn| {
            let sql = "SELECT answer FROM plugin_answers
                       WHERE plugin = ?1 AND version = ?2 AND revision = ?3 AND request = ?4";
            let key = params![name, version, revision, answer.request];
            let before = one(conn, sql, key, |row| row.get(0))?;
            let changed = before.is_some_and(|before: Sha256Digest| before != answer.answer);
            let sql = "INSERT INTO plugin_answers VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)
                       ON CONFLICT (plugin, version, revision, request) DO UPDATE SET answer = ?5, answered = ?6,
                       changed = CASE WHEN plugin_answers.answer = ?5 THEN plugin_answers.changed ELSE ?6 END";
            run(conn, sql, params![name, version, revision, answer.request, answer.answer, answer.at])?;
            Ok(changed)
        })
    }

    /// When the output of a plugin last differed from its previous output for the same request, if it ever did.
    pub fn plugin_outputs_changed(&self, plugin: &Plugin) -> Result<Option<Timestamp>> {
        self.read("read the outputs of a plugin", |conn| {
            let sql = "SELECT max(changed) FROM plugin_answers WHERE plugin = ?1 AND version = ?2 AND revision = ?3";
            let changed = one(conn, sql, params![plugin.name, plugin.version, plugin.revision], |row| row.get(0))?;
            Ok(changed.flatten())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ExternalPlugin;
    use crate::store::testing::{Scratch, at};

    #[test]
    fn another_answer_to_the_same_request_is_told() {
        let store = Scratch::empty();
        let text = "name = \"acme/dto\"\nversion = \"v1.0.0\"\ncommand = \"dto\"\n";
        let plugin = toml_edit::de::from_str::<ExternalPlugin>(text).unwrap().plugin();
        let record = |request: &[u8], answer: &[u8], n| {
            let (request, answer) = (Sha256Digest::of(request), Sha256Digest::of(answer));
            store.record_plugin_output(&plugin, &PluginOutput { request, answer, at: at(n) }).unwrap()
        };
        assert!(!record(b"one", b"a", 1) && !record(b"two", b"b", 2) && !record(b"one", b"a", 3));
        assert_eq!(store.plugin_outputs_changed(&plugin).unwrap(), None);
        assert!(record(b"one", b"b", 4) && !record(b"one", b"b", 5));
        assert_eq!(store.plugin_outputs_changed(&plugin).unwrap(), Some(at(4)));
        let raised = Plugin { revision: crate::model::Revision(2), ..plugin.clone() };
        assert_eq!(store.plugin_outputs_changed(&raised).unwrap(), None);
    }
}
