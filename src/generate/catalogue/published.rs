//! Versions of plugins that are not built in, because cargo takes only one of the versions of a library that it holds to
//! be compatible: their published executables are installed instead, and run as external plugins.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::CatalogueError;
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
        directory(data_dir).join(self.reference().to_string().replace(['/', ':'], "-"))
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
        // The start of a server without such plugins reads no entries.
        if !directory(data_dir).is_dir() {
            return Ok(vec![]);
        }
        let ready = |published: Self| {
            let executable = published.executable(&published.root(data_dir));
            let command = vec![executable.display().to_string()];
            executable.is_file().then_some(ExternalPlugin { command, ..published.plugin })
        };
        Ok(Self::all()?.into_iter().filter_map(ready).collect())
    }
}

/// Where plugins are installed.
fn directory(data_dir: &Path) -> PathBuf {
    data_dir.join("plugins")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_an_executable_is_installed() {
        let data = tempfile::tempdir().unwrap();
        assert!(PublishedPlugin::installed(data.path()).unwrap().is_empty());
        let published = PublishedPlugin::all().unwrap().remove(0);
        let executable = published.executable(&published.root(data.path()));
        std::fs::create_dir_all(executable.parent().unwrap()).unwrap();
        std::fs::write(&executable, "").unwrap();
        let [installed] = &PublishedPlugin::installed(data.path()).unwrap()[..] else { panic!("one is installed") };
        assert_eq!(installed.command, [executable.display().to_string()]);
    }
}
