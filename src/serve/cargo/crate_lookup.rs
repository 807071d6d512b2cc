//! Looks up the crate and its module by a name in any spelling, with a cache.

use std::sync::Arc;

use tokio::task::block_in_place;

use super::name_cache::NamedCrate;
use crate::actions::Caller;
use crate::actions::access::{may_read, readable_module};
use crate::model::{CrateName, PluginRef};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;
use crate::store::Module;

/// Cargo sends a token with every request to a registry or with none, as the registry's `config.json` says.
const SENDS_NO_TOKEN: &str = "; if it is private: this server runs with --anonymous-reads, to which cargo sends no \
                              token even when it has one, so cargo gets crates of public modules only";

/// The crate that `spelling` means for `caller`: from the cache, unless its module has changed since, else from
/// `look_up`.
///
/// # Errors
/// When `look_up` finds no crate that the caller may read.
pub(super) fn meaning(
    state: &State,
    caller: &Caller,
    spelling: &str,
    look_up: impl FnOnce() -> Answer<(CrateName, Module)>,
) -> Answer<Arc<NamedCrate>> {
    // Read before the look-up, so that any later change makes its result stale.
    let count = state.publisher.progress().count();
    let is_current = |known: &Arc<NamedCrate>| state.publisher.progress().is_current(known.module.id, known.count);
    if let Some(known) = state.names.0.get(spelling).filter(is_current)
        && may_read(state.store(), caller, &known.module)?
    {
        return Ok(known);
    }
    let (name, module) = block_in_place(look_up)?;
    let named = Arc::new(NamedCrate { name, module, count });
    state.names.0.insert(spelling.into(), Arc::clone(&named));
    Ok(named)
}

/// The crate of `name`, with its module. Cargo tries other spellings of `-` and `_` when it does not find a crate, and
/// shows the user the right spelling if it finds one.
///
/// # Errors
/// `NotFound` when the name does not have the form of this registry's crate names, so that cargo tries other spellings.
/// Otherwise a refusal whose text cargo shows, which says whether module or plugin is unknown.
pub(super) fn find(state: &State, caller: &Caller, name: &str) -> Answer<(CrateName, Module)> {
    let Ok(exact) = name.to_ascii_lowercase().parse::<CrateName>() else {
        return misspelt(state, caller, name)?.ok_or_else(|| Refusal::not_found(format!("there is no crate {name}")));
    };
    if let Some(found) = existing(state, caller, &exact)? {
        return Ok(found);
    }
    if let Some(found) = misspelt(state, caller, name)? {
        return Ok(found);
    }
    let plugin = PluginRef { name: exact.plugin().clone(), version: None };
    if let Err(unknown) = state.publisher.catalogue().find(&plugin) {
        return Err(Refusal::unprocessable(format!("there is no crate {name}: {unknown}")));
    }
    let unknown = unknown_module(state.store(), caller, exact.module())?;
    // Do not reveal whether the module is private, only that it might be.
    let anonymous = if caller.user().is_none() { SENDS_NO_TOKEN } else { "" };
    Err(Refusal::unprocessable(format!("there is no crate {name}: {unknown}{anonymous}")))
}

fn existing(state: &State, caller: &Caller, name: &CrateName) -> Answer<Option<(CrateName, Module)>> {
    let plugin = PluginRef { name: name.plugin().clone(), version: None };
    if !state.publisher.catalogue().find(&plugin).is_ok_and(|plugin| plugin.sdk) {
        return Ok(None);
    }
    let module = readable_module(state.store(), caller, name.module())?;
    Ok(module.map(|module| (name.clone(), module)))
}

/// Looks for a module and a plugin whose crate has the name `name` when `-` and `_` count as equal.
fn misspelt(state: &State, caller: &Caller, name: &str) -> Answer<Option<(CrateName, Module)>> {
    let folded = fold(name);
    for plugin in state.publisher.catalogue().plugins().iter().filter(|plugin| plugin.sdk) {
        let suffix = fold(&format!("_{}_{}", plugin.name.owner(), plugin.name.name()));
        let Some(stem) = folded.strip_suffix(&suffix) else { continue };
        for module in state.store().module_names()? {
            if fold(&format!("{}_{}", module.owner(), module.name())) != stem {
                continue;
            }
            if let Some(module) = readable_module(state.store(), caller, &module)? {
                return Ok(Some((CrateName::new(module.name.clone(), plugin.name.clone()), module)));
            }
        }
    }
    Ok(None)
}

fn fold(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}
