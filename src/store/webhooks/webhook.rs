//! Webhooks: their rows.

use crate::model::{ModuleId, OwnerId, Timestamp, WebhookEvents, WebhookId, WebhookSecret};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, params};
use crate::store::db::error::{Result, Work, unless_taken};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::sql_values::{Count, keyword_column};
use crate::store::db::transaction::Transaction;

/// How a webhook writes what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFormat {
    /// JSON, signed.
    Json,
    /// The call that the BSR makes: `buf.alpha.webhook.v1alpha1.EventService/Event`.
    Buf,
}

keyword_column!(WebhookFormat { Json = "json", Buf = "buf" });

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The id, which never changes.
    pub id: WebhookId,
    /// The owner of its modules.
    pub owner: OwnerId,
    /// The module that it tells of; without one, all modules of the owner.
    pub module: Option<ModuleId>,
    /// The address that it sends to.
    pub url: String,
    /// How it writes what it sends.
    pub format: WebhookFormat,
    /// What it tells of.
    pub events: WebhookEvents,
    /// The key of its signatures; absent if it does not sign.
    pub secret: Option<WebhookSecret>,
    /// When it was created.
    pub created: Timestamp,
    /// The user that created it, who may be deleted by now.
    pub created_by: Option<OwnerId>,
    /// How many events were not kept, because too many were waiting.
    pub dropped: u64,
}

fn read_webhook(row: &Row<'_>) -> SqlResult<Webhook> {
    Ok(Webhook {
        id: row.get("id")?,
        owner: row.get("owner_id")?,
        module: row.get("module_id")?,
        url: row.get("url")?,
        format: row.get("format")?,
        events: row.get("events")?,
        secret: row.get("secret")?,
        created: row.get("created")?,
        created_by: row.get("created_by")?,
        dropped: row.get::<_, Count>("dropped")?.0,
    })
}

pub(super) fn by_id(conn: &Connection, id: WebhookId) -> Work<Option<Webhook>> {
    one(conn, "SELECT * FROM webhooks WHERE id = ?1", [id], read_webhook)
}

impl Store {
    /// The webhook with this id.
    pub fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>> {
        self.read("look up a webhook", |conn| by_id(conn, id))
    }

    /// The webhooks of an owner that tell of this module alone, or of all modules, the oldest first.
    pub fn webhooks(&self, owner: OwnerId, module: Option<ModuleId>) -> Result<Vec<Webhook>> {
        self.read("list webhooks", |conn| {
            let sql =
                "SELECT * FROM webhooks WHERE owner_id = ?1 AND module_id IS NOT DISTINCT FROM ?2 ORDER BY created, id";
            all(conn, sql, params![owner, module], read_webhook)
        })
    }
}

impl Transaction<'_> {
    /// Creates a webhook.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`](crate::store::StoreError::AlreadyExists) if one for the same modules has the
    /// address; [`StoreError::Missing`](crate::store::StoreError::Missing) without the owner or the module;
    /// [`StoreError::Limit`](crate::store::StoreError::Limit) if the owner has too many.
    pub fn create_webhook(&self, webhook: &Webhook) -> Result<()> {
        self.run(|conn| {
            let values = params![
                webhook.id,
                webhook.owner,
                webhook.module,
                webhook.url,
                webhook.format,
                webhook.events,
                webhook.secret,
                webhook.created,
                webhook.created_by,
                Count(webhook.dropped)
            ];
            let sql = "INSERT INTO webhooks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
            unless_taken(run(conn, sql, values), || "a webhook to that address".to_owned())?;
            self.quotas().check_webhooks(conn, webhook)
        })
    }

    /// Deletes a webhook with all that it has sent and was to send; `false` if it does not exist.
    pub fn delete_webhook(&self, id: WebhookId) -> Result<bool> {
        self.run(|conn| Ok(run(conn, "DELETE FROM webhooks WHERE id = ?1", [id])? > 0))
    }
}
