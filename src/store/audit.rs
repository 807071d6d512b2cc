//! Who did what: rows are only ever added.

use rusqlite::{Row, named_params, params};

use super::query::{Cut, all, run};
use super::records::{AuditEvent, Page};
use super::{Result, Store};

fn read_event(row: &Row<'_>) -> rusqlite::Result<AuditEvent> {
    Ok(AuditEvent {
        at: row.get("at")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
    })
}

impl Store {
    /// Adds an event.
    ///
    /// # Errors
    /// Only when the database cannot be written.
    pub fn audit(&self, event: &AuditEvent) -> Result<()> {
        self.write("record an audit event", |conn| {
            let sql = "INSERT INTO audit_events (at, actor, action, subject) VALUES (?1, ?2, ?3, ?4)";
            run(conn, sql, params![event.at, event.actor, event.action, event.subject])?;
            Ok(())
        })
    }

    /// The events, latest first.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn audit_events(&self, offset: u64, limit: u64) -> Result<Page<AuditEvent>> {
        let cut = Cut::new(offset, limit);
        self.read("read audit events", |conn| {
            let values = named_params! { ":limit": cut.limit(), ":offset": cut.offset() };
            let sql = "SELECT * FROM audit_events ORDER BY id DESC LIMIT :limit OFFSET :offset";
            Ok(cut.page(all(conn, sql, values, read_event)?))
        })
    }
}
