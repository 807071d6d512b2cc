//! `registry status` and `registry healthcheck`.

use crate::support::{Module, Registry, http, pets, registry_command, run};

#[test]
fn status_shows_what_the_registry_holds_and_how_it_is() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    let status = registry.cli(["status", "--json"]).ok().json();
    assert_eq!((&status["modules"], &status["commits"], &status["sdks"]), (&1.into(), &1.into(), &2.into()));
    assert_eq!((&status["problem"], &status["readable"]), (&"".into(), &true.into()));
    assert!(status["store_bytes"].as_u64() > Some(4096) && status["memory_bytes"].as_u64() > Some(1 << 20), "{status}");
    let text = registry.cli(["status"]).ok();
    let text =
        text.prints("ready, since ").prints("1 modules, 1 commits, 2 SDKs").prints("0 queued, 0 running, 0 failed");
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 100), "{}", text.stdout);
    let reader = registry.user_token("sam");
    registry.cli(["status", "--token", &reader]).refused().says("administrator");
}

#[test]
fn a_health_check_ends_with_0_or_1_and_needs_no_token() {
    let mut registry = Registry::start();
    let home = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str]| {
        let mut command = registry_command(home.path());
        run(command.arg("healthcheck").args(arguments))
    };
    check(&[&registry.url]).ok().prints("ready");
    assert_eq!(check(&[&registry.url, "--json"]).ok().json()["ready"], true);
    let mut by_settings = registry_command(home.path());
    by_settings.env("REGISTRY_LISTEN", registry.host()).arg("healthcheck");
    run(&mut by_settings).ok().prints("ready");
    registry.stop();
    check(&[&registry.url]).refused().says("could not");
    check(&[&format!("http://{}", http::free_address())]).refused();
    check(&["not an address"]).refused();
    let mut misconfigured = registry_command(home.path());
    misconfigured.env("REGISTRY_LISTEN", "nowhere").arg("healthcheck");
    run(&mut misconfigured).refused().says("REGISTRY_LISTEN");
}
