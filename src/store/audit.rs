//! The audit log: one row for each change, with its actor. Rows are only added.

use std::net::IpAddr;

use crate::model::{OwnerId, Timestamp, TokenId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{all, count, run};
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;

/// Where a change came from, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeSource {
    /// The token that the request presented.
    pub token: Option<TokenId>,
    /// The client's address.
    pub client: Option<IpAddr>,
}

/// The user who makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The user.
    pub user: OwnerId,
    /// Where the user's request came from.
    pub source: ChangeSource,
}

impl From<OwnerId> for Author {
    fn from(user: OwnerId) -> Self {
        Self { user, source: ChangeSource::default() }
    }
}

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The time of the change.
    pub at: Timestamp,
    /// The user, if one was signed in.
    pub actor: Option<OwnerId>,
    /// Where the change came from.
    pub source: ChangeSource,
    /// The action, such as `module.delete`.
    pub action: String,
    /// The object of the action, such as `acme/pets`.
    pub subject: String,
}

/// An entry of the audit log as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number; a later entry has a higher one.
    pub id: u64,
    /// The name that the actor had.
    pub actor_name: Option<String>,
    /// The entry.
    pub event: AuditEvent,
}

/// Which entries to read; an absent field is no condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Entries of this time and later ones.
    pub since: Option<Timestamp>,
    /// Entries before this time.
    pub until: Option<Timestamp>,
    /// The name of the actor.
    pub actor: Option<String>,
    /// An action, or the part of one before a dot: `token` is every action on tokens.
    pub action: Option<String>,
    /// A part of the subject.
    pub subject: Option<String>,
}

/// Where to begin reading, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditStart {
    /// The newest entries first.
    Newest,
    /// The entries before the one with this number, newest first.
    Before(u64),
    /// The entries after the one with this number, oldest first.
    After(u64),
}

fn read_record(row: &Row<'_>) -> SqlResult<AuditRecord> {
    let client: Option<String> = row.get("client")?;
    Ok(AuditRecord {
        id: row.get::<_, Count>("id")?.0,
        actor_name: row.get("actor_name")?,
        event: AuditEvent {
            at: row.get("at")?,
            actor: row.get("actor")?,
            source: ChangeSource { token: row.get("token_id")?, client: client.and_then(|ip| ip.parse().ok()) },
            action: row.get("action")?,
            subject: row.get("subject")?,
        },
    })
}

pub(super) fn insert(conn: &Connection, event: &AuditEvent) -> Work<()> {
    let sql = "INSERT INTO audit_events (at, actor, action, subject, token_id, client, actor_name)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT name FROM owners WHERE id = ?2))";
    let client = event.source.client.map(|client| client.to_string());
    run(conn, sql, params![event.at, event.actor, event.action, event.subject, event.source.token, client])?;
    Ok(())
}

impl Transaction<'_> {
    /// Records the change of this transaction, with its actor.
    pub fn audit(&self, event: &AuditEvent) -> Result<()> {
        self.run(|conn| insert(conn, event))
    }
}

impl Store {
    /// Records an event that changes no other row, such as a refused sign-in.
    pub fn audit(&self, event: &AuditEvent) -> Result<()> {
        self.write_quietly("record an audit event", |conn| insert(conn, event))
    }

    /// The number of the newest entry; 0 if there is none.
    pub fn last_audit_record(&self) -> Result<u64> {
        let sql = "SELECT coalesce(max(id), 0) FROM audit_events";
        self.read("read the number of the newest audit event", |conn| count(conn, sql, []))
    }

    /// At most `limit` of the entries that `filter` allows.
    pub fn audit_records(&self, filter: &AuditFilter, start: AuditStart, limit: u64) -> Result<Vec<AuditRecord>> {
        let (after, before, order) = match start {
            AuditStart::Newest => (None, None, "DESC"),
            AuditStart::Before(id) => (None, Some(Count(id)), "DESC"),
            AuditStart::After(id) => (Some(Count(id)), None, "ASC"),
        };
        let sql = format!("SELECT * FROM audit_events WHERE {CONDITIONS} ORDER BY id {order} LIMIT :limit");
        let AuditFilter { since, until, actor, action, subject } = filter;
        self.read("read audit events", |conn| {
            let values = named_params! {
                ":after": after, ":before": before, ":since": since, ":until": until, ":actor": actor,
                ":action": action, ":subject": subject, ":limit": Count(limit),
            };
            all(conn, &sql, values, read_record)
        })
    }
}

