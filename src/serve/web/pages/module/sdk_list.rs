//! The SDKs tab: the SDKs of a commit by plugin and version, with their failures.

use std::collections::BTreeMap;

use askama::Template;
use http::Response;

use crate::actions::access::require_needs;
use crate::model::{CrateName, Plugin, SdkState, SdkVersion};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{Job, Sdk, SdkKey};

use super::sdk::options_excerpt::options_excerpt;
use crate::serve::web::page::excerpt::{MESSAGE, excerpt};
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;

struct SdkRow {
    href: String,
    plugin: String,
    version: String,
    description: String,
    crate_name: String,
    crate_version: String,
    /// `ready`, `failed`, `pending` or `none`.
    state: &'static str,
    said: &'static str,
    message: String,
    runtime: String,
    rust_version: String,
    kept: bool,
    yanked: bool,
}

#[derive(Template)]
#[template(path = "sdks.html", config = "assets/askama.toml")]
struct SdksView {
    chrome: Chrome,
    head: ModuleHeader,
    rows: Vec<SdkRow>,
    pending: bool,
    /// The plugins that have nothing to generate, because the commit has no service.
    useless: Vec<String>,
    /// The module options of the commit.
    asked: Option<String>,
}

/// `/{owner}/{module}/sdks/{ref}`.
pub(in crate::serve::web) fn sdks(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let name = &at.module.name;
    require_needs(visit.store(), &visit.caller, name, at.commit.id)?;
    let head = at.head(visit, Tab::Sdks, &|reference| format!("/{name}/sdks/{reference}"))?;
    let store = visit.store();
    let jobs: BTreeMap<SdkKey, Job> =
        store.jobs_of_commit(at.commit.id)?.into_iter().map(|job| (job.key.clone(), job)).collect();
    let sdks: BTreeMap<SdkKey, Sdk> =
        store.sdks_of_commit(at.commit.id)?.into_iter().map(|sdk| (sdk.key.clone(), sdk)).collect();
    let interests = store.interests(at.module.id)?;
    let mut rows = vec![];
    let services = store.may_have_services(at.commit.id)?;
    let mut useless = vec![];
    let mut last = None;
    for plugin in visit.state.publisher.catalogue().plugins().iter().filter(|plugin| plugin.sdk) {
        let newest = last.replace(&plugin.name) != Some(&plugin.name);
        let key = key(&at, plugin);
        let requested = jobs.contains_key(&key) || sdks.contains_key(&key);
        if newest && !requested && !plugin.makes_something(services) {
            useless.push(plugin.name.to_string());
            continue;
        }
        // Old versions of a plugin are listed only if their SDK was requested.
        if newest || requested {
            let label = at.label.as_ref().map(|label| &label.name);
            let kept = interests.iter().any(|interest| {
                interest.plugin == plugin.name
                    && Some(&interest.label) == label
                    && interest.version.map_or(newest, |version| version == plugin.version)
            });
            rows.push(row(&at, plugin, newest, jobs.get(&key), sdks.get(&key), kept));
        }
    }
    // Requested SDKs come before possible ones.
    rows.sort_by_key(|row| row.state == "none");
    let pending = rows.iter().any(|row| row.state == "pending");
    let asked = options_excerpt(visit, at.commit.id)?;
    ok(&SdksView { chrome: visit.chrome(format!("{name} · SDKs")), head, rows, pending, useless, asked })
}

fn key(at: &ModuleAtCommit, plugin: &Plugin) -> SdkKey {
    SdkKey { commit: at.commit.id, plugin: plugin.name.clone(), version: plugin.version, revision: plugin.revision }
}

fn row(at: &ModuleAtCommit, plugin: &Plugin, newest: bool, job: Option<&Job>, sdk: Option<&Sdk>, kept: bool) -> SdkRow {
    let (state, said, message) = match job.map(|job| &job.state) {
        Some(SdkState::Failed { message }) => ("failed", "Failed", excerpt(message, MESSAGE).into_owned()),
        Some(SdkState::Queued) => ("pending", "Queued", String::new()),
        Some(SdkState::Running) => ("pending", "Being made", String::new()),
        Some(SdkState::Served) => ("ready", "Ready", String::new()),
        None if sdk.is_some() => ("ready", "Ready", String::new()),
        None => ("none", "Not generated", String::new()),
    };
    let version = if newest { String::new() } else { format!(":{}", plugin.version) };
    let runtime: Vec<_> = plugin.runtime.iter().map(|krate| format!("{} {}", krate.name, krate.requirement)).collect();
    let crate_version = SdkVersion::new(plugin.version, plugin.revision, at.commit.id, at.commit.released_at());
    SdkRow {
        href: format!("/{}/sdks/{}:{}{version}", at.module.name, at.reference, plugin.name),
        plugin: plugin.name.to_string(),
        version: plugin.version.to_string(),
        description: plugin.description.clone(),
        crate_name: CrateName::new(at.module.name.clone(), plugin.name.clone()).to_string(),
        crate_version: crate_version.to_string(),
        state,
        said,
        message,
        runtime: runtime.join(", "),
        rust_version: plugin.rust_version.clone(),
        kept,
        yanked: sdk.is_some_and(|sdk| sdk.yanked),
    }
}
