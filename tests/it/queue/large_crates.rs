//! Crates that take more memory or time than the server's own process has for them: each is made in a process of its
//! own, and ends in a crate or in words. The server stays small, and nobody waits for it.

use crate::support::{Module, Process, Registry, eventually, kennel, signal};

const TONIC: &str = "community/neoeinstein-tonic";

/// Most memory that the server itself ever takes in these tests, in bytes: it is not optimised here.
const SERVER: u64 = 300 << 20;

/// A module with so many services, of which stubs are hundreds of times larger than what is pushed.
fn services(count: usize) -> Module {
    let head = "syntax = \"proto3\";\npackage acme.many.v1;\n";
    let mut module = Module::new("acme/many").file("acme/many/v1/m.proto", format!("{head}message M {{}}\n"));
    // No more in one file than may be in one.
    for first in (0..count).step_by(1000) {
        let service = |at| format!("service S{at} {{ rpc R(M) returns (M); }}\n");
        let services: String = (first..count.min(first + 1000)).map(service).collect();
        let source = format!("{head}import \"acme/many/v1/m.proto\";\n{services}");
        module = module.file(&format!("acme/many/v1/many{first}.proto"), source);
    }
    module
}

fn registry(flags: &[(&str, &str)]) -> Registry {
    Registry::with(|options| {
        for (name, value) in flags {
            options.flag(name, value);
        }
    })
}

/// The process that makes a crate, once there is one.
fn maker(registry: &mut Registry) -> Process {
    let server = registry.server();
    // Looked up once: a process that makes a small crate may have ended at the second look.
    let mut found = None;
    eventually("a crate is made in a process of its own", || {
        found = server.workers().first().copied();
        found.is_some()
    });
    found.unwrap()
}

/// An ordinary module is pushed, made and served as ever.
#[track_caller]
fn others_are_served(registry: &Registry) {
    Module::new("acme/pets").file("acme/pets/v1/pets.proto", kennel("name")).push(registry);
    let status = registry.cli(["sdk", "status", "acme/pets", "--wait"]).ok();
    assert_eq!(status.stdout.matches("served").count(), 2, "{status}");
}

#[test]
fn a_crate_that_takes_gigabytes_fails_alone_and_names_the_flag() {
    // Stubs of 4,000 services take more than 2 GB.
    let mut registry = registry(&[("max-sdk-memory", "512MiB"), ("push-wait", "0")]);
    services(4000).push(&registry);
    maker(&mut registry);
    others_are_served(&registry);
    let status = registry.cli(["sdk", "status", "acme/many", "--wait", "--json"]);
    let words = "it takes more than 512 MiB of memory; `--max-sdk-memory` allows more";
    assert!(status.stdout.contains(words), "{status}");
    assert!(registry.server().peak() < SERVER, "{} bytes", registry.server().peak());
    registry.is_well();
}

#[test]
fn a_crate_that_is_too_large_for_the_server_is_served_all_the_same() {
    let mut registry = registry(&[("push-wait", "60"), ("build-memory", "32MiB")]);
    let pushed = services(100).push(&registry);
    pushed.sdk(TONIC);
    assert!(registry.server().peak() < SERVER, "{}", registry.server().peak());
}

#[test]
fn a_crate_that_takes_long_fails_alone_and_names_the_flag() {
    let mut registry = registry(&[("sdk-timeout", "1"), ("push-wait", "60")]);
    let pushed = services(4000).push(&registry);
    let failure = pushed.failure(TONIC);
    assert!(failure.contains("it was not done within 1 seconds; `--sdk-timeout` gives it more time"), "{failure}");
    assert_eq!(registry.server().workers(), []);
    others_are_served(&registry);
    registry.is_well();
}

/// A module of so many packages, of which buffa makes megabytes each.
fn packages(count: usize) -> Module {
    let message = |at| format!("// Has a text.\nmessage M{at} {{ string text = 1; }}\n");
    let messages: String = (0..500).map(message).collect();
    let file = |module: Module, at: usize| {
        let source = format!("syntax = \"proto3\";\npackage acme.many{at}.v1;\n{messages}");
        module.file(&format!("acme/many{at}/v1/many.proto"), source)
    };
    (0..count).fold(Module::new("acme/many"), file)
}

/// A module of one message with all others inside.
fn one_message(count: usize) -> Module {
    let inner: String = (0..count).map(|at| format!("message M{at} {{ string text = 1; }}\n")).collect();
    let source = format!("syntax = \"proto3\";\npackage acme.many.v1;\nmessage All {{\n{inner}}}\n");
    Module::new("acme/many").file("acme/many/v1/many.proto", source)
}

#[test]
fn a_crate_of_buffa_that_is_too_much_fails_alone_and_names_the_flag() {
    const BUFFA: &str = "anthropics/buffa";
    const MEMORY: &str = "it takes more than 64 MiB of memory; `--max-sdk-memory` allows more";
    for (module, flag, value, words) in [
        (packages(8), "sdk-timeout", "1", "it was not done within 1 seconds; `--sdk-timeout` gives it more time"),
        (packages(8), "max-sdk-memory", "64MiB", MEMORY),
        (one_message(2000), "max-sdk-memory", "64MiB", MEMORY),
        // It is given up before all of it is made.
        (packages(8), "max-sdk-bytes", "4194304", ", as far as it was made, is "),
    ] {
        let mut registry = registry(&[(flag, value), ("eager-plugins", BUFFA), ("push-wait", "240")]);
        let pushed = module.push(&registry);
        let failure = pushed.failure(BUFFA);
        assert!(failure.contains(words) && failure.contains(&format!("--{flag}")), "{failure}");
        assert_eq!(registry.server().workers(), []);
        registry.is_well();
    }
}

#[test]
fn a_process_that_is_killed_costs_its_crate_and_nothing_else() {
    let mut registry = registry(&[("push-wait", "0")]);
    services(4000).push(&registry);
    signal(maker(&mut registry).0, "KILL");
    others_are_served(&registry);
    registry.is_well();
}

#[test]
fn a_server_that_ends_takes_the_process_with_it_and_goes_on_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Registry::with(|options| {
        options.keep(directory.path(), None).flag("push-wait", "0");
    });
    services(600).push(&first);
    let making = maker(&mut first);
    first.signal("TERM");
    first.process().wait().unwrap();
    assert!(!std::path::Path::new(&format!("/proc/{}", making.0)).exists());
    let token = first.token.clone();
    let second = Registry::with(|options| {
        options.keep(directory.path(), Some(&token)).flag("push-wait", "60");
    });
    services(600).push(&second).sdk(TONIC);
}

#[test]
fn the_process_ends_when_the_server_is_killed() {
    let mut registry = registry(&[("push-wait", "0")]);
    services(4000).push(&registry);
    let making = maker(&mut registry);
    registry.stop();
    eventually("nothing is left behind", || !std::path::Path::new(&format!("/proc/{}", making.0)).exists());
}
