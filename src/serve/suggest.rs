//! Refusals of unknown names, with a suggestion: the nearest name that exists and that the caller may see.

use crate::model::{ModuleName, OwnerName, nearest};
use crate::store::{ModuleFilter, Order, Store, StoreError};

use super::http::error::{Refusal, Suggestion};
use crate::actions::Caller;
use crate::actions::access::viewer;

/// The most modules or owners that are compared with the unknown name.
const SUGGESTIONS_FROM: u64 = 5000;

/// Refuses a module that does not exist for the caller; says which part of `name` is unknown.
///
/// # Errors
/// When the store fails.
pub(super) fn unknown_module(store: &Store, caller: &Caller, name: &ModuleName) -> Result<Refusal, StoreError> {
    let filter = ModuleFilter { visible_to: viewer(caller), ..ModuleFilter::default() };
    let modules = store.list_modules(&filter, Order::Name, 0, SUGGESTIONS_FROM)?.items;
    let names: Vec<_> = modules.into_iter().map(|module| module.name).collect();
    let mut message = format!("module {name} is not in this registry");
    if store.owner(name.owner())?.is_none() {
        message += &format!(": there is no owner {}", name.owner());
    }
    Ok(not_found(message, closest(&name.to_string(), names).map(Suggestion::Module)))
}

/// Refuses an owner that does not exist.
///
/// # Errors
/// When the store fails.
pub(super) fn unknown_owner(store: &Store, name: &OwnerName) -> Result<Refusal, StoreError> {
    let owners = store.list_owners(0, SUGGESTIONS_FROM)?.items;
    let names: Vec<_> = owners.into_iter().map(|owner| owner.name).collect();
    let message = format!("there is no user or organization {name}");
    Ok(not_found(message, closest(name.as_str(), names).map(Suggestion::Owner)))
}

/// The name that is most similar to `wanted`, if one is similar.
fn closest<N: ToString>(wanted: &str, names: Vec<N>) -> Option<N> {
    let texts: Vec<_> = names.iter().map(ToString::to_string).collect();
    let text = nearest(wanted, texts.iter().map(String::as_str))?;
    let at = texts.iter().position(|candidate| candidate == text)?;
    names.into_iter().nth(at)
}

fn not_found(mut message: String, suggestion: Option<Suggestion>) -> Refusal {
    match &suggestion {
        Some(Suggestion::Module(name)) => message += &format!("; did you mean {name}?"),
        Some(Suggestion::Owner(name)) => message += &format!("; did you mean {name}?"),
        None => {}
    }
    Refusal { suggestion, ..Refusal::not_found(message) }
}
