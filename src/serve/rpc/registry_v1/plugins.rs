//! The plugin service: the catalogue, with the facts about each plugin that users of cargo need.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::model::{Plugin, RuntimeCrate};
use crate::wire::registry::v1::{self as wire, ListPluginsRequest, ListPluginsResponse, PluginService};

use crate::serve::rpc::call::context::Rpc;

impl PluginService for Rpc {
    async fn list_plugins(
        &self,
        ctx: RequestContext,
        _request: ServiceRequest<'_, ListPluginsRequest>,
    ) -> ServiceResult<ListPluginsResponse> {
        self.read(&ctx, |call| {
            let plugins = call.state.publisher.catalogue().plugins().iter().map(to_message).collect();
            Ok(ListPluginsResponse { plugins })
        })
    }
}

fn to_message(plugin: &Plugin) -> wire::Plugin {
    wire::Plugin {
        name: plugin.name.to_string(),
        version: plugin.version.to_string(),
        revision: plugin.revision.0,
        description: plugin.description.clone(),
        licence: plugin.license.clone(),
        rust_version: plugin.rust_version.clone(),
        options: plugin.options.clone(),
        runtime_crates: plugin.runtime.iter().map(runtime_crate).collect(),
        deprecated: plugin.deprecated.is_some(),
        sdk: plugin.sdk,
    }
}

fn runtime_crate(runtime: &RuntimeCrate) -> wire::RuntimeCrate {
    wire::RuntimeCrate {
        name: runtime.name.clone(),
        requirement: runtime.requirement.clone(),
        default_features: runtime.default_features,
        features: runtime.features.clone(),
    }
}
