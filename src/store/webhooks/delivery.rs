//! Deliveries: what is to be sent, and what became of it.

use super::webhook::{Webhook, by_id};
use crate::model::{CommitId, ModuleId, OwnerId, Timestamp, WebhookEvent, WebhookId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, FromSqlError, Row, SqlError, SqlResult, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::statements::sql_values::{Count, keyword_column};
use crate::store::db::transaction::Transaction;

/// The most finished deliveries of one webhook that are kept.
const LOG: u64 = 200;

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits for its next try.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Failed,
}

keyword_column!(DeliveryState { Pending = "pending", Delivered = "delivered", Failed = "failed" });

/// One event for one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number; later ones have higher numbers.
    pub id: i64,
    /// The webhook.
    pub webhook: WebhookId,
    /// The module that it is about; none for a ping to a webhook of all modules of an owner.
    pub module: Option<ModuleId>,
    /// The commit that it is about, if it is about one.
    pub commit: Option<CommitId>,
    /// The event.
    pub event: WebhookEvent,
    /// The facts, as JSON.
    pub data: String,
    /// Its state.
    pub state: DeliveryState,
    /// When it happened.
    pub created: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next.
    pub next_try: Option<Timestamp>,
    /// When it was last tried.
    pub last_try: Option<Timestamp>,
    /// The status of the last response, if there was one.
    pub status: Option<u16>,
    /// Why the last try failed.
    pub message: Option<String>,
}

/// A delivery whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDelivery {
    /// The number of the delivery.
    pub id: i64,
    /// The webhook.
    pub webhook: WebhookId,
    /// The owner of the webhook.
    pub owner: OwnerId,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryTry {
    /// The state after it.
    pub state: DeliveryState,
    /// When it is tried next, if it is pending.
    pub next_try: Option<Timestamp>,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub message: Option<String>,
}

fn read_delivery(row: &Row<'_>) -> SqlResult<Delivery> {
    let unknown = SqlError::Column { column: "event".into(), source: FromSqlError::InvalidType };
    let event = WebhookEvent::named(row.text("event")?).ok_or(unknown)?;
    Ok(Delivery {
        id: row.get("id")?,
        webhook: row.get("webhook_id")?,
        module: row.get("module_id")?,
        commit: row.get("commit_id")?,
        event,
        data: row.get("data")?,
        state: row.get("state")?,
        created: row.get("created")?,
        tries: row.get("tries")?,
        next_try: row.get("next_try")?,
        last_try: row.get("last_try")?,
        status: row.get("status")?,
        message: row.get("message")?,
    })
}

impl Store {
    /// The webhooks with a delivery whose time has come, each with the one that has waited longest; at most `most`.
    pub fn due_deliveries(&self, now: Timestamp, most: u64) -> Result<Vec<DueDelivery>> {
        self.read("look for webhooks to be called", |conn| {
            let sql = "SELECT due.id AS id, webhooks.id AS webhook_id, owner_id
                       FROM webhooks JOIN webhook_deliveries AS due ON due.id =
                           (SELECT id FROM webhook_deliveries
                            WHERE webhook_id = webhooks.id AND state = 'pending' AND next_try <= ?1
                            ORDER BY next_try, id LIMIT 1)
                       ORDER BY due.next_try, due.id LIMIT ?2";
            all(conn, sql, params![now, Count(most)], |row| {
                Ok(DueDelivery { id: row.get("id")?, webhook: row.get("webhook_id")?, owner: row.get("owner_id")? })
            })
        })
    }

    /// When the next delivery after `now` is due.
    pub fn next_delivery(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        self.read("look for webhooks to be called", |conn| {
            let sql = "SELECT min(next_try) FROM webhook_deliveries WHERE next_try > ?1";
            Ok(one(conn, sql, [now], |row| row.get(0))?.flatten())
        })
    }

    /// The delivery with this number, with its webhook.
    pub fn delivery(&self, id: i64) -> Result<Option<(Delivery, Webhook)>> {
        self.read("look up a delivery", |conn| {
            let sql = "SELECT * FROM webhook_deliveries WHERE id = ?1";
            let Some(delivery) = one(conn, sql, [id], read_delivery)? else { return Ok(None) };
            Ok(by_id(conn, delivery.webhook)?.map(|webhook| (delivery, webhook)))
        })
    }

    /// Takes a delivery whose time has come, so that no other node makes its call before `until`; `false` if another one has
    /// taken it. Without other nodes there is nothing to take it from.
    pub fn take_delivery(&self, id: i64, now: Timestamp, until: Timestamp) -> Result<bool> {
        if !self.is_shared() {
            return Ok(true);
        }
        self.write_quietly("take a delivery", |conn| {
            let sql = "UPDATE webhook_deliveries SET next_try = ?3
                       WHERE id = ?1 AND state = 'pending' AND next_try <= ?2";
            Ok(run(conn, sql, params![id, now, until])? > 0)
        })
    }

