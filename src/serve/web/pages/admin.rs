//! The page for administrators: health, numbers of records, owners, and failed jobs.

use askama::Template;
use http::Response;

use crate::actions::users::{self, UserChange};
use crate::model::{OwnerName, SdkState};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::suggest::unknown_owner;
use crate::serve::tasks::backups::Backups;
use crate::store::{AuditFilter, AuditRecord, AuditStart, Job, Owner, OwnerKind, Stats};

use super::module::sdk::bytes;
use super::sign_in;
use crate::serve::web::page::excerpt::{MESSAGE, excerpt};
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok, see_other};
use crate::serve::web::page::relative_time::Age;

/// The most rows of each list.
const SHOWN: u64 = 100;
const EVENTS: u64 = 30;

struct FailedRow {
    crate_name: String,
    version: String,
    href: String,
    message: String,
    age: Option<Age>,
    attempts: u32,
}

struct BackupTile {
    newest: Option<Age>,
    problem: Option<String>,
}

struct UserRow {
    name: String,
    kind: &'static str,
    created: Age,
    /// Whether no token and no session of the user is accepted.
    disabled: bool,
    /// Whether it is a user, who may be disabled.
    is_user: bool,
}

pub(super) struct EventRow {
    pub(super) age: Age,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) client: String,
    /// The beginning of its id.
    pub(super) token: String,
}

#[derive(Template)]
#[template(path = "admin.html", config = "assets/askama.toml")]
struct AdminView {
    chrome: Chrome,
    healthy: bool,
    backup: Option<BackupTile>,
    stats: Stats,
    size: String,
    failed: Vec<FailedRow>,
    more_failed: bool,
    users: Vec<UserRow>,
    more_users: bool,
    events: Vec<EventRow>,
    anonymous_reads: bool,
    program: &'static str,
}

/// `/admin`.
pub(in crate::serve::web) fn admin(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    if visit.caller.user().is_none() {
        return sign_in::required(visit, "");
    }
    if !visit.caller.is_admin() {
        return Err(Refusal::forbidden("this page is for administrators, with a token of scope admin"));
    }
    let store = visit.store();
    let stats = store.stats()?;
    let failed = store.failed_jobs(0, SHOWN)?;
    let users = store.list_owners(0, SHOWN)?;
    let events = store.audit_records(&AuditFilter::default(), AuditStart::Newest, EVENTS)?;
    ok(&AdminView {
        chrome: visit.chrome("Administration"),
        healthy: store.check().is_ok(),
        backup: visit.state.backups.as_ref().map(|backups| backup_tile(visit, backups)),
        size: bytes(stats.bytes),
        stats,
        more_failed: failed.next.is_some(),
        failed: failed.items.into_iter().map(|job| failed_row(visit, job)).collect(),
        more_users: users.next.is_some(),
        users: users.items.into_iter().map(|owner| user_row(visit, &owner)).collect(),
        events: events.into_iter().map(|record| event_row(visit, record)).collect(),
        anonymous_reads: visit.state.anonymous_reads,
        program: env!("CARGO_PKG_VERSION"),
    })
}

/// `POST /admin/users`: disables or enables a user.
pub(in crate::serve::web) fn switch_user(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    visit.caller.require_admin("disable and enable users")?;
    let disabled = match fields.get("do") {
        "disable" => true,
        "enable" => false,
        other => return Err(Refusal::invalid(format!("do {other:?} is unknown; use disable or enable"))),
    };
    let name: OwnerName = fields.get("user").parse().map_err(|error| Refusal::invalid(format!("{error}")))?;
    let Some(user) = visit.store().owner(&name)?.filter(|owner| owner.kind != OwnerKind::Organization) else {
        return Err(unknown_owner(visit.store(), &name)?);
    };
    let change = UserChange { user, description: None, url: None, disabled: Some(disabled) };
    users::update(&visit.actor(), vec![change])?;
    Ok(see_other("/admin#users"))
}

fn failed_row(visit: &PageRequest<'_>, job: Job) -> FailedRow {
    let (key, module) = (&job.key, job.crate_name.module());
    FailedRow {
        href: format!("/{module}/sdks/{}:{}:{}", key.commit, key.plugin, key.version),
        version: format!("{} of {}", key.version, key.commit.short()),
        crate_name: job.crate_name.to_string(),
        message: match job.state {
            SdkState::Failed { message } => excerpt(&message, MESSAGE).into_owned(),
            _ => String::new(),
        },
        age: job.finished.map(|finished| visit.age(finished)),
        attempts: job.attempts,
    }
}

fn backup_tile(visit: &PageRequest<'_>, backups: &Backups) -> BackupTile {
    let state = backups.state();
    let problem = state.problem.map(|problem| excerpt(&problem, MESSAGE).into_owned());
    BackupTile { newest: state.newest.map(|newest| visit.age(newest.at)), problem }
}

fn user_row(visit: &PageRequest<'_>, owner: &Owner) -> UserRow {
    let kind = match owner.kind {
        OwnerKind::User { admin: true, .. } => "administrator",
        OwnerKind::User { bot: true, .. } => "bot",
        OwnerKind::User { .. } => "user",
        OwnerKind::Organization => "organization",
    };
    let is_user = owner.kind != OwnerKind::Organization;
    let (name, created) = (owner.name.to_string(), visit.age(owner.created));
    UserRow { name, kind, created, disabled: owner.disabled.is_some(), is_user }
}

/// The row of a record on the pages for administrators.
pub(super) fn event_row(visit: &PageRequest<'_>, record: AuditRecord) -> EventRow {
    let AuditRecord { actor_name, event, .. } = record;
    EventRow {
        age: visit.age(event.at),
        actor: actor_name.unwrap_or_else(|| "nobody".into()),
        action: event.action,
        subject: event.subject,
        client: event.source.client.map_or_else(String::new, |client| client.to_string()),
        token: event.source.token.map_or_else(String::new, |token| token.to_string().chars().take(8).collect()),
    }
}
