//! What is sent, when, and how often.

use std::net::TcpListener;

use super::{Receiver, Reply, counted, create, deliveries, failing, module, registry, tried};
use crate::support::{Certificate, Programs, Registry, eventually, kennel, registry_command};

#[test]
fn every_event_of_a_module_comes_signed() {
    let programs = Programs::new().refusing("says-no", "no dogs today");
    let config = programs.config();
    let registry = Registry::with(|options| {
        options.flag("webhook-allow", "127.0.0.1").flag("config", &config);
        options.flag("eager-plugins", "acme/says-no").flag("eager-plugins", "community/neoeinstein-prost");
    });
    registry.cli(["organization", "create", "acme"]).ok();
    let receiver = Receiver::start();
    let (id, secret) = create(&registry, "acme", &receiver.url("/hook?to=us"), &[]);
    let first = module("acme/pets").push(&registry);
    receiver.wait(3);
    let second = module("acme/pets").file("pets.proto", kennel("other")).push(&registry);
    receiver.wait(7);
    registry.cli(["module", "deprecate", "acme/pets"]).ok();
    registry.cli(["module", "update", "acme/pets", "--description", "x"]).ok();
    let calls = receiver.wait(8);
    for call in &calls {
        call.is_signed_with(&secret);
        assert_eq!((call.path.as_str(), call.header("content-type")), ("/hook?to=us", "application/json"));
        assert_eq!(
            (call.json()["registry"].as_str(), call.json()["data"]["module"].as_str()),
            (Some(registry.url.as_str()), Some("acme/pets"))
        );
    }
    let told = |event: &str, commit: &str| {
        let events = calls.iter().map(|call| call.json()).filter(|body| body["type"] == event);
        let mut found = events.filter(|body| commit.is_empty() || body["data"]["commit"] == commit);
        let body = found.next().unwrap_or_else(|| panic!("no {event} of {commit}"));
        assert!(found.next().is_none(), "{event} of {commit} comes twice");
        body["data"].clone()
    };
    let push = told("push", &first.commit);
    assert_eq!(
        (&push["labels"][0], &push["created"], &push["user"]),
        (&"main".into(), &true.into(), &registry.user.as_str().into())
    );
    let published = told("sdk.published", &second.commit);
    assert_eq!(published["version"], second.sdk("community/neoeinstein-prost").version.as_str());
    let failed = told("sdk.failed", &second.commit);
    assert!(failed["reason"].as_str().unwrap().contains("no dogs today"), "{failed}");
    let breaking = told("breaking", "");
    assert_eq!(
        (&breaking["commit"], &breaking["previous_commit"]),
        (&second.commit.as_str().into(), &first.commit.as_str().into())
    );
    assert_eq!((&breaking["allowed"], &breaking["label"]), (&false.into(), &"main".into()));
    assert!(breaking["changes"][0].is_string(), "{breaking}");
    told("module.deprecated", "");
    let ids: std::collections::BTreeSet<_> = calls.iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 8);
    eventually("all are delivered", || deliveries(&registry, &id).iter().all(|row| row["state"] == "delivered"));
    assert_eq!(counted(&registry, "delivered"), 8);
    registry.is_well();
}

#[test]
fn a_webhook_tells_of_its_events_alone_and_an_unchanged_push_is_none() {
    let registry = registry();
    let (pushes, all, receiver) = (Receiver::start(), Receiver::start(), module("acme/pets"));
    receiver.push(&registry);
    create(&registry, "acme/pets", &pushes.url("/"), &["push"]);
    let (id, _) = create(&registry, "acme/pets", &all.url("/"), &[]);
    receiver.push(&registry);
    module("acme/shop").push(&registry);
    module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    all.wait(3);
    registry.cli(["webhook", "test", &id]).ok().prints("the receiver answered 204");
    assert_eq!(all.calls().len(), 4, "push, two crates and the ping");
    assert_eq!(all.calls()[3].json()["type"], "ping");
    assert_eq!(pushes.wait(1).len(), 1);
}

#[test]
fn a_label_that_moves_to_what_breaks_is_told_as_a_push_is() {
    let registry = registry();
    let first = module("acme/pets").push(&registry).commit;
    let next = module("acme/pets").file("pets.proto", kennel("other")).argument("--label=next").push(&registry).commit;
    let receiver = Receiver::start();
    create(&registry, "acme/pets", &receiver.url("/"), &["breaking"]);
    registry.cli(["label", "move", "acme/pets", "main", "--to", "next"]).ok();
    let told = receiver.wait(1)[0].json()["data"].clone();
    assert_eq!((&told["commit"], &told["previous_commit"]), (&next.as_str().into(), &first.as_str().into()));
    assert_eq!((&told["allowed"], &told["label"]), (&false.into(), &"main".into()));
}

