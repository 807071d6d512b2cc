//! Module options: the `registry.yaml` of each commit.
//!
//! They belong to the commit. `buf push` leaves the file out, so a push without it inherits the file of the label's
//! head, or for a new label that of the default label's head; an empty file resets the options.

use bytes::Bytes;

use crate::generate::{Catalogue, GenerateError, UnknownPlugin, with_module_options};
use crate::model::{CommitId, LabelName, ModuleFile, ModuleOptions, Plugin, PluginRef, Snapshot};
use crate::module::{ConfigError, read_options};
use crate::publish::Publisher;
use crate::store::{Module, Store, StoreError};

/// The plugin of the option `serde: true`.
const SERDE: &str = "local/prost-serde";

/// Why module options are refused.
#[derive(Debug, thiserror::Error)]
pub enum ModuleOptionsError {
    /// The file is not valid.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// It names a plugin that does not exist or makes no crates.
    #[error("{file}:{line}: {why}", file = ModuleOptions::FILE)]
    Plugin {
        /// The line, from 1.
        line: u64,
        /// The problem of the plugin, or of its option.
        why: String,
    },
    /// A plugin that runs on every push does not know an option.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

impl Publisher {
    /// The plugins that generate when the commit is pushed: its own, or the server's.
    pub fn eager_for(&self, commit: CommitId) -> Result<Vec<PluginRef>, StoreError> {
        Ok(eager(&self.settings.eager, self.store.module_options(commit)?.as_ref()))
    }

    /// `plugin` with the options that the commit's `registry.yaml` adds. `None` if the plugin does not know an option,
    /// so that it makes no SDK of the commit.
    pub fn plugin_for_commit(&self, plugin: &Plugin, commit: CommitId) -> Result<Option<Plugin>, StoreError> {
        let options = read(self.store.module_options(commit)?.as_ref()).unwrap_or_default();
        Ok(with_module_options(plugin, &options).ok())
    }
}

/// Parses the text of a `registry.yaml`; no text means no options.
pub(super) fn read(text: Option<&Bytes>) -> Result<ModuleOptions, ModuleOptionsError> {
    let read = text.map(|text| read_options(ModuleOptions::FILE.into(), text));
    Ok(read.transpose()?.unwrap_or_default())
}

/// Checks the options of a push: their plugins exist, and every plugin that runs on each push, because of these options
/// or of the server's settings (`eager`), knows its options.
pub(super) fn check(
    catalogue: &Catalogue,
    eager: &[PluginRef],
    file: Option<&ModuleFile>,
) -> Result<(), ModuleOptionsError> {
    let options = read(file.map(|file| &file.content))?;
    let unknown = |line| move |error: UnknownPlugin| ModuleOptionsError::Plugin { line, why: error.to_string() };
    for named in options.plugins.iter().flatten() {
        let plugin = catalogue.find(&named.value).map_err(unknown(named.line))?;
        if !plugin.sdk {
            let why = format!("plugin {} makes files for remote generation only, no crates", plugin.reference());
            return Err(ModuleOptionsError::Plugin { line: named.line, why });
        }
    }
    for named in &options.options {
        let line = named.plugin.line;
        let plugin = catalogue.find(&named.plugin.value).map_err(unknown(line))?;
        let only = ModuleOptions { options: vec![named.clone()], ..ModuleOptions::default() };
        with_module_options(plugin, &only).map_err(|why| ModuleOptionsError::Plugin { line, why: why.to_string() })?;
    }
    for reference in plugins(eager, &options) {
        if let Ok(plugin) = catalogue.find(&reference) {
            with_module_options(plugin, &options)?;
        }
    }
    Ok(())
}

/// The module options of a new commit of `snapshot` on `labels`: the text of its `registry.yaml`, its own or inherited.
pub(super) fn decided(
    store: &Store,
    module: &Module,
    snapshot: &Snapshot,
    labels: &[LabelName],
) -> Result<Option<Bytes>, StoreError> {
    let text = match snapshot.options() {
        Some(file) => Some(file.content.clone()),
        None => inherited_options(store, module, labels)?,
    };
    // A file without options counts as no file.
    Ok(text.filter(|text| read(Some(text)).is_ok_and(|options| options != ModuleOptions::default())))
}

/// The module options at the head of the first of `labels` that exists, the default label before others; or at the head
/// of the default label.
fn inherited_options(store: &Store, module: &Module, labels: &[LabelName]) -> Result<Option<Bytes>, StoreError> {
    let default = &module.default_label;
    let first = labels.iter().filter(|label| *label == default);
    for label in first.chain(labels).chain([default]) {
        if let Some(label) = store.label(module.id, label)? {
            return store.module_options(label.commit);
        }
    }
    Ok(None)
}

/// The plugins that generate on every push of a module with these module options.
pub(super) fn eager(server: &[PluginRef], text: Option<&Bytes>) -> Vec<PluginRef> {
    // The text was checked before it was stored.
    plugins(server, &read(text).unwrap_or_default())
}

fn plugins(server: &[PluginRef], options: &ModuleOptions) -> Vec<PluginRef> {
    let mut plugins = match &options.plugins {
        Some(own) => own.iter().map(|plugin| plugin.value.clone()).collect(),
        None => server.to_vec(),
    };
    if options.serde {
        plugins.extend(SERDE.parse());
    }
    plugins
}
