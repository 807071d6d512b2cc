//! The docs tab: README and packages of a module, and a page for each package.

mod builder;
mod comments;
mod custom_options;
mod declared_names;
mod fields;
mod native_options;
mod package;
mod package_docs;
mod package_index;
mod requested_package;
mod types;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use http::Response;

use crate::model::{DescriptorSet, ModuleName, Snapshot};
use crate::publish::ResolveError;
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{Module, Symbol, SymbolKind};

pub(in crate::serve::web) use package::package;
use types::package_path;

use crate::serve::web::markdown::Readme;
use crate::serve::web::page::link::segment;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;

struct PackageRow {
    name: String,
    href: String,
    counts: String,
}

/// The most packages that are listed.
const PACKAGES: usize = 3_000;

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
    packages: Vec<PackageRow>,
    /// The number of packages that are not listed, because there are too many.
    more: usize,
    sdks: String,
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
    let descriptors = visit.descriptors(at.commit.id)?;
    let mut packages = packages(&descriptors, name, &at.tab(Tab::Docs));
    let more = packages.len().saturating_sub(PACKAGES);
    packages.truncate(PACKAGES);
    let mut chrome = visit.chrome(name.to_string()).about(&at.module.description);
    chrome.feed = Some(format!("/{name}/releases.atom"));
    ok(&DocsView { chrome, head, readme, packages, more, sdks: at.tab(Tab::Sdks) })
}

fn packages(descriptors: &DescriptorSet, module: &ModuleName, base: &str) -> Vec<PackageRow> {
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for file in descriptors.of_module(module) {
        let count = counts.entry(file.proto.package()).or_default();
        count[0] += file.proto.service.len();
        count[1] += file.proto.message_type.len();
        count[2] += file.proto.enum_type.len();
        count[3] += file.proto.extension.len();
    }
    let row = |(package, count): (&str, [usize; 4])| PackageRow {
        name: if package.is_empty() { "(no package)".into() } else { package.into() },
        href: package_path(base, package),
        counts: counted(count),
    };
    counts.into_iter().map(row).collect()
}

fn counted(count: [usize; 4]) -> String {
    let words = ["service", "message", "enum", "extension"];
    let said = count.iter().zip(words).filter(|(count, _)| **count > 0);
    let said: Vec<_> =
        said.map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" })).collect();
    if said.is_empty() { "nothing declared".into() } else { said.join(", ") }
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