    /// The latest deliveries of a webhook, the latest first.
    pub fn deliveries(&self, webhook: WebhookId, most: u64) -> Result<Vec<Delivery>> {
        self.read("list deliveries", |conn| {
            let sql = "SELECT * FROM webhook_deliveries WHERE webhook_id = ?1 ORDER BY id DESC LIMIT ?2";
            all(conn, sql, params![webhook, Count(most)], read_delivery)
        })
    }

    /// Records a try. A delivery that was removed meanwhile, with its webhook or its module, stays so.
    pub fn record_try(&self, delivery: &Delivery, tried: &DeliveryTry, at: Timestamp) -> Result<()> {
        self.write_quietly("record the call of a webhook", |conn| {
            let sql = "UPDATE webhook_deliveries SET state = ?2, tries = tries + 1, next_try = ?3, last_try = ?4,
                                                     status = ?5, message = ?6
                       WHERE id = ?1 AND state = 'pending'";
            let values = params![delivery.id, tried.state, tried.next_try, at, tried.status, tried.message];
            run(conn, sql, values)?;
            if tried.state == DeliveryState::Pending { Ok(()) } else { shorten_log(conn, delivery.webhook) }
        })
    }
}

impl Transaction<'_> {
    /// Gives up every delivery that waits, for this reason. Returns their number.
    pub fn cancel_deliveries(&self, reason: &str) -> Result<u64> {
        self.run(|conn| {
            let sql = "UPDATE webhook_deliveries SET state = 'failed', next_try = NULL, message = ?1
                       WHERE state = 'pending'";
            Ok(run(conn, sql, [reason])? as u64)
        })
    }
}

