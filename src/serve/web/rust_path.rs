//! Where a declaration stands in the Rust code that a plugin makes of it, and the line that imports it.

use crate::generate::Catalogue;
use crate::model::{CrateName, ModuleName, Plugin, PluginName, rust_module, rust_modules, rust_type};

/// A place in a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RustPath {
    /// `acme_pets_community_neoeinstein_prost::acme::pets::v1::Pet`, without the crate's name in front.
    pub short: String,
    /// `use acme_pets_community_neoeinstein_prost::acme::pets::v1::Pet;`
    pub import: String,
}

/// How one plugin names things.
pub(super) struct RustPaths {
    /// The plugin that makes messages: the chosen one, or the one that it builds on.
    messages: PluginName,
    /// The plugin that makes clients, with the module that they stand in.
    stubs: Option<(PluginName, String)>,
}

impl RustPaths {
    /// The names that `plugin` gives.
    pub(super) fn new(plugin: &Plugin, catalogue: &Catalogue) -> Self {
        let base = plugin.dependencies.first().and_then(|reference| catalogue.find(reference).ok());
        let messages = base.unwrap_or(plugin).name.clone();
        let stubs = plugin.submodule.clone().map(|submodule| (plugin.name.clone(), submodule));
        Self { messages, stubs }
    }

    /// A message or an enum; `parents` are the messages around it, outermost first.
    pub(super) fn of_type(&self, module: &ModuleName, package: &str, parents: &[&str], name: &str) -> RustPath {
        let mut path = rust_modules(package);
        path.extend(parents.iter().map(|parent| rust_module(parent)));
        path.push(rust_type(name));
        Self::at(module, &self.messages, &path)
    }

    /// The client of a service, if the plugin makes any.
    pub(super) fn of_service(&self, module: &ModuleName, package: &str, name: &str) -> Option<RustPath> {
        let (plugin, submodule) = self.stubs.as_ref()?;
        let mut path = rust_modules(package);
        path.push(submodule.clone());
        path.push(format!("{}_client", rust_module(name).trim_start_matches("r#")));
        path.push(format!("{}Client", rust_type(name).trim_end_matches('_')));
        Some(Self::at(module, plugin, &path))
    }

    fn at(module: &ModuleName, plugin: &PluginName, path: &[String]) -> RustPath {
        let lib = CrateName::new(module.clone(), plugin.clone()).lib_name();
        let short = path.join("::");
        RustPath { import: format!("use {lib}::{short};"), short }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(plugin: &str) -> RustPaths {
        let catalogue = Catalogue::embedded().unwrap();
        RustPaths::new(catalogue.find(&plugin.parse().unwrap()).unwrap(), &catalogue)
    }

    #[test]
    fn messages_stand_where_prost_puts_them() {
        let module = "acme/pets".parse().unwrap();
        let path = paths("community/neoeinstein-prost").of_type(&module, "acme.type.v1", &["HTTPRule"], "self");
        assert_eq!(path.short, "acme::r#type::v1::http_rule::Self_");
        assert_eq!(path.import, format!("use acme_pets_community_neoeinstein_prost::{};", path.short));
    }

    #[test]
    fn clients_stand_in_the_crate_of_the_stubs_and_messages_in_the_other() {
        let module = "acme/pets".parse().unwrap();
        let tonic = paths("community/neoeinstein-tonic");
        let client = tonic.of_service(&module, "acme.v1", "PetStore").unwrap();
        assert_eq!(client.short, "acme::v1::tonic::pet_store_client::PetStoreClient");
        assert!(client.import.starts_with("use acme_pets_community_neoeinstein_tonic::"), "{}", client.import);
        let message = tonic.of_type(&module, "acme.v1", &[], "Pet");
        assert!(message.import.starts_with("use acme_pets_community_neoeinstein_prost::"), "{}", message.import);
        assert_eq!(paths("community/neoeinstein-prost").of_service(&module, "acme.v1", "PetStore"), None);
    }
}
