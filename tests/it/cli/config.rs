//! `registry config`, and configurations that are refused before anything starts.

use crate::support::{Transcript, registry_command, run};

/// Runs with `registry.toml` of this text beside it.
fn with_file(text: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("registry.toml"), text).unwrap();
    let mut command = registry_command(home.path());
    run(command.envs(environment.iter().copied()).args(arguments).args(["--config", "registry.toml"]))
}

#[test]
fn every_setting_is_listed_with_its_origin() {
    let file = "max-files = 3\nanonymous-reads = true\n";
    let environment = [("REGISTRY_PUSH_WAIT", "4"), ("REGISTRY_WORKERS", "2"), ("XDG_DATA_HOME", "/data")];
    let listed = with_file(file, &environment, &["config", "--listen", "127.0.0.1:1"]).ok();
    insta::assert_snapshot!(listed.stdout);
    let json = with_file(file, &environment, &["config", "--json"]).ok().json();
    let files = json.as_array().unwrap().iter().find(|row| row["name"] == "max-files").unwrap();
    assert_eq!((&files["value"], &files["origin"]), (&"3".into(), &"registry.toml:1".into()));
}

#[test]
fn a_bare_switch_is_true_and_lists_are_given_in_parts_or_empty() {
    let value = |arguments: &[&str], name: &str| {
        let json = with_file("", &[], &[&["config", "--json"], arguments].concat()).ok().json();
        json.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(value(&["--anonymous-reads"], "anonymous-reads"), "true");
    assert_eq!(value(&["--anonymous-reads=no"], "anonymous-reads"), "no");
    let plugins = ["--eager-plugins", "aa/bb", "--eager-plugins", "cc/dd:v1.0.0,ee/ff"];
    assert_eq!(value(&plugins, "eager-plugins"), serde_json::json!(["aa/bb", "cc/dd:v1.0.0", "ee/ff"]));
    assert_eq!(value(&["--eager-plugins="], "eager-plugins"), serde_json::json!([]));
}

#[test]
fn serve_refuses_a_configuration_that_it_does_not_understand() {
    let serve = |file: &str| with_file(file, &[], &["serve", "--ephemeral"]).could_not_run();
    serve("listn = \"127.0.0.1:0\"\n").says("registry.toml:1: unknown key \"listn\"; did you mean \"listen\"?");
    serve("\nworkers = \"many\"\n").says("workers (from registry.toml:2): \"many\" is not a number");
    serve("listen\n").says("registry.toml:1: not valid TOML");
    with_file("", &[("REGISTRY_LISTEN", "here")], &["serve"]).could_not_run().says("from REGISTRY_LISTEN");
}

#[test]
fn a_file_that_is_missing_is_named() {
    let home = tempfile::tempdir().unwrap();
    run(registry_command(home.path()).args(["serve", "--config", "none.toml"])).could_not_run().says("none.toml");
}

#[test]
fn temporary_data_and_a_data_directory_exclude_each_other() {
    with_file("", &[], &["serve", "--ephemeral", "--data-dir", "/x"]).could_not_run().says("--data-dir");
}
