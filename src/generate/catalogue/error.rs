//! What can be wrong with the catalogue, and with a question to it.

use crate::generate::error::GenerateError;
use crate::model::{PluginName, PluginRef, PluginVersion, Revision};

/// Why the catalogue could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// An entry is not valid.
    #[error("could not read the plugin catalogue's entry {entry}: {reason}")]
    Entry {
        /// The entry's file.
        entry: String,
        /// The parser's message.
        reason: String,
    },
    /// Two entries for one version.
    #[error("the plugin catalogue holds {0} twice")]
    Duplicate(PluginRef),
    /// A plugin of the configuration has the name and version of an embedded one.
    #[error("plugin {0} is built into this program; give the [[plugin]] of that name another version, or another name")]
    Embedded(PluginRef),
    /// A plugin is given an option that it does not know, or that is not written as it should be.
    #[error(transparent)]
    Option(#[from] GenerateError),
    /// A plugin depends on a plugin that the catalogue does not have.
    #[error("plugin {plugin} of the catalogue depends on {dependency}, which the catalogue does not hold")]
    Dependency {
        /// The plugin that cannot be used.
        plugin: String,
        /// Its dependency.
        dependency: String,
    },
}

/// A reference to a plugin that the catalogue does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPlugin {
    /// There is no plugin of this name.
    #[error("plugin {name} is not known here; {}", hint(nearest))]
    Name {
        /// The requested name.
        name: PluginName,
        /// Names that look like it, most alike first; all names if none does.
        nearest: Vec<PluginName>,
    },
    /// The plugin, but not this version.
    #[error("plugin {name} has no version {version} here; it has {}", list(versions))]
    Version {
        /// The plugin.
        name: PluginName,
        /// The requested version.
        version: PluginVersion,
        /// The versions that exist, newest first.
        versions: Vec<PluginVersion>,
    },
    /// The version, but another revision of its packaging.
    #[error("plugin {plugin} is of revision {known} here, and {asked} is asked for")]
    Revision {
        /// The plugin.
        plugin: PluginRef,
        /// The revision that is asked for.
        asked: Revision,
        /// The revision of this program.
        known: Revision,
    },
    /// This version can be installed.
    #[error("plugin {0} is not installed here; `registry plugin install {0}` adds it to the server's data directory")]
    NotInstalled(PluginRef),
}

fn hint(nearest: &[PluginName]) -> String {
    if nearest.is_empty() { "the catalogue is empty".to_owned() } else { format!("try {}", list(nearest)) }
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Why a plugin cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// It needs no installation.
    #[error("plugin {0} is built into this program; there is nothing to install")]
    Embedded(PluginRef),
    /// Nothing is known of it.
    #[error(
        "plugin {wanted} is not one that can be installed: these are {}; any other protoc plugin can be a [[plugin]] of \
         the --config file, see `registry plugin --help`",
        list(known)
    )]
    Unknown {
        /// The requested plugin.
        wanted: PluginRef,
        /// The plugins that can be installed.
        known: Vec<PluginRef>,
    },
    /// An entry of the catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}
