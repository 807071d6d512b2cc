//! A plugin by configuration: what the catalogue says of an embedded one, and the command that answers for it.

use serde::Deserialize;

use super::{Family, Plugin, PluginName, PluginRef, PluginVersion, Revision, RuntimeCrate};

/// The name of the generator that stands for a command in [`Plugin::generator`].
pub const EXTERNAL: &str = "external";

/// A `[[plugin]]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalPlugin {
    /// Its name.
    pub name: PluginName,
    /// Its version.
    pub version: PluginVersion,
    /// To be raised when the command answers otherwise than before: what is published never changes.
    #[serde(default = "first")]
    pub revision: Revision,
    /// The program, by its path or found in `PATH`, and its arguments.
    pub command: Vec<String>,
    /// One line for lists.
    #[serde(default)]
    pub description: String,
    /// Whose names and types the generated code has.
    #[serde(default)]
    pub family: Family,
    /// The module below each package's own that the code stands in.
    #[serde(default)]
    pub submodule: Option<String>,
    /// Whether crates are made of its output.
    #[serde(default = "yes")]
    pub sdk: bool,
    /// Lowest Rust version of the generated code and its runtime crates.
    #[serde(default = "rust_version")]
    pub rust_version: String,
    /// Options passed on every call.
    #[serde(default)]
    pub options: Vec<String>,
    /// Crates that the generated code needs.
    #[serde(default)]
    pub runtime: Vec<RuntimeCrate>,
    /// Plugins whose SDK of the same commit the code builds on; each with its version.
    #[serde(default)]
    pub dependencies: Vec<PluginRef>,
}

fn first() -> Revision {
    Revision(1)
}

fn yes() -> bool {
    true
}

fn rust_version() -> String {
    "1.75".to_owned()
}

impl ExternalPlugin {
    /// The entry that stands for it in the catalogue.
    #[must_use]
    pub fn plugin(&self) -> Plugin {
        Plugin {
            name: self.name.clone(),
            version: self.version,
            revision: self.revision,
            description: self.description.clone(),
            source_url: String::new(),
            license: String::new(),
            generator: EXTERNAL.to_owned(),
            family: self.family,
            submodule: self.submodule.clone(),
            sdk: self.sdk,
            deprecated: None,
            rust_version: self.rust_version.clone(),
            options: self.options.clone(),
            runtime: self.runtime.clone(),
            dependencies: self.dependencies.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_a_version_and_a_command_are_enough() {
        let text = "name = \"acme/dto\"\nversion = \"v1.2.0\"\ncommand = [\"/opt/protoc-gen-dto\", \"--quiet\"]\n";
        let external: ExternalPlugin = toml_edit::de::from_str(text).unwrap();
        let plugin = external.plugin();
        assert_eq!(plugin.reference().to_string(), "acme/dto:v1.2.0");
        assert!(plugin.sdk && plugin.revision == Revision(1) && plugin.generator == EXTERNAL);
        assert!(toml_edit::de::from_str::<ExternalPlugin>(&format!("{text}optoins = []\n")).is_err());
    }
}
