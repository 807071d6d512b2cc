//! Webhooks: a receiver is called when something happens to modules, once and again until it takes the event.

mod buf;
mod delivery;
mod refusals;
mod rights;

use crate::support::{Module, Receiver, Registry, Reply, eventually, pets};

/// A registry whose webhooks may go to this machine.
fn registry() -> Registry {
    Registry::with(|options| _ = options.flag("webhook-allow", "127.0.0.0/8"))
}

/// Makes a webhook, and returns its id and its secret.
#[track_caller]
fn create(registry: &Registry, scope: &str, url: &str, events: &[&str]) -> (String, String) {
    let events = events.iter().flat_map(|event| ["--event", event]);
    let arguments = ["webhook", "create", scope, "--url", url, "--json"];
    let created = registry.cli(arguments.into_iter().chain(events)).ok().json();
    let text = |key: &str| created[key].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

/// The log of a webhook, the latest first.
#[track_caller]
fn deliveries(registry: &Registry, id: &str) -> Vec<serde_json::Value> {
    registry.cli(["webhook", "deliveries", id, "--json"]).ok().json().as_array().unwrap().clone()
}

/// Waits until the latest delivery of a webhook was tried, and returns it.
#[track_caller]
fn tried(registry: &Registry, id: &str) -> serde_json::Value {
    let latest = || deliveries(registry, id).into_iter().next();
    eventually("the webhook is called", || latest().is_some_and(|delivery| delivery["tries"] != 0));
    latest().unwrap()
}

/// The value of a sample of `/metrics`.
fn counted(registry: &Registry, result: &str) -> u64 {
    let text = registry.get("/metrics").ok().text();
    let name = format!("registry_webhook_deliveries_total{{result=\"{result}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |value| value.parse().unwrap())
}

fn module(name: &str) -> Module {
    Module::new(name).file("pets.proto", pets("name"))
}

fn failing(status: &str) -> Reply {
    Reply::Head(status.to_owned())
}
