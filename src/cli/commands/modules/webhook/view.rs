//! Webhooks and deliveries as rows, for people and for programs.

use buffa::EnumValue;
use serde::Serialize;

use crate::cli::output::{table, wire_text};
use crate::wire::registry::v1::{Webhook, WebhookDelivery, WebhookDeliveryState};

#[derive(Serialize)]
pub(super) struct WebhookRow {
    pub(super) id: String,
    /// `owner/name`, or `owner` for all of its modules.
    scope: String,
    url: String,
    events: Vec<String>,
    /// Whether it was made with `buf`, and sends what the BSR sends.
    bsr: bool,
    created: Option<String>,
    created_by: String,
    /// Events that found too many others waiting.
    dropped: u64,
}

pub(super) fn row(webhook: Webhook) -> WebhookRow {
    let scope = &webhook.scope;
    let name = if scope.module.is_empty() { scope.owner.clone() } else { format!("{}/{}", scope.owner, scope.module) };
    WebhookRow {
        created: wire_text::time(webhook.create_time.as_option()),
        id: webhook.id,
        scope: name,
        url: webhook.url,
        events: webhook.events,
        bsr: webhook.is_bsr,
        created_by: webhook.created_by,
        dropped: webhook.dropped_events,
    }
}

pub(super) fn rows(webhooks: &[WebhookRow]) -> Vec<String> {
    let cells = webhooks.iter().map(|webhook| {
        let events = webhook.events.join(" ");
        let created = webhook.created.clone().unwrap_or_default();
        [webhook.id.clone(), events, created, webhook.created_by.clone(), webhook.url.clone()]
    });
    table(["ID", "EVENTS", "CREATED", "BY", "URL"], cells.collect())
}

#[derive(Serialize)]
pub(super) struct DeliveryRow {
    id: i64,
    /// The header webhook-id.
    message_id: String,
    event: String,
    module: String,
    /// `pending`, `delivered` or `failed`.
    pub(super) state: &'static str,
    created: Option<String>,
    tries: u32,
    last_try: Option<String>,
    next_try: Option<String>,
    /// The status of the last response.
    pub(super) status: Option<u32>,
    /// Why the last try failed.
    pub(super) message: String,
}

pub(super) fn delivery_row(delivery: WebhookDelivery) -> DeliveryRow {
    DeliveryRow {
        state: state(delivery.state),
        created: wire_text::time(delivery.create_time.as_option()),
        last_try: wire_text::time(delivery.last_try_time.as_option()),
        next_try: wire_text::time(delivery.next_try_time.as_option()),
        status: (delivery.status != 0).then_some(delivery.status),
        id: delivery.id,
        message_id: delivery.message_id,
        event: delivery.event,
        module: delivery.module,
        tries: delivery.tries,
        message: delivery.message,
    }
}

fn state(state: EnumValue<WebhookDeliveryState>) -> &'static str {
    match state.as_known() {
        Some(WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_PENDING) => "pending",
        Some(WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_DELIVERED) => "delivered",
        Some(WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_FAILED) => "failed",
        Some(WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_UNSPECIFIED) | None => "unknown",
    }
}

pub(super) fn delivery_rows(deliveries: &[DeliveryRow]) -> Vec<String> {
    let cells = deliveries.iter().map(|delivery| {
        let result = match delivery.status {
            Some(status) if delivery.message.is_empty() => status.to_string(),
            _ => delivery.message.clone(),
        };
        let created = delivery.created.clone().unwrap_or_default();
        let next = delivery.next_try.clone().unwrap_or_default();
        let (event, module, tries) = (delivery.event.clone(), delivery.module.clone(), delivery.tries.to_string());
        [created, event, module, delivery.state.into(), tries, next, result]
    });
    table(["TIME", "EVENT", "MODULE", "STATE", "TRIES", "NEXT TRY", "RESULT"], cells.collect())
}
