//! `registry audit`: the log of all changes, of a server or of its data directory.

use std::time::Duration;

use clap::Args;

use crate::actions::audit::{self, AuditLine};
use crate::cli::arguments::number::within;
use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::arguments::time::{now, parse_time};
use crate::cli::commands::owners::token::{Local, LocalArgs};
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::client::Client;
use crate::model::{Timestamp, did_you_mean};
use crate::store::{AuditFilter, AuditStart};
use crate::wire::registry::v1::{AuditEvent, ListAuditEventsRequest};
use crate::wire::{time_from_wire, time_to_wire};

const EXAMPLES: &str = "\
Examples:
  registry audit --since 7d --action token        tokens of the last week
  registry audit --actor pat --subject acme/pets --json
  registry audit --follow --json                  a line for every change
  registry audit --data-dir /var/lib/registry     without a server

It takes an administrator's token. --action takes the whole action
(label.move), the part before a dot (label), or the name that the BSR's audit
log has for it (EVENT_TYPE_TOKEN_CREATED).";

/// The most events of one request.
const PAGE: u64 = 250;

/// How often --follow asks for new events.
const PAUSE: Duration = Duration::from_secs(1);

/// Show who changed what, when, from where, and by which token
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Audit {
    /// Only changes since then: a span such as 12h or 7d, a date, or a time by RFC 3339
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only changes before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Only changes by this user
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only this action, or actions that begin so
    #[arg(long, value_parser = action)]
    action: Option<String>,
    /// Only subjects that hold this text
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Most changes to show, the newest
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    #[arg(value_parser = within(1..=1_000_000))]
    limit: u32,
    /// Then wait for more, until interrupted
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    local: LocalArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// An action, the beginning of actions, or the BSR's name of one.
fn action(text: &str) -> Result<String, String> {
    let known: Vec<_> = audit::known_actions().collect();
    if known.iter().any(|known| known.starts_with(text)) {
        return Ok(text.to_owned());
    }
    let near = did_you_mean(text, known.iter().copied());
    Err(format!("no change is recorded as that{near}; `registry audit` without --action shows what is"))
}

fn time(text: &str) -> Result<Timestamp, String> {
    parse_time(text, now()).map_err(|error| error.to_string())
}

/// Where the log is read.
enum Source {
    Local(Local),
    Server(Box<Client>),
}

impl Audit {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let source = match self.local.open()? {
            Some(local) => Source::Local(local),
            None => Source::Server(Box::new(self.server.admin_client()?)),
        };
        let mut newest = source.newest(&self.filter(), self.limit.into())?;
        newest.reverse();
        if !self.follow {
            output.result(&newest, || rows(&newest))?;
            if let Some(actor) = self.actor.as_ref().filter(|_| newest.is_empty()) {
                output.warn(format!("nothing is recorded of a user {actor}; `registry user list` shows who there is"));
            }
            return Ok(());
        }
        let mut last = source.newest(&AuditFilter::default(), 1)?.first().map_or(0, |line| line.id);
        last = newest.last().map_or(last, |line| line.id.max(last));
        loop {
            for line in newest {
                if output.is_json() { output.json_line(&line)? } else { output.line(text(&line).join("  "))? }
            }
            newest = source.after(&self.filter(), last)?;
            match newest.last() {
                Some(line) => last = line.id,
                None => std::thread::sleep(PAUSE),
            }
        }
    }

    fn filter(&self) -> AuditFilter {
        let (since, until) = (self.since, self.until);
        AuditFilter {
            since,
            until,
            actor: self.actor.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
        }
    }
}

impl Source {
    /// The newest events, newest first.
    fn newest(&self, filter: &AuditFilter, limit: u64) -> Result<Vec<AuditLine>, CliError> {
        match self {
            Self::Local(local) => local_records(local, filter, AuditStart::Newest, limit),
            Self::Server(client) => block_on(async {
                let (mut lines, mut token) = (Vec::new(), String::new());
                loop {
                    let left = limit.saturating_sub(lines.len() as u64).min(PAGE);
                    let request = ListAuditEventsRequest { page_token: token, ..request(filter, left) };
                    let page = client.audit_events(request).await?;
                    lines.extend(page.events.into_iter().map(line));
                    token = page.next_page_token;
                    if token.is_empty() || lines.len() as u64 >= limit {
                        return Ok(lines);
                    }
                }
            }),
        }
    }

    /// The next events after the one with the number `last`, oldest first.
    fn after(&self, filter: &AuditFilter, last: u64) -> Result<Vec<AuditLine>, CliError> {
        match self {
            Self::Local(local) => local_records(local, filter, AuditStart::After(last), PAGE),
            Self::Server(client) => block_on(async {
                let request = ListAuditEventsRequest { after_id: Some(last), ..request(filter, PAGE) };
                Ok(client.audit_events(request).await?.events.into_iter().map(line).collect())
            }),
        }
    }
}

fn local_records(
    local: &Local,
    filter: &AuditFilter,
    start: AuditStart,
    limit: u64,
) -> Result<Vec<AuditLine>, CliError> {
    let records = audit::records(&local.actor(), filter.clone(), start, limit)?;
    Ok(records.into_iter().map(AuditLine::from).collect())
}

fn request(filter: &AuditFilter, limit: u64) -> ListAuditEventsRequest {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    ListAuditEventsRequest {
        since: filter.since.map(time_to_wire).into(),
        until: filter.until.map(time_to_wire).into(),
        actor: text(&filter.actor),
        action: text(&filter.action),
        subject: text(&filter.subject),
        page_size: u32::try_from(limit).unwrap_or(u32::MAX),
        ..ListAuditEventsRequest::default()
    }
}

fn line(event: AuditEvent) -> AuditLine {
    AuditLine {
        id: event.id,
        time: event.time.as_option().map_or_else(String::new, |time| time_from_wire(time).to_string()),
        action: event.action,
        event_type: event.event_type,
        subject: event.subject,
        actor: event.actor,
        actor_id: event.actor_id,
        token: event.token_id,
        client: event.client,
    }
}

fn rows(lines: &[AuditLine]) -> Vec<String> {
    table(["TIME", "ACTOR", "ACTION", "FROM", "TOKEN", "SUBJECT"], lines.iter().map(text).collect())
}

/// The columns of a row; the beginning of a token's id is enough for `registry token revoke`.
fn text(line: &AuditLine) -> [String; 6] {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let token: String = line.token.chars().take(8).collect();
    [
        line.time.clone(),
        or_dash(&line.actor),
        line.action.clone(),
        or_dash(&line.client),
        or_dash(&token),
        line.subject.clone(),
    ]
}
