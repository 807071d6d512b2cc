//! The plugins that this registry knows, as data: one file of `assets/plugins/` per version.

mod error;
mod published;

use super::options::Options;
use crate::model::{Plugin, PluginName, PluginRef};
pub use error::{CatalogueError, NotPublished, UnknownPlugin};
pub use published::PublishedPlugin;

/// An entry of `assets/plugins/`, with the name of its file for messages.
macro_rules! entry {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../assets/plugins/", $file)))
    };
}

/// The catalogue's entries.
const ENTRIES: &[(&str, &str)] = &[
    entry!("anthropics-buffa-v0.5.2.toml"),
    entry!("anthropics-buffa-v0.6.0.toml"),
    entry!("anthropics-buffa-v0.7.1.toml"),
    entry!("anthropics-buffa-v0.8.1.toml"),
    entry!("anthropics-buffa-v0.9.2.toml"),
    entry!("community-neoeinstein-prost-crate-v0.5.0.toml"),
    entry!("community-neoeinstein-prost-serde-v0.4.0.toml"),
    entry!("community-neoeinstein-prost-v0.3.1.toml"),
    entry!("community-neoeinstein-prost-v0.4.0.toml"),
    entry!("community-neoeinstein-prost-v0.5.0.toml"),
    entry!("community-neoeinstein-tonic-v0.4.0.toml"),
    entry!("community-neoeinstein-tonic-v0.4.1.toml"),
    entry!("community-neoeinstein-tonic-v0.5.0.toml"),
    entry!("connectrpc-rust-v0.8.0.toml"),
    entry!("connectrpc-rust-v0.9.0.toml"),
    entry!("local-prost-serde-v0.1.0.toml"),
    entry!("local-prost-serde-v0.2.0.toml"),
    entry!("local-protovalidate-v0.1.0.toml"),
];

/// All plugins, by name and then newest version first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    plugins: Vec<Plugin>,
}

