//! `registry exec`: a command against a fresh registry.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::support::{Module, Transcript, pets, registry_command, run, signal};

fn exec(home: &Path, command: &[&str]) -> Transcript {
    run(registry_command(home).args(["exec", "--"]).args(command))
}

/// The exit code of `registry exec` of this command.
fn code(home: &Path, command: &[&str]) -> i32 {
    let mut exec = registry_command(home);
    let status = exec.args(["exec", "--"]).args(command).stdin(Stdio::null()).stderr(Stdio::null()).status();
    status.unwrap().code().unwrap()
}

#[test]
fn a_command_has_the_crates_of_its_seeds() {
    let home = tempfile::tempdir().unwrap();
    let common = Module::new("acme/common").file("common.proto", pets("name"));
    let seed = format!("{}=acme/common", common.directory().display());
    let script =
        "\"$0\" sdk list acme/common --json && test \"$HOME\" = \"$1\" && echo \"$CARGO_REGISTRIES_BUF_INDEX\"";
    let mut command = registry_command(home.path());
    command.args(["exec", "--seed", &seed, "--", "sh", "-c", script]).arg(env!("CARGO_BIN_EXE_registry"));
    let done = run(command.arg(home.path())).ok().says_nothing();
    assert!(done.stdout.contains("\"served\"") && done.stdout.contains("sparse+http://"), "{done}");
}

#[test]
fn the_exit_code_is_the_command_s() {
    let home = tempfile::tempdir().unwrap();
    exec(home.path(), &["true"]).ok().says_nothing();
    assert_eq!(code(home.path(), &["sh", "-c", "exit 42"]), 42);
    assert_eq!(code(home.path(), &["sh", "-c", "kill -KILL $$"]), 137);
    assert_eq!(code(home.path(), &["no-such-program"]), 127);
    assert_eq!(code(home.path(), &["/"]), 126);
    exec(home.path(), &["no-such-program"]).fails().says("could not run no-such-program: there is no such program");
    run(registry_command(home.path()).arg("exec")).could_not_run().says("registry exec [OPTIONS] -- COMMAND");
    let kept = ["exec", "--data-dir", "x", "--", "true"];
    run(registry_command(home.path()).args(kept)).could_not_run().says("temporary data");
}

/// `registry exec` with this fault, of a cargo that reads about the crate of acme/pets in the registry `corp`.
fn cargo_info(fault: &str) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    let pets = Module::new("acme/pets").file("pets.proto", pets("name"));
    let seed = format!("{}=acme/pets", pets.directory().display());
    let mut exec = registry_command(home.path());
    exec.args(["exec", "--name", "corp", "--seed", &seed, "--fault", fault, "--"]);
    exec.args([env!("CARGO"), "info", "--registry", "corp", "acme_pets_community_neoeinstein-prost"]);
    run(exec
        .env("CARGO_HOME", home.path().join("cargo"))
        .env("RUSTC", Path::new(env!("CARGO")).with_file_name("rustc")))
}

#[test]
fn faults_befall_the_requests_of_cargo() {
    cargo_info("index-503").ok().says("spurious network error").prints("acme_pets_community_neoeinstein-prost");
    cargo_info("download-slow").ok().prints("acme_pets_community_neoeinstein-prost");
    cargo_info("download-corrupt").fails().says("failed to verify the checksum");
    cargo_info("token-expired").fails().says("the token expired, because a test asked for that");
    cargo_info("index-500")
        .could_not_run()
        .says("these are: index-503, download-slow, download-corrupt, token-expired");
}

#[test]
fn the_log_is_shown_when_it_is_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    let seed = format!("{}=acme/pets", module.directory().display());
    let call = ["exec", "--log-level", "debug", "--seed", &seed, "--", "true"];
    let logged = run(registry_command(home.path()).args(call)).ok();
    assert!(!logged.stderr.is_empty(), "{logged}");
}

#[test]
fn signals_are_passed_on_and_nothing_is_left() {
    let home = tempfile::tempdir().unwrap();
    let temp = tempfile::tempdir().unwrap();
    for (name, code) in [("TERM", 3), ("INT", 4)] {
        let script = "trap 'exit 3' TERM; trap 'exit 4' INT; echo ready; while :; do sleep 0.05; done";
        let mut command = registry_command(home.path());
        command.args(["exec", "--", "sh", "-c", script]).env("TMPDIR", temp.path());
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        signal(process.id(), name);
        assert_eq!(process.wait().unwrap().code(), Some(code), "{name}");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "{name}");
    }
}
