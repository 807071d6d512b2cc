//! A plugin from the configuration: the fields of a catalogue entry, and the command to run.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::{
    EXTERNAL, Family, OptionKind, Plugin, PluginName, PluginRef, PluginVersion, Revision, RuntimeCrate,
};

/// The keys of a `[[plugin]]`, for messages about others.
pub const EXTERNAL_KEYS: &[&str] = &[
    "name",
    "version",
    "revision",
    "command",
    "description",
    "license",
    "family",
    "submodule",
    "sdk",
    "services-only",
    "rust-version",
    "deprecated",
    "options",
    "opts",
    "deps",
    "plugin-deps",
];

/// A `[[plugin]]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExternalPlugin {
    /// Its name.
    pub name: PluginName,
    /// Its version.
    pub version: PluginVersion,
    /// To be raised when the output of the command changes: published crates never change.
    #[serde(default = "first")]
    pub revision: Revision,
    /// The program, by its path or found in `PATH`, and its arguments. A text is split at blanks, a list is used as it
    /// is.
    #[serde(deserialize_with = "split_command")]
    pub command: Vec<String>,
    /// One line for lists.
    #[serde(default)]
    pub description: String,
    /// SPDX expression of the plugin itself.
    #[serde(default)]
    pub license: String,
    /// The family, which decides the names and types of the generated code.
    #[serde(default)]
    pub family: Family,
    /// The module below each package's own that the code stands in.
    #[serde(default)]
    pub submodule: Option<String>,
    /// Whether crates are made of its output.
    #[serde(default = "yes")]
    pub sdk: bool,
    /// Whether it generates code for services only, so that modules without a service get no crate of it.
    #[serde(default)]
    pub services_only: bool,
    /// Lowest Rust version of the generated code and its runtime crates.
    #[serde(default = "rust_version")]
    pub rust_version: String,
    /// Why it should no longer be used, if so.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// Options passed on every call.
    #[serde(default)]
    pub options: Vec<String>,
    /// Names of all options that it understands, so that others are refused before it runs; none if it is to judge
    /// for itself.
    #[serde(default)]
    pub opts: Vec<String>,
    /// Crates that the generated code needs.
    #[serde(default, rename = "deps")]
    pub runtime: Vec<RuntimeCrate>,
    /// Plugins, each with its version, whose SDK of the same commit is a dependency of the code.
    #[serde(default, rename = "plugin-deps")]
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

fn split_command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "the program and its arguments, as a text or a list of texts")]
    enum Words {
        Line(String),
        List(Vec<String>),
    }
    let words = match Words::deserialize(deserializer)? {
        Words::Line(line) => line.split_whitespace().map(str::to_owned).collect(),
        Words::List(list) => list,
    };
    if words.first().is_none_or(String::is_empty) {
        return Err(D::Error::custom("the command is empty; write the path of the plugin's program"));
    }
    Ok(words)
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
            license: self.license.clone(),
            generator: EXTERNAL.to_owned(),
            family: self.family,
            submodule: self.submodule.clone(),
            sdk: self.sdk,
            services_only: self.services_only,
            deprecated: self.deprecated.clone(),
            rust_version: self.rust_version.clone(),
            options: self.options.clone(),
            known_options: self.opts.iter().map(|name| (name.clone(), OptionKind::of_external(name))).collect(),
            runtime: self.runtime.clone(),
            dependencies: self.dependencies.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ExternalPlugin, String> {
        toml_edit::de::from_str(text).map_err(|error| error.to_string())
    }

    const LEAST: &str = "name = \"acme/dto\"\nversion = \"v1.2.0\"\n";

    #[test]
    fn a_name_a_version_and_a_command_are_enough() {
        let external = read(&format!("{LEAST}command = [\"/opt/a plugin\", \"--quiet\"]\n")).unwrap();
        assert_eq!(external.command, ["/opt/a plugin", "--quiet"]);
        let plugin = external.plugin();
        assert_eq!(plugin.reference().to_string(), "acme/dto:v1.2.0");
        assert!(plugin.sdk && plugin.revision == Revision(1) && plugin.generator == EXTERNAL);
    }

    #[test]
    fn a_command_may_be_one_line() {
        assert_eq!(read(&format!("{LEAST}command = \"dto --quiet\"\n")).unwrap().command, ["dto", "--quiet"]);
        for bad in ["\"\"", "[]", "[\"\"]", "3"] {
            assert!(read(&format!("{LEAST}command = {bad}\n")).unwrap_err().contains("command"), "{bad} was accepted");
        }
    }

    #[test]
    fn its_keys_are_those_that_are_listed() {
        let text = format!(
            "{LEAST}command = \"x\"\nrevision = 2\ndescription = \"d\"\nlicense = \"MIT\"\nfamily = \"buffa\"\n\
             submodule = \"s\"\nsdk = false\nservices-only = true\nrust-version = \"1.80\"\ndeprecated = \"d\"\noptions = [\"a\"]\nopts = [\"a\"]\n\
             plugin-deps = [\"anthropics/buffa:v0.9.2\"]\n\
             deps = [{{ name = \"buffa\", requirement = \"0.9\", default-features = false, features = [\"json\"] }}]\n"
        );
        let external = read(&text).unwrap();
        assert!(!external.runtime[0].default_features);
        let keys: std::collections::BTreeSet<_> = text.lines().filter_map(|line| line.split(" =").next()).collect();
        assert_eq!(keys, EXTERNAL_KEYS.iter().copied().collect());
        assert!(read(&format!("{text}optoins = []\n")).is_err());
    }
}
