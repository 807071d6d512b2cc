//! The dependencies tab: the dependencies of a commit, and the modules that depend on this module.

use askama::Template;
use http::Response;

use crate::actions::access::may_read;
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;

use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab, docs_path};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;

struct DependencyRow {
    name: String,
    short: String,
    href: String,
    direct: bool,
}

struct DependantRow {
    name: String,
    description: String,
}

#[derive(Template)]
#[template(path = "dependencies.html", config = "assets/askama.toml")]
struct DependenciesView {
    chrome: Chrome,
    head: ModuleHeader,
    needs: Vec<DependencyRow>,
    dependants: Vec<DependantRow>,
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
                href: docs_path(&module.name, commit.id),
                name: module.name.to_string(),
                short: commit.id.short().to_string(),
                direct: dependency.direct,
            });
        }
    }
    needs.sort_by(|a, b| b.direct.cmp(&a.direct).then_with(|| a.name.cmp(&b.name)));
    let mut dependants = vec![];
    for id in store.dependants(at.module.id)? {
        visit.deadline.check()?;
        let Some(module) = store.module_by_id(id)? else { continue };
        if may_read(store, &visit.caller, &module)? {
            dependants.push(DependantRow { name: module.name.to_string(), description: module.description });
        }
    }
    dependants.sort_by(|a, b| a.name.cmp(&b.name));
    ok(&DependenciesView { chrome: visit.chrome(format!("{name} · Dependencies")), head, needs, dependants })
}