/// Removes the oldest finished deliveries of a webhook that has many.
fn shorten_log(conn: &Connection, webhook: WebhookId) -> Work<()> {
    let sql = "DELETE FROM webhook_deliveries WHERE webhook_id = ?1 AND state <> 'pending' AND id <=
                   (SELECT id FROM webhook_deliveries WHERE webhook_id = ?1 AND state <> 'pending'
                    ORDER BY id DESC LIMIT 1 OFFSET ?2)";
    run(conn, sql, params![webhook, Count(LOG)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OwnerName, WebhookEvents, WebhookNews};
    use crate::store::testing::{Scratch, at, commit_id, key, module, module_id, new_job, owner_id, sdk};
    use crate::store::webhooks::webhook::WebhookFormat;

    fn webhook(n: u8, module: Option<ModuleId>, events: &[WebhookEvent]) -> Webhook {
        Webhook {
            id: WebhookId::from_bytes([n; 16]),
            owner: owner_id(1),
            module,
            url: format!("https://hooks.example/{n}"),
            format: WebhookFormat::Json,
            events: WebhookEvents::of(events.iter().copied()),
            secret: None,
            created: at(i64::from(n)),
            created_by: Some(owner_id(1)),
            dropped: 0,
        }
    }

    /// The webhook 1 of `acme/pets`, 2 of `acme/shop`, and 3 of all modules of `acme`, which tells of SDKs alone.
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        let sdks = [WebhookEvent::SdkFailed, WebhookEvent::SdkPublished];
        for webhook in
            [webhook(1, Some(module_id(1)), &[]), webhook(2, Some(module_id(2)), &[]), webhook(3, None, &sdks)]
        {
            store.create_webhook(&webhook).unwrap();
        }
        store
    }

    fn sent(store: &Scratch, n: u8) -> Vec<(&'static str, String)> {
        let of = store.deliveries(WebhookId::from_bytes([n; 16]), 2000).unwrap();
        of.into_iter().map(|delivery| (delivery.event.name(), delivery.data)).collect()
    }

    fn deprecated(n: u8) -> WebhookNews {
        WebhookNews::deprecated(module_id(n), &"acme/pets".parse().unwrap())
    }

    fn tried(state: DeliveryState, next_try: Option<Timestamp>) -> DeliveryTry {
        DeliveryTry { state, next_try, status: Some(500), message: Some("500".into()) }
    }

    #[test]
    fn an_event_goes_to_the_webhooks_of_its_module_that_tell_of_it() {
        let store = store();
        store.announce(&deprecated(1), at(9)).unwrap();
        assert_eq!(sent(&store, 1), [("module.deprecated", r#"{"module":"acme/pets"}"#.to_owned())]);
        assert_eq!((sent(&store, 2), sent(&store, 3)), (vec![], vec![]));
        let taken = store
            .create_webhook(&Webhook { id: WebhookId::from_bytes([9; 16]), ..webhook(1, Some(module_id(1)), &[]) });
        assert_eq!(taken.unwrap_err().to_string(), "a webhook to that address already exists");
        assert_eq!(
            store.webhooks(owner_id(1), None).unwrap(),
            [webhook(3, None, &[WebhookEvent::SdkFailed, WebhookEvent::SdkPublished])]
        );
    }

    #[test]
    fn crates_that_are_published_or_fail_for_good_are_told() {
        let store = store();
        let needs = [key(1, "prost")];
        let jobs = vec![new_job(1, "pets", "prost", &[]), new_job(1, "pets", "tonic", &needs)];
        store.push_one(1, 1, &[], jobs);
        let job = store.claim(at(3)).unwrap();
        store.fail_job(job.claim(), "for now", at(4), Some(at(5))).unwrap();
        assert_eq!(sent(&store, 3), [], "it is tried again");
        let job = store.claim(at(5)).unwrap();
        store.fail_job(job.claim(), "no such field", at(6), None).unwrap();
        let failed = sent(&store, 3);
        assert_eq!(failed.len(), 2, "{failed:?}");
        assert!(
            failed[1].1.contains("acme_pets_community_prost\"") && failed[1].1.contains("no such field"),
            "{failed:?}"
        );
        assert!(failed[0].1.contains("needs acme_pets_community_prost, which failed"), "{failed:?}");
        store.enqueue(&[new_job(1, "pets", "prost", &[])], at(7)).unwrap();
        let job = store.claim(at(8)).unwrap();
        let made = sdk(&job, 1, b"crate");
        for _ in 0..2 {
            store.publish_sdk(job.claim(), &made, b"crate", at(9)).unwrap();
        }
        assert_eq!(sent(&store, 3).len(), 3, "publishing the same again is no news");
        assert!(sent(&store, 3)[0].1.contains(&made.version.to_string()));
        assert_eq!(sent(&store, 1).len(), 3);
        let published = &store.deliveries(WebhookId::from_bytes([3; 16]), 1).unwrap()[0];
        assert_eq!((published.module, published.commit), (Some(module_id(1)), Some(commit_id(1))));
    }

    #[test]
    fn a_failed_need_of_another_owner_s_private_module_is_not_named() {
        let store = store();
        store.create_owner(&crate::store::testing::owner(5, "bank")).unwrap();
        store.create_module(&module(3, "bank/coffer", 5)).unwrap();
        for (commit, module) in [(1, 1), (3, 3)] {
            store.push_one(commit, module, &[], vec![]);
        }
        store.set_visibility_unchecked(module_id(3), "private");
        let coffer = crate::store::testing::crate_name("coffer", "prost").to_string().replace("acme", "bank");
        let secret = crate::store::NewJob { crate_name: coffer.parse().unwrap(), ..new_job(3, "pets", "prost", &[]) };
        store.enqueue(&[secret, new_job(1, "pets", "prost", &[key(3, "prost")])], at(3)).unwrap();
        let job = store.claim(at(4)).unwrap();
        store.fail_job(job.claim(), "no such coin", at(5), None).unwrap();
        let told = sent(&store, 1);
        assert_eq!(told.len(), 1);
        assert!(!told[0].1.contains("coin") && !told[0].1.contains("bank"), "{told:?}");
        assert!("bank".parse::<OwnerName>().is_ok());
    }

    #[test]
    fn one_webhook_gives_its_longest_waiting_delivery_at_a_time() {
        let store = store();
        for (module, second) in [(1, 5), (2, 6), (1, 7)] {
            store.announce(&deprecated(module), at(second)).unwrap();
        }
        let due =
            |second| store.due_deliveries(at(second), 9).unwrap().into_iter().map(|due| due.id).collect::<Vec<_>>();
        assert_eq!((due(4), due(5), due(9)), (vec![], vec![1], vec![1, 2]));
        assert_eq!(store.next_delivery(at(5)).unwrap(), Some(at(6)));
        let (first, hook) = store.delivery(1).unwrap().unwrap();
        assert_eq!(hook.id, first.webhook);
        store.record_try(&first, &tried(DeliveryState::Pending, Some(at(30))), at(9)).unwrap();
        assert_eq!(due(9), [2, 3]);
        let again = store.delivery(1).unwrap().unwrap().0;
        assert_eq!((again.tries, again.last_try, again.status), (1, Some(at(9)), Some(500)));
        store.record_try(&again, &tried(DeliveryState::Failed, None), at(31)).unwrap();
        assert_eq!(due(99), [2, 3]);
        store.delete_modules(&[module_id(1)]).unwrap();
        assert_eq!(due(99), [2]);
        assert_eq!(store.webhook(WebhookId::from_bytes([1; 16])).unwrap(), None);
    }

    #[test]
    fn neither_what_waits_nor_the_log_grows_without_end() {
        let store = store();
        for _ in 0..503 {
            store.announce(&deprecated(1), at(5)).unwrap();
        }
        let id = WebhookId::from_bytes([1; 16]);
        let hook = store.webhook(id).unwrap().unwrap();
        assert_eq!((sent(&store, 1).len(), hook.dropped), (500, 3));
        assert_eq!(store.ping(&hook, at(6)).unwrap(), None);
        for number in 1..=300 {
            let (delivery, _) = store.delivery(number).unwrap().unwrap();
            store.record_try(&delivery, &tried(DeliveryState::Delivered, None), at(6)).unwrap();
        }
        assert_eq!(sent(&store, 1).len(), 400);
        assert_eq!(store.delivery(100).unwrap(), None);
        assert!(store.delivery(101).unwrap().is_some());
    }
}
