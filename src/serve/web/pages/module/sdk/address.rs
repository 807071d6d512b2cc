//! Parses the address of an SDK page, `{ref}:{pluginOwner}/{pluginName}[:version]`, and looks up the SDK.

use crate::actions::access::require_needs;
use crate::model::{CrateName, Plugin, PluginRef, SdkVersion};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::web::page::module_header::{Choice, ModuleAtCommit};
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::params::Params;
use crate::store::SdkKey;

/// The requested SDK.
pub(super) struct RequestedSdk<'a> {
    pub at: ModuleAtCommit,
    pub plugin: &'a Plugin,
    /// The requested version of the plugin; empty for the newest.
    pub version: String,
    pub key: SdkKey,
    pub crate_name: CrateName,
    pub crate_version: SdkVersion,
}

impl<'a> RequestedSdk<'a> {
    /// Reads the two segments after `sdks/`.
    ///
    /// # Errors
    /// When module, reference, plugin or version are unknown, or the caller may not read a dependency.
    pub(super) fn find(visit: &PageRequest<'a>, params: &Params) -> Answer<Self> {
        let module = visit.module(params.get("owner"), params.get("module"))?;
        let Some((reference, plugin_owner)) = params.get("ref").rsplit_once(':') else {
            let message = "SDK pages are at /{owner}/{module}/sdks/{label or commit}:{plugin owner}/{plugin}";
            return Err(Refusal::not_found(message));
        };
        let at = ModuleAtCommit::of(visit.store(), module, reference)?;
        require_needs(visit.store(), &visit.caller, &at.module.name, at.commit.id)?;
        let (_, version) = params.get("plugin").split_once(':').unwrap_or((params.get("plugin"), ""));
        let unknown = |error: &dyn std::fmt::Display| Refusal::not_found(error.to_string());
        let named: PluginRef =
            format!("{plugin_owner}/{}", params.get("plugin")).parse().map_err(|error| unknown(&error))?;
        let plugin = visit.state.publisher.catalogue().find(&named).map_err(|error| unknown(&error))?;
        if !plugin.sdk {
            let message = format!("plugin {} makes files for remote generation only, no crates", plugin.name);
            return Err(Refusal::not_found(message));
        }
        let key = SdkKey {
            commit: at.commit.id,
            plugin: plugin.name.clone(),
            version: plugin.version,
            revision: plugin.revision,
        };
        let crate_name = CrateName::new(at.module.name.clone(), plugin.name.clone());
        let crate_version = SdkVersion::new(plugin.version, plugin.revision, at.commit.id, at.commit.released_at());
        Ok(Self { at, plugin, version: version.into(), key, crate_name, crate_version })
    }

    /// The crate, and the crates with the messages that its code uses, with their versions at this commit.
    pub(super) fn crates(&self, visit: &PageRequest<'_>) -> Vec<(CrateName, SdkVersion)> {
        let commit = &self.at.commit;
        let messages = |reference: &PluginRef| {
            let plugin = visit.state.publisher.catalogue().find(reference).ok()?;
            let version = SdkVersion::new(plugin.version, plugin.revision, commit.id, commit.released_at());
            Some((CrateName::new(self.at.module.name.clone(), plugin.name.clone()), version))
        };
        let own = (self.crate_name.clone(), self.crate_version.clone());
        std::iter::once(own).chain(self.plugin.dependencies.iter().filter_map(messages)).collect()
    }

    /// The path of this page at another reference.
    pub(super) fn path(&self, reference: &str) -> String {
        let version = if self.version.is_empty() { String::new() } else { format!(":{}", self.version) };
        format!("/{}/sdks/{reference}:{}{version}", self.at.module.name, self.plugin.name)
    }

    /// The path of this page.
    pub(super) fn own_path(&self) -> String {
        self.path(&self.at.reference)
    }

    /// The plugins to choose from; of a commit without a service, those that generate messages.
    pub(super) fn plugins(&self, visit: &PageRequest<'_>) -> Answer<Vec<Choice>> {
        let services = visit.store().may_have_services(self.at.commit.id)?;
        let is_useful = |plugin: &&Plugin| plugin.makes_something(services) || plugin.name == self.plugin.name;
        let usable = visit.state.publisher.catalogue().plugins().iter().filter(|plugin| plugin.sdk);
        let mut names: Vec<_> = usable.filter(is_useful).map(|plugin| &plugin.name).collect();
        names.dedup();
        let choice = |name: &crate::model::PluginName| Choice {
            name: name.to_string(),
            href: format!("/{}/sdks/{}:{name}", self.at.module.name, self.at.reference),
            current: *name == self.plugin.name,
            mark: "",
        };
        Ok(names.into_iter().map(choice).collect())
    }

    /// The versions of the plugin to choose from, newest first.
    pub(super) fn versions(&self, visit: &PageRequest<'_>) -> Vec<Choice> {
        let versions = visit.state.publisher.catalogue().versions(&self.plugin.name);
        let choice = |(at, plugin): (usize, &Plugin)| Choice {
            name: plugin.version.to_string(),
            href: format!("/{}/sdks/{}:{}:{}", self.at.module.name, self.at.reference, plugin.name, plugin.version),
            current: plugin.version == self.plugin.version,
            mark: if at == 0 { "newest" } else { "" },
        };
        versions.enumerate().map(choice).collect()
    }
}
