//! The webhooks tab, for admins: the webhooks of a module and those of all modules of its owner, with what they sent last.

use askama::Template;
use http::Response;

use crate::actions::webhooks::{self, WebhookScope};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok};
use crate::serve::web::page::params::Params;
use crate::serve::web::page::relative_time::Age;
use crate::serve::web::pages::sign_in;
use crate::store::{Delivery, DeliveryState, Webhook};

/// How many deliveries of a webhook are shown.
const SHOWN: u64 = 10;

struct WebhookRow {
    id: String,
    url: String,
    events: String,
    /// Whether it tells of all modules of the owner.
    of_owner: bool,
    age: Age,
    dropped: u64,
    deliveries: Vec<DeliveryRow>,
}

struct DeliveryRow {
    event: &'static str,
    /// The name of the state, and the class that colours it.
    state: (&'static str, &'static str),
    tries: u32,
    result: String,
    age: Age,
}

#[derive(Template)]
#[template(path = "webhooks.html", config = "assets/askama.toml")]
struct WebhooksView {
    chrome: Chrome,
    head: ModuleHeader,
    name: String,
    webhooks: Vec<WebhookRow>,
}

/// `/{owner}/{module}/webhooks`.
pub(in crate::serve::web) fn webhooks(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    if visit.caller.user().is_none() {
        return sign_in::required(visit, "");
    }
    visit.caller.require_write()?;
    let module = visit.module(params.get("owner"), params.get("module"))?;
    let mut found = webhooks::list(&visit.actor(), &WebhookScope::Module(module.clone()))?;
    found.extend(visit.store().webhooks(module.owner, None)?);
    let at = ModuleAtCommit::of(visit.store(), module, "")?;
    let name = at.module.name.to_string();
    let head = at.head(visit, Tab::Webhooks, &|reference| format!("/{name}/docs/{reference}"))?;
    let webhooks = found.into_iter().map(|webhook| row(visit, webhook)).collect::<Answer<_>>()?;
    ok(&WebhooksView { chrome: visit.chrome(format!("Webhooks · {name}")), head, name, webhooks })
}

fn row(visit: &PageRequest<'_>, webhook: Webhook) -> Answer<WebhookRow> {
    visit.deadline.check()?;
    let deliveries = visit.store().deliveries(webhook.id, SHOWN)?;
    let events: Vec<_> = webhook.events.iter().map(|event| event.name()).collect();
    Ok(WebhookRow {
        id: webhook.id.to_string(),
        url: webhook.url,
        events: events.join(", "),
        of_owner: webhook.module.is_none(),
        age: visit.age(webhook.created),
        dropped: webhook.dropped,
        deliveries: deliveries.into_iter().map(|delivery| delivery_row(visit, delivery)).collect(),
    })
}

fn delivery_row(visit: &PageRequest<'_>, delivery: Delivery) -> DeliveryRow {
    let state = match delivery.state {
        DeliveryState::Pending => ("pending", "wait"),
        DeliveryState::Delivered => ("delivered", "good"),
        DeliveryState::Failed => ("failed", "bad"),
    };
    let status = delivery.status.map_or_else(String::new, |status| status.to_string());
    DeliveryRow {
        event: delivery.event.name(),
        state,
        tries: delivery.tries,
        result: delivery.message.unwrap_or(status),
        age: visit.age(delivery.created),
    }
}
