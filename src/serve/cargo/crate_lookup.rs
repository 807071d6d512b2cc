//! Which crate of which module a name means, in whatever spelling, and what of that is known already.

use std::sync::Arc;

use tokio::task::block_in_place;

use super::name_cache::Named;
use crate::actions::Caller;
use crate::actions::access::{may_read, readable_module};
use crate::model::{CrateName, PluginRef};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::state::State;
use crate::serve::suggest::unknown_module;
use crate::store::Module;

/// Cargo sends a token to all of a registry or to nothing of it, as the registry's `config.json` says.
const SENDS_NO_TOKEN: &str = "; if it is private: this server runs with --anonymous-reads, to which cargo sends no \
                              token even when it has one, so cargo gets crates of public modules only";

/// What `spelling` means to `caller`: as it is known, unless anything has changed since, or as `look_up` finds it.
///
/// # Errors
/// When `look_up` finds nothing that is there for the caller.
pub(super) fn meaning(
    state: &State,
    caller: &Caller,
    spelling: &str,
    look_up: impl FnOnce() -> Answer<(CrateName, Module)>,
) -> Answer<Arc<Named>> {
    // Read first: whatever changes from here on makes what is found now stale.
    let count = state.publisher.progress().count();
    if let Some(known) = state.names.0.get(spelling).filter(|known| known.count == count)
        && may_read(state.store(), caller, &known.module)?
    {
        return Ok(known);
    }
    let (name, module) = block_in_place(look_up)?;
    let named = Arc::new(Named { name, module, count });
    state.names.0.insert(spelling.into(), Arc::clone(&named));
    Ok(named)
}

/// The path under which cargo looks for a crate: two levels of directories by the first letters, in lower case.
pub(super) fn index_path(name: &str) -> Option<String> {
    if !name.is_ascii() || name.is_empty() {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    Some(match lower.len() {
        1 => format!("1/{lower}"),
        2 => format!("2/{lower}"),
        3 => format!("3/{}/{lower}", &lower[..1]),
        _ => format!("{}/{}/{lower}", &lower[..2], &lower[2..4]),
    })
}

/// The crate that `name` means, with its module. Cargo tries other spellings of `-` and `_` when it does not find a
/// crate, and tells the user the right one if it finds that.
///
/// # Errors
/// `NotFound` when the name has no form of ours, so that cargo goes on trying; otherwise a refusal whose text cargo
/// shows, which says whether module or plugin is unknown.
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

/// Looks for a module and a plugin whose crate reads like `name` when `-` and `_` are the same.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_cargo_builds_them() {
        assert_eq!(index_path("a").as_deref(), Some("1/a"));
        assert_eq!(index_path("AB").as_deref(), Some("2/ab"));
        assert_eq!(index_path("abc").as_deref(), Some("3/a/abc"));
        assert_eq!(index_path("acme_pets").as_deref(), Some("ac/me/acme_pets"));
        assert_eq!(index_path("é"), None);
    }
}
