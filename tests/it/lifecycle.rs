//! Starting, stopping and being killed: what a start says, what it refuses, and that nothing acknowledged is lost.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::support::http::{self, Answer};
use crate::support::{Module, Registry, Transcript, eventually, pets, registry_command, run_briefly, signal};

/// Runs `registry serve` as a person does, stops it as soon as it has printed something, and returns what it printed.
fn printed_by_start(home: &Path, data: &Path) -> String {
    let stdout = home.join("stdout");
    let mut process = registry_command(home)
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(File::create(&stdout).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the start prints something", || std::fs::metadata(&stdout).unwrap().len() > 0);
    signal(process.id(), "TERM");
    assert!(process.wait().unwrap().success());
    std::fs::read_to_string(stdout).unwrap()
}

/// A start that should not come to anything.
fn start(data: &Path) -> Transcript {
    start_at(data, "127.0.0.1:0")
}

fn start_at(data: &Path, address: &str) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    run_briefly(registry_command(home.path()).args(["serve", "--listen", address, "--data-dir"]).arg(data))
}

/// What it said on standard error, with `place` for the path of the data directory.
fn words(transcript: &Transcript, data: &Path) -> String {
    transcript.stderr.replace(data.to_str().unwrap(), "DATA")
}

#[test]
fn the_first_start_shows_how_to_use_it_and_the_next_ones_keep_quiet() {
    let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = printed_by_start(home.path(), data.path());
    let filters = [(r"reg_[0-9a-f]{48}", "TOKEN"), (r":\d{4,5}\b", ":PORT"), (r"/\S*/\.tmp\w+", "DATA")];
    insta::with_settings!({filters => filters}, {
        insta::assert_snapshot!(first, @r#"
        registry is ready at http://localhost:PORT
        data is kept in DATA

        User admin-user was created. This token is shown only once:
          TOKEN

        To use it in a shell, for cargo, buf and registry alike:
          eval "$(registry env)"

        Or for good, in ~/.cargo/config.toml:
          [registries.buf]
          index = "sparse+http://localhost:PORT/gen/cargo/"
          credential-provider = "cargo:token"
        and once:
          cargo login --registry buf "Bearer TOKEN"

        Then push a module and add a crate:
          registry push ./proto --module admin-user/example --create
          cargo add --registry buf admin-user_example_community_neoeinstein-prost
        "#);
        insta::assert_snapshot!(printed_by_start(home.path(), data.path()), @r"
        registry is ready at http://localhost:PORT
        data is kept in DATA
        ");
    });
    let token = first.split_whitespace().find(|word| word.starts_with("reg_")).unwrap();
    let registry = Registry::with(|options| {
        options.keep(data.path(), Some(token));
    });
    registry.cli(["module", "list"]).ok();
    assert!(!registry.log().contains(token), "the secret was logged");
}

#[test]
fn a_taken_port_is_an_error_and_never_another_port() {
    let running = Registry::start();
    let port = running.url.rsplit(':').next().unwrap();
    let data = tempfile::tempdir().unwrap();
    let refused = start_at(&data.path().join("new"), &format!("127.0.0.1:{port}")).could_not_run();
    insta::assert_snapshot!(refused.stderr.replace(port, "PORT"), @"error: could not listen on 127.0.0.1:PORT: Address already in use (os error 98); is another registry running? `--listen` names another address");
    assert_eq!(refused.stdout, "");
    assert!(!data.path().join("new").exists(), "a data directory was made all the same");
    start_at(data.path(), "192.0.2.1:80").could_not_run().says("192.0.2.1:80");
}

#[test]
fn a_data_directory_has_one_server() {
    let running = Registry::start();
    let refused = start(&running.data_dir).could_not_run();
    insta::assert_snapshot!(words(&refused, &running.data_dir), @"error: data directory DATA is in use by another registry; stop it, or give this one another --data-dir");
    running.cli(["module", "list"]).ok();
}

#[test]
fn data_of_a_newer_version_are_left_alone() {
    let data = tempfile::tempdir().unwrap();
    printed_by_start(data.path(), data.path());
    let file = data.path().join("registry.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = std::fs::read(&file).unwrap();
    let refused = start(data.path()).could_not_run();
    insta::assert_snapshot!(words(&refused, data.path()), @"error: DATA/registry.db has format 999, this registry knows formats up to 1; run the version that wrote it, or a newer one");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn what_is_no_data_directory_is_named() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("registry.db"), "not a database, but long enough to be taken for one").unwrap();
    let refused = start(place.path()).could_not_run();
    insta::assert_snapshot!(words(&refused, place.path()), @"error: DATA/registry.db is not a database of a registry; move it away, or give another --data-dir");
    let file = place.path().join("registry.db");
    insta::assert_snapshot!(words(&start(&file).could_not_run(), place.path()), @"error: DATA/registry.db cannot be a data directory: it, or something above it, is a file; give another --data-dir");
    insta::assert_snapshot!(words(&start(&file.join("below")).could_not_run(), place.path()), @"error: DATA/registry.db/below cannot be a data directory: it, or something above it, is a file; give another --data-dir");
}

/// A program that mounts something before it starts the one that it is given; none where the system forbids that.
fn mounting(script: &str) -> Option<Vec<String>> {
    let mut wrapper: Vec<String> = ["unshare", "--map-root-user", "--mount", "sh", "-c"].map(str::to_owned).to_vec();
    wrapper.extend([format!("{script} && exec \"$@\""), "sh".to_owned()]);
    let mut probe = std::process::Command::new(&wrapper[0]);
    let works = probe.args(&wrapper[1..]).arg("true").output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: this system does not let tests mount anything");
    }
    works.then_some(wrapper)
}

#[test]
fn a_read_only_data_directory_is_named() {
    let data = tempfile::tempdir().unwrap();
    let start_read_only = || {
        let path = data.path().to_str().unwrap();
        let wrapper = mounting(&format!("mount --bind {path} {path} && mount -o remount,ro,bind {path}"))?;
        let home = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new(&wrapper[0]);
        command.args(&wrapper[1..]).arg(registry_command(home.path()).get_program());
        command.args(["serve", "--listen=127.0.0.1:0", "--data-dir"]).arg(path);
        Some(run_briefly(&mut command).could_not_run())
    };
    let Some(empty) = start_read_only() else { return };
    insta::assert_snapshot!(words(&empty, data.path()), @"error: could not lock the data directory: DATA/lock cannot be written; give the user that runs the registry write permission on the directory and its files");
    printed_by_start(tempfile::tempdir().unwrap().path(), data.path());
    insta::assert_snapshot!(words(&start_read_only().unwrap(), data.path()), @"error: could not lock the data directory: DATA/lock cannot be written; give the user that runs the registry write permission on the directory and its files");
}

/// Text that no compression makes much smaller, different for every `seed`.
fn bulk(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog{seed} {{ string name = 1; }}\n");
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

/// Pushes more and more until the registry has no room; returns the commits that were acknowledged.
fn fill(registry: &Registry) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for seed in 1..500 {
        let before = commits(registry);
        let pushed = Module::new("acme/pets").file("pets.proto", bulk(seed, 100_000)).try_push(registry);
        if pushed.succeeded() {
            acknowledged.push(pushed.json()["modules"][0]["commit"].as_str().unwrap().to_owned());
            continue;
        }
        pushed.refused().says("--max-store-bytes").says("nothing was stored");
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
    downloads(&full);
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
    let path = data.path().to_str().unwrap();
    let Some(wrapper) = mounting(&format!("mount -t tmpfs -o size=3m tmpfs {path}")) else { return };
    let wrapper: Vec<_> = wrapper.iter().map(String::as_str).collect();
    let mut registry = Registry::with(|options| {
        options.keep(data.path(), None).under(&wrapper);
    });
    let acknowledged = fill(&registry);
    assert!(!acknowledged.is_empty(), "not even one push found room");
    downloads(&registry);
    assert_eq!(registry.get("/healthz").status, 200);
    let process = registry.process().id().to_string();
    let grow = ["--target", &process, "--user", "--mount", "--preserve-credentials", "mount", "-o", "remount,size=64m"];
    crate::support::run(std::process::Command::new("nsenter").args(grow).arg(path)).ok();
    retry_failed(&registry);
    Module::new("acme/pets").file("pets.proto", bulk(1000, 100_000)).push(&registry);
    everything_is_served(&registry, &acknowledged);
}

/// Asks again for the crates of acme/pets that found no room.
fn retry_failed(registry: &Registry) {
    let sdks = registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().json();
    for sdk in sdks.as_array().unwrap().iter().filter(|sdk| sdk["state"] == "failed") {
        let request = serde_json::json!({ "crateName": sdk["crate"], "version": sdk["version"] });
        registry.call("registry.v1.SdkService/RetrySdk", &request).ok();
    }
}

#[test]
fn a_stopping_server_finishes_the_push_that_it_has_begun() {
    for name in ["TERM", "INT"] {
        let data = tempfile::tempdir().unwrap();
        let mut registry = Registry::with(|options| {
            options.keep(data.path(), None);
        });
        registry.cli(["module", "create", &format!("{}/pets", registry.user)]).ok();
        let answer = push_across(&registry, name);
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let commit = answer.json()["commits"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(registry.process().wait().unwrap().code(), Some(0), "{name}");
        let (token, module) = (registry.token.clone(), format!("{}/pets", registry.user));
        let again = Registry::with(|options| {
            options.keep(data.path(), Some(&token));
        });
        again.cli(["sdk", "version", &module, "--commit", &commit]).ok();
    }
}

/// Sends the head of a push, then the signal, then, once nobody can connect any more, the body.
fn push_across(registry: &Registry, name: &str) -> Answer {
    let request = upload(&registry.user, "pets", &[("pets.proto", &pets("name"))]).to_string();
    let headers = [
        registry.authorization(),
        "content-type: application/json".into(),
        format!("content-length: {}", request.len()),
        "expect: 100-continue".into(),
    ];
    let mut stream = http::connect(&registry.url).unwrap();
    let method = "/buf.registry.module.v1.UploadService/Upload";
    stream.write_all(http::head("POST", method, &headers).as_bytes()).unwrap();
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).unwrap();
    registry.signal(name);
    eventually("the server accepts nobody any more", || http::connect(&registry.url).is_err());
    stream.write_all(request.as_bytes()).unwrap();
    Answer::read(&mut stream)
}

/// The request of a push of one module.
pub(crate) fn upload(owner: &str, module: &str, files: &[(&str, &str)]) -> serde_json::Value {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let file = |(path, text): &(&str, &str)| serde_json::json!({ "path": path, "content": encode(text) });
    let files: Vec<_> = files.iter().map(file).collect();
    serde_json::json!({ "contents": [{ "moduleRef": { "name": { "owner": owner, "module": module } }, "files": files }] })
}

#[test]
fn what_was_acknowledged_survives_being_killed() {
    // With a wait of 0 pushes are acknowledged before their crates are made, so the kill meets generation too.
    for (wait, delay) in [("0", 40), ("0", 120), ("0", 300), ("10", 80), ("10", 200), ("10", 400)] {
        let data = tempfile::tempdir().unwrap();
        let mut registry = Registry::with(|options| {
            options.keep(data.path(), None).flag("push-wait", wait);
        });
        Module::new("acme/pets").file("pets.proto", pets("first")).push(&registry);
        let acknowledged = push_until_killed(&mut registry, Duration::from_millis(delay));
        let token = registry.token.clone();
        drop(registry);
        let again = Registry::with(|options| {
            options.keep(data.path(), Some(&token));
        });
        everything_is_served(&again, &acknowledged);
    }
}

/// Pushes one version after another and kills the server `delay` after the first; returns what was acknowledged.
fn push_until_killed(registry: &mut Registry, delay: Duration) -> Vec<String> {
    let process = registry.process().id();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(delay);
        signal(process, "KILL");
    });
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let name = format!("name{number}");
        let pushed = Module::new("acme/pets").file("pets.proto", pets(&name)).try_push(registry);
        if !pushed.succeeded() {
            // The server was gone, or went in the middle: that is no refusal.
            pushed.could_not_run();
            break;
        }
        acknowledged.push(pushed.json()["modules"][0]["commit"].as_str().unwrap().to_owned());
    }
    killer.join().unwrap();
    acknowledged
}

#[test]
fn a_temporary_server_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    for stop in ["its input", "TERM"] {
        let home = tempfile::tempdir().unwrap();
        let mut process = registry_command(home.path())
            .args(["serve", "--ephemeral", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", temp.path())
            .stdin(Stdio::piped())
            .stdout(File::create(home.path().join("stdout")).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ready = || std::fs::read_to_string(home.path().join("stdout")).unwrap();
        eventually("the server is ready", || ready().ends_with('\n'));
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1, "its data are in TMPDIR");
        if stop == "TERM" {
            signal(process.id(), stop);
        } else {
            drop(process.stdin.take());
        }
        assert!(process.wait().unwrap().success(), "ended by {stop}");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "ended by {stop}");
        assert!(!home.path().join(".config").exists(), "a login for a server that is gone was left");
    }
}
