//! What was acknowledged is kept: by a registry that is full, and by one that is killed.

use std::process::Command;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use crate::chaos::{Disks, Fault};
use crate::chaos::{Kills, Plan};
use crate::support::{Module, Registry, eventually, run};

/// Text that no compression makes much smaller, different for every `seed`.
fn bulk(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!(
        "syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog{seed} {{ string name = 1; }}\n\
         service Kennel {{ rpc Adopt(Dog{seed}) returns (Dog{seed}); }}\n"
    );
    while text.len() < bytes {
        text.push_str("// ");
        for _ in 0..6 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push_str(&format!("{state:016x}"));
        }
        text.push('\n');
    }
    text
}

/// A page of a crate that nobody has asked for, and that is larger than what a push finds no room for.
const UNASKED: &str = "/gen/cargo/ac/me/acme_large_anthropics_buffa";

/// Pushes more and more until the registry has no room; returns the commits that were acknowledged.
fn fill(registry: &Registry) -> Vec<String> {
    Module::new("acme/large").file("large.proto", bulk(998, 300_000)).push(registry);
    let mut acknowledged = Vec::new();
    for seed in 1..500 {
        let before = commits(registry);
        let pushed = Module::new("acme/pets").file("pets.proto", bulk(seed, 100_000)).try_push(registry);
        if pushed.succeeded() {
            acknowledged.push(pushed.json()["modules"][0]["commit"].as_str().unwrap().to_owned());
            continue;
        }
        pushed.says("disk");
        assert_eq!(commits(registry), before, "a refused push left something");
        return acknowledged;
    }
    panic!("the registry never became full");
}

