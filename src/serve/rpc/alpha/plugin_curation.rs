//! The service with the plugin catalogue, as `buf` calls it.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::model::{Plugin, PluginRef, RuntimeCrate, Sha256Digest};
use crate::serve::http::error::{Answer, Refusal};
use crate::wire::buf::alpha::registry::v1alpha1::{
    CargoConfig, CuratedPlugin, CuratedPluginReference, CuratedPluginVersionRevisions, CuratedPluginVisibility,
    GetLatestCuratedPluginRequest, GetLatestCuratedPluginResponse, ListCuratedPluginsRequest,
    ListCuratedPluginsResponse, PluginCurationService, PluginLanguage, PluginRegistryType, RegistryConfig,
    cargo_config,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, next_token};

impl PluginCurationService for Rpc {
    async fn get_latest_curated_plugin(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetLatestCuratedPluginRequest>,
    ) -> ServiceResult<GetLatestCuratedPluginResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let wanted = RequestedPlugin {
                owner: &request.owner,
                name: &request.name,
                version: &request.version,
                revision: request.revision,
            };
            let plugin = find(call, &wanted)?;
            let versions = call.state.publisher.catalogue().versions(&plugin.name).map(revisions).collect();
            Ok(GetLatestCuratedPluginResponse { plugin: curated(plugin).into(), versions })
        })
    }

    async fn list_curated_plugins(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListCuratedPluginsRequest>,
    ) -> ServiceResult<ListCuratedPluginsResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message()))
    }
}

/// A plugin that a request of this package names.
pub(in crate::serve::rpc) struct RequestedPlugin<'a> {
    pub owner: &'a str,
    pub name: &'a str,
    /// Empty means the latest.
    pub version: &'a str,
    /// 0 means the latest.
    pub revision: u32,
}

impl RequestedPlugin<'_> {
    /// The plugin's name and version.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub(in crate::serve::rpc) fn reference(&self) -> Answer<PluginRef> {
        crate::serve::rpc::call::plugin_ref::plugin_ref(&format!("{}/{}", self.owner, self.name), self.version)
    }
}

/// The requested plugin.
///
/// # Errors
/// When the catalogue does not have that version and revision.
pub(in crate::serve::rpc) fn find<'a>(call: &'a Call, wanted: &RequestedPlugin<'_>) -> Answer<&'a Plugin> {
    let reference = wanted.reference()?;
    let found = call.state.publisher.catalogue().find(&reference);
    let plugin = found.map_err(|error| Refusal::not_found(error.to_string()))?;
    if wanted.revision != 0 && wanted.revision != plugin.revision.0 {
        let message = format!(
            "plugin {} is packaged here at revision {}, not {}; leave the revision out",
            plugin.reference(),
            plugin.revision,
            wanted.revision
        );
        return Err(Refusal::not_found(message));
    }
    Ok(plugin)
}

fn revisions(plugin: &Plugin) -> CuratedPluginVersionRevisions {
    CuratedPluginVersionRevisions { version: plugin.version.to_string(), revisions: vec![plugin.revision.0] }
}

fn list(call: &Call, request: &ListCuratedPluginsRequest) -> Answer<ListCuratedPluginsResponse> {
    let window = Window::of(request.page_size, &request.page_token)?;
    let wanted = |plugin: &&Plugin| {
        (plugin.sdk || !request.supports_remote_packages) && (plugin.deprecated.is_none() || request.include_deprecated)
    };
    let mut plugins: Vec<_> = call.state.publisher.catalogue().plugins().iter().filter(wanted).collect();
    if request.reverse {
        plugins.reverse();
    }
    let page = window.cut(plugins);
    let plugins = page.items.into_iter().map(curated).collect();
    Ok(ListCuratedPluginsResponse { plugins, next_page_token: next_token(page.next) })
}

fn curated(plugin: &Plugin) -> CuratedPlugin {
    let registry = if plugin.sdk {
        PluginRegistryType::PLUGIN_REGISTRY_TYPE_CARGO
    } else {
        PluginRegistryType::PLUGIN_REGISTRY_TYPE_UNSPECIFIED
    };
    CuratedPlugin {
        id: id(plugin),
        owner: plugin.name.owner().to_owned(),
        name: plugin.name.name().to_owned(),
        registry_type: registry.into(),
        version: plugin.version.to_string(),
        dependencies: plugin.dependencies.iter().map(dependency).collect(),
        source_url: plugin.source_url.clone(),
        description: plugin.description.clone(),
        registry_config: plugin.sdk.then(|| registry_config(plugin)).into(),
        revision: plugin.revision.0,
        output_languages: vec![PluginLanguage::PLUGIN_LANGUAGE_RUST.into()],
        spdx_license_id: plugin.license.clone(),
        visibility: CuratedPluginVisibility::CURATED_PLUGIN_VISIBILITY_PUBLIC.into(),
        deprecated: plugin.deprecated.is_some(),
        deprecation_message: plugin.deprecated.clone().unwrap_or_default(),
        ..CuratedPlugin::default()
    }
}

/// The catalogue has no ids, so this is the digest of the plugin's name, version and revision.
fn id(plugin: &Plugin) -> String {
    let digest = Sha256Digest::of(format!("{} {}", plugin.reference(), plugin.revision).as_bytes());
    digest.to_string()[..32].to_owned()
}

fn dependency(reference: &PluginRef) -> CuratedPluginReference {
    CuratedPluginReference {
        owner: reference.name.owner().to_owned(),
        name: reference.name.name().to_owned(),
        version: reference.version.map(|version| version.to_string()).unwrap_or_default(),
        revision: 0,
    }
}

fn registry_config(plugin: &Plugin) -> RegistryConfig {
    let library = |runtime: &RuntimeCrate| cargo_config::RuntimeLibrary {
        name: runtime.name.clone(),
        version_requirement: runtime.requirement.clone(),
        default_features: runtime.default_features,
        features: runtime.features.clone(),
    };
    let cargo = CargoConfig {
        rust_version: plugin.rust_version.clone(),
        runtime_libraries: plugin.runtime.iter().map(library).collect(),
    };
    RegistryConfig { registry_config: cargo.into(), options: plugin.options.clone() }
}
