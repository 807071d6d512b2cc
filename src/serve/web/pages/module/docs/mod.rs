//! The docs tab: README and packages of a module, and a page for each package.

mod builder;
mod comments;
mod custom_options;
mod declared_names;
mod fields;
mod license_name;
mod native_options;
mod only_package;
mod package;
mod package_docs;
mod package_index;
mod package_list;
mod rail;
mod requested_package;
mod since;
mod types;
mod view;

use std::sync::Arc;

use askama::Template;
use http::Response;

use crate::actions::access::{Access, access};
use crate::model::Snapshot;
use crate::publish::ResolveError;
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{Module, Symbol, SymbolKind};

pub(in crate::serve::web) use package::package;
use package_list::PackageList;
use rail::Rail;
use requested_package::Entry;
use types::package_path;

use crate::serve::web::markdown::Readme;
use crate::serve::web::page::link::segment;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;

/// The documentation file of a module.
struct ReadmeView {
    file: &'static str,
    readme: Arc<Readme>,
    /// The path of the raw file.
    raw: String,
}

impl ReadmeView {
    /// The documentation file of the commit: the first of the possible names that it has.
    fn find(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<Option<Self>> {
        for file in Snapshot::doc_names() {
            if let Some((found, digest)) = visit.store().file(at.commit.id, file)? {
                let readme = visit.state.readmes.of(digest, &found.content);
                let raw = format!("/{}/raw/{}/{file}", at.module.name, at.reference);
                return Ok(Some(Self { file, readme, raw }));
            }
        }
        Ok(None)
    }
}

#[derive(Template)]
#[template(path = "docs.html", config = "assets/askama.toml")]
struct DocsView {
    chrome: Chrome,
    head: ModuleHeader,
    readme: Option<ReadmeView>,
    packages: PackageList,
    /// The declarations by kind, if there is no README and this is little.
    declared: Vec<(&'static str, Vec<Entry>)>,
    rail: Rail,
    /// Whether the caller may push a README.
    may_push: bool,
}

#[derive(Template)]
#[template(path = "empty_module.html", config = "assets/askama.toml")]
struct EmptyView {
    chrome: Chrome,
    name: String,
    full: String,
    description: String,
}

/// `/{owner}/{module}`: the docs of the default label, or how to push if it has no commit.
pub(in crate::serve::web) fn module(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let module = visit.module(params.get("owner"), params.get("module"))?;
    match crate::publish::resolve_commit(visit.store(), &module, "") {
        Err(ResolveError::NoCommits { .. }) => empty(visit, module),
        _ => overview(visit, &ModuleAtCommit::of(visit.store(), module, "")?),
    }
}

fn empty(visit: &PageRequest<'_>, module: Module) -> Answer<Response<Body>> {
    let name = module.name.to_string();
    let full = format!("{}/{name}", visit.host());
    ok(&EmptyView {
        chrome: visit.chrome(&name).about(&module.description),
        name,
        full,
        description: module.description,
    })
}

/// `/{owner}/{module}/docs/{ref}`.
pub(in crate::serve::web) fn docs(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    overview(visit, &ModuleAtCommit::find(visit, params)?)
}

fn overview(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<Response<Body>> {
    let name = &at.module.name;
    let head = at.head(visit, Tab::Docs, &|reference| format!("/{name}/docs/{reference}"))?;
    let readme = ReadmeView::find(visit, at)?;
    let outline = visit.outline(at.commit.id)?;
    let packages = PackageList::new(&outline, &at.tab(Tab::Docs));
    let declared = match readme {
        Some(_) => vec![],
        None => only_package::declarations(visit, at, &outline)?,
    };
    let rail = Rail::find(visit, at)?;
    let may_push = access(visit.store(), &visit.caller, at.module.owner)? >= Access::Write;
    let mut chrome = visit.chrome(name.to_string()).about(&at.module.description);
    chrome.feed = Some(format!("/{name}/releases.atom"));
    ok(&DocsView { chrome, head, readme, packages, declared, rail, may_push })
}

/// The path of the documentation of a found symbol.
pub(in crate::serve::web) fn symbol_path(found: &crate::store::SymbolMatch) -> String {
    let Symbol { kind, package, name } = &found.symbol;
    let base = format!("/{}/docs/{}", found.module, segment(found.label.as_str()));
    let page = package_path(&base, package);
    if *kind == SymbolKind::Package {
        return page;
    }
    let anchor = if package.is_empty() { name } else { &name[package.len() + 1..] };
    format!("{page}{}#{anchor}", types::query(anchor, ""))
}
