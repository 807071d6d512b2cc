//! The dependencies tab: the dependencies of a commit, and the modules that depend on this module.

use std::collections::BTreeMap;

use askama::Template;
use http::Response;

use crate::actions::access::may_read;
use crate::model::{CommitId, ModuleId};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;

use super::dependency_graph::{Graph, GraphNode};
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab, docs_path};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;

struct DependencyRow {
    commit: CommitId,
    name: String,
    short: String,
    href: String,
    direct: bool,
}

/// A module that depends on this one.
pub(super) struct DependantRow {
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: String,
}

#[derive(Template)]
#[template(path = "dependencies.html", config = "assets/askama.toml")]
struct DependenciesView {
    chrome: Chrome,
    head: ModuleHeader,
    needs: Vec<DependencyRow>,
    dependants: Vec<DependantRow>,
    graph: Option<Graph>,
}

/// `/{owner}/{module}/dependencies/{ref}`. Neither list names a module that the caller may not read.
pub(in crate::serve::web) fn dependencies(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let (store, name) = (visit.store(), &at.module.name);
    let head = at.head(visit, Tab::Dependencies, &|reference| format!("/{name}/dependencies/{reference}"))?;
    let mut needs = vec![];
    for dependency in store.dependencies(at.commit.id)? {
        visit.deadline.check()?;
        let Some(commit) = store.commit(dependency.commit)? else { continue };
        let Some(module) = store.module_by_id(commit.module)? else { continue };
        if may_read(store, &visit.caller, &module)? {
            needs.push(DependencyRow {
                commit: commit.id,
                href: docs_path(&module.name, commit.id),
                name: module.name.to_string(),
                short: commit.id.short().to_string(),
                direct: dependency.direct,
            });
        }
    }
    needs.sort_by(|a, b| b.direct.cmp(&a.direct).then_with(|| a.name.cmp(&b.name)));
    let dependants = dependants(visit, at.module.id)?;
    let graph = graph(visit, &at, &needs, &dependants)?;
    let chrome = visit.chrome(format!("{name} · Dependencies"));
    ok(&DependenciesView { chrome, head, needs, dependants, graph })
}

/// The picture of the module between its users and what it builds on: directly, and through others.
fn graph(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    needs: &[DependencyRow],
    dependants: &[DependantRow],
) -> Answer<Option<Graph>> {
    let name = at.module.name.to_string();
    let by_commit: BTreeMap<_, _> = needs.iter().map(|row| (row.commit, &row.name)).collect();
    let mut columns = vec![vec![], vec![], vec![], vec![]];
    let user = |row: &DependantRow| GraphNode {
        href: format!("/{}", row.name),
        name: row.name.clone(),
        builds_on: vec![name.clone()],
    };
    columns[0].extend(dependants.iter().map(user));
    columns[1].push(GraphNode {
        href: format!("/{name}"),
        name: name.clone(),
        builds_on: needs.iter().filter(|row| row.direct).map(|row| row.name.clone()).collect(),
    });
    for row in needs {
        visit.deadline.check()?;
        let below = visit.store().dependencies(row.commit)?;
        let below = below.iter().filter(|dependency| dependency.direct);
        let builds_on = below.filter_map(|dependency| by_commit.get(&dependency.commit).map(ToString::to_string));
        let node = GraphNode { href: row.href.clone(), name: row.name.clone(), builds_on: builds_on.collect() };
        columns[if row.direct { 2 } else { 3 }].push(node);
    }
    Ok(Graph::new(columns, &name))
}

/// The modules that depend on `module` and that the caller may read, by name.
///
/// # Errors
/// When the store fails, or the time for the page is over.
pub(super) fn dependants(visit: &PageRequest<'_>, module: ModuleId) -> Answer<Vec<DependantRow>> {
    let store = visit.store();
    let mut dependants = vec![];
    for id in store.dependants(module)? {
        visit.deadline.check()?;
        let Some(module) = store.module_by_id(id)? else { continue };
        if may_read(store, &visit.caller, &module)? {
            dependants.push(DependantRow { name: module.name.to_string(), description: module.description });
        }
    }
    dependants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(dependants)
}
