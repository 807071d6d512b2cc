//! Sentences about names that are not there, with the nearest one that is (and that the caller may see).

use crate::model::{ModuleName, OwnerName, did_you_mean};
use crate::store::{ModuleFilter, Order, Store, StoreError};

use super::access::viewer;
use super::auth::Caller;

/// How many modules are looked at for a suggestion.
const SUGGESTIONS_FROM: u64 = 5000;

/// Says which part of `name` is unknown.
///
/// # Errors
/// When the store fails.
pub(super) fn unknown_module(store: &Store, caller: &Caller, name: &ModuleName) -> Result<String, StoreError> {
    let filter = ModuleFilter { visible_to: viewer(caller), ..ModuleFilter::default() };
    let modules = store.list_modules(&filter, Order::Name, 0, SUGGESTIONS_FROM)?.items;
    let names: Vec<_> = modules.iter().map(|module| module.name.to_string()).collect();
    let hint = did_you_mean(&name.to_string(), names.iter().map(String::as_str));
    if store.owner(name.owner())?.is_none() {
        return Ok(format!("module {name} is not in this registry: there is no owner {}{hint}", name.owner()));
    }
    Ok(format!("module {name} is not in this registry{hint}"))
}

/// Says that an owner is unknown.
///
/// # Errors
/// When the store fails.
pub(super) fn unknown_owner(store: &Store, name: &OwnerName) -> Result<String, StoreError> {
    let owners = store.list_owners(0, SUGGESTIONS_FROM)?.items;
    let hint = did_you_mean(name.as_str(), owners.iter().map(|owner| owner.name.as_str()));
    Ok(format!("there is no user or organization {name}{hint}"))
}
