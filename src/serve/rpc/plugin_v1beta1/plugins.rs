//! The plugin service: looks up, lists, creates, changes and deletes check plugins.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::access::viewer;
use crate::actions::check_plugins::{self, CheckPluginChange, NewCheckPlugin};
use crate::model::RepositoryName;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{CheckPlugin, Order, Visibility};
use crate::wire::buf::registry::plugin::v1beta1::{
    CreatePluginsRequest, CreatePluginsResponse, DeletePluginsRequest, DeletePluginsResponse, GetPluginsRequest,
    GetPluginsResponse, ListPluginsRequest, ListPluginsResponse, PluginRef, PluginService, PluginState,
    PluginVisibility, UpdatePluginsRequest, UpdatePluginsResponse, create_plugins_request, list_plugins_request,
    update_plugins_request,
};

use super::{conversions, references};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, all, batch, next_token};
use crate::serve::rpc::call::references::owner;

impl PluginService for Rpc {
    async fn get_plugins(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetPluginsRequest>,
    ) -> ServiceResult<GetPluginsResponse> {
        self.read(&ctx, |call| {
            let plugins = find(call, &request.to_owned_message().plugin_refs)?;
            Ok(GetPluginsResponse { plugins: plugins.iter().map(conversions::plugin).collect() })
        })
    }

    async fn list_plugins(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListPluginsRequest>,
    ) -> ServiceResult<ListPluginsResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message()))
    }

    async fn create_plugins(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreatePluginsRequest>,
    ) -> ServiceResult<CreatePluginsResponse> {
        self.write(&ctx, |call| {
            let values = request.to_owned_message().values;
            batch("values", &values)?;
            let new = values.iter().map(|value| new_plugin(call, value)).collect::<Answer<_>>()?;
            let plugins = check_plugins::create(&call.actor(), new)?;
            Ok(CreatePluginsResponse { plugins: plugins.iter().map(conversions::plugin).collect() })
        })
    }

    async fn update_plugins(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdatePluginsRequest>,
    ) -> ServiceResult<UpdatePluginsResponse> {
        self.write(&ctx, |call| {
            let values = request.to_owned_message().values;
            batch("values", &values)?;
            let changes = values.into_iter().map(|value| change(call, value)).collect::<Answer<_>>()?;
            let plugins = check_plugins::update(&call.actor(), changes)?;
            Ok(UpdatePluginsResponse { plugins: plugins.iter().map(conversions::plugin).collect() })
        })
    }

    async fn delete_plugins(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeletePluginsRequest>,
    ) -> ServiceResult<DeletePluginsResponse> {
        self.write(&ctx, |call| {
            let plugins = find(call, &request.to_owned_message().plugin_refs)?;
            check_plugins::delete(&call.actor(), &plugins)?;
            Ok(DeletePluginsResponse {})
        })
    }
}

fn find(call: &Call, references: &[PluginRef]) -> Answer<Vec<CheckPlugin>> {
    batch("plugin_refs", references)?;
    references.iter().map(|reference| references::plugin(call, reference)).collect()
}

fn list(call: &Call, request: &ListPluginsRequest) -> Answer<ListPluginsResponse> {
    use list_plugins_request::Order as O;
    let window = Window::of(request.page_size, &request.page_token)?;
    let order = match request.order.as_known().unwrap_or_default() {
        O::ORDER_UNSPECIFIED | O::ORDER_CREATE_TIME_DESC => Order::NewestFirst,
        O::ORDER_CREATE_TIME_ASC => Order::OldestFirst,
    };
    let viewer = viewer(&call.caller);
    let of = |owner, offset, limit| call.store().list_check_plugins(owner, viewer, order, (offset, limit));
    let page = match request.owner_refs.as_slice() {
        [] => of(None, window.offset, window.limit)?,
        [one] => of(Some(owner(call, one)?.id), window.offset, window.limit)?,
        owners => {
            let mut found = vec![];
            for reference in owners {
                let owner = owner(call, reference)?.id;
                found.extend(all(|offset, limit| of(Some(owner), offset, limit))?);
            }
            found.sort_by_key(|plugin: &CheckPlugin| (plugin.created, plugin.id));
            found.dedup_by_key(|plugin| plugin.id);
            if order == Order::NewestFirst {
                found.reverse();
            }
            window.cut(found)
        }
    };
    let plugins = page.items.iter().map(conversions::plugin).collect();
    Ok(ListPluginsResponse { next_page_token: next_token(page.next), plugins })
}

fn new_plugin(call: &Call, value: &create_plugins_request::Value) -> Answer<NewCheckPlugin> {
    let name: RepositoryName =
        value.name.parse().map_err(|error: crate::model::NameError| Refusal::invalid(error.to_string()))?;
    Ok(NewCheckPlugin {
        owner: owner(call, &value.owner_ref)?,
        name,
        visibility: visibility(value.visibility)?.unwrap_or(Visibility::Private),
        description: value.description.clone(),
        source_url: value.source_url.clone(),
    })
}

fn visibility(wire: buffa::EnumValue<PluginVisibility>) -> Answer<Option<Visibility>> {
    match wire.as_known() {
        Some(PluginVisibility::PLUGIN_VISIBILITY_UNSPECIFIED) => Ok(None),
        Some(PluginVisibility::PLUGIN_VISIBILITY_PUBLIC) => Ok(Some(Visibility::Public)),
        Some(PluginVisibility::PLUGIN_VISIBILITY_PRIVATE) => Ok(Some(Visibility::Private)),
        None => {
            Err(Refusal::invalid(format!("visibility {} is unknown; use 1 (public) or 2 (private)", wire.to_i32())))
        }
    }
}

fn change(call: &Call, value: update_plugins_request::Value) -> Answer<CheckPluginChange> {
    let deprecated = match value.state.map(|state| state.as_known()) {
        Some(Some(PluginState::PLUGIN_STATE_ACTIVE)) => Some(false),
        Some(Some(PluginState::PLUGIN_STATE_DEPRECATED)) => Some(true),
        Some(None) => return Err(Refusal::invalid("state is unknown; use 1 (active) or 2 (deprecated)")),
        Some(Some(PluginState::PLUGIN_STATE_UNSPECIFIED)) | None => None,
    };
    Ok(CheckPluginChange {
        plugin: references::plugin(call, &value.plugin_ref)?,
        visibility: value.visibility.map(visibility).transpose()?.flatten(),
        deprecated,
        description: value.description,
        source_url: value.source_url,
    })
}