impl Catalogue {
    /// Reads the catalogue that is built into the program.
    ///
    /// # Errors
    /// When an entry cannot be read or does not fit the others: a mistake in `assets/plugins/`.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::from_entries(ENTRIES)
    }

    /// Adds plugins that are not built in.
    ///
    /// # Errors
    /// When one has the name and version of another plugin, or does not fit the others.
    pub fn with(mut self, plugins: impl IntoIterator<Item = Plugin>) -> Result<Self, CatalogueError> {
        for plugin in plugins {
            let same = self.plugins.iter().find(|known| known.reference() == plugin.reference());
            match same.map(|known| known.is_external()) {
                Some(true) => return Err(CatalogueError::Duplicate(plugin.reference())),
                Some(false) => return Err(CatalogueError::Embedded(plugin.reference())),
                None => {}
            }
            self.plugins.push(plugin);
        }
        Self::checked(self.plugins)
    }

    /// Another catalogue, as that of an older or newer program: of these plugins, by name and then newest version first.
    #[cfg(test)]
    pub(crate) fn of(plugins: Vec<Plugin>) -> Self {
        Self { plugins }
    }

    fn from_entries(entries: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let read = |(entry, text): &(&str, &str)| {
            toml_edit::de::from_str::<Plugin>(text)
                .map_err(|e| CatalogueError::Entry { entry: (*entry).into(), reason: e.to_string() })
        };
        Self::checked(entries.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// The catalogue of these plugins: sorted, with options in one spelling, none twice, and without holes.
    fn checked(mut plugins: Vec<Plugin>) -> Result<Self, CatalogueError> {
        plugins.sort_by(|a, b| a.name.cmp(&b.name).then(b.version.cmp(&a.version)));
        if let Some(pair) = plugins.windows(2).find(|pair| pair[0].reference() == pair[1].reference()) {
            return Err(CatalogueError::Duplicate(pair[0].reference()));
        }
        for plugin in &mut plugins {
            plugin.options = Options::read_list(plugin, &plugin.options)?.texts();
        }
        let catalogue = Self { plugins };
        catalogue.check_dependencies()?;
        Ok(catalogue)
    }

    fn check_dependencies(&self) -> Result<(), CatalogueError> {
        for plugin in &self.plugins {
            for dependency in &plugin.dependencies {
                self.find(dependency).map_err(|_| CatalogueError::Dependency {
                    plugin: plugin.reference().to_string(),
                    dependency: dependency.to_string(),
                })?;
            }
        }
        Ok(())
    }

    /// All plugins in all versions, by name and then newest version first.
    #[must_use]
    pub fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// The versions of one plugin, newest first; nothing if the name is unknown.
    pub fn versions<'a>(&'a self, name: &'a PluginName) -> impl Iterator<Item = &'a Plugin> {
        self.plugins.iter().filter(move |plugin| plugin.name == *name)
    }

    /// The plugin that `reference` names: the newest version if it names none.
    ///
    /// # Errors
    /// When there is no such plugin, or not in this version.
    pub fn find(&self, reference: &PluginRef) -> Result<&Plugin, UnknownPlugin> {
        let mut versions = self.plugins.iter().filter(|plugin| plugin.name == reference.name);
        let found = match reference.version {
            Some(version) => versions.find(|plugin| plugin.version == version),
            None => versions.next(),
        };
        found.ok_or_else(|| self.unknown(reference))
    }

    /// The plugin that `wanted` names, with its version, if its executable can be installed.
    ///
    /// # Errors
    /// When it is one of the catalogue, or cannot be installed.
    pub fn published(&self, wanted: &PluginRef) -> Result<PublishedPlugin, NotPublished> {
        let all = PublishedPlugin::all()?;
        if let Some(found) = all.iter().find(|published| published.is(wanted)) {
            return Ok(found.clone());
        }
        if self.find(wanted).is_ok() {
            return Err(NotPublished::Embedded(wanted.clone()));
        }
        Err(NotPublished::Unknown {
            wanted: wanted.clone(),
            known: all.iter().map(PublishedPlugin::reference).collect(),
        })
    }

    /// Why `reference` names nothing here.
    fn unknown(&self, reference: &PluginRef) -> UnknownPlugin {
        let name = reference.name.clone();
        let versions: Vec<_> = self.versions(&name).map(|plugin| plugin.version).collect();
        let is_published = PublishedPlugin::all().is_ok_and(|all| all.iter().any(|published| published.is(reference)));
        match reference.version {
            Some(_) if is_published => UnknownPlugin::NotInstalled(reference.clone()),
            Some(version) if !versions.is_empty() => UnknownPlugin::Version { name, version, versions },
            _ => UnknownPlugin::Name { nearest: self.nearest(&name), name },
        }
    }

    /// Up to three names that look like `wanted`; a user often forgets or mistypes the owner, so the part after
    /// the slash is compared too.
    fn nearest(&self, wanted: &PluginName) -> Vec<PluginName> {
        let mut names: Vec<_> = self.plugins.iter().map(|plugin| plugin.name.clone()).collect();
        names.dedup();
        let likeness = |name: &PluginName| {
            let whole = strsim::jaro_winkler(&name.to_string(), &wanted.to_string());
            whole.max(strsim::jaro_winkler(name.name(), wanted.name()))
        };
        names.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
        let alike: Vec<_> = names.iter().filter(|name| likeness(name) > 0.7).take(3).cloned().collect();
        if alike.is_empty() { names } else { alike }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EXTERNAL;

    fn entry(file: &str) -> (&'static str, &'static str) {
        *ENTRIES.iter().find(|(name, _)| *name == file).unwrap()
    }

    fn find(text: &str) -> Result<Plugin, UnknownPlugin> {
        Catalogue::embedded().unwrap().find(&text.parse().unwrap()).cloned()
    }

    #[test]
    fn the_newest_version_is_found_if_none_is_named() {
        let plugin = find("community/neoeinstein-prost").unwrap();
        assert_eq!(plugin.reference().to_string(), "community/neoeinstein-prost:v0.5.0");
        let (_, entry) = entry("community-neoeinstein-prost-v0.5.0.toml");
        let newer = entry.replace("v0.5.0", "v0.10.0");
        let catalogue = Catalogue::from_entries(&[("old", entry), ("new", &newer)]).unwrap();
        let newest = catalogue.find(&"community/neoeinstein-prost".parse().unwrap()).unwrap();
        assert_eq!(newest.version.to_string(), "v0.10.0");
    }

    #[test]
    fn an_unknown_name_is_answered_with_names_that_look_like_it() {
        let error = find("community/neoeinstien-prost").unwrap_err();
        assert!(error.to_string().contains("try community/neoeinstein-prost"), "{error}");
        let error = find("acme/neoeinstein-tonic").unwrap_err();
        assert!(error.to_string().contains("try community/neoeinstein-tonic"), "{error}");
    }

    #[test]
    fn an_unknown_version_is_answered_with_the_versions_that_exist() {
        let error = find("community/neoeinstein-tonic:v9.9.9").unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin community/neoeinstein-tonic has no version v9.9.9 here; it has v0.5.0, v0.4.1, v0.4.0"
        );
        let error = find("anthropics/buffa:v0.9.1").unwrap_err().to_string();
        assert!(error.contains("`registry plugin install anthropics/buffa:v0.9.1` adds it"), "{error}");
    }

    #[test]
    fn a_plugin_of_the_configuration_stands_beside_the_others() {
        let with = |name: &str, options: &[&str], dependency: Option<&str>| {
            let mut plugin = find("community/neoeinstein-prost").unwrap();
            plugin.name = name.parse().unwrap();
            plugin.generator = EXTERNAL.to_owned();
            plugin.options = options.iter().map(|option| (*option).to_owned()).collect();
            plugin.dependencies = dependency.iter().map(|name| name.parse().unwrap()).collect();
            Catalogue::embedded().unwrap().with([plugin.clone()]).map_err(|error| error.to_string())
        };
        assert!(with("acme/dto", &[], None).unwrap().find(&"acme/dto:v0.5.0".parse().unwrap()).is_ok());
        let error = with("community/neoeinstein-prost", &[], None).unwrap_err();
        assert!(error.starts_with("plugin community/neoeinstein-prost:v0.5.0 is built into this program"), "{error}");
        assert!(with("acme/dto", &["byts=."], None).unwrap_err().contains("did you mean bytes?"));
        let error = with("acme/dto", &[], Some("acme/none:v1.0.0")).unwrap_err();
        assert!(error.contains("depends on acme/none:v1.0.0, which the catalogue does not hold"), "{error}");
    }

    #[test]
    fn what_can_be_installed_stands_beside_the_plugins_that_are_built_in() {
        let plugins = PublishedPlugin::all().unwrap();
        let catalogue = Catalogue::embedded().unwrap().with(plugins.iter().map(|known| known.plugin.plugin())).unwrap();
        for published in &plugins {
            assert_eq!(catalogue.find(&published.reference()).unwrap().name, published.plugin.name);
        }
    }

    #[test]
    fn what_is_built_in_or_unknown_cannot_be_installed() {
        let refused =
            |text: &str| Catalogue::embedded().unwrap().published(&text.parse().unwrap()).unwrap_err().to_string();
        let error = refused("anthropics/buffa:v0.9.2");
        assert_eq!(error, "plugin anthropics/buffa:v0.9.2 is built into this program; there is nothing to install");
        let error = refused("anthropics/buffa:v0.1.0");
        assert!(error.contains("these are anthropics/buffa:v0.7.0, anthropics/buffa:v0.8.0"), "{error}");
    }

    #[test]
    fn entries_that_do_not_fit_together_are_refused() {
        let [prost, tonic] = ["prost", "tonic"].map(|name| entry(&format!("community-neoeinstein-{name}-v0.5.0.toml")));
        assert!(matches!(Catalogue::from_entries(&[tonic]), Err(CatalogueError::Dependency { .. })));
        assert!(matches!(Catalogue::from_entries(&[prost, prost]), Err(CatalogueError::Duplicate(_))));
        let error = Catalogue::from_entries(&[("typo.toml", "nmae = \"a/b\"")]).unwrap_err();
        assert!(error.to_string().contains("typo.toml"), "{error}");
    }
}
