//! The outbox: events that are stored for the webhooks that tell of them.

use super::webhook::Webhook;
use crate::model::{SdkNews, Timestamp, WebhookEvent, WebhookId, WebhookNews};
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;
use crate::store::sdks::sdk_key::read_key;

/// The most events that wait for one webhook.
const MOST_WAITING: u64 = 500;

/// Whether so many events wait for the webhook that no more are kept.
const FULL: &str = "(SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries
    WHERE webhook_id = webhooks.id AND state = 'pending' LIMIT ?3) AS waiting) >= ?3";

/// The webhooks that tell of event `?2` of module `?1`.
const TELLING: &str = "FROM webhooks JOIN modules ON modules.id = ?1 AND modules.owner_id = webhooks.owner_id
    WHERE (module_id IS NULL OR module_id = ?1) AND instr(',' || events || ',', ',' || ?2 || ',') > 0";

/// Stores an event for each webhook that tells of it.
pub(in crate::store) fn announce(conn: &Connection, news: &WebhookNews, at: Timestamp) -> Work<()> {
    let (event, most) = (news.event.name(), Count(MOST_WAITING));
    let sql = format!("SELECT webhooks.id AS id, {FULL} AS is_full {TELLING}");
    let telling: Vec<(WebhookId, bool)> =
        all(conn, &sql, params![news.module, event, most], |row| Ok((row.get("id")?, row.get("is_full")?)))?;
    for (webhook, is_full) in telling {
        if is_full {
            run(conn, "UPDATE webhooks SET dropped = dropped + 1 WHERE id = ?1", [webhook])?;
        } else {
            let sql = "INSERT INTO webhook_deliveries
                           (webhook_id, module_id, commit_id, event, data, state, created, tries, next_try)
                       VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, 0, ?6)";
            run(conn, sql, params![webhook, news.module, news.commit, event, news.data, at])?;
        }
    }
    Ok(())
}

/// The failed job `?1`, with the reason. A job that is tried again by itself, or waits for one that is, has not failed
/// for good. The reason of a failed dependency may name a private module, which is not for the webhooks of others.
const FAILED: &str = "SELECT job.commit_id, job.plugin, job.version, job.revision, crates.name, crates.module_id,
        CASE WHEN root.id IS NOT NULL AND root_module.visibility = 'private'
                  AND root_module.owner_id <> modules.owner_id
             THEN 'a crate that it needs failed' ELSE job.message END AS reason
    FROM sdk_jobs AS job JOIN crates ON crates.id = job.crate_id JOIN modules ON modules.id = crates.module_id
    LEFT JOIN sdk_jobs AS root ON root.id = job.root_id
    LEFT JOIN crates AS root_crate ON root_crate.id = root.crate_id
    LEFT JOIN modules AS root_module ON root_module.id = root_crate.module_id
    WHERE job.id = ?1 AND job.state = 'failed' AND coalesce(job.retry_at, root.retry_at) IS NULL";

/// Stores that a job failed, if it is not tried again by itself.
pub(in crate::store) fn announce_failure(conn: &Connection, job: i64, at: Timestamp) -> Work<()> {
    let news = one(conn, FAILED, [job], |row| {
        let (key, name) = (read_key(row)?, row.get("name")?);
        let sdk = SdkNews {
            module: row.get("module_id")?,
            commit: key.commit,
            crate_name: &name,
            plugin: (&key.plugin, key.version),
        };
        Ok(WebhookNews::failed(&sdk, &row.get::<_, String>("reason")?))
    })?;
    news.map_or(Ok(()), |news| announce(conn, &news, at))
}

impl Transaction<'_> {
    /// Stores an event for each webhook that tells of it.
    pub fn announce(&self, news: &WebhookNews, at: Timestamp) -> Result<()> {
        self.run(|conn| announce(conn, news, at))
    }

    /// Stores a ping for a webhook, and returns the number of its delivery; none if there is no such webhook, or too much
    /// waits for it.
    pub fn ping(&self, webhook: &Webhook, at: Timestamp) -> Result<Option<i64>> {
        self.run(|conn| {
            let sql = format!(
                "INSERT INTO webhook_deliveries
                     (webhook_id, module_id, event, data, state, created, tries, next_try)
                 SELECT id, module_id, ?2, '{{}}', 'pending', ?4, 0, ?4 FROM webhooks WHERE id = ?1 AND NOT {FULL}"
            );
            let values = params![webhook.id, WebhookEvent::Ping.name(), Count(MOST_WAITING), at];
            Ok(conn.insert(&sql, values)?)
        })
    }
}
