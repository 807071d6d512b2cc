//! The page of a plugin: what it makes, its options and versions, and who uses it.

use askama::Template;
use http::Response;

use crate::actions::access::viewer;
use crate::actions::usage::RECENT_DAYS;
use crate::model::{CrateName, OptionKind, Plugin, PluginName, PluginRef};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::page::link::external;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::store::PluginUser;

use super::option_texts::option_text;
use super::{VersionRow, version};

/// The most modules that are named as users.
const USERS: u64 = 20;

struct OptionRow {
    name: String,
    /// How it is written; empty for a flag.
    example: String,
    /// What crates are made with, if it is given at all.
    default: Option<String>,
    text: &'static str,
}

struct UserRow {
    module: String,
    /// The path of its SDKs.
    href: String,
    sdks: u64,
    downloads: u64,
}

#[derive(Template)]
#[template(path = "plugin.html", config = "assets/askama.toml")]
struct PluginView {
    chrome: Chrome,
    name: String,
    description: String,
    license: String,
    source: Option<String>,
    external: bool,
    sdk: bool,
    deprecated: Option<String>,
    /// The module below that of the package that the code stands in.
    submodule: Option<String>,
    /// What the names of its crates end with.
    suffix: String,
    /// Commands that add a crate.
    commands: String,
    /// Lines of `buf.gen.yaml`.
    template: String,
    /// The options of the newest version.
    options: Vec<OptionRow>,
    newest: String,
    versions: Vec<VersionRow>,
    users: Vec<UserRow>,
    modules: u64,
    sdks: u64,
    days: i64,
}

/// `/plugins/{owner}/{plugin}`.
pub(in crate::serve::web) fn plugin(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let name = format!("{}/{}", params.get("owner"), params.get("plugin"));
    let name: PluginName = name.parse().map_err(|error| Refusal::not_found(format!("{error}")))?;
    let catalogue = visit.state.publisher.catalogue();
    let reference = PluginRef { name: name.clone(), version: None };
    let newest = catalogue.find(&reference).map_err(|error| Refusal::not_found(error.to_string()))?;
    let versions = catalogue.versions(&name).map(|plugin| version(visit, plugin)).collect::<Answer<_>>()?;
    let since = visit.now.as_seconds().div_euclid(24 * 60 * 60) - RECENT_DAYS + 1;
    let usage = visit.store().plugin_usage(&name, viewer(&visit.caller), since, USERS)?;
    let suffix = name.to_string().replace('/', "_");
    let options = newest.known_options.keys().map(|option| option_row(newest, option)).collect();
    ok(&PluginView {
        chrome: visit.chrome(format!("{name} · Plugins")).about(&newest.description),
        description: newest.description.clone(),
        license: newest.license.clone(),
        source: external(&newest.source_url),
        external: newest.is_external(),
        sdk: newest.sdk,
        deprecated: newest.deprecated.clone(),
        submodule: newest.submodule.clone(),
        commands: commands(&name, usage.first.first()),
        template: template(visit, newest),
        options,
        newest: newest.version.to_string(),
        versions,
        users: usage.first.into_iter().map(user_row).collect(),
        modules: usage.modules,
        sdks: usage.sdks,
        days: RECENT_DAYS,
        name: name.to_string(),
        suffix,
    })
}

/// The commands that add a crate: of the module that is used most, as an example.
fn commands(plugin: &PluginName, user: Option<&PluginUser>) -> String {
    match user {
        Some(user) => {
            format!("cargo add --registry buf {}", CrateName::new(user.module.clone(), plugin.clone()))
        }
        None => format!("registry sdk generate OWNER/MODULE --plugin {plugin}"),
    }
}

fn template(visit: &PageRequest<'_>, plugin: &Plugin) -> String {
    format!("version: v2\nplugins:\n  - remote: {}/{}:{}\n    out: gen", visit.host(), plugin.name, plugin.version)
}

fn option_row(plugin: &Plugin, name: &str) -> OptionRow {
    let is_it = |option: &&String| option.split('=').next() == Some(name);
    let kind = plugin.known_options.get(name);
    OptionRow {
        example: match kind {
            None | Some(OptionKind::Flag | OptionKind::ReadsFile) => String::new(),
            Some(kind) => kind.example(name),
        },
        default: plugin.options.iter().find(is_it).cloned(),
        text: if plugin.is_external() { "" } else { option_text(name) },
        name: name.to_owned(),
    }
}

fn user_row(user: PluginUser) -> UserRow {
    UserRow {
        href: format!("/{}/sdks", user.module),
        module: user.module.to_string(),
        sdks: user.sdks,
        downloads: user.downloads,
    }
}