#[test]
fn a_receiver_that_fails_twice_gets_the_event_a_third_time_with_the_same_id() {
    let registry = registry();
    module("acme/pets").push(&registry);
    let receiver = Receiver::answering([failing("500 Oh no"), failing("302 Found\r\nlocation: /elsewhere")]);
    let (id, secret) = create(&registry, "acme/pets", &receiver.url("/"), &["push"]);
    module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    let first = tried(&registry, &id);
    assert_eq!((&first["state"], &first["status"]), (&"pending".into(), &500.into()));
    let calls = receiver.wait(3);
    assert_eq!(calls.len(), 3);
    for call in &calls {
        call.is_signed_with(&secret);
        assert_eq!((call.path.as_str(), &call.body), ("/", &calls[0].body), "redirects are not followed");
        assert_eq!(call.header("webhook-id"), calls[0].header("webhook-id"));
    }
    eventually("it is delivered", || deliveries(&registry, &id)[0]["state"] == "delivered");
    let last = &deliveries(&registry, &id)[0];
    assert_eq!(
        (&last["tries"], &last["message"], &last["message_id"]),
        (&3.into(), &"".into(), &calls[0].header("webhook-id").into())
    );
    assert_eq!((counted(&registry, "failed"), counted(&registry, "delivered")), (2, 1));
}

#[test]
fn the_event_of_a_stored_push_comes_although_the_process_was_killed() {
    let data = tempfile::tempdir().unwrap();
    let allow = "127.0.0.1";
    let mut registry = Registry::with(|options| _ = options.flag("webhook-allow", allow).keep(data.path(), None));
    let token = registry.token.clone();
    module("acme/pets").push(&registry);
    let receiver = Receiver::start();
    create(&registry, "acme/pets", &receiver.url("/"), &["push"]);
    registry.stop();
    // The process ends between storing the push and anything else.
    let killed = Registry::with(|options| {
        options.flag("webhook-allow", allow).keep(data.path(), Some(&token));
        options.variable("REGISTRY_FAIL_POINT", "push-stored");
    });
    module("acme/pets").file("LICENSE", "Do what you like.").try_push(&killed).fails();
    drop(killed);
    assert!(receiver.calls().is_empty());
    let registry = Registry::with(|options| _ = options.flag("webhook-allow", allow).keep(data.path(), Some(&token)));
    let calls = receiver.wait(1);
    let head = registry.cli(["label", "list", "acme/pets", "--json"]).ok().json()[0]["commit"].clone();
    assert_eq!((&calls[0].json()["data"]["commit"], calls.len()), (&head, 1));
}

#[test]
fn a_restored_copy_calls_nobody_for_what_waited_and_a_copy_on_trial_calls_nobody_at_all() {
    let data = tempfile::tempdir().unwrap();
    let start = |directory: &str, token: Option<&str>, webhooks: &str| {
        Registry::with(|options| {
            options.keep(&data.path().join(directory), token).flag("webhooks", webhooks);
            options.flag("webhook-allow", "127.0.0.1");
        })
    };
    let mut registry = start("data", None, "false");
    let token = registry.token.clone();
    module("acme/pets").push(&registry);
    let receiver = Receiver::start();
    let (id, _) = create(&registry, "acme/pets", &receiver.url("/"), &["push"]);
    module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    registry.stop();
    let (backup, restored) = (data.path().join("backup.db"), data.path().join("restored"));
    let mut command = crate::support::registry_command(data.path());
    crate::support::run(command.arg("backup").arg(&backup).arg("--data-dir").arg(data.path().join("data"))).ok();
    let mut command = crate::support::registry_command(data.path());
    crate::support::run(command.arg("restore").arg(&backup).arg(&restored)).ok();
    assert!(receiver.calls().is_empty(), "--webhooks=false");
    let mut copy = start("restored", Some(&token), "true");
    let deliveries = copy.cli(["webhook", "deliveries", &id, "--json"]).ok().json();
    assert_eq!(deliveries[0]["state"], "failed", "{deliveries}");
    assert!(deliveries[0]["message"].as_str().unwrap().contains("restored from"), "{deliveries}");
    let audited = copy.cli(["audit", "--action", "store.restore"]).ok();
    audited.prints("waiting deliveries of webhooks cancelled: 1");
    // What happens from now on is told.
    module("acme/pets").file("LICENSE", "Do what you want.").push(&copy);
    assert_eq!(receiver.wait(1).len(), 1);
    copy.stop();
    assert_eq!(receiver.calls().len(), 1);
}

