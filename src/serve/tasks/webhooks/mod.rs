//! Sends what the outbox of webhooks holds. Each delivery is a row, so a restart goes on where the last process ended: a
//! delivery may come twice, with the same `webhook-id`, and is never lost.

mod body;
mod connector;
mod receiver_call;
mod schedule;
mod sign;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, block_in_place};

use crate::metrics::WebhookResult;
use crate::model::{OwnerId, Timestamp, WebhookId, WebhookPolicy};
use crate::publish::Publisher;
use crate::store::{Delivery, DeliveryState, DeliveryTry, DueDelivery, StoreError, Webhook};

pub(in crate::serve) use body::message_id;
pub(in crate::serve) use connector::LOOK_UPS;
use receiver_call::{CallError, ReceiverClient};
use schedule::next_try;

/// The most calls at the same time.
const AT_ONCE: usize = 32;

/// The most calls of the webhooks of one owner at the same time: slow receivers of one do not hold up those of others.
const AT_ONCE_OF_OWNER: usize = 8;

/// The most webhooks that are looked at for their turn.
const MOST_DUE: u64 = 1000;

/// The shortest time between two looks at the outbox: there may be many changes in a moment.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);

/// How long to wait for a change before the outbox is looked at again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long to wait when the store fails.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long a webhook is left alone when what came of its call could not be stored.
const PAUSE_UNRECORDED: Duration = Duration::from_secs(60);

/// How long a delivery is left to the node that has taken it, in microseconds: longer than a call takes, with its body and
/// its record.
const CALL_TAKES: i64 = 60_000_000;

/// How long the end of the server waits for calls. Those that go on longer are made again by the next process.
const END: Duration = Duration::from_secs(3);

/// The task that sends.
pub(in crate::serve) struct WebhookSender {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What the task and its calls share.
struct Sending {
    publisher: Arc<Publisher>,
    client: ReceiverClient,
    /// The server's address.
    url: String,
    /// The webhooks that are being called, one call each.
    calls: Mutex<HashMap<WebhookId, OwnerId>>,
    /// Notified when a call ends.
    ended: Notify,
}

impl WebhookSender {
    /// Starts to send.
    pub(in crate::serve) fn start(publisher: Arc<Publisher>, policy: WebhookPolicy, url: String) -> Self {
        let (stop, stopped) = watch::channel(false);
        let client = ReceiverClient::new(policy);
        let sending = Sending { publisher, client, url, calls: Mutex::default(), ended: Notify::new() };
        Self { stop, task: tokio::spawn(run(Arc::new(sending), stopped)) }
    }

    /// Starts no more calls, and waits a while for those that are made.
    pub(in crate::serve) async fn end(self) {
        self.stop.send_replace(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(END, self.task).await.is_err() {
            abort.abort();
        }
    }
}

async fn run(sending: Arc<Sending>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let seen = sending.publisher.progress().count();
        let pause = match block_in_place(|| sending.start_due()) {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "could not look for webhooks to be called");
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::time::sleep(SHORTEST_PAUSE).await;
        tokio::select! {
            _ = stopped.changed() => {}
            () = sending.publisher.progress().after(seen) => {}
            () = sending.ended.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    while !sending.calls().is_empty() {
        sending.ended.notified().await;
    }
}

impl Sending {
    fn calls(&self) -> MutexGuard<'_, HashMap<WebhookId, OwnerId>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the calls whose time has come, as far as there is room, and returns how long to wait for the next.
    fn start_due(self: &Arc<Self>) -> Result<Duration, StoreError> {
        let (store, now) = (self.publisher.store(), self.publisher.clock().now());
        for due in store.due_deliveries(now, MOST_DUE)? {
            if self.take_place(due)
                && let Err(error) = self.start(due)
            {
                self.leave_place(due.webhook);
                return Err(error);
            }
        }
        let next = store.next_delivery(now)?.map(|next| next.as_micros().saturating_sub(now.as_micros()));
        let pause = next.and_then(|micros| u64::try_from(micros).ok()).map_or(LONGEST_PAUSE, Duration::from_micros);
        Ok(pause.min(LONGEST_PAUSE))
    }

    fn take_place(&self, due: DueDelivery) -> bool {
        let mut calls = self.calls();
        let of_owner = calls.values().filter(|owner| **owner == due.owner).count();
        let has_room = calls.len() < AT_ONCE && of_owner < AT_ONCE_OF_OWNER && !calls.contains_key(&due.webhook);
        if has_room {
            calls.insert(due.webhook, due.owner);
        }
        has_room
    }

    fn leave_place(&self, webhook: WebhookId) {
        self.calls().remove(&webhook);
        self.ended.notify_one();
    }

    fn start(self: &Arc<Self>, due: DueDelivery) -> Result<(), StoreError> {
        let (store, now) = (self.publisher.store(), self.publisher.clock().now());
        let until = Timestamp::from_micros(now.as_micros().saturating_add(CALL_TAKES));
        let found = if store.take_delivery(due.id, now, until)? { store.delivery(due.id)? } else { None };
        let Some((delivery, webhook)) = found else {
            self.leave_place(due.webhook);
            return Ok(());
        };
        let place = Place { sending: Arc::clone(self), webhook: webhook.id };
        tokio::spawn(async move {
            place.sending.call(&delivery, &webhook).await;
            drop(place);
        });
        Ok(())
    }

    async fn call(&self, delivery: &Delivery, webhook: &Webhook) {
        let started = self.publisher.clock().now();
        let called = match block_in_place(|| body::of(&self.publisher, delivery, webhook, &self.url)) {
            Ok(body) => self.client.call(webhook, &message_id(delivery), body, started).await,
            Err(error) => Err(CallError::NoBody(error)),
        };
        let now = self.publisher.clock().now();
        let next_try = next_try(delivery, now);
        let (result, tried) = match &called {
            Ok(status) => {
                let state = DeliveryState::Delivered;
                (WebhookResult::Delivered, DeliveryTry { state, next_try: None, status: Some(*status), message: None })
            }
            Err(error) => {
                let state = if next_try.is_some() { DeliveryState::Pending } else { DeliveryState::Failed };
                let result = match error {
                    _ if next_try.is_none() => WebhookResult::GivenUp,
                    CallError::Refused(_) => WebhookResult::Refused,
                    _ => WebhookResult::Failed,
                };
                (result, DeliveryTry { state, next_try, status: error.status(), message: Some(error.to_string()) })
            }
        };
        self.publisher.metrics().called_webhook(result);
        if let Err(error) = block_in_place(|| self.publisher.store().record_try(delivery, &tried, now)) {
            tracing::error!(%error, webhook = %webhook.id, "could not record the call of a webhook; it is made again");
            // The row still says that its time has come: the receiver must not be called again and again meanwhile.
            tokio::time::sleep(PAUSE_UNRECORDED).await;
        }
        match called {
            Ok(status) => tracing::debug!(webhook = %webhook.id, event = %delivery.event, status, "webhook called"),
            Err(error) => {
                tracing::warn!(webhook = %webhook.id, event = %delivery.event, tries = delivery.tries + 1, %error, "a webhook could not be called");
            }
        }
    }
}

/// The place of one call, given back however it ends.
struct Place {
    sending: Arc<Sending>,
    webhook: WebhookId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sending.leave_place(self.webhook);
    }
}
