//! The docs tab: README and packages of a module, and a page for each package.

mod build;
mod comments;
mod contents;
mod cycles;

mod fields;
mod names;
mod options;
mod package;
mod rust_types;
mod shown;
mod types;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use http::Response;

use crate::model::{DescriptorSet, ModuleName, Snapshot};
use crate::publish::ResolveError;
use crate::serve::error::Answer;
use crate::serve::respond::Body;
use crate::store::{Module, Symbol, SymbolKind};

pub(super) use fields::scalar;
pub(super) use package::package;
use types::package_path;

use super::Params;
use super::head::{At, Head, Tab};
use super::link::segment;
use super::markdown::Readme;
use super::visit::{Chrome, Visit, ok};

struct PackageRow {
    name: String,
    href: String,
    counts: String,
}

/// Most packages that are listed.
const PACKAGES: usize = 3_000;

/// The documentation file of a module.
struct ReadmeView {
    file: &'static str,
    readme: Arc<Readme>,
    /// Path of all of it, as it is.
    raw: String,
}

impl ReadmeView {
    /// The first choice that the commit has.
    fn find(visit: &Visit<'_>, at: &At) -> Answer<Option<Self>> {
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
    head: Head,
    readme: Option<ReadmeView>,
    packages: Vec<PackageRow>,
    /// How many packages are not listed, because there are too many.
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

/// `/{owner}/{module}`: the docs of the default label, or how to push if nothing is there.
pub(super) fn module(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    let module = visit.module(params.get("owner"), params.get("module"))?;
    match crate::publish::resolve_commit(visit.store(), &module, "") {
        Err(ResolveError::NoCommits { .. }) => empty(visit, module),
        _ => overview(visit, &At::of(visit.store(), module, "")?),
    }
}

fn empty(visit: &Visit<'_>, module: Module) -> Answer<Response<Body>> {
    let name = module.name.to_string();
    let full = format!("{}/{name}", visit.host());
    ok(&EmptyView { chrome: visit.chrome(&name), name, full, description: module.description })
}

/// `/{owner}/{module}/docs/{ref}`.
pub(super) fn docs(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    overview(visit, &At::find(visit, params)?)
}

fn overview(visit: &Visit<'_>, at: &At) -> Answer<Response<Body>> {
    let name = &at.module.name;
    let head = at.head(visit, Tab::Docs, &|reference| format!("/{name}/docs/{reference}"))?;
    let readme = ReadmeView::find(visit, at)?;
    let descriptors = visit.descriptors(at)?;
    let mut packages = packages(&descriptors, name, &at.tab(Tab::Docs));
    let more = packages.len().saturating_sub(PACKAGES);
    packages.truncate(PACKAGES);
    let mut chrome = visit.chrome(name.to_string());
    chrome.feed = Some(format!("/{name}/releases.atom"));
    ok(&DocsView { chrome, head, readme, packages, more, sdks: at.tab(Tab::Sdks) })
}

fn packages(descriptors: &DescriptorSet, module: &ModuleName, base: &str) -> Vec<PackageRow> {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for file in descriptors.of_module(module) {
        let count = counts.entry(file.proto.package()).or_default();
        count[0] += file.proto.service.len();
        count[1] += file.proto.message_type.len();
        count[2] += file.proto.enum_type.len();
    }
    let row = |(package, count): (&str, [usize; 3])| PackageRow {
        name: if package.is_empty() { "(no package)".into() } else { package.into() },
        href: package_path(base, package),
        counts: counted(count),
    };
    counts.into_iter().map(row).collect()
}

fn counted(count: [usize; 3]) -> String {
    let words = ["service", "message", "enum"];
    let said = count.iter().zip(words).filter(|(count, _)| **count > 0);
    let said: Vec<_> =
        said.map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" })).collect();
    if said.is_empty() { "nothing declared".into() } else { said.join(", ") }
}

/// Where a symbol that was searched for is documented.
pub(super) fn symbol_path(found: &crate::store::SymbolMatch) -> String {
    let Symbol { kind, package, name } = &found.symbol;
    let base = format!("/{}/docs/{}", found.module, segment(found.label.as_str()));
    let page = package_path(&base, package);
    if *kind == SymbolKind::Package {
        return page;
    }
    let anchor = if package.is_empty() { name } else { &name[package.len() + 1..] };
    format!("{page}{}#{anchor}", types::query(anchor, ""))
}
