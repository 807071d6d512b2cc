//! The package `registry-fixture` as another project uses it: by path, with nothing else, and with its own tests.

use std::path::Path;
use std::process::Command;

use crate::support::{Module, pets, run};

const TEST: &str = r#"
use std::process::Command;

use registry_fixture::Registry;

#[test]
fn seeds_and_pushes_are_there_and_the_registry_ends() {
    let (pets, owners) = (std::env::var("PETS").unwrap(), std::env::var("OWNERS").unwrap());
    let registry = Registry::options().seed(&pets, "acme/pets").start().unwrap();
    registry.push_dir(&owners, "acme/owners").unwrap();
    assert!(registry.cargo_index().contains(registry.url()), "{}", registry.cargo_index());
    let program = std::env::var("REGISTRY_PROGRAM").unwrap();
    let listed = Command::new(program).args(["module", "list"]).envs(registry.env()).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("acme/pets") && listed.contains("acme/owners"), "{listed}");

    let refused = registry.push_dir("nowhere", "acme/nothing").unwrap_err().to_string();
    assert!(refused.contains("acme/nothing was not pushed"), "{refused}");
    let address = registry.url().split_once("://").unwrap().1.to_owned();
    drop(registry);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_seed_that_is_not_there_ends_the_start() {
    let failed = Registry::options().seed("nowhere", "acme/pets").start().unwrap_err().to_string();
    assert!(failed.contains("ended before it was ready"), "{failed}");
}
"#;

#[test]
fn a_foreign_project_uses_the_small_package_alone() {
    let project = tempfile::tempdir().unwrap();
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fixture_client");
    let manifest = format!(
        "[package]\nname = \"foreign\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dev-dependencies]\n\
         registry-fixture = {{ path = {package:?} }}\n"
    );
    std::fs::create_dir_all(project.path().join("src")).unwrap();
    std::fs::write(project.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::create_dir_all(project.path().join("tests")).unwrap();
    std::fs::write(project.path().join("src/lib.rs"), "").unwrap();
    std::fs::write(project.path().join("tests/registry.rs"), TEST).unwrap();

    let pets_module = Module::new("acme/pets").file("pets.proto", pets("name"));
    let owners =
        Module::new("acme/owners").file("owners.proto", "syntax = \"proto3\";\npackage owners;\nmessage Owner {}\n");
    let mut test = Command::new(env!("CARGO"));
    test.args(["test", "--offline", "--quiet"]).current_dir(project.path());
    test.env("CARGO_TARGET_DIR", project.path().join("target")).env("REGISTRY_PROGRAM", env!("CARGO_BIN_EXE_registry"));
    test.env("PETS", pets_module.directory()).env("OWNERS", owners.directory());
    run(&mut test).ok();
    let lock = std::fs::read_to_string(project.path().join("Cargo.lock")).unwrap();
    assert_eq!(lock.matches("[[package]]").count(), 2, "{lock}");
}

#[test]
fn the_package_s_own_tests_pass() {
    // A copy, because cargo writes a lock file beside the manifest.
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fixture_client")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let mut test = Command::new(env!("CARGO"));
    test.args(["test", "--offline"]).current_dir(copy.path()).env("CARGO_TARGET_DIR", copy.path().join("target"));
    run(&mut test).ok().prints("2 passed");
}
