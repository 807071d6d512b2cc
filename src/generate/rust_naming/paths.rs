//! Where a declaration stands in the Rust code that a plugin makes of it, and the line that imports it.

use std::collections::HashMap;

use prost_types::{DescriptorProto, EnumDescriptorProto};

use crate::generate::catalogue::Catalogue;
use crate::model::{
    CrateName, DescriptorSet, Family, ModuleName, Plugin, PluginName, rust_module, rust_modules, rust_type,
};

use super::identifiers as names;
use super::namesakes::namesakes;

/// A place in a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RustPath {
    /// `acme::pets::v1::Pet`, without the crate's name in front; `Pet::name` for a member of a type.
    pub short: String,
    /// `use acme_pets_community_neoeinstein_prost::acme::pets::v1::Pet;`: the line that imports `short`, or the type of
    /// the member.
    pub import: String,
}

impl RustPath {
    /// The member `name` of this type: a field, a variant, a function.
    pub(crate) fn member(&self, name: &str) -> Self {
        let own = self.short.rsplit("::").next().unwrap_or(&self.short);
        Self { short: format!("{own}::{name}"), import: self.import.clone() }
    }
}

/// How one plugin names things.
pub(crate) struct RustPaths {
    family: Family,
    /// The plugin that makes messages: the chosen one, or its dependency.
    messages: PluginName,
    /// The plugin that makes clients and servers, with the module that they stand in, if they have one of their own.
    stubs: Option<(PluginName, Option<String>)>,
    /// Whether values of enums keep the enum's name in front.
    keeps_prefix: bool,
    /// What stands after the names of declarations that would be called as others, by their full names: of types, and
    /// of modules.
    numbers: HashMap<String, (String, String)>,
}

/// The declarations around another one.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub module: &'a ModuleName,
    pub package: &'a str,
    /// The messages around it, outermost first.
    pub parents: &'a [&'a str],
}

/// The plugin that makes the messages of `plugin`: itself, or its dependency.
pub(crate) fn message_plugin<'a>(plugin: &'a Plugin, catalogue: &'a Catalogue) -> &'a Plugin {
    let base = plugin.dependencies.first().and_then(|reference| catalogue.find(reference).ok());
    base.unwrap_or(plugin)
}

impl RustPaths {
    /// The names that `plugin` gives.
    pub(crate) fn new(plugin: &Plugin, catalogue: &Catalogue) -> Self {
        let messages = message_plugin(plugin, catalogue).name.clone();
        let stubs = (!plugin.dependencies.is_empty()).then(|| (plugin.name.clone(), plugin.submodule.clone()));
        Self { family: plugin.family, messages, stubs, keeps_prefix: false, numbers: HashMap::new() }
    }

    /// The same for the declarations of `module`, of which some may have a number after their name.
    pub(crate) fn numbered(mut self, descriptors: &DescriptorSet, module: &ModuleName) -> Self {
        for found in namesakes(self.family, descriptors, module).unwrap_or_default() {
            let (of_type, of_module) = self.numbers.entry(found.full).or_default();
            *of_module = found.module_suffix;
            if !found.type_suffix.is_empty() {
                *of_type = found.type_suffix;
            }
        }
        self
    }

    /// The same with the options that `messages`, the plugin that makes messages, has for a commit.
    pub(crate) fn asked(mut self, messages: &Plugin) -> Self {
        let keeps = |option: &String| matches!(option.as_str(), "retain_enum_prefix" | "retain_enum_prefix=true");
        self.keeps_prefix = messages.options.iter().any(keeps);
        self
    }

    /// A message or an enum.
    pub(crate) fn of_type(&self, around: Around<'_>, name: &str) -> RustPath {
        let mut path = rust_modules(around.package);
        path.extend(around.parents.iter().map(|parent| names::message_module(self.family, parent)));
        path.push(names::type_name(self.family, name));
        self.number(&mut path, around, &[name]);
        at(around.module, &self.messages, &path)
    }

    /// The own type of a oneof of `message`, which stands in `around`.
    pub(crate) fn of_oneof(&self, around: Around<'_>, message: &DescriptorProto, name: &str) -> RustPath {
        let mut path = rust_modules(around.package);
        path.extend(names::oneof(self.family, around.parents, message, name));
        self.number(&mut path, around, &[message.name(), name]);
        at(around.module, &self.messages, &path)
    }

    /// Puts the numbers after the last names of `path`: those of the messages around, and of what is `inside` them.
    fn number(&self, path: &mut [String], around: Around<'_>, inside: &[&str]) {
        if self.numbers.is_empty() {
            return;
        }
        let mut full = if around.package.is_empty() { String::new() } else { format!(".{}", around.package) };
        let parts: Vec<&str> = around.parents.iter().chain(inside).copied().collect();
        let first = path.len().saturating_sub(parts.len());
        let last = path.len().saturating_sub(1);
        for (at, part) in parts.into_iter().enumerate() {
            full = format!("{full}.{part}");
            let Some(((of_type, of_module), name)) = self.numbers.get(&full).zip(path.get_mut(first + at)) else {
                continue;
            };
            name.push_str(if first + at == last { of_type } else { of_module });
        }
    }

    /// A field of the message at `owner`.
    pub(crate) fn of_field(&self, owner: &RustPath, field: &str) -> RustPath {
        owner.member(&names::field(self.family, field))
    }

    /// A field as a variant of the oneof at `owner`.
    pub(crate) fn of_variant(&self, owner: &RustPath, field: &str) -> RustPath {
        owner.member(&names::oneof_variant(self.family, field))
    }

