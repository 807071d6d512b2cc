//! What is no webhook, and where none is sent to.

use super::{Receiver, counted, create, module, tried};
use crate::support::Registry;

#[test]
fn no_webhook_reaches_an_inner_address() {
    let registry = Registry::start();
    module("acme/pets").push(&registry);
    let receiver = Receiver::start();
    let refused = |url: &str| registry.cli(["webhook", "create", "acme/pets", "--url", url]).refused();
    let port = receiver.port().to_owned();
    for host in ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        refused(&format!("http://{host}:{port}/")).says(&format!("--webhook-allow {bare}"));
    }
    // A name is looked up when it is called: what it leads to then decides.
    let (id, _) = create(&registry, "acme/pets", &format!("http://localhost:{port}/"), &["push"]);
    registry.cli(["webhook", "test", &id]).refused().says("webhooks are sent to public addresses");
    module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    let delivery = tried(&registry, &id);
    let message = delivery["message"].as_str().unwrap();
    assert!(delivery["status"].is_null() && message.contains("--webhook-allow localhost"), "{delivery}");
    assert!(receiver.calls().is_empty());
    assert!(counted(&registry, "refused") > 0);
}

#[test]
fn a_redirect_inside_is_not_followed() {
    let inner = Receiver::start();
    let outer = Receiver::answering([super::failing(&format!("307 Go\r\nlocation: {}", inner.url("/")))]);
    let registry = Registry::with(|options| _ = options.flag("webhook-allow", "127.0.0.1"));
    module("acme/pets").push(&registry);
    let (id, _) = create(&registry, "acme/pets", &outer.url("/"), &[]);
    registry.cli(["webhook", "test", &id]).refused().says("answered 307; redirects are not followed");
    assert!(inner.calls().is_empty());
}

#[test]
fn mistakes_are_told() {
    let registry = Registry::with(|options| _ = options.flag("max-webhooks-per-owner", "1"));
    module("acme/pets").push(&registry);
    let create = |url: &str| registry.cli(["webhook", "create", "acme/pets", "--url", url]);
    for url in ["ci.example/hook", "ftp://ci.example", "https://"] {
        create(url).refused().says("is not a web address");
    }
    create("https://user:password@ci.example").refused().says("neither a user nor a password");
    let unknown = ["webhook", "create", "acme/pets", "--url", "https://ci.example", "--event", "pull"];
    registry.cli(unknown).could_not_run().says("push, sdk.published, sdk.failed, breaking, module.deprecated");
    registry.cli(["webhook", "list", "acme/pest"]).refused().says("acme/pest");
    registry.cli(["webhook", "delete", &"1".repeat(32)]).refused().says("registry webhook list");
    create("https://ci.example/a").ok();
    create("https://ci.example/a").refused().says("already exists");
    create("https://ci.example/b").refused().says("--max-webhooks-per-owner");
}
