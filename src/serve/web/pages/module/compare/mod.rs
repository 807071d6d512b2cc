//! The comparison of two commits: changes of the schema and what they break, and the difference of the files.

mod diff;

use askama::Template;
use http::Response;

use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;

use crate::model::{BreakingCategory, BreakingConfig};
use crate::publish::breaking::{Change, Report, Verdict, Version, report};
use crate::serve::web::page::excerpt::{MESSAGE, excerpt};
use crate::serve::web::page::link::segment;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok, see_other};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::relative_time::Age;
use diff::Differences;

/// The most changes of the schema that are shown.
const CHANGES: usize = 2000;

/// One of the two sides.
struct Side {
    name: String,
    short: String,
    href: String,
    age: Age,
}

#[derive(Template)]
#[template(path = "compare.html", config = "assets/askama.toml")]
struct CompareView {
    chrome: Chrome,
    head: ModuleHeader,
    old: Side,
    new: Side,
    /// Where the form goes that chooses other sides.
    form: String,
    /// The same comparison the other way round.
    reverse: String,
    wire: Verdict,
    rust: Verdict,
    /// The categories of breaking rules that are broken, with the number of changes.
    broken: Vec<(&'static str, usize)>,
    changes: Vec<Change>,
    /// The number of further changes, none worse than the shown ones.
    more_changes: usize,
    /// Why the changes of the schema cannot be shown, if they cannot.
    trouble: Option<String>,
    differences: Differences,
}

/// `/{owner}/{module}/compare?from=…&to=…`: redirects a form to the address of the comparison;
/// without both sides, to the page that asks for them.
pub(in crate::serve::web) fn choose(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let (from, to) = (visit.query.get("from"), visit.query.get("to"));
    let module = visit.module(params.get("owner"), params.get("module"))?;
    let base = format!("/{}", module.name);
    if from.is_empty() && to.is_empty() {
        return Ok(see_other(&format!("{base}/commits")));
    }
    let or_default = |text: &str| segment(if text.is_empty() { module.default_label.as_str() } else { text });
    Ok(see_other(&format!("{base}/compare/{}/{}", or_default(from), or_default(to))))
}

/// `/{owner}/{module}/compare/{from}/{to}`.
pub(in crate::serve::web) fn compare(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let module = visit.module(params.get("owner"), params.get("module"))?;
    let old = ModuleAtCommit::of(visit.store(), module.clone(), params.get("from"))?;
    let new = ModuleAtCommit::of(visit.store(), module, params.get("to"))?;
    let name = &new.module.name;
    let head = new.head(visit, Tab::Commits, &|reference| format!("/{name}/compare/{}/{reference}", old.reference))?;
    let (mut changes, broken, trouble) = differing_declarations(visit, &old, &new);
    visit.deadline.check()?;
    let worst = |side: fn(&Change) -> Verdict| changes.iter().map(side).max().unwrap_or(Verdict::Fine);
    let (wire, rust) = (worst(|change| change.wire), worst(|change| change.rust));
    let more_changes = changes.len().saturating_sub(CHANGES);
    changes.truncate(CHANGES);
    let differences = diff::files(visit.store(), old.commit.id, new.commit.id, &visit.deadline)?;
    ok(&CompareView {
        chrome: visit.chrome(format!("{} to {} · {name}", old.called(), new.called())),
        head,
        old: side(visit, &old),
        new: side(visit, &new),
        form: format!("/{name}/compare"),
        reverse: format!("/{name}/compare/{}/{}", new.reference, old.reference),
        wire,
        rust,
        broken,
        differences,
        changes,
        more_changes,
        trouble,
    })
}

/// The changes from `old` to `new`, the categories of `buf breaking` that they break, and why there are none if the commits
/// cannot be compared. A commit is not compiled to be compared with itself.
fn differing_declarations(
    visit: &PageRequest<'_>,
    old: &ModuleAtCommit,
    new: &ModuleAtCommit,
) -> (Vec<Change>, Vec<(&'static str, usize)>, Option<String>) {
    if old.commit.id == new.commit.id {
        return (vec![], vec![], None);
    }
    match (visit.descriptors(old.commit.id), visit.descriptors(new.commit.id)) {
        (Ok(old), Ok(compiled)) => {
            let version = |descriptors| Version { descriptors, module: &new.module.name };
            let every = BreakingConfig::default().of_categories(&BreakingCategory::ALL);
            let report = report(version(&old), version(&compiled), &every);
            report.map_or_else(|error| (vec![], vec![], Some(error.to_string())), shown)
        }
        (Err(error), _) | (_, Err(error)) => (vec![], vec![], Some(excerpt(&error.to_string(), MESSAGE).into_owned())),
    }
}

/// The changes, and the categories of `buf breaking` that they break; the verdict for Rust stands beside them.
fn shown(report: Report) -> (Vec<Change>, Vec<(&'static str, usize)>, Option<String>) {
    use BreakingCategory::{File, Package, Wire, WireJson};
    let counts = [File, Package, WireJson, Wire].map(|category| (category.id(), report.count(category)));
    let broken = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    (report.changes, broken, None)
}

fn side(visit: &PageRequest<'_>, at: &ModuleAtCommit) -> Side {
    Side {
        name: at.called(),
        short: at.commit.id.short().to_string(),
        href: at.tab(Tab::Docs),
        age: visit.age(at.commit.created),
    }
}

/// The class of the style sheet for a verdict.
fn class(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Fine => "good",
        Verdict::Care => "warn",
        Verdict::Breaking => "bad",
    }
}