/// The ids of all commits of acme/pets.
fn commits(registry: &Registry) -> Vec<String> {
    let request = serde_json::json!({
        "pageSize": 250, "resourceRef": { "name": { "owner": "acme", "module": "pets" } }
    });
    let answer = registry.call("buf.registry.module.v1.CommitService/ListCommits", &request);
    if answer.status == 404 {
        return Vec::new();
    }
    let listed = answer.ok().json();
    let ids = listed["commits"].as_array().cloned().unwrap_or_default();
    ids.iter().map(|commit| commit["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until every SDK of acme/pets is served, then downloads every version that the index names.
#[track_caller]
fn everything_is_served(registry: &Registry, acknowledged: &[String]) {
    let known = commits(registry);
    for commit in acknowledged {
        assert!(known.contains(commit), "acknowledged commit {commit} is lost; there are {known:?}");
    }
    eventually("every SDK is served", || {
        let sdks = registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().json();
        let sdks = sdks.as_array().unwrap();
        sdks.len() >= 2 * known.len() && sdks.iter().all(|sdk| sdk["state"] == "served")
    });
    assert_eq!(downloads(registry), 2 * known.len(), "each commit has two crates");
}

/// Downloads every version of both crates of acme/pets and checks it against the index; says how many there are.
#[track_caller]
fn downloads(registry: &Registry) -> usize {
    let mut count = 0;
    for plugin in ["prost", "tonic"] {
        let name = format!("acme_pets_community_neoeinstein-{plugin}");
        let page = registry.get(&format!("/gen/cargo/ac/me/{name}")).ok().text();
        for line in page.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let version = line["vers"].as_str().unwrap();
            let bytes = registry.get(&format!("/gen/cargo/api/v1/crates/{name}/{version}/download")).ok().body;
            let checksum: String =
                <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(line["cksum"], *checksum, "{name} {version} differs from the index");
            count += 1;
        }
    }
    count
}

#[test]
fn a_full_store_refuses_pushes_reads_on_and_recovers() {
    let data = tempfile::tempdir().unwrap();
    let full = Registry::with(|options| {
        options.keep(data.path(), None).flag("max-store-bytes", "2MiB");
    });
    let acknowledged = fill(&full);
    assert!(!acknowledged.is_empty(), "not even one push found room");
    let refused = Module::new("acme/pets").file("pets.proto", bulk(999, 1_000_000)).try_push(&full).refused();
    refused.says("--max-store-bytes").says("nothing was stored");
    downloads(&full);
    let page = full.get(UNASKED).is(503).text();
    assert!(page.contains("(or --max-store-bytes) is full"), "{page}");
    assert_eq!(full.get("/healthz").status, 200);
    let token = full.token.clone();
    drop(full);
    let roomy = Registry::with(|options| {
        options.keep(data.path(), Some(&token));
    });
    Module::new("acme/pets").file("pets.proto", bulk(1000, 100_000)).push(&roomy);
    everything_is_served(&roomy, &acknowledged);
}

#[test]
fn a_full_disk_refuses_pushes_reads_on_and_recovers() {
    let data = tempfile::tempdir().unwrap();
    // No file grows beyond 3 MiB, and the process is told so as by a disk: not by a signal.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -S -f 6144; exec \"$@\"", "sh"];
    let mut registry = Registry::with(|options| {
        options.keep(data.path(), None).flag("push-wait", "0").under(&limited);
    });
    let acknowledged = fill(&registry);
    assert!(!acknowledged.is_empty(), "not even one push found room");
    for _ in 0..3 {
        let asked = Instant::now();
        downloads(&registry);
        let page = registry.get(UNASKED).is(503).text();
        assert!(page.contains("acme_large_anthropics_buffa c"), "{page}");
        assert!(asked.elapsed() < Duration::from_secs(20), "readers wait for what cannot be stored");
    }
    assert_eq!(registry.get("/healthz").status, 200);
    let process = registry.process().id().to_string();
    run(Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"])).ok();
    Module::new("acme/pets").file("pets.proto", bulk(1000, 100_000)).push(&registry);
    everything_is_served(&registry, &acknowledged);
    eventually("what could not be asked for is there", || registry.get(UNASKED).status == 200);
}

#[test]
fn what_was_acknowledged_survives_being_killed() {
    // Each fail point once, and as many kills at random times.
    let cycles = 2 * registry::fail_point::FailPoint::ALL.len() as u64;
    let kills = Kills::run(&Plan { cycles, per_directory: cycles, audit_every: cycles, seed: 20 }, |_, _| {});
    assert!(kills.acknowledged > 20, "{kills:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_acknowledged_survives_a_disk_that_fails() {
    let mut disks = Disks::default();
    for (number, kind) in Fault::kinds().into_iter().enumerate() {
        disks.run(&Fault { nth: 20, ..kind }, number as u64);
    }
    assert!(disks.acknowledged > 20 && !disks.refusals.is_empty(), "{disks:?}");
}

#[test]
fn a_data_directory_that_was_moved_away_takes_no_more_pushes() {
    let parent = tempfile::tempdir().unwrap();
    let (data, away) = (parent.path().join("data"), parent.path().join("away"));
    let registry = Registry::with(|options| {
        options.keep(&data, None);
    });
    let module = |seed| Module::new("acme/pets").file("pets.proto", bulk(seed, 100));
    let kept = module(1).push(&registry).commit;
    std::fs::rename(&data, &away).unwrap();
    module(2).try_push(&registry).could_not_run().says("the registry's disk cannot be written");
    let ready = registry.get("/readyz");
    assert_eq!((ready.status, ready.text().contains("moved")), (503, true), "{}", ready.text());
    registry.get("/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost").ok();
    std::fs::rename(&away, &data).unwrap();
    let late = module(3).push(&registry).commit;
    everything_is_served(&registry, &[kept, late]);
}

#[test]
fn a_lock_file_that_was_removed_lets_no_second_registry_in() {
    let data = tempfile::tempdir().unwrap();
    let first = Registry::with(|options| {
        options.keep(data.path(), None);
    });
    std::fs::remove_file(data.path().join("lock")).unwrap();
    let second = Registry::try_with(|options| {
        options.keep(data.path(), Some(&first.token));
    });
    assert!(second.err().expect("no second one").contains("in use by another registry"));
}
