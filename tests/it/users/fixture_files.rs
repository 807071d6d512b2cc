//! The files of `registry exec --print-fixture`, each run by its language.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Module, pets, registry_command, run};

/// A directory with the file that is printed for `kind`.
fn printed(kind: &str, name: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let text = run(registry_command(home.path()).args(["exec", "--print-fixture", kind])).ok().stdout;
    std::fs::write(home.path().join(name), text).unwrap();
    home
}

/// Runs a script with the program, a seed and a temporary directory in its environment, which must be empty afterwards.
fn check(mut command: Command, home: &Path, script: &str) {
    let temp = tempfile::tempdir().unwrap();
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    command.args(["-c", script]).current_dir(home).env("HOME", home).env("TMPDIR", temp.path());
    command.env("REGISTRY_PROGRAM", env!("CARGO_BIN_EXE_registry"));
    command.env("SEED", format!("{}=acme/pets", module.directory().display()));
    run(&mut command).ok().prints("acme/pets").prints("sparse+http://");
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "something was left");
}

#[test]
fn the_functions_for_sh_start_and_stop_a_registry() {
    let home = printed("sh", "registry.sh");
    let script = r#"
        set -eu
        . ./registry.sh
        registry_start --seed "$SEED"
        "$REGISTRY_PROGRAM" module list
        test -f "$BUF_CONFIG_DIR/config.yaml"
        echo "$CARGO_REGISTRIES_BUF_INDEX"
        registry_stop
        ! registry_start --seed nowhere=acme/pets 2>/dev/null
    "#;
    check(Command::new("sh"), home.path(), script);
}

#[test]
fn the_fixture_for_pytest_starts_and_stops_a_registry() {
    let home = printed("pytest", "conftest.py");
    // Pytest need not be installed: its decorator is replaced by one that leaves the generator as it is.
    let script = r#"
import os, subprocess, sys, types
sys.modules["pytest"] = types.SimpleNamespace(fixture=lambda **_: lambda function: function)
import conftest
with conftest.serve(os.environ["SEED"]) as registry:
    print(subprocess.check_output([os.environ["REGISTRY_PROGRAM"], "module", "list"], env=registry.env, text=True))
    print(registry.env["CARGO_REGISTRIES_BUF_INDEX"])
fixture = conftest.registry()
assert next(fixture).url.startswith("http://")
assert next(fixture, None) is None
"#;
    check(Command::new("python3"), home.path(), script);
}
