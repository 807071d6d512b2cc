//! The module service: looks up, lists, creates, changes and deletes modules.

use std::collections::BTreeSet;

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::access::viewer;
use crate::actions::modules::{self, ModuleChange, NewModule};
use crate::model::{LabelName, OwnerId, RepositoryName};
use crate::serve::http::error::{Answer, Kind, Refusal};
use crate::store::{Module, ModuleFilter, Order, Owner, Page, Visibility};
use crate::wire::buf::registry::module::v1::{
    CreateModulesRequest, CreateModulesResponse, DeleteModulesRequest, DeleteModulesResponse, GetModulesRequest,
    GetModulesResponse, ListModulesRequest, ListModulesResponse, ModuleRef, ModuleService, ModuleState,
    ModuleVisibility, UpdateModulesRequest, UpdateModulesResponse, create_modules_request, list_modules_request,
    update_modules_request,
};
use crate::wire::buf::registry::owner::v1::{OwnerRef, owner_ref};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, batch, next_token};
use crate::serve::rpc::call::{conversions, references};

impl ModuleService for Rpc {
    async fn get_modules(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetModulesRequest>,
    ) -> ServiceResult<GetModulesResponse> {
        self.read(&ctx, |call| get(call, request.to_owned_message()))
    }

    async fn list_modules(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListModulesRequest>,
    ) -> ServiceResult<ListModulesResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message()))
    }

    async fn create_modules(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateModulesRequest>,
    ) -> ServiceResult<CreateModulesResponse> {
        self.write(&ctx, |call| create(call, &request.to_owned_message(), &call.address(&ctx)))
    }

    async fn update_modules(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateModulesRequest>,
    ) -> ServiceResult<UpdateModulesResponse> {
        self.write(&ctx, |call| update(call, request.to_owned_message()))
    }

    async fn delete_modules(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteModulesRequest>,
    ) -> ServiceResult<DeleteModulesResponse> {
        self.write(&ctx, |call| delete(call, request.to_owned_message()))
    }
}

fn get(call: &Call, request: GetModulesRequest) -> Answer<GetModulesResponse> {
    let modules = find(call, request.module_refs)?;
    Ok(GetModulesResponse { modules: modules.iter().map(conversions::module).collect() })
}

fn find(call: &Call, references: Vec<ModuleRef>) -> Answer<Vec<Module>> {
    batch("module_refs", &references)?;
    references.into_iter().map(|reference| references::module(call, &reference.into())).collect()
}

fn list(call: &Call, request: &ListModulesRequest) -> Answer<ListModulesResponse> {
    use list_modules_request::Order as O;
    let window = Window::of(request.page_size, &request.page_token)?;
    let order = match request.order.as_known().unwrap_or_default() {
        O::ORDER_UNSPECIFIED | O::ORDER_CREATE_TIME_DESC => Order::NewestFirst,
        O::ORDER_CREATE_TIME_ASC => Order::OldestFirst,
        O::ORDER_UPDATE_TIME_DESC => Order::UpdatedFirst,
        O::ORDER_UPDATE_TIME_ASC => Order::UpdatedLast,
    };
    let owners: BTreeSet<OwnerId> =
        request.owner_refs.iter().map(|owner| Ok(references::owner(call, owner)?.id)).collect::<Answer<_>>()?;
    let page = match owners.len() {
        0 => of_owner(call, None, order, window)?,
        1 => of_owner(call, owners.first().copied(), order, window)?,
        _ => of_owners(call, &owners, order, window)?,
    };
    let modules = page.items.iter().map(conversions::module).collect();
    Ok(ListModulesResponse { next_page_token: next_token(page.next), modules })
}

fn of_owner(call: &Call, owner: Option<OwnerId>, order: Order, window: Window) -> Answer<Page<Module>> {
    let filter = ModuleFilter { owner, visible_to: viewer(&call.caller), query: None };
    Ok(call.store().list_modules(&filter, order, window.offset, window.limit)?)
}

/// The modules of several owners. The store lists the modules of one owner, so each list is read up to the end of the
/// window.
fn of_owners(call: &Call, owners: &BTreeSet<OwnerId>, order: Order, window: Window) -> Answer<Page<Module>> {
    let reach = Window { offset: 0, limit: window.offset.saturating_add(window.limit).saturating_add(1) };
    let mut all = vec![];
    for &owner in owners {
        all.extend(of_owner(call, Some(owner), order, reach)?.items);
    }
    all.sort_by(|a, b| match order {
        Order::NewestFirst => b.created.cmp(&a.created).then(a.id.cmp(&b.id)),
        Order::OldestFirst => (a.created, a.id).cmp(&(b.created, b.id)),
        Order::UpdatedFirst => b.updated.cmp(&a.updated).then(a.id.cmp(&b.id)),
        Order::UpdatedLast => (a.updated, a.id).cmp(&(b.updated, b.id)),
        Order::Name => a.name.cmp(&b.name),
    });
    Ok(window.cut(all))
}

