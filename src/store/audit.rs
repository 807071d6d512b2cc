//! The audit log: one row for each change, with its actor. Rows are only added.

use rusqlite::{Connection, Row, named_params, params};

use crate::model::{OwnerId, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::pagination::{Page, PageWindow};
use crate::store::db::statements::query::{all, run};
use crate::store::db::transaction::Transaction;

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The time of the change.
    pub at: Timestamp,
    /// The user, if one was signed in.
    pub actor: Option<OwnerId>,
    /// The action, such as `module.delete`.
    pub action: String,
    /// The object of the action, such as `acme/pets`.
    pub subject: String,
}

fn read_event(row: &Row<'_>) -> rusqlite::Result<AuditEvent> {
    Ok(AuditEvent {
        at: row.get("at")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
    })
}

fn insert(conn: &Connection, event: &AuditEvent) -> Work<()> {
    let sql = "INSERT INTO audit_events (at, actor, action, subject) VALUES (?1, ?2, ?3, ?4)";
    run(conn, sql, params![event.at, event.actor, event.action, event.subject])?;
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
        self.write("record an audit event", |conn| insert(conn, event))
    }

    /// The events, latest first.
    pub fn audit_events(&self, offset: u64, limit: u64) -> Result<Page<AuditEvent>> {
        let cut = PageWindow::new(offset, limit);
        self.read("read audit events", |conn| {
            let values = named_params! { ":limit": cut.limit(), ":offset": cut.offset() };
            let sql = "SELECT * FROM audit_events ORDER BY id DESC LIMIT :limit OFFSET :offset";
            Ok(cut.page(all(conn, sql, values, read_event)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::error::StoreError;
    use crate::store::owners::resting_name::Claim;
    use crate::store::testing::{Scratch, at, owner, owner_id};

    #[test]
    fn a_change_is_stored_with_its_record_or_not_at_all() {
        let store = Scratch::empty();
        let event = AuditEvent { at: at(1), actor: None, action: "user.create".into(), subject: "acme".into() };
        let create = |refusal: Option<StoreError>| {
            store.transaction("test", |tx| {
                tx.claim_owner(&owner(1, "acme"), &Claim::first(at(1)))?;
                tx.audit(&event)?;
                refusal.map_or(Ok(()), Err)
            })
        };
        let refused = create(Some(StoreError::Missing("a reason".into()))).unwrap_err();
        assert_eq!(refused.to_string(), "a reason does not exist");
        assert!(store.is_empty().unwrap() && store.audit_events(0, 9).unwrap().items.is_empty());
        create(None).unwrap();
        assert!(!store.is_empty().unwrap());
        assert_eq!(store.audit_events(0, 9).unwrap().items, [event]);
    }

    #[test]
    fn events_are_read_latest_first() {
        let store = Scratch::empty();
        let event = |n| AuditEvent {
            at: at(n),
            actor: (n > 1).then(|| owner_id(1)),
            action: "module.delete".into(),
            subject: format!("acme/{n}"),
        };
        for n in [1, 2, 3] {
            store.audit(&event(n)).unwrap();
        }
        let page = store.audit_events(0, 2).unwrap();
        assert_eq!((page.items, page.next), (vec![event(3), event(2)], Some(2)));
        assert_eq!(store.audit_events(2, 2).unwrap().items, [event(1)]);
    }
}
