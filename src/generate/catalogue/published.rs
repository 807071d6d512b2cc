//! Versions of plugins that are not built in, because cargo takes only one of the versions of a library that it holds to
//! be compatible: their published executables are installed instead, and run as external plugins.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Catalogue, CatalogueError};
use crate::model::{ExternalPlugin, PluginRef};

/// An entry of `assets/plugins/published/`, with the name of its file for messages.
macro_rules! entry {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../assets/plugins/published/", $file)))
    };
}

/// The entries. What they say is what the Buf Schema Registry says of these versions
/// (<https://github.com/bufbuild/plugins>).
const ENTRIES: &[(&str, &str)] = &[
    entry!("anthropics-buffa-v0.7.0.toml"),
    entry!("anthropics-buffa-v0.8.0.toml"),
    entry!("anthropics-buffa-v0.9.0.toml"),
    entry!("anthropics-buffa-v0.9.1.toml"),
    entry!("anthropics-connect-rust-v0.4.2.toml"),
    entry!("anthropics-connect-rust-v0.5.0.toml"),
    entry!("anthropics-connect-rust-v0.6.0.toml"),
    entry!("anthropics-connect-rust-v0.6.1.toml"),
    entry!("anthropics-connect-rust-v0.7.0.toml"),
];

/// A plugin version whose executable is in a crate on crates.io.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedPlugin {
    /// The crate with the executable. It has the version of the plugin.
    #[serde(rename = "crate")]
    pub package: String,
    /// The plugin; its command is the name of the executable.
    pub plugin: ExternalPlugin,
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

fn list(references: &[PluginRef]) -> String {
    references.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl PublishedPlugin {
    /// All that can be installed, by name and version.
    ///
    /// # Errors
    /// When an entry cannot be read: a mistake in `assets/plugins/published/`.
    pub fn all() -> Result<Vec<Self>, CatalogueError> {
        let read = |(entry, text): &(&str, &str)| {
            toml_edit::de::from_str(text)
                .map_err(|error| CatalogueError::Entry { entry: (*entry).into(), reason: error.to_string() })
        };
        ENTRIES.iter().map(read).collect()
    }

    /// The plugin that `wanted` names, with its version.
    ///
    /// # Errors
    /// When it is built in, or cannot be installed.
    pub fn find(wanted: &PluginRef) -> Result<Self, NotPublished> {
        let all = Self::all()?;
        if let Some(found) = all.iter().find(|published| published.is(wanted)) {
            return Ok(found.clone());
        }
        if Catalogue::embedded()?.find(wanted).is_ok() {
            return Err(NotPublished::Embedded(wanted.clone()));
        }
        Err(NotPublished::Unknown { wanted: wanted.clone(), known: all.iter().map(Self::reference).collect() })
    }

    /// Whether `wanted` names it, with its version.
    pub(super) fn is(&self, wanted: &PluginRef) -> bool {
        self.reference() == *wanted
    }

    /// Its name and version.
    #[must_use]
    pub fn reference(&self) -> PluginRef {
        PluginRef { name: self.plugin.name.clone(), version: Some(self.plugin.version) }
    }

    /// The directory below `data_dir` that it is installed to, as `cargo install --root` takes it.
    #[must_use]
    pub fn root(&self, data_dir: &Path) -> PathBuf {
        data_dir.join("plugins").join(self.reference().to_string().replace(['/', ':'], "-"))
    }

    /// Its executable in `root`.
    #[must_use]
    pub fn executable(&self, root: &Path) -> PathBuf {
        let name = self.plugin.command.first().map_or("", String::as_str);
        root.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The plugins that are installed below `data_dir`.
    ///
    /// # Errors
    /// As [`PublishedPlugin::all`].
    pub fn installed(data_dir: &Path) -> Result<Vec<ExternalPlugin>, CatalogueError> {
        let ready = |published: Self| {
            let executable = published.executable(&published.root(data_dir));
            let command = vec![executable.display().to_string()];
            executable.is_file().then_some(ExternalPlugin { command, ..published.plugin })
        };
        Ok(Self::all()?.into_iter().filter_map(ready).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Result<PublishedPlugin, String> {
        PublishedPlugin::find(&text.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_entry_stands_beside_the_plugins_that_are_built_in() {
        let plugins = PublishedPlugin::all().unwrap();
        let catalogue = Catalogue::embedded().unwrap().with(plugins.iter().map(|known| known.plugin.plugin())).unwrap();
        for published in &plugins {
            assert_eq!(catalogue.find(&published.reference()).unwrap().name, published.plugin.name);
        }
    }

    #[test]
    fn what_is_built_in_or_unknown_cannot_be_installed() {
        let error = find("anthropics/buffa:v0.9.2").unwrap_err();
        assert_eq!(error, "plugin anthropics/buffa:v0.9.2 is built into this program; there is nothing to install");
        let error = find("anthropics/buffa:v0.1.0").unwrap_err();
        assert!(error.contains("these are anthropics/buffa:v0.7.0, anthropics/buffa:v0.8.0"), "{error}");
    }

    #[test]
    fn what_has_an_executable_is_installed() {
        let data = tempfile::tempdir().unwrap();
        assert!(PublishedPlugin::installed(data.path()).unwrap().is_empty());
        let published = find("anthropics/buffa:v0.9.1").unwrap();
        let executable = published.executable(&published.root(data.path()));
        std::fs::create_dir_all(executable.parent().unwrap()).unwrap();
        std::fs::write(&executable, "").unwrap();
        let [installed] = &PublishedPlugin::installed(data.path()).unwrap()[..] else { panic!("one is installed") };
        assert_eq!(installed.command, [executable.display().to_string()]);
    }
}
