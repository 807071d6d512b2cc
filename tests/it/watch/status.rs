//! `registry status` and `registry healthcheck`.

use std::io::{Read as _, Write as _};

use crate::support::{Module, Registry, http, kennel, registry_command, run};

#[test]
fn status_shows_what_the_registry_holds_and_how_it_is() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", kennel("name")).push(&registry);
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

/// The address of a server that is not ready.
fn not_ready() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]);
        let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 26\r\nconnection: close\r\n\r\n";
        connection.write_all(format!("{head}not ready: it is stopping\n").as_bytes()).unwrap();
    });
    url
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
    let gone = check(&[&registry.url]).refused().says("could not reach").says("URL names another address");
    assert!(!gone.stderr.contains("--server"), "{gone}");
    check(&[&format!("http://{}", http::free_address())]).refused();
    check(&["not an address"]).refused();
    let not_ready = check(&[&not_ready()]).refused();
    assert!(not_ready.stderr.ends_with(": not ready: it is stopping\n"), "{not_ready}");
    let mut misconfigured = registry_command(home.path());
    misconfigured.env("REGISTRY_LISTEN", "nowhere").arg("healthcheck");
    run(&mut misconfigured).refused().says("REGISTRY_LISTEN");
}