const CONDITIONS: &str = "
    (:after IS NULL OR id > :after) AND (:before IS NULL OR id < :before)
    AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until)
    AND (:actor IS NULL OR actor_name = :actor)
    AND (:action IS NULL OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.')
    AND (:subject IS NULL OR instr(subject, :subject) > 0)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::error::StoreError;
    use crate::store::owners::resting_name::Claim;
    use crate::store::testing::{Scratch, at, owner, owner_id};

    fn event(n: u32, action: &str, subject: &str) -> AuditEvent {
        let source = ChangeSource { token: Some(TokenId::from_bytes([7; 16])), client: "192.0.2.7".parse().ok() };
        AuditEvent { at: at(n.into()), actor: None, source, action: action.into(), subject: subject.into() }
    }

    fn newest(store: &Store, filter: &AuditFilter) -> Vec<AuditEvent> {
        let records = store.audit_records(filter, AuditStart::Newest, 9).unwrap();
        records.into_iter().map(|record| record.event).collect()
    }

    #[test]
    fn a_change_is_stored_with_its_record_or_not_at_all() {
        let store = Scratch::empty();
        let event = event(1, "user.create", "acme");
        let create = |refusal: Option<&str>| {
            store.transaction("test", |tx| {
                tx.claim_owner(&owner(1, "acme"), &Claim::first(at(1)))?;
                tx.audit(&event)?;
                refusal.map_or(Ok(()), |missing| Err(StoreError::Missing(missing.into())))
            })
        };
        let refused = create(Some("a reason")).unwrap_err();
        assert_eq!(refused.to_string(), "a reason does not exist");
        assert!(store.is_empty().unwrap() && newest(&store, &AuditFilter::default()).is_empty());
        create(None).unwrap();
        assert!(!store.is_empty().unwrap());
        assert_eq!(newest(&store, &AuditFilter::default()), [event]);
    }

    #[test]
    fn records_are_read_in_both_directions() {
        let store = Scratch::empty();
        for n in [1, 2, 3] {
            store.audit(&event(n, "module.delete", &format!("acme/{n}"))).unwrap();
        }
        let ids = |start, limit| {
            let records = store.audit_records(&AuditFilter::default(), start, limit).unwrap();
            records.iter().map(|record| record.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(AuditStart::Newest, 2), [3, 2]);
        assert_eq!(ids(AuditStart::Before(2), 2), [1]);
        assert_eq!(ids(AuditStart::After(1), 9), [2, 3]);
    }

    #[test]
    fn every_condition_of_a_filter_leaves_out_what_does_not_meet_it() {
        let store = Scratch::with_modules();
        let by = |n, action: &str, subject: &str| AuditEvent { actor: Some(owner_id(1)), ..event(n, action, subject) };
        let (first, second) = (by(10, "token.create", "1 of acme"), event(20, "tokens", "acme/pets"));
        store.audit(&first).unwrap();
        store.audit(&second).unwrap();
        let name = store.audit_records(&AuditFilter::default(), AuditStart::After(0), 1).unwrap()[0].actor_name.clone();
        let any = AuditFilter::default;
        for filter in [
            AuditFilter { until: Some(at(20)), ..any() },
            AuditFilter { actor: name, ..any() },
            AuditFilter { action: Some("token".into()), ..any() },
            AuditFilter { action: Some("token.create".into()), ..any() },
            AuditFilter { subject: Some("of ac".into()), ..any() },
        ] {
            assert_eq!(newest(&store, &filter), std::slice::from_ref(&first), "{filter:?}");
        }
        assert_eq!(newest(&store, &AuditFilter { since: Some(at(11)), ..any() }), [second]);
    }
}
