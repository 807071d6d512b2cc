//! The page of one SDK: its state, its crate, and the lines to copy.

mod actions;
mod address;
mod crate_facts;
mod crate_view;
mod events;
mod example;
mod example_package;
mod feature_code;
mod feature_graph;
mod feature_picker;
mod import_examples;
pub(super) mod options_excerpt;
mod public_crates;
pub(super) mod snippets;
mod source_page;
mod usage_view;

use askama::Template;
use http::{Response, StatusCode};

pub(in crate::serve::web) use actions::submit;
pub(in crate::serve) use crate_facts::CrateFiles;
pub(in crate::serve::web) use crate_facts::bytes;
pub(in crate::serve::web) use events::events;
pub(in crate::serve::web) use source_page::file;

use crate::actions::access::{Access, access};
use crate::model::{Plugin, Scope, SdkState};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::Visibility;

use crate::serve::web::page::excerpt::{MESSAGE, excerpt};
use crate::serve::web::page::link::external;
use crate::serve::web::page::module_header::{Choice, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, page};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::relative_time::Age;
use crate::serve::web::pages::plugins::differs;
use address::RequestedSdk;
use crate_view::Published;
use feature_picker::FeaturePicker;
use options_excerpt::options_excerpt;
use public_crates::public_crates;
use snippets::{Added, DependencySnippet};
use usage_view::Usage;

/// The progress of the SDK.
enum Progress {
    Served,
    Pending,
    Failed(String),
    Never,
}

#[derive(Template)]
#[template(path = "sdk.html", config = "assets/askama.toml")]
struct SdkView {
    chrome: Chrome,
    head: ModuleHeader,
    crate_name: String,
    version: String,
    released: bool,
    plugin: PluginFacts,
    plugins: Vec<Choice>,
    versions: Vec<Choice>,
    progress: Progress,
    published: Option<Published>,
    /// Paths of the tabs.
    up: String,
    docs: String,
    dependants: String,
    /// Path of this page, for forms and events.
    path: String,
    configuration: String,
    login: String,
    needs_token: bool,
    may_create_token: bool,
    /// Whether a token was just created, and is part of the login command.
    new_token: bool,
    ways: Vec<DependencySnippet>,
    /// The choice of packages, for a crate with features.
    picker: Option<FeaturePicker>,
    /// Imports, where there is no example.
    imports: Vec<String>,
    /// A whole program.
    example: Option<String>,
    may_order: bool,
    /// Whether every push to this label generates this SDK.
    kept: bool,
    /// The label, if the reference is one: there are no later pushes to a commit.
    label: Option<String>,
    default_label: String,
    /// Whether the caller may register an interest.
    may_keep: bool,
    may_yank: bool,
    /// The module options of the commit.
    asked: Option<String>,
    /// The downloads, if they are counted.
    usage: Option<Usage>,
    /// The path of the archive of the crate's files, without the ending.
    archive: String,
}

struct PluginFacts {
    name: String,
    version: String,
    bare: String,
    revision: String,
    description: String,
    license: String,
    rust_version: String,
    source: Option<String>,
    deprecated: Option<String>,
    /// When the plugin's output last differed for the same request, if it ever did.
    differs: Option<Age>,
}

impl PluginFacts {
    fn new(visit: &PageRequest<'_>, plugin: &Plugin) -> Answer<Self> {
        Ok(Self {
            name: plugin.name.to_string(),
            version: plugin.version.to_string(),
            bare: plugin.version.bare(),
            revision: plugin.revision.to_string(),
            description: plugin.description.clone(),
            license: plugin.license.clone(),
            rust_version: plugin.rust_version.clone(),
            source: external(&plugin.source_url),
            deprecated: plugin.deprecated.clone(),
            differs: differs(visit, plugin)?,
        })
    }
}

/// `/{owner}/{module}/sdks/{ref}:{pluginOwner}/{pluginName}[:version]`.
pub(in crate::serve::web) fn sdk(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    show(visit, &RequestedSdk::find(visit, params)?, None)
}

