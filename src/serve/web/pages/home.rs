//! The home page: the modules, and the state of each. For an empty registry, it shows how to push.

use askama::Template;
use http::Response;

use crate::actions::access::{Access, access, viewer};
use crate::model::{OwnerName, SdkState};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::suggest::unknown_owner;
use crate::store::{Module, ModuleFilter, Order, Owner, OwnerKind, Visibility};

use crate::serve::web::page::link::{external, segment};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::relative_time::Age;

/// The number of modules on one page.
const PER_PAGE: u64 = 50;

/// One module in a list.
pub(in crate::serve::web) struct ModuleRow {
    pub path: String,
    /// Its name as HTML.
    pub name_as_html: String,
    pub description: String,
    pub private: bool,
    pub deprecated: bool,
    /// The head of the default label; absent before the first push.
    pub head: Option<HeadRow>,
}

/// The head of a module's default label.
pub(in crate::serve::web) struct HeadRow {
    pub label: String,
    pub age: Age,
    pub sdks: String,
    pub served: usize,
    pub pending: usize,
    pub failed: usize,
}

#[derive(Template)]
#[template(path = "home.html", config = "assets/askama.toml")]
struct HomeView {
    chrome: Chrome,
    modules: Vec<ModuleRow>,
    previous: Option<String>,
    next: Option<String>,
    by_name: bool,
    url: String,
    owner: String,
    /// Whether this registry speaks plain HTTP, for which `buf` needs a setting.
    plain: bool,
}

/// `/`.
pub(in crate::serve::web) fn home(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    let (modules, previous, next) = list(visit, None, "/")?;
    let owner = visit.caller.user().map_or("your-name".to_owned(), |user| user.name.to_string());
    let plain = !visit.origin.is_secure();
    let url = visit.url().to_owned();
    let by_name = visit.query.get("by") == "name";
    ok(&HomeView { chrome: visit.chrome(""), modules, previous, next, by_name, url, owner, plain })
}

#[derive(Template)]
#[template(path = "owner.html", config = "assets/askama.toml")]
struct OwnerView {
    chrome: Chrome,
    name: String,
    kind: &'static str,
    description: String,
    url: Option<String>,
    modules: Vec<ModuleRow>,
    previous: Option<String>,
    next: Option<String>,
    members: Vec<(String, String)>,
    /// Whether the caller may push modules of this owner.
    may_push: bool,
}

/// `/{owner}`.
pub(in crate::serve::web) fn owner(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let text = params.get("owner");
    let unknown = |error| Refusal::not_found(format!("there is nothing at /{text}: {error}"));
    let name: OwnerName = text.parse().map_err(unknown)?;
    let store = visit.store();
    let Some(owner) = store.owner(&name)? else {
        return Err(unknown_owner(store, &name)?);
    };
    let (modules, previous, next) = list(visit, Some(&owner), &format!("/{name}"))?;
    let may_push = access(store, &visit.caller, owner.id)? >= Access::Write;
    let (kind, members) = match owner.kind {
        OwnerKind::Organization => ("Organization", members(visit, &owner)?),
        OwnerKind::User { bot: true, .. } => ("Bot", vec![]),
        OwnerKind::User { .. } => ("User", vec![]),
    };
    ok(&OwnerView {
        chrome: visit.chrome(text).about(&owner.description),
        name: text.into(),
        kind,
        description: owner.description,
        url: external(&owner.url),
        modules,
        previous,
        next,
        members,
        may_push,
    })
}

/// The members of an organization, shown to its members only.
fn members(visit: &PageRequest<'_>, organization: &Owner) -> Answer<Vec<(String, String)>> {
    let members = visit.store().members(organization.id)?;
    let inside = visit.caller.user().is_some_and(|user| members.iter().any(|(member, _)| member.id == user.id));
    if !inside && !visit.caller.is_admin() {
        return Ok(vec![]);
    }
    let row = |(member, role): (Owner, crate::store::Role)| {
        (member.name.to_string(), crate::actions::members::word(role).into())
    };
    Ok(members.into_iter().map(row).collect())
}

type Listed = (Vec<ModuleRow>, Option<String>, Option<String>);

fn list(visit: &PageRequest<'_>, owner: Option<&Owner>, path: &str) -> Answer<Listed> {
    let offset = visit.query.get("from").parse().unwrap_or(0);
    let filter = ModuleFilter {
        owner: owner.map(|owner| owner.id),
        visible_to: viewer(&visit.caller),
        ..ModuleFilter::default()
    };
    let by_name = visit.query.get("by") == "name";
    let page = match by_name {
        true => visit.store().list_modules(&filter, Order::Name, offset, PER_PAGE)?,
        false => visit.store().list_active_modules(&filter, offset, PER_PAGE)?,
    };
    let rows = page.items.into_iter().map(|module| row(visit, module)).collect::<Answer<_>>()?;
    let link = |from: u64| format!("{path}?from={from}{}", if by_name { "&by=name" } else { "" });
    Ok((rows, (offset > 0).then(|| link(offset.saturating_sub(PER_PAGE))), page.next.map(link)))
}

/// The row of a module.
pub(in crate::serve::web) fn row(visit: &PageRequest<'_>, module: Module) -> Answer<ModuleRow> {
    let store = visit.store();
    let head = match store.label(module.id, &module.default_label)? {
        None => None,
        Some(label) => {
            let jobs = store.jobs_of_commit(label.commit)?;
            let count = |test: fn(&SdkState) -> bool| jobs.iter().filter(|job| test(&job.state)).count();
            Some(HeadRow {
                sdks: format!("/{}/sdks/{}", module.name, segment(label.name.as_str())),
                age: visit.age(label.updated),
                label: label.name.to_string(),
                served: count(|state| *state == SdkState::Served),
                pending: count(|state| matches!(state, SdkState::Queued | SdkState::Running)),
                failed: count(|state| matches!(state, SdkState::Failed { .. })),
            })
        }
    };
    Ok(ModuleRow {
        path: format!("/{}", module.name),
        // Names hold no markup.
        name_as_html: format!("<span class=\"quiet\">{}/</span>{}", module.name.owner(), module.name.name()),
        description: module.description,
        private: module.visibility == Visibility::Private,
        deprecated: module.deprecated,
        head,
    })
}
