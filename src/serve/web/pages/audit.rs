//! The page with the audit log, for administrators: filters, and the newest events first.

use askama::Template;
use http::Response;

use crate::actions::audit::records;
use crate::model::Timestamp;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::store::{AuditFilter, AuditStart};

use super::admin::{EventRow, event_row};
use super::sign_in;

/// The events of a page.
const SHOWN: u64 = 100;

#[derive(Template)]
#[template(path = "audit.html", config = "assets/askama.toml")]
struct AuditView {
    chrome: Chrome,
    actor: String,
    action: String,
    subject: String,
    since: String,
    until: String,
    events: Vec<EventRow>,
    /// The address of the first page, on another one.
    newest: Option<String>,
    /// The address of the next page.
    older: Option<String>,
}

/// `/admin/audit`.
pub(in crate::serve::web) fn audit(visit: &PageRequest<'_>) -> Answer<Response<Body>> {
    if visit.caller.user().is_none() {
        return sign_in::required(visit, "");
    }
    let field = |name: &str| visit.query.get(name).to_owned();
    let start = match field("before").as_str() {
        "" => AuditStart::Newest,
        id => AuditStart::Before(id.parse().map_err(|_| Refusal::invalid(format!("{id:?} is no number of an event")))?),
    };
    let mut found = records(&visit.actor(), filter(visit)?, start, SHOWN + 1)?;
    let is_last = found.len() as u64 <= SHOWN;
    found.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    let older = found.last().filter(|_| !is_last).map(|last| address(visit, Some(last.id)));
    ok(&AuditView {
        chrome: visit.chrome("Audit log"),
        actor: field("actor"),
        action: field("action"),
        subject: field("subject"),
        since: field("since"),
        until: field("until"),
        events: found.into_iter().map(|record| event_row(visit, record)).collect(),
        newest: (start != AuditStart::Newest).then(|| address(visit, None)),
        older,
    })
}

fn filter(visit: &PageRequest<'_>) -> Answer<AuditFilter> {
    let text = |name| Some(visit.query.get(name).to_owned()).filter(|text| !text.is_empty());
    let day = |name| text(name).map(|date| start_of_day(&date)).transpose();
    // The last day is shown too.
    let end = day("until")?.map(|until| until.plus_days(1));
    Ok(AuditFilter {
        since: day("since")?,
        until: end,
        actor: text("actor"),
        action: text("action"),
        subject: text("subject"),
    })
}

fn start_of_day(date: &str) -> Answer<Timestamp> {
    let parsed: Result<jiff::Timestamp, _> = format!("{date}T00:00:00Z").parse();
    let refused = |_| Refusal::invalid(format!("{date:?} is not a date; write for example 2027-12-31"));
    Ok(Timestamp::from_micros(parsed.map_err(refused)?.as_microsecond()))
}

/// The address of the page with the events before the one with this number, else of the first page.
fn address(visit: &PageRequest<'_>, before: Option<u64>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["actor", "action", "subject", "since", "until"] {
        let value = visit.query.get(name);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if let Some(before) = before {
        query.append_pair("before", &before.to_string());
    }
    format!("/admin/audit?{}", query.finish())
}