/// `here` is this registry as the client addressed it.
fn create(call: &Call, request: &CreateModulesRequest, here: &str) -> Answer<CreateModulesResponse> {
    batch("values", &request.values)?;
    let new = request.values.iter().map(|value| new_module(call, value, here)).collect::<Answer<_>>()?;
    let modules = modules::create(&call.actor(), new)?;
    Ok(CreateModulesResponse { modules: modules.iter().map(conversions::module).collect() })
}

/// The owner of a new module. First pushes often lack it, so the refusal says how to create one.
fn new_owner(call: &Call, reference: &OwnerRef, here: &str) -> Answer<Owner> {
    references::owner(call, reference).map_err(|mut refusal| {
        if let (Kind::NotFound, Some(owner_ref::Value::Name(name))) = (refusal.kind, &reference.value) {
            let joint = if refusal.suggestion.is_some() { " If not, create" } else { "; create" };
            refusal.message += &format!(
                "{joint} it first: buf registry organization create {here}/{name}, or let `registry push --create` do both"
            );
        }
        refusal
    })
}

fn new_module(call: &Call, value: &create_modules_request::Value, here: &str) -> Answer<NewModule> {
    let invalid = |error: crate::model::NameError| Refusal::invalid(error.to_string());
    let name: RepositoryName = value.name.parse().map_err(invalid)?;
    let owner = new_owner(call, &value.owner_ref, here)?;
    let default_label = match value.default_label_name.as_str() {
        "" => LabelName::main(),
        label => label_name(label)?,
    };
    let visibility = visibility(value.visibility)?.unwrap_or(Visibility::Private);
    let (description, url) = (value.description.clone(), value.url.clone());
    Ok(NewModule { owner, name, visibility, default_label, description, url })
}

fn label_name(name: &str) -> Answer<LabelName> {
    name.parse().map_err(|error: crate::model::LabelError| Refusal::invalid(error.to_string()))
}

fn visibility(wire: buffa::EnumValue<ModuleVisibility>) -> Answer<Option<Visibility>> {
    match wire.as_known() {
        Some(ModuleVisibility::MODULE_VISIBILITY_UNSPECIFIED) => Ok(None),
        Some(ModuleVisibility::MODULE_VISIBILITY_PUBLIC) => Ok(Some(Visibility::Public)),
        Some(ModuleVisibility::MODULE_VISIBILITY_PRIVATE) => Ok(Some(Visibility::Private)),
        None => {
            Err(Refusal::invalid(format!("visibility {} is unknown; use 1 (public) or 2 (private)", wire.to_i32())))
        }
    }
}

fn update(call: &Call, request: UpdateModulesRequest) -> Answer<UpdateModulesResponse> {
    batch("values", &request.values)?;
    let changes = request.values.into_iter().map(|value| change(call, value)).collect::<Answer<_>>()?;
    let modules = modules::update(&call.actor(), &call.state.publisher, changes)?;
    Ok(UpdateModulesResponse { modules: modules.iter().map(conversions::module).collect() })
}

fn change(call: &Call, value: update_modules_request::Value) -> Answer<ModuleChange> {
    let module = references::module(call, &value.module_ref.into_option().unwrap_or_default().into())?;
    let deprecated = match value.state.map(|state| state.as_known()) {
        Some(Some(ModuleState::MODULE_STATE_ACTIVE)) => Some(false),
        Some(Some(ModuleState::MODULE_STATE_DEPRECATED)) => Some(true),
        Some(None) => return Err(Refusal::invalid("state is unknown; use 1 (active) or 2 (deprecated)")),
        Some(Some(ModuleState::MODULE_STATE_UNSPECIFIED)) | None => None,
    };
    Ok(ModuleChange {
        module,
        visibility: value.visibility.map(visibility).transpose()?.flatten(),
        deprecated,
        description: value.description,
        url: value.url,
        default_label: value.default_label_name.as_deref().map(label_name).transpose()?,
    })
}

fn delete(call: &Call, request: DeleteModulesRequest) -> Answer<DeleteModulesResponse> {
    modules::delete(&call.actor(), &find(call, request.module_refs)?)?;
    Ok(DeleteModulesResponse {})
}

#[cfg(test)]
mod tests;
