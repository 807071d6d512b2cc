//! The page of a package: the whole package, or the names of a large package with a page for each declaration.

use std::cell::Cell;

use askama::Template;
use http::Response;

use crate::model::{CommitId, DescriptorSet, Outline, Plugin, did_you_mean};
use crate::publish::PartOfCommit;
use crate::publish::rust_naming::{FieldTypes, RecursiveTypes, RustPaths, message_plugin};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::page::module_header::{Choice, ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::pages::module::since::Releases;

use super::builder::Builder;
use super::comments;
use super::custom_options::Options;
use super::declared_names::declared_names;
use super::package_index::{Contents, DeclarationKind};
use super::package_list::{PackageRow, package_rows};
use super::requested_package::{Entry, RequestedPackage, by_kind, called, head, title};
use super::since;
use super::types::{Page, Types, package_path, query};
use super::view::PackageDocs;

/// The most packages in the list beside a page; the docs tab lists all.
const PACKAGES: usize = 60;

/// The most names beside a declaration: the declarations around it and inside it.
const FAMILY: usize = 1000;

#[derive(Template)]
#[template(path = "package.html", config = "assets/askama.toml")]
struct PackageView {
    chrome: Chrome,
    head: ModuleHeader,
    package: String,
    up: String,
    /// The path of the page with all names, if one declaration of a large package is shown.
    names: Option<String>,
    packages: Vec<PackageRow>,
    /// The declarations by kind.
    index: Vec<(&'static str, Vec<Entry>)>,
    docs: PackageDocs,
    plugin: String,
    plugins: Vec<Choice>,
}

/// `/{owner}/{module}/docs/{ref}/{package}`.
pub(in crate::serve::web) fn package(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let name = if params.get("package") == "-" { "" } else { params.get("package") };
    let module = at.module.name.clone();
    let outline = visit.outline(at.commit.id)?;
    let known = outline.packages();
    if !known.contains_key(name) {
        let hint = did_you_mean(name, known.keys().copied());
        return Err(Refusal::not_found(format!("module {module} has no package {name} at {}{hint}", at.called())));
    }
    let descriptors = visit.descriptors_of_part(at.commit.id, PartOfCommit::Package(name))?;
    let contents = Contents::new(&descriptors, &module, name);
    let page = Page {
        module: &module,
        package: name,
        base: at.tab(Tab::Docs),
        large: contents.large,
        plugin: visit.query.get("plugin"),
    };
    let asked = RequestedPackage { at, name, contents, page };
    if asked.page.large && visit.query.get("symbol").is_empty() {
        return declared_names(visit, &asked);
    }
    show(visit, &asked, &descriptors, &outline)
}

fn show(
    visit: &PageRequest<'_>,
    asked: &RequestedPackage<'_>,
    descriptors: &DescriptorSet,
    outline: &Outline,
) -> Answer<Response<Body>> {
    let (at, page) = (&asked.at, &asked.page);
    let only = requested_declaration(visit, asked)?;
    let services = asked.contents.symbols.iter().any(|symbol| symbol.kind == DeclarationKind::Service);
    let plugin = chosen_plugin(visit, at.commit.id, services)?;
    let catalogue = visit.state.publisher.catalogue();
    let messages = visit.state.publisher.plugin_for_commit(message_plugin(plugin, catalogue), at.commit.id)?;
    let rust = RustPaths::new(plugin, catalogue).numbered(descriptors, page.module);
    let rust = match &messages {
        Some(messages) => rust.asked(messages),
        None => rust,
    };
    let types = Types::new(descriptors, page, at.dependencies(visit.store())?);
    let own = || descriptors.of_module(page.module).filter(|file| file.proto.package() == asked.name);
    let field_types = messages.as_ref().and_then(FieldTypes::of);
    let builder = Builder {
        module: page.module,
        package: asked.name,
        types: &types,
        rust: &rust,
        field_types: field_types.as_ref(),
        recursive: &RecursiveTypes::of_files(plugin.family, own()),
        options: &Options::of_files(descriptors, own()),
        files: at.tab(Tab::Files),
        only: only.as_deref(),
        room: Cell::new(comments::ROOM),
        deadline: &visit.deadline,
    };
    let mut docs = builder.build(descriptors)?;
    if let Some(mut releases) = Releases::find(visit.store(), at)? {
        since::fill_in(&mut releases, asked.name, &mut docs)?;
    }
    let path = package_path(&page.base, asked.name);
    let symbol = only.as_deref().unwrap_or_default();
    let mut packages = package_rows(outline, &page.base);
    packages.truncate(PACKAGES);
    ok(&PackageView {
        chrome: visit.chrome(title(page.module, asked.name, symbol)).about(&asked.at.module.description),
        head: head(visit, asked)?,
        package: called(asked.name),
        up: page.base.clone(),
        names: only.is_some().then(|| path.clone()),
        packages,
        index: index(asked, only.as_deref()),
        docs,
        plugin: plugin.name.to_string(),
        plugins: plugin_choices(visit, &path, symbol, plugin),
    })
}

/// The requested declaration of a large package.
fn requested_declaration(visit: &PageRequest<'_>, asked: &RequestedPackage<'_>) -> Answer<Option<String>> {
    if !asked.page.large {
        return Ok(None);
    }
    let wanted = visit.query.get("symbol");
    if let Some(symbol) = asked.contents.find(wanted) {
        return Ok(Some(symbol.name.clone()));
    }
    let hint = did_you_mean(wanted, asked.contents.symbols.iter().map(|symbol| symbol.name.as_str()));
    Err(Refusal::not_found(format!("package {} declares no {wanted}{hint}", asked.name)))
}

fn index(asked: &RequestedPackage<'_>, only: Option<&str>) -> Vec<(&'static str, Vec<Entry>)> {
    match only {
        None => by_kind(asked.contents.symbols.iter(), &asked.page),
        Some(only) => by_kind(asked.contents.family(only).into_iter().take(FAMILY), &asked.page),
    }
}

/// The plugin whose Rust paths are shown: the requested one, else an eager plugin of this commit, with services if the
/// package has services.
fn chosen_plugin<'a>(visit: &PageRequest<'a>, commit: CommitId, services: bool) -> Answer<&'a Plugin> {
    let publisher = &visit.state.publisher;
    let catalogue = publisher.catalogue();
    let asked = visit.query.get("plugin");
    if !asked.is_empty() {
        let reference = asked.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
        return catalogue.find(&reference).map_err(|error| Refusal::not_found(error.to_string()));
    }
    let eager = publisher.eager_for(commit)?;
    let eager = eager.iter().filter_map(|reference| catalogue.find(reference).ok());
    let mut usable: Vec<_> = eager.filter(|plugin| plugin.sdk).collect();
    // The sort is stable.
    usable.sort_by_key(|plugin| plugin.dependencies.is_empty() == services);
    let any = catalogue.plugins().iter().find(|plugin| plugin.sdk);
    usable.first().copied().or(any).ok_or_else(|| Refusal::not_found("the plugin catalogue is empty"))
}

fn plugin_choices(visit: &PageRequest<'_>, path: &str, symbol: &str, current: &Plugin) -> Vec<Choice> {
    let usable = visit.state.publisher.catalogue().plugins().iter().filter(|plugin| plugin.sdk);
    let mut names: Vec<_> = usable.map(|plugin| &plugin.name).collect();
    names.dedup();
    let href = |name: &str| match symbol {
        "" => format!("{path}?plugin={name}"),
        symbol => path.to_owned() + &query(symbol, name),
    };
    let choice = |name: &crate::model::PluginName| Choice {
        href: href(&name.to_string()),
        name: name.to_string(),
        current: *name == current.name,
        mark: "",
    };
    names.into_iter().map(choice).collect()
}