#[test]
fn a_call_that_was_cut_off_comes_again_with_the_same_id() {
    let data = tempfile::tempdir().unwrap();
    let start = |token: Option<&str>| {
        Registry::with(|options| _ = options.flag("webhook-allow", "127.0.0.1").keep(data.path(), token))
    };
    let mut registry = start(None);
    let token = registry.token.clone();
    module("acme/pets").push(&registry);
    let receiver = Receiver::answering([Reply::Never, Reply::Never]);
    create(&registry, "acme/pets", &receiver.url("/"), &["push"]);
    module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    receiver.wait(1);
    registry.stop();
    let mut registry = start(Some(&token));
    receiver.wait(2);
    // The end of a server does not wait for a receiver that says nothing.
    registry.signal("TERM");
    registry.process().wait().unwrap();
    let _registry = start(Some(&token));
    let ids: std::collections::BTreeSet<_> =
        receiver.wait(3).iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_slow_receiver_holds_up_no_other() {
    let registry = registry();
    module("acme/pets").push(&registry);
    let (slow, quick) = (Receiver::answering(vec![Reply::Never; 40]), Receiver::start());
    registry.cli(["organization", "create", "slow"]).ok();
    for n in 0..12 {
        let (id, _) = create(&registry, "slow", &slow.url(&format!("/{n}")), &["push"]);
        registry.call("registry.v1.WebhookService/TestWebhook", &serde_json::json!({ "id": id })).ok();
    }
    // As many as one owner has places.
    slow.wait(8);
    let (id, _) = create(&registry, "acme/pets", &quick.url("/"), &["push"]);
    registry.cli(["webhook", "test", &id]).ok();
    assert_eq!(quick.calls().len(), 1);
}

#[test]
fn the_log_is_shown_kept_for_a_week_and_removed_by_gc() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| _ = options.flag("webhook-allow", "127.0.0.1").keep(data.path(), None));
    let receiver = Receiver::answering([failing("418 Tea")]);
    module("acme/pets").push(&registry);
    let (id, _) = create(&registry, "acme/pets", &receiver.url("/"), &[]);
    registry.cli(["webhook", "test", &id]).refused().says("the receiver answered 418");
    registry.cli(["webhook", "test", &id]).ok();
    registry.cli(["webhook", "deliveries", &id]).ok().prints("the receiver answered 418").prints("delivered");
    assert_eq!(counted(&registry, "given_up"), 1);
    let page = registry.get("/acme/pets/webhooks").ok().text();
    for part in [&receiver.url("/"), "the receiver answered 418", "delivered", &id] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    registry.signal("TERM");
    registry.process().wait().unwrap();
    let gc = |flags: &[&str]| {
        let mut command = registry_command(data.path());
        crate::support::run(command.arg("gc").args(flags).args(["--json", "--data-dir"]).arg(data.path())).ok().json()
    };
    assert_eq!(gc(&[])["deliveries"], 0);
    let conn = rusqlite::Connection::open(data.path().join("registry.db")).unwrap();
    conn.execute_batch("UPDATE webhook_deliveries SET last_try = last_try - 8 * 86400 * 1000000").unwrap();
    drop(conn);
    assert_eq!((&gc(&["--yes"])["deliveries"], &gc(&[])["deliveries"]), (&2.into(), &0.into()));
}

#[test]
fn a_receiver_that_is_not_there_is_called_again() {
    let registry = registry();
    module("acme/pets").push(&registry);
    // A port that is free: its listener is closed.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (id, _) = create(&registry, "acme/pets", &format!("http://{address}/"), &["push"]);
    module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    let first = tried(&registry, &id);
    let message = first["message"].as_str().unwrap();
    assert!(first["state"] == "pending" && message.contains(&format!("could not connect to {address}")), "{first}");
    let receiver = Receiver::on(TcpListener::bind(address).unwrap(), []);
    assert_eq!(receiver.wait(1)[0].json()["type"], "push");
}

#[test]
fn a_receiver_with_tls_is_called_if_its_certificate_is_trusted() {
    let certificate = Certificate::new();
    // Any server with that certificate: it answers, so it was reached.
    let receiver = certificate.registry();
    let url = format!("https://localhost:{}/healthz", receiver.url.rsplit(':').next().unwrap());
    let ping = |trusted: bool| {
        let sender = Registry::with(|options| {
            options.flag("webhook-allow", "localhost");
            if trusted {
                options.variable("SSL_CERT_FILE", certificate.chain().to_str().unwrap());
            }
        });
        module("acme/pets").push(&sender);
        let (id, _) = create(&sender, "acme/pets", &url, &[]);
        sender.cli(["webhook", "test", &id]).refused()
    };
    ping(true).says("the receiver answered 4");
    ping(false).says("certificate");
}
