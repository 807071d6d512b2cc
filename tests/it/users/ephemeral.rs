//! `registry serve --ephemeral` as the fixture of another program: seeds, variables, and what is left behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::support::{Module, pets, registry_command, run};

/// A server with its data in `temp`, and the line that it printed.
fn serve(temp: &Path, arguments: &[&str]) -> (Child, serde_json::Value) {
    let mut command = registry_command(temp);
    command.args(["serve", "--ephemeral"]).args(arguments).env("TMPDIR", temp);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (process, serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}")))
}

fn end(mut process: Child) {
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
}

/// The names of what lies in `temp`.
fn names(temp: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(temp).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_line_carries_the_variables_of_env_when_the_crates_are_served() {
    let temp = tempfile::tempdir().unwrap();
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    let seed = format!("{}=acme/pets", module.directory().display());
    let (process, ready) = serve(temp.path(), &["--seed", &seed]);
    let text = |key: &str| ready[key].as_str().unwrap();
    let mut env = registry_command(temp.path());
    env.args(["env", "--json", "--server", text("url"), "--token", text("write_token")]);
    let mut expected = run(&mut env).ok().json();
    expected["BUF_CONFIG_DIR"] = ready["buf_config_dir"].clone();
    assert_eq!(ready["env"], expected);
    assert_ne!(text("url"), "http://localhost:8780", "a free port");

    let mut list = registry_command(temp.path());
    let variables = ready["env"].as_object().unwrap().iter();
    list.envs(variables.map(|(name, value)| (name, value.as_str().unwrap())));
    let sdks = run(list.args(["sdk", "list", "acme/pets", "--json"])).ok().stdout;
    assert!(sdks.contains("served") && !sdks.contains("queued"), "{sdks}");
    end(process);
}

#[test]
fn a_seed_that_does_not_compile_or_is_not_there_ends_the_start() {
    let temp = tempfile::tempdir().unwrap();
    let broken = Module::new("acme/pets").file("pets.proto", "syntax = \"proto3\";\nmessage Pet {\n");
    let serve = |seed: &str| {
        run(registry_command(temp.path()).args(["serve", "--ephemeral", "--seed", seed]).env("TMPDIR", temp.path()))
    };
    // The input of `run` is a file that ends at once: the directory is judged first.
    serve("nowhere=acme/pets").could_not_run().says("nowhere");
    serve("nowhere").could_not_run().says("DIR=owner/name");
    let mut exec = registry_command(temp.path());
    exec.args(["exec", "--seed", &format!("{}=acme/pets", broken.directory().display()), "--", "echo", "run"]);
    run(exec.env("TMPDIR", temp.path())).refused().says("pets.proto:2:13").prints_exactly("");
    let mut alone = registry_command(temp.path());
    run(alone.args(["serve", "--seed", "nowhere=acme/pets"])).could_not_run().says("--ephemeral");
    assert!(names(temp.path()).is_empty(), "{:?}", names(temp.path()));
}

#[test]
fn what_a_killed_server_left_is_removed_by_the_next() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::create_dir(temp.path().join("registry-fixture-1")).unwrap();
    let (mut killed, _) = serve(temp.path(), &[]);
    let (living, _) = serve(temp.path(), &[]);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let of = |process: u32| format!("registry-ephemeral-{process}-");
    let left = |process: &Child| names(temp.path()).iter().any(|name| name.starts_with(&of(process.id())));
    assert!(left(&killed) && left(&living), "{:?}", names(temp.path()));

    let (next, _) = serve(temp.path(), &[]);
    assert!(!left(&killed) && left(&living) && left(&next), "{:?}", names(temp.path()));
    end(living);
    end(next);
    assert_eq!(names(temp.path()), ["registry-fixture-1"], "what is not such a directory stays");
}
