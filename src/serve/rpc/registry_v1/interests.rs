//! The interest service: which plugins generate on every push to which labels.

use crate::actions::access::viewer;
use crate::actions::interests;
use crate::model::LabelName;
use crate::model::PluginRef;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Interest, Module, ModuleFilter, Order};
use crate::wire::registry::v1::{
    self as wire, ListInterestsRequest, ListInterestsResponse, RemoveInterestRequest, RemoveInterestResponse,
};
use crate::wire::time_to_wire;

use crate::serve::rpc::call::context::Call;
use crate::serve::rpc::call::pagination::all;
use crate::serve::rpc::call::plugin_ref::plugin_ref;
use crate::serve::rpc::call::references;

/// The interests of one module, or of all modules that the caller may read.
///
/// # Errors
/// When there is no such module for the caller.
pub(in crate::serve::rpc) fn list(call: &Call, request: ListInterestsRequest) -> Answer<ListInterestsResponse> {
    let modules = match request.module.into_option() {
        Some(name) => vec![references::named_module(call, &name.owner, &name.name)?],
        None => {
            let filter = ModuleFilter { visible_to: viewer(&call.caller), ..ModuleFilter::default() };
            all(|offset, limit| call.store().list_modules(&filter, Order::Name, offset, limit))?
        }
    };
    let mut interests = vec![];
    for module in &modules {
        let of_module = call.store().interests(module.id)?;
        interests.extend(of_module.iter().map(|interest| to_message(module, interest)));
    }
    Ok(ListInterestsResponse { interests })
}

fn to_message(module: &Module, interest: &Interest) -> wire::Interest {
    let name = wire::ModuleName { owner: module.name.owner().to_string(), name: module.name.name().to_string() };
    let plugin = PluginRef { name: interest.plugin.clone(), version: interest.version };
    wire::Interest {
        module: name.into(),
        label: interest.label.to_string(),
        plugin: plugin.to_string(),
        create_time: time_to_wire(interest.created).into(),
    }
}

/// Removes an interest. A plugin with a version removes only the interest in that version.
///
/// # Errors
/// When there is no such interest, or the caller may not push to the module.
pub(in crate::serve::rpc) fn remove(call: &Call, request: &RemoveInterestRequest) -> Answer<RemoveInterestResponse> {
    let module = references::named_module(call, &request.module.owner, &request.module.name)?;
    let label: LabelName = match request.label.as_str() {
        "" => module.default_label.clone(),
        name => name.parse().map_err(|error: crate::model::LabelError| Refusal::invalid(error.to_string()))?,
    };
    let plugin = plugin_ref(&request.plugin, "")?;
    interests::remove(&call.actor(), &module, &label, &plugin)?;
    Ok(RemoveInterestResponse {})
}
