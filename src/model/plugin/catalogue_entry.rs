//! A plugin's entry in the catalogue: data, read from `assets/plugins/` by `generate`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{OptionKind, PluginName, PluginRef, PluginVersion, Revision};

/// The name of the generator that stands for a command in [`Plugin::generator`].
pub const EXTERNAL: &str = "external";

/// One version of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// Its name.
    pub name: PluginName,
    /// Its version.
    pub version: PluginVersion,
    /// How often the packaging of this version was improved.
    pub revision: Revision,
    /// One line for lists.
    pub description: String,
    /// Where its source lives.
    pub source_url: String,
    /// SPDX expression of the plugin itself.
    pub license: String,
    /// Which generator makes the files; `generate` knows them by this name.
    pub generator: String,
    /// The family, which decides the names and types of the generated code.
    #[serde(default)]
    pub family: Family,
    /// The module below each package's own that the code stands in: tonic's stubs are found in `pkg::tonic`, and
    /// its files are called `pkg.tonic.rs`. Absent if the code stands in the package's module itself.
    #[serde(default)]
    pub submodule: Option<String>,
    /// Whether crates are made of its output; if not, it only answers remote generation.
    pub sdk: bool,
    /// Whether it generates code for services only, so that its crate of sources without a service is empty.
    #[serde(default)]
    pub services_only: bool,
    /// Why it should no longer be used, if so.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// Lowest Rust version that the generated code and its runtime crates build with.
    pub rust_version: String,
    /// Options passed on every call, as after `--name_opt=`.
    #[serde(default)]
    pub options: Vec<String>,
    /// All options that it understands, by name; none if that is not known, and the plugin judges for itself.
    #[serde(default)]
    pub known_options: BTreeMap<String, OptionKind>,
    /// Crates that the generated code needs.
    #[serde(default)]
    pub runtime: Vec<RuntimeCrate>,
    /// Plugins, each with its version, whose SDK of the same commit is a dependency of this plugin's code.
    #[serde(default)]
    pub dependencies: Vec<PluginRef>,
}

impl Plugin {
    /// The file that code without a package is in, without `.rs`: the plugins give it a name that no package has.
    #[must_use]
    pub fn root_file(&self) -> &'static str {
        match self.family {
            Family::Prost => "_",
            Family::Buffa => "__buffa",
        }
    }

    /// Whether its crate would hold something, of sources that declare services or do not.
    #[must_use]
    pub fn makes_something(&self, services: bool) -> bool {
        services || !self.services_only
    }

    /// Whether it is a program of its own, not a part of this one.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.generator == EXTERNAL
    }

    /// The plugin as a user would write it, with its version.
    #[must_use]
    pub fn reference(&self) -> PluginRef {
        PluginRef { name: self.name.clone(), version: Some(self.version) }
    }
}

/// The Protobuf runtimes of Rust, each with its own names and layout of generated code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// prost, and stubs for its messages.
    #[default]
    Prost,
    /// buffa, and stubs for its messages.
    Buffa,
}

/// A crate from the public registry that generated code needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeCrate {
    /// The crate's name.
    pub name: String,
    /// The requirement, as cargo writes it.
    pub requirement: String,
    /// Whether its default features are on.
    #[serde(default = "default_features", alias = "default-features")]
    pub default_features: bool,
    /// Further features.
    #[serde(default)]
    pub features: Vec<String>,
}

fn default_features() -> bool {
    true
}
