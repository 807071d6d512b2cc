//! What stands beside a module's documentation: how to take it into a project, how current it is, and who uses it.

use crate::model::{CrateName, Plugin, SdkState};
use crate::serve::http::error::Answer;
use crate::store::Sdk;

use super::license_name::license_name;
use crate::serve::web::page::link::{external, external_words};
use crate::serve::web::page::module_header::{ModuleAtCommit, Tab};
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::relative_time::Age;
use crate::serve::web::pages::module::changes_view::ChangesView;
use crate::serve::web::pages::module::commits::user_name;
use crate::serve::web::pages::module::dependencies::dependants;
use crate::serve::web::pages::module::sdk::snippets;
use crate::serve::web::pages::module::verdict_view::VerdictView;

/// The most modules that are named as users.
const USERS: usize = 6;

/// The facts beside a module's documentation.
pub(super) struct Rail {
    /// The crate to add, if there is one.
    pub crate_to_add: Option<CrateToAdd>,
    /// What stands in the way of a crate, if there is none.
    pub no_crate: &'static str,
    /// The path of the tab with all SDKs.
    pub sdks: String,
    /// The licence, and the path of its text.
    pub license: Option<(&'static str, String)>,
    /// The page of the project, as its owner says.
    pub url: Option<String>,
    /// The sources of the commit, as its push said: the words of a link, and its address.
    pub source: Option<(String, String)>,
    pub commit: LastCommit,
    pub labels: u64,
    /// The first modules that depend on this one.
    pub users: Vec<String>,
    /// How many more do.
    pub more_users: usize,
    /// The path of the tab with all of them.
    pub dependencies: String,
}

/// A crate of the commit.
pub(super) struct CrateToAdd {
    /// The command that adds it.
    pub command: String,
    /// The path of its page.
    pub href: String,
    pub plugin: String,
    pub version: String,
    pub age: Age,
}

/// The shown commit.
pub(super) struct LastCommit {
    pub short: String,
    pub href: String,
    pub by: String,
    pub age: Age,
    pub verdict: Option<VerdictView>,
    pub changes: Option<ChangesView>,
}

impl Rail {
    /// The facts of `at`.
    ///
    /// # Errors
    /// When the store fails, or the time for the page is over.
    pub(super) fn find(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<Self> {
        let (store, name) = (visit.store(), &at.module.name);
        let crate_to_add = CrateToAdd::find(visit, at)?;
        let no_crate = if crate_to_add.is_some() { "" } else { obstacle(visit, at)? };
        let license = store.file(at.commit.id, "LICENSE")?.map(|(file, _)| {
            let path = format!("/{name}/files/{}/LICENSE", at.reference);
            (license_name(&file.content).unwrap_or("see LICENSE"), path)
        });
        let mut users: Vec<_> = dependants(visit, at.module.id)?.into_iter().map(|row| row.name).collect();
        let more_users = users.len().saturating_sub(USERS);
        users.truncate(USERS);
        Ok(Self {
            crate_to_add,
            no_crate,
            sdks: at.tab(Tab::Sdks),
            license,
            url: external(&at.module.url),
            source: external(&at.commit.source_control_url).map(|url| (external_words(&url), url)),
            commit: LastCommit::find(visit, at)?,
            labels: store.count_labels(at.module.id)?,
            users,
            more_users,
            dependencies: at.tab(Tab::Dependencies),
        })
    }
}

impl CrateToAdd {
    /// The published crate of the first plugin that pushes of this module generate with, or of another one.
    fn find(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<Option<Self>> {
        let publisher = &visit.state.publisher;
        let catalogue = publisher.catalogue();
        let sdks: Vec<Sdk> =
            visit.store().sdks_of_commit(at.commit.id)?.into_iter().filter(|sdk| !sdk.yanked).collect();
        let made_by = |plugin: &Plugin| {
            sdks.iter().find(|sdk| sdk.key.plugin == plugin.name && sdk.key.version == plugin.version)
        };
        let eager = publisher.eager_for(at.commit.id)?;
        let eager = eager.iter().filter_map(|reference| catalogue.find(reference).ok());
        let found = eager.chain(catalogue.plugins()).find_map(|plugin| Some((plugin, made_by(plugin)?)));
        Ok(found.map(|(plugin, sdk)| Self::new(visit, at, plugin, sdk)))
    }

    fn new(visit: &PageRequest<'_>, at: &ModuleAtCommit, plugin: &Plugin, sdk: &Sdk) -> Self {
        let name = CrateName::new(at.module.name.clone(), plugin.name.clone());
        let command = if at.is_default() {
            snippets::add_newest(&name)
        } else {
            // Versions of other labels sort below releases.
            snippets::add(&name, &sdk.version, "=")
        };
        Self {
            command,
            href: format!("/{}/sdks/{}:{}", at.module.name, at.reference, plugin.name),
            plugin: plugin.name.to_string(),
            version: sdk.version.to_string(),
            age: visit.age(sdk.created),
        }
    }
}

/// Why a commit has no crate.
fn obstacle(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<&'static str> {
    let jobs = visit.store().jobs_of_commit(at.commit.id)?;
    let any = |test: fn(&SdkState) -> bool| jobs.iter().any(|job| test(&job.state));
    Ok(if any(|state| matches!(state, SdkState::Queued | SdkState::Running)) {
        "Its crates are being made."
    } else if any(|state| matches!(state, SdkState::Failed { .. })) {
        "No crate of this commit could be made."
    } else {
        "No crate was made of this commit yet."
    })
}

impl LastCommit {
    fn find(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<Self> {
        let (store, name, commit) = (visit.store(), &at.module.name, &at.commit);
        let verdict = store.verdicts(&[commit.id])?.into_iter().flatten().next();
        let changes = store.commit_changes(&[commit.id])?.into_iter().flatten().next();
        Ok(Self {
            short: commit.id.short().to_string(),
            href: format!("/{name}/commits/{}", at.reference),
            by: user_name(store, commit.created_by)?,
            age: visit.age(commit.created),
            verdict: verdict.map(|found| VerdictView::new(name, commit.id, &found)),
            changes: changes.as_ref().map(ChangesView::new),
        })
    }
}
