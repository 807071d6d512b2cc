//! Modules: looked up, listed, created, changed, deleted.

use std::collections::BTreeSet;

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::model::{LabelName, ModuleName, OwnerId, RepositoryName};
use crate::publish::new_ids;
use crate::serve::access::{Access, readable_module, viewer};
use crate::serve::http::error::{Answer, Kind, Refusal};
use crate::store::{Module, ModuleFilter, Order, Owner, Page, StoreError, Visibility};
use crate::wire::buf::registry::module::v1::{
    CreateModulesRequest, CreateModulesResponse, DeleteModulesRequest, DeleteModulesResponse, GetModulesRequest,
    GetModulesResponse, ListModulesRequest, ListModulesResponse, ModuleRef, ModuleService, ModuleState,
    ModuleVisibility, UpdateModulesRequest, UpdateModulesResponse, create_modules_request, list_modules_request,
    update_modules_request,
};
use crate::wire::buf::registry::owner::v1::{OwnerRef, owner_ref};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, batch, next_token};
use crate::serve::rpc::call::{conversions, field_rules, references};

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

/// The store lists the modules of one owner; of several, each list is read as far as the window reaches.
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
    let mut modules: Vec<Module> = vec![];
    for value in &request.values {
        let module = new_module(call, value, here)?;
        if modules.iter().any(|other| other.name == module.name) || call.store().module(&module.name)?.is_some() {
            return Err(Refusal::already_exists(format!("module {} already exists", module.name)));
        }
        modules.push(module);
    }
    for module in &modules {
        call.store().create_module(module)?;
        call.audit("module.create", module.name.to_string());
    }
    call.changed();
    Ok(CreateModulesResponse { modules: modules.iter().map(conversions::module).collect() })
}

/// The owner of a new module; one that is missing is what a first push most often lacks.
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

fn new_module(call: &Call, value: &create_modules_request::Value, here: &str) -> Answer<Module> {
    let invalid = |error: crate::model::NameError| Refusal::invalid(error.to_string());
    let name: RepositoryName = value.name.parse().map_err(invalid)?;
    let owner = new_owner(call, &value.owner_ref, here)?;
    call.require(owner.id, Access::Admin, &format!("create modules for {}", owner.name))?;
    let default_label = match value.default_label_name.as_str() {
        "" => LabelName::main(),
        label => label_name(label)?,
    };
    let now = call.now();
    Ok(Module {
        id: new_ids::module(),
        name: ModuleName::new(owner.name, name),
        owner: owner.id,
        visibility: visibility(value.visibility)?.unwrap_or(Visibility::Private),
        deprecated: false,
        description: field_rules::description(&value.description)?,
        url: field_rules::url("url", &value.url)?,
        default_label,
        created: now,
        updated: now,
    })
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
    let (mut modules, mut redirected) = (vec![], vec![]);
    for value in request.values {
        let names_label = value.default_label_name.is_some();
        let module = changed_module(call, value)?;
        if names_label {
            redirected.push(module.clone());
        }
        modules.push(module);
    }
    call.store().update_modules(&modules).or_else(|error| Err(named_for(call, error)?))?;
    for module in &modules {
        call.audit("module.update", module.name.to_string());
    }
    for module in &redirected {
        call.state.publisher.index_default_label(module, (call.now(), call.user()?.id))?;
    }
    call.changed();
    Ok(UpdateModulesResponse { modules: modules.iter().map(conversions::module).collect() })
}

fn changed_module(call: &Call, value: update_modules_request::Value) -> Answer<Module> {
    let mut module = references::module(call, &value.module_ref.into_option().unwrap_or_default().into())?;
    call.require(module.owner, Access::Admin, &format!("change module {}", module.name))?;
    if let Some(wanted) = value.visibility {
        module.visibility = visibility(wanted)?.unwrap_or(module.visibility);
    }
    match value.state.map(|state| state.as_known()) {
        Some(Some(ModuleState::MODULE_STATE_ACTIVE)) => module.deprecated = false,
        Some(Some(ModuleState::MODULE_STATE_DEPRECATED)) => module.deprecated = true,
        Some(None) => return Err(Refusal::invalid("state is unknown; use 1 (active) or 2 (deprecated)")),
        Some(Some(ModuleState::MODULE_STATE_UNSPECIFIED)) | None => {}
    }
    if let Some(description) = &value.description {
        module.description = field_rules::description(description)?;
    }
    if let Some(url) = &value.url {
        module.url = field_rules::url("url", url)?;
    }
    if let Some(name) = &value.default_label_name {
        module.default_label = default_label(call, &module, name)?;
    }
    module.updated = call.now();
    Ok(module)
}

/// A new default label may be one that does not exist yet, but not an archived one.
fn default_label(call: &Call, module: &Module, name: &str) -> Answer<LabelName> {
    let name = label_name(name)?;
    if call.store().label(module.id, &name)?.is_some_and(|label| label.archived.is_some()) {
        let message =
            format!("label {name} of module {} is archived; unarchive it before it becomes the default", module.name);
        return Err(Refusal::precondition(message));
    }
    Ok(name)
}

fn delete(call: &Call, request: DeleteModulesRequest) -> Answer<DeleteModulesResponse> {
    let modules = find(call, request.module_refs)?;
    for module in &modules {
        call.require(module.owner, Access::Admin, &format!("delete module {}", module.name))?;
    }
    let ids: Vec<_> = modules.iter().map(|module| module.id).collect();
    call.store().delete_modules(&ids).or_else(|error| Err(named_for(call, error)?))?;
    for module in &modules {
        call.audit("module.delete", module.name.to_string());
    }
    call.changed();
    Ok(DeleteModulesResponse {})
}

/// A refusal that names other modules, without the names of those that the caller may not read.
fn named_for(call: &Call, error: StoreError) -> Answer<Refusal> {
    let message = match &error {
        StoreError::HasDependants { module, dependants } => {
            format!("module {module} is needed by {}; deprecate it instead", seen(call, dependants)?)
        }
        StoreError::NeedsPrivate { module, private } => format!(
            "module {module} cannot be public: it depends on {}, private, and whoever reads it would see that too; make \
             all of them public at once, or leave them private",
            seen(call, private)?
        ),
        StoreError::NeededByPublic { module, public } => format!(
            "module {module} cannot be private: it is needed by {}, public; make all of them private at once, or leave \
             it public",
            seen(call, public)?
        ),
        _ => return Ok(error.into()),
    };
    Ok(Refusal::precondition(message))
}

fn seen(call: &Call, names: &[ModuleName]) -> Answer<String> {
    let mut seen = vec![];
    for name in names {
        if readable_module(call.store(), &call.caller, name)?.is_some() {
            seen.push(name.to_string());
        }
    }
    if seen.len() < names.len() {
        seen.push("modules that you may not see".into());
    }
    Ok(seen.join(", "))
}

#[cfg(test)]
mod tests;
