//! Who makes and sees webhooks, and what they hear of.

use super::{Receiver, create, deliveries, module, registry};
use crate::support::{Registry, run};

fn as_user(registry: &Registry, token: &str, line: &str) -> crate::support::Transcript {
    run(registry.command().args(line.split(' ')).args(["--token", token]))
}

#[test]
fn webhooks_are_for_admins_of_the_owner() {
    let registry = registry();
    module("acme/pets").push(&registry);
    let (pat, ada) = (registry.user_token("pat"), registry.user_token("ada"));
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "writer"]).ok();
    registry.cli(["organization", "member", "set", "acme", "ada", "--role", "admin"]).ok();
    let (id, _) = create(&registry, "acme/pets", "https://ci.example/secret-path", &[]);
    for line in ["webhook list acme/pets", "webhook list acme", "webhook create acme --url https://pat.example"] {
        as_user(&registry, &pat, line).refused().says("that takes the role admin");
    }
    for action in ["delete", "deliveries", "test"] {
        as_user(&registry, &pat, &format!("webhook {action} {id}")).refused().says("is not yours to manage");
    }
    as_user(&registry, &ada, "webhook list acme/pets").ok().prints("secret-path");
    as_user(&registry, &ada, &format!("webhook delete {id}")).ok();
    as_user(&registry, &ada, &format!("webhook delete {id}")).refused();
    let log = registry.cli(["audit", "--json"]).ok().stdout;
    assert!(log.contains("webhook.create") && log.contains("webhook.delete") && log.contains("ci.example"), "{log}");
    assert!(!log.contains("secret-path") && !registry.log().contains("secret-path"));
}

#[test]
fn a_module_s_events_reach_no_webhook_of_others() {
    let registry = registry();
    let others = Receiver::start();
    let pat = registry.user_token("pat");
    for scope in ["pat", "pat/own"] {
        if scope.contains('/') {
            as_user(&registry, &pat, "module create pat/own").ok();
        }
        as_user(&registry, &pat, &format!("webhook create {scope} --url {}", others.url("/"))).ok();
    }
    let own = Receiver::start();
    registry.cli(["organization", "create", "acme"]).ok();
    create(&registry, "acme", &own.url("/"), &["push"]);
    module("acme/pets").push(&registry);
    own.wait(1);
    assert!(others.calls().is_empty());
}

#[test]
fn a_deleted_module_takes_its_webhooks_along() {
    let registry = registry();
    let receiver = Receiver::start();
    module("acme/pets").push(&registry);
    let (id, _) = create(&registry, "acme/pets", &receiver.url("/"), &[]);
    let (all, _) = create(&registry, "acme", &receiver.url("/"), &[]);
    registry.cli(["module", "delete", "acme/pets", "--yes"]).ok();
    registry.cli(["webhook", "deliveries", &id]).refused().says("does not exist");
    assert!(deliveries(&registry, &all).is_empty());
    registry.cli(["organization", "delete", "acme", "--yes"]).ok();
    registry.cli(["webhook", "deliveries", &all]).refused().says("does not exist");
    registry.is_well();
}
