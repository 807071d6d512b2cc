//! The catalogue of plugins, and a page for each.

mod option_texts;
mod plugin;

use askama::Template;
use http::Response;

use crate::actions::access::viewer;
use crate::model::{Plugin, RuntimeCrate};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;

use crate::serve::web::page::link::external;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::relative_time::Age;

pub(in crate::serve::web) use plugin::plugin;

/// The most modules that are named as users of a plugin.
const USERS: u64 = 6;

struct VersionRow {
    version: String,
    revision: String,
    rust_version: String,
    runtime: Vec<String>,
    options: String,
    builds_on: String,
    deprecated: Option<String>,
    /// When its output last differed for the same request, if it ever did.
    differs: Option<Age>,
}

struct PluginRow {
    name: String,
    description: String,
    license: String,
    source: Option<String>,
    crates: bool,
    versions: Vec<VersionRow>,
    /// The first modules whose current release has a crate of it.
    users: Vec<String>,
    /// How many more have.
    more_users: u64,
}

#[derive(Template)]
#[template(path = "plugins.html", config = "assets/askama.toml")]
struct PluginsView {
    chrome: Chrome,
    word: String,
    plugins: Vec<PluginRow>,
}

/// `/plugins?word=…`.
pub(in crate::serve::web) fn plugins(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let word = visit.query.get("word").to_owned();
    let mut rows: Vec<PluginRow> = vec![];
    for plugin in visit.state.publisher.catalogue().plugins().iter().filter(|plugin| matches(plugin, &word)) {
        let name = plugin.name.to_string();
        match rows.last_mut().filter(|row| row.name == name) {
            Some(row) => row.versions.push(version(visit, plugin)?),
            None => rows.push(row(visit, plugin)?),
        }
    }
    ok(&PluginsView { chrome: visit.chrome("Plugins"), word, plugins: rows })
}

fn row(visit: &PageRequest<'_>, plugin: &Plugin) -> Answer<PluginRow> {
    let users = visit.store().plugin_users(&plugin.name, viewer(&visit.caller), USERS)?;
    let more_users = users.total.saturating_sub(USERS);
    Ok(PluginRow {
        name: plugin.name.to_string(),
        description: plugin.description.clone(),
        license: plugin.license.clone(),
        source: external(&plugin.source_url),
        crates: plugin.sdk,
        versions: vec![version(visit, plugin)?],
        users: users.first.iter().map(ToString::to_string).collect(),
        more_users,
    })
}

fn matches(plugin: &Plugin, word: &str) -> bool {
    let word = word.to_lowercase();
    let runtime = plugin.runtime.iter().any(|krate| krate.name.contains(&word));
    runtime || plugin.name.to_string().contains(&word) || plugin.description.to_lowercase().contains(&word)
}

/// When the output of an external plugin last differed for the same request. Embedded plugins are deterministic.
pub(in crate::serve::web) fn differs(visit: &PageRequest<'_>, plugin: &Plugin) -> Answer<Option<Age>> {
    if !plugin.is_external() {
        return Ok(None);
    }
    Ok(visit.store().plugin_outputs_changed(plugin)?.map(|time| visit.age(time)))
}

fn version(visit: &PageRequest<'_>, plugin: &Plugin) -> Answer<VersionRow> {
    let builds_on: Vec<_> = plugin.dependencies.iter().map(ToString::to_string).collect();
    Ok(VersionRow {
        version: plugin.version.to_string(),
        revision: plugin.revision.to_string(),
        rust_version: plugin.rust_version.clone(),
        runtime: plugin.runtime.iter().map(runtime).collect(),
        options: plugin.options.join(", "),
        builds_on: builds_on.join(", "),
        deprecated: plugin.deprecated.clone(),
        differs: differs(visit, plugin)?,
    })
}

fn runtime(krate: &RuntimeCrate) -> String {
    let features = if krate.features.is_empty() { String::new() } else { format!(" ({})", krate.features.join(", ")) };
    format!("{} {}{features}", krate.name, krate.requirement)
}
