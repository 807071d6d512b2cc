//! Which crates and versions are exported.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::error::CliError;
use crate::client::{Client, IndexLine};
use crate::model::{CrateName, ModuleName};
use crate::wire::buf::registry::module::v1::Module;
use crate::wire::registry::v1::SdkState;

use crate::cli::commands::modules::module::owner_names;

/// Versions by crate, in the order of the index.
pub(super) type Crates = BTreeMap<CrateName, Vec<IndexLine>>;

/// The crates of `modules`, or of all, with everything that they depend on; only releases unless `labels`.
pub(super) async fn collect(client: &Client, modules: &[ModuleName], labels: bool) -> Result<Crates, CliError> {
    let mut wanted = BTreeSet::new();
    for module in modules_of(client, modules).await? {
        let served = client.sdks(&module, "", None).await?.into_iter().filter(|sdk| sdk.state == SdkState::Served);
        let names = served.map(|sdk| sdk.crate_name.parse::<CrateName>());
        let names = names.collect::<Result<Vec<_>, _>>();
        wanted.extend(names.map_err(|error| CliError::CannotRun(format!("the list of crates is wrong: {error}")))?);
    }
    let mut crates = Crates::new();
    while let Some(name) = wanted.pop_first() {
        let mut lines = client.index_lines(&name).await?;
        lines.retain(|line| labels || line.version.time.is_released());
        let needed = lines.iter().flat_map(|line| &line.dependencies).map(|(needed, _)| needed);
        wanted.extend(needed.filter(|needed| **needed != name && !crates.contains_key(needed)).cloned());
        if !lines.is_empty() {
            crates.insert(name, lines);
        }
    }
    Ok(crates)
}

async fn modules_of(client: &Client, named: &[ModuleName]) -> Result<Vec<ModuleName>, CliError> {
    if !named.is_empty() {
        for module in named {
            client.known_module(module).await?;
        }
        return Ok(named.to_vec());
    }
    let (modules, owners) = (client.list_modules(None).await?, owner_names(client).await?);
    let full = |module: Module| {
        let owner = owners.get(&module.owner_id).unwrap_or(&module.owner_id);
        format!("{owner}/{}", module.name).parse()
    };
    let names = modules.into_iter().map(full).collect::<Result<_, _>>();
    names.map_err(|error| CliError::CannotRun(format!("the list of modules is wrong: {error}")))
}
