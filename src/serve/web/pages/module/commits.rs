//! The commits tab: commits and labels.

use std::collections::BTreeMap;

use askama::Template;
use http::Response;

use crate::model::{CommitId, OwnerId};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::{Commit, LabelFilter, Order, Store};

use crate::serve::web::page::link::{external, external_words, segment};
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::relative_time::Age;
use crate::serve::web::pages::module::changes_view::ChangesView;
use crate::serve::web::pages::module::verdict_view::VerdictView;

/// The number of commits on one page.
const PER_PAGE: u64 = 50;

/// The most labels in the list.
const LABELS: u64 = 500;

struct LabelMark {
    name: String,
    href: String,
    default: bool,
    archived: bool,
}

struct CommitRow {
    id: String,
    short: String,
    href: String,
    age: Age,
    released: bool,
    labels: Vec<LabelMark>,
    by: String,
    /// The sources in version control: the words of a link, and its address.
    source: Option<(String, String)>,
    digest: String,
    /// The comparison with what its label was at before, or with the commit before it on this page.
    compare: Option<Comparison>,
    current: bool,
    /// What it broke for users of the release before, if its push was compared.
    verdict: Option<VerdictView>,
    /// What it changed against the head of its label before, if its push was compared.
    changes: Option<ChangesView>,
}

/// The way to what changed.
struct Comparison {
    against: String,
    href: String,
}

#[derive(Template)]
#[template(path = "commits.html", config = "assets/askama.toml")]
struct CommitsView {
    chrome: Chrome,
    head: ModuleHeader,
    rows: Vec<CommitRow>,
    previous: Option<String>,
    next: Option<String>,
    compare: String,
    feed: String,
}

/// `/{owner}/{module}/commits/{ref}`.
pub(in crate::serve::web) fn commits(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let (store, name) = (visit.store(), &at.module.name);
    let head = at.head(visit, Tab::Commits, &|reference| format!("/{name}/commits/{reference}"))?;
    let offset: u64 = visit.query.get("from").parse().unwrap_or(0);
    let page = store.list_commits(at.module.id, true, None, offset, PER_PAGE)?;
    let mut labels = labels(visit, &at)?;
    let mut names = BTreeMap::new();
    let ids: Vec<_> = page.items.iter().map(|commit| commit.id).collect();
    let mut known = store.verdicts(&ids)?.into_iter().zip(store.commit_changes(&ids)?);
    let mut rows = vec![];
    for (position, commit) in page.items.iter().enumerate() {
        // Whoever follows the default label comes from the release before, whatever was pushed elsewhere meanwhile.
        let mut earlier = page.items.iter().skip(position + 1);
        let before = earlier.find(|before| before.released).or(page.items.get(position + 1)).map(|before| before.id);
        let by = pusher(visit, &mut names, commit.created_by)?;
        let (verdict, changes) = known.next().unwrap_or_default();
        let against = changes.as_ref().map(|found| found.against);
        let against = against.or(verdict.map(|found| found.against)).or(before);
        let mut row = row(visit, &at, commit, against, by);
        row.verdict = verdict.map(|found| VerdictView::new(name, commit.id, &found));
        row.changes = changes.as_ref().map(ChangesView::new);
        row.labels = labels.remove(&commit.id).unwrap_or_default();
        rows.push(row);
    }
    let link = |from: u64| format!("{}?from={from}", at.tab(Tab::Commits));
    let feed = format!("/{name}/releases.atom");
    let mut chrome = visit.chrome(format!("{name} · Commits"));
    chrome.feed = Some(feed.clone());
    ok(&CommitsView {
        chrome,
        head,
        rows,
        previous: (offset > 0).then(|| link(offset.saturating_sub(PER_PAGE))),
        next: page.next.map(link),
        compare: format!("/{name}/compare"),
        feed,
    })
}

fn row(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    commit: &Commit,
    against: Option<CommitId>,
    by: String,
) -> CommitRow {
    let (name, id) = (&at.module.name, commit.id);
    CommitRow {
        id: id.to_string(),
        short: id.short().to_string(),
        href: format!("/{name}/docs/{id}"),
        age: visit.age(commit.created),
        released: commit.released,
        labels: vec![],
        by,
        source: external(&commit.source_control_url).map(|url| (external_words(&url), url)),
        digest: commit.digest.to_string(),
        compare: against.map(|against| Comparison {
            against: against.short().to_string(),
            href: format!("/{name}/compare/{against}/{id}"),
        }),
        current: id == at.commit.id,
        verdict: None,
        changes: None,
    }
}

fn labels(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Answer<BTreeMap<CommitId, Vec<LabelMark>>> {
    let filter = LabelFilter { order: Order::UpdatedFirst, ..LabelFilter::default() };
    let mut found: BTreeMap<CommitId, Vec<LabelMark>> = BTreeMap::new();
    for label in visit.store().list_labels(at.module.id, &filter, 0, LABELS)?.items {
        found.entry(label.commit).or_default().push(LabelMark {
            href: format!("/{}/commits/{}", at.module.name, segment(label.name.as_str())),
            default: label.name == at.module.default_label,
            archived: label.archived.is_some(),
            name: label.name.to_string(),
        });
    }
    Ok(found)
}

fn pusher(visit: &PageRequest<'_>, names: &mut BTreeMap<OwnerId, String>, id: OwnerId) -> Answer<String> {
    if let Some(name) = names.get(&id) {
        return Ok(name.clone());
    }
    let name = user_name(visit.store(), id)?;
    names.insert(id, name.clone());
    Ok(name)
}

/// The name of the user that pushed something.
///
/// # Errors
/// When the store fails.
pub(in crate::serve::web) fn user_name(store: &Store, id: OwnerId) -> Answer<String> {
    Ok(store.owner_by_id(id)?.map_or_else(|| "a deleted user".into(), |owner| owner.name.to_string()))
}
