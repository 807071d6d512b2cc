//! The docs tab: README and packages of a module, and a page for each package.

mod build;
mod comments;
mod types;

use std::collections::BTreeMap;

use askama::Template;
use http::Response;

use crate::model::{CommitId, DescriptorSet, ModuleName, Plugin, PluginName, did_you_mean};
use crate::publish::ResolveError;
use crate::serve::error::{Answer, Refusal};
use crate::serve::respond::Body;
use crate::store::{Module, Symbol, SymbolKind};

use build::{Builder, PackageDocs};
pub(super) use build::{map_entry, scalar};
use types::{Types, package_path};

use super::Params;
use super::head::{At, Choice, Head, Tab};
use super::link::segment;
use super::markdown;
use super::rust_path::RustPaths;
use super::visit::{Chrome, Visit, ok};

struct PackageRow {
    name: String,
    href: String,
    counts: String,
}

#[derive(Template)]
#[template(path = "docs.html", config = "assets/askama.toml")]
struct DocsView {
    chrome: Chrome,
    head: Head,
    /// The documentation file's name, and its text as HTML.
    readme: Option<(String, String)>,
    packages: Vec<PackageRow>,
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
    let snapshot = visit.store().snapshot(at.commit.id)?;
    let readme = snapshot.readme().map(|file| {
        let text = String::from_utf8_lossy(&file.content);
        (file.path.to_string(), markdown::readme(&text))
    });
    let descriptors = visit.state.publisher.descriptors(at.commit.id)?;
    let packages = packages(&descriptors, name, &at.tab(Tab::Docs));
    let mut chrome = visit.chrome(name.to_string());
    chrome.feed = Some(format!("/{name}/releases.atom"));
    ok(&DocsView { chrome, head, readme, packages, sdks: at.tab(Tab::Sdks) })
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

#[derive(Template)]
#[template(path = "package.html", config = "assets/askama.toml")]
struct PackageView {
    chrome: Chrome,
    head: Head,
    package: String,
    up: String,
    packages: Vec<PackageRow>,
    docs: PackageDocs,
    plugin: String,
    plugins: Vec<Choice>,
}

/// `/{owner}/{module}/docs/{ref}/{package}`.
pub(super) fn package(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = At::find(visit, params)?;
    let asked = params.get("package");
    let package = if asked == "-" { "" } else { asked };
    let name = &at.module.name;
    let descriptors = visit.state.publisher.descriptors(at.commit.id)?;
    let known = descriptors.packages_of(name);
    if !known.contains(package) {
        let hint = did_you_mean(package, known.iter().copied());
        return Err(Refusal::not_found(format!("{name} has no package {package} at {}{hint}", at.called())));
    }
    let services =
        descriptors.of_module(name).any(|file| file.proto.package() == package && !file.proto.service.is_empty());
    let plugin = chosen_plugin(visit, services)?;
    let rust = RustPaths::new(plugin, visit.state.publisher.catalogue());
    let types = Types::new(&descriptors, name, at.tab(Tab::Docs), dependency_commits(visit, &at)?);
    let builder = Builder { module: name, package, types: &types, rust: &rust, files: at.tab(Tab::Files) };
    let docs = builder.build(&descriptors);
    let query = if visit.query.get("plugin").is_empty() { String::new() } else { format!("?plugin={}", plugin.name) };
    let here = |reference: &str| package_path(&format!("/{name}/docs/{reference}"), package) + &query;
    let title = if package.is_empty() { name.to_string() } else { format!("{package} · {name}") };
    let path = package_path(&at.tab(Tab::Docs), package);
    ok(&PackageView {
        chrome: visit.chrome(title),
        head: at.head(visit, Tab::Docs, &here)?,
        package: if package.is_empty() { "(no package)".into() } else { package.into() },
        up: at.tab(Tab::Docs),
        packages: packages(&descriptors, name, &at.tab(Tab::Docs)),
        docs,
        plugin: plugin.name.to_string(),
        plugins: plugin_choices(visit, &path, &plugin.name),
    })
}

/// The plugin whose Rust paths are shown: the one that was asked for, else one that covers what is declared.
fn chosen_plugin<'a>(visit: &Visit<'a>, services: bool) -> Answer<&'a Plugin> {
    let catalogue = visit.state.publisher.catalogue();
    let asked = visit.query.get("plugin");
    if !asked.is_empty() {
        let reference = asked.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
        return catalogue.find(&reference).map_err(|error| Refusal::not_found(error.to_string()));
    }
    let mut usable = catalogue.plugins().iter().filter(|plugin| plugin.sdk);
    let first = usable.clone().find(|plugin| plugin.submodule.is_some() == services);
    first.or_else(|| usable.next()).ok_or_else(|| Refusal::not_found("the plugin catalogue is empty"))
}

fn plugin_choices(visit: &Visit<'_>, path: &str, current: &PluginName) -> Vec<Choice> {
    let mut names: Vec<_> = visit
        .state
        .publisher
        .catalogue()
        .plugins()
        .iter()
        .filter(|plugin| plugin.sdk)
        .map(|plugin| &plugin.name)
        .collect();
    names.dedup();
    let choice = |name: &PluginName| Choice {
        name: name.to_string(),
        href: format!("{path}?plugin={name}"),
        current: name == current,
        mark: "",
    };
    names.into_iter().map(choice).collect()
}

/// The commits that were frozen with this one, by module.
fn dependency_commits(visit: &Visit<'_>, at: &At) -> Answer<BTreeMap<ModuleName, CommitId>> {
    let store = visit.store();
    let mut commits = BTreeMap::new();
    for dependency in store.dependencies(at.commit.id)? {
        if let Some(commit) = store.commit(dependency.commit)?
            && let Some(module) = store.module_by_id(commit.module)?
        {
            commits.insert(module.name, commit.id);
        }
    }
    Ok(commits)
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
    format!("{page}#{anchor}")
}
