//! Starting and stopping: what a start says, what it refuses, and that a stop finishes what was begun.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;

use crate::support::http::{self, Answer};
use crate::support::{Registry, Transcript, eventually, mounting, pets, registry_command, run_briefly, signal, upload};

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

        User admin-user was created. This token may read, push and create modules. It is shown only once:
          TOKEN
        To create users and their tokens, DATA/.config/registry/client.toml holds one of scope admin.

        To set a cargo project up, in its directory, for good:
          registry init
        Or a shell, for cargo, buf and registry alike:
          eval "$(registry env)"

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
    let home = tempfile::tempdir().unwrap();
    let mut metrics = registry_command(home.path());
    metrics.args(["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &format!("127.0.0.1:{port}"), "--data-dir"]);
    run_briefly(metrics.arg(data.path())).could_not_run().says("`--metrics-listen` names another address");
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
    insta::with_settings!({filters => [(r"up to \d+", "up to KNOWN")]}, {
        insta::assert_snapshot!(words(&refused, data.path()), @"error: DATA/registry.db has format 999, this registry knows formats up to KNOWN; run the version that wrote it, or a newer one");
    });
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn what_is_no_data_directory_is_named() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("registry.db"), "not a database, but long enough to be taken for one").unwrap();
    let refused = start(place.path()).could_not_run();
    insta::assert_snapshot!(words(&refused, place.path()), @"error: DATA/registry.db is not a database of a registry; move it away, or give another --data-dir (or --store)");
    let file = place.path().join("registry.db");
    insta::assert_snapshot!(words(&start(&file).could_not_run(), place.path()), @"error: DATA/registry.db cannot be a data directory: it, or something above it, is a file; give another --data-dir");
    insta::assert_snapshot!(words(&start(&file.join("below")).could_not_run(), place.path()), @"error: DATA/registry.db/below cannot be a data directory: it, or something above it, is a file; give another --data-dir");
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

#[test]
fn a_stopping_server_takes_requests_until_the_load_balancer_has_seen_that_it_is_not_ready() {
    let mut registry = Registry::with(|options| _ = options.flag("drain-delay", "2"));
    assert_eq!(registry.get("/readyz").status, 200);
    registry.signal("TERM");
    eventually("it says so", || registry.get("/readyz").status == 503);
    assert_eq!(registry.get("/readyz").text(), "not ready: the server is stopping\n");
    registry.get("/gen/cargo/config.json").ok();
    assert_eq!(registry.process().wait().unwrap().code(), Some(0));
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