    /// The value of an enum at this place, if it has a name in Rust.
    pub(crate) fn of_value(&self, owner: &RustPath, declared: &EnumDescriptorProto, at: usize) -> Option<RustPath> {
        names::enum_value(self.family, self.keeps_prefix, declared, at).map(|name| owner.member(&name))
    }

    /// The function of the client at `owner` for a call.
    pub(crate) fn of_call(&self, owner: &RustPath, method: &str) -> RustPath {
        owner.member(&names::call(method))
    }

    /// The client of a service, if the plugin makes any.
    pub(crate) fn of_client(&self, around: Around<'_>, service: &str) -> Option<RustPath> {
        self.of_stub(around, service, "client", &format!("{}Client", camel(service)))
    }

    /// The trait that a server of the service implements, if the plugin makes any.
    pub(crate) fn of_server(&self, around: Around<'_>, service: &str) -> Option<RustPath> {
        self.of_stub(around, service, "server", &rust_type(service))
    }

    fn of_stub(&self, around: Around<'_>, service: &str, side: &str, name: &str) -> Option<RustPath> {
        let (plugin, submodule) = self.stubs.as_ref()?;
        let mut path = rust_modules(around.package);
        if let Some(submodule) = submodule {
            path.push(submodule.clone());
            path.push(format!("{}_{side}", rust_module(service).trim_start_matches("r#")));
        }
        path.push(name.to_owned());
        Some(at(around.module, plugin, &path))
    }
}

/// The name of a service in front of another word: then it is no keyword.
fn camel(service: &str) -> String {
    rust_type(service).trim_end_matches('_').to_owned()
}

fn at(module: &ModuleName, plugin: &PluginName, path: &[String]) -> RustPath {
    let lib = CrateName::new(module.clone(), plugin.clone()).lib_name();
    let short = path.join("::");
    RustPath { import: format!("use {lib}::{short};"), short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(plugin: &str) -> RustPaths {
        let catalogue = Catalogue::embedded().unwrap();
        RustPaths::new(catalogue.find(&plugin.parse().unwrap()).unwrap(), &catalogue)
    }

    fn around<'a>(module: &'a ModuleName, package: &'a str, parents: &'a [&'a str]) -> Around<'a> {
        Around { module, package, parents }
    }

    #[test]
    fn messages_stand_where_prost_puts_them() {
        let module = "acme/pets".parse().unwrap();
        let path = paths("community/neoeinstein-prost").of_type(around(&module, "acme.type.v1", &["HTTPRule"]), "self");
        assert_eq!(path.short, "acme::r#type::v1::http_rule::Self_");
        assert_eq!(path.import, format!("use acme_pets_community_neoeinstein_prost::{};", path.short));
        let member = path.member("name");
        assert_eq!((member.short.as_str(), &member.import), ("Self_::name", &path.import));
    }

    #[test]
    fn names_that_two_would_have_are_told_apart_as_in_the_crates() {
        let source = "package p; message FooBar {} message Foo_Bar { message In {} oneof o { int32 x = 1; } }";
        let set = crate::model::testing::set(&[("acme/app", "a.proto", source)]);
        let module = "acme/app".parse().unwrap();
        let prost = paths("community/neoeinstein-prost").numbered(&set, &module);
        let short = |parents: &[&str], name| prost.of_type(around(&module, "p", parents), name).short;
        assert_eq!(short(&[], "FooBar"), "p::FooBar");
        assert_eq!([short(&[], "Foo_Bar"), short(&["Foo_Bar"], "In")], ["p::FooBar2", "p::foo_bar_2::In"]);
        let message = &set.files[0].proto.message_type[1];
        assert_eq!(prost.of_oneof(around(&module, "p", &[]), message, "o").short, "p::foo_bar_2::O");
    }

    #[test]
    fn values_keep_the_name_of_their_enum_if_that_is_asked_for() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut plugin = catalogue.find(&"community/neoeinstein-prost".parse().unwrap()).unwrap().clone();
        let value =
            |name: &str| prost_types::EnumValueDescriptorProto { name: Some(name.into()), ..Default::default() };
        let kind =
            EnumDescriptorProto { name: Some("Kind".into()), value: vec![value("KIND_CAT")], ..Default::default() };
        let owner = RustPath { short: "a::Kind".into(), import: String::new() };
        let shown = |plugin: &Plugin| {
            let paths = RustPaths::new(plugin, &catalogue).asked(plugin);
            paths.of_value(&owner, &kind, 0).unwrap().short
        };
        assert_eq!(shown(&plugin), "Kind::Cat");
        plugin.options.push("retain_enum_prefix".into());
        assert_eq!(shown(&plugin), "Kind::KindCat");
    }

    #[test]
    fn clients_stand_in_the_crate_of_the_stubs_and_messages_in_the_other() {
        let module = "acme/pets".parse().unwrap();
        let place = around(&module, "acme.v1", &[]);
        let tonic = paths("community/neoeinstein-tonic");
        let client = tonic.of_client(place, "PetStore").unwrap();
        assert_eq!(client.short, "acme::v1::tonic::pet_store_client::PetStoreClient");
        assert!(client.import.starts_with("use acme_pets_community_neoeinstein_tonic::"), "{}", client.import);
        assert_eq!(tonic.of_server(place, "PetStore").unwrap().short, "acme::v1::tonic::pet_store_server::PetStore");
        let message = tonic.of_type(place, "Pet");
        assert!(message.import.starts_with("use acme_pets_community_neoeinstein_prost::"), "{}", message.import);
        assert_eq!(paths("community/neoeinstein-prost").of_client(place, "PetStore"), None);
        let connect = paths("connectrpc/rust").of_client(place, "PetStore").unwrap();
        assert_eq!(connect.import, "use acme_pets_connectrpc_rust::acme::v1::PetStoreClient;");
    }
}