/// The page. `token` was just created and is shown only now.
fn show(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>, token: Option<&str>) -> Answer<Response<Body>> {
    let (at, store) = (&wanted.at, visit.store());
    let module = &at.module;
    let head = at.head(visit, Tab::Sdks, &|reference| wanted.path(reference))?;
    let interests = store.interests(module.id)?;
    let label = at.label.as_ref().map(|label| &label.name);
    let kept = interests.iter().any(|interest| {
        interest.plugin == wanted.plugin.name
            && Some(&interest.label) == label
            && interest.version.is_none_or(|version| version == wanted.plugin.version)
    });
    let progress = progress(visit, wanted)?;
    let published = Published::find(visit, wanted)?;
    let held = access(store, &visit.caller, module.owner)?;
    let example = example::example(visit, at, wanted.plugin)?;
    let imports = match example {
        Some(_) => vec![],
        None => import_examples::imports(visit, at, wanted.plugin)?,
    };
    let public = public_crates(wanted.plugin, example.is_some() && !wanted.plugin.dependencies.is_empty());
    let added = Added { crates: &wanted.crates(visit), public: &public };
    let newest = label.is_some() && at.is_default();
    let picker =
        published.as_ref().and_then(|krate| FeaturePicker::find(visit, krate, &added, (&wanted.crate_name, newest)));
    let user = visit.caller.user();
    let name = &module.name;
    page(
        StatusCode::OK,
        &SdkView {
            chrome: visit.chrome(format!("{} · {}", wanted.plugin.name, name)).about(&wanted.plugin.description),
            head,
            crate_name: wanted.crate_name.to_string(),
            version: wanted.crate_version.to_string(),
            released: at.commit.released,
            plugin: PluginFacts::new(visit, wanted.plugin)?,
            plugins: wanted.plugins(visit)?,
            versions: wanted.versions(visit),
            progress,
            ways: snippets::ways(
                &added,
                label.map(|_| at.is_default()),
                published.as_ref().is_some_and(|krate| krate.yanked),
            ),
            picker,
            published,
            up: at.tab(Tab::Sdks),
            docs: at.tab(Tab::Docs),
            dependants: at.tab(Tab::Dependencies),
            path: wanted.own_path(),
            configuration: snippets::configuration(visit.url()),
            login: snippets::login(token.unwrap_or("YOUR-TOKEN")),
            needs_token: !visit.state.anonymous_reads || module.visibility == Visibility::Private,
            may_create_token: visit.caller.allows(Scope::Write),
            new_token: token.is_some(),
            imports,
            example,
            may_order: user.is_some() && may_request(visit, wanted)?,
            kept,
            may_keep: held >= Access::Write,
            may_yank: held >= Access::Admin,
            usage: Usage::find(visit, wanted)?,
            asked: options_excerpt(visit, at.commit.id)?,
            label: label.map(ToString::to_string),
            default_label: module.default_label.to_string(),
            archive: format!("/gen/archive/{name}/{}/{}", wanted.plugin.name, at.commit.id),
        },
    )
}

/// Whether the caller may request SDKs. An SDK costs the registry work and space, so a private module takes a token of
/// scope write or membership. For a public module any signed-in user may, as with cargo's first request for a crate.
fn may_request(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>) -> Answer<bool> {
    let module = &wanted.at.module;
    let held = access(visit.store(), &visit.caller, module.owner)?;
    Ok(visit.caller.allows(Scope::Read) && (module.visibility == Visibility::Public || held >= Access::Read))
}

fn progress(visit: &PageRequest<'_>, wanted: &RequestedSdk<'_>) -> Answer<Progress> {
    Ok(match visit.state.publisher.sdk_state(&wanted.key)? {
        None => Progress::Never,
        Some(SdkState::Served) => Progress::Served,
        Some(SdkState::Queued | SdkState::Running) => Progress::Pending,
        Some(SdkState::Failed { message }) => Progress::Failed(excerpt(&message, MESSAGE).into_owned()),
    })
}
