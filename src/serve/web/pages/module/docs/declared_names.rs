//! The names that a large package declares, in pages.

use askama::Template;
use http::Response;

use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::serve::web::page::link::segment;
use crate::serve::web::page::module_header::{Choice, ModuleHeader};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};

use super::requested_package::{Entry, RequestedPackage, by_kind, called, head, title};
use super::types::package_path;

/// The most names on one page.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "names.html", config = "assets/askama.toml")]
struct NamesView {
    chrome: Chrome,
    head: ModuleHeader,
    package: String,
    up: String,
    /// The path of this page, for the form that filters names.
    path: String,
    find: String,
    plugin: String,
    declared: Vec<(&'static str, Vec<Entry>)>,
    total: usize,
    pages: Vec<Choice>,
}

/// The names of `asked`, or only the names that contain the word in the query.
pub(super) fn declared_names(visit: &PageRequest<'_>, asked: &RequestedPackage<'_>) -> Answer<Response<Body>> {
    let find = visit.query.get("find");
    let word = find.to_lowercase();
    let found = asked.contents.symbols.iter().filter(|symbol| symbol.name.to_lowercase().contains(&word));
    let found: Vec<_> = found.collect();
    let total = found.len();
    let last = total.saturating_sub(1) / SHOWN;
    let current = visit.query.get("page").parse::<usize>().unwrap_or(1).clamp(1, last + 1) - 1;
    let path = package_path(&asked.page.base, asked.name);
    let pages = (0..=last).map(|page| Choice {
        name: (page + 1).to_string(),
        href: format!("{path}?page={}{}{}", page + 1, more("find", find), more("plugin", asked.page.plugin)),
        current: page == current,
        mark: "",
    });
    ok(&NamesView {
        chrome: visit.chrome(title(asked.page.module, asked.name, "")).about(&asked.at.module.description),
        head: head(visit, asked)?,
        package: called(asked.name),
        up: asked.page.base.clone(),
        path: path.clone(),
        find: find.to_owned(),
        plugin: asked.page.plugin.to_owned(),
        pages: if last > 0 { pages.collect() } else { vec![] },
        declared: by_kind(found.into_iter().skip(current * SHOWN).take(SHOWN), &asked.page),
        total,
    })
}

fn more(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("&{name}={}", segment(value)) }
}
