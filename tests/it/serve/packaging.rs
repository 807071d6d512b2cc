//! What operators install: the archive of a release, and the unit for systemd.

use std::path::Path;
use std::process::Command;

use crate::support::run;

pub(crate) fn asset(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/operate").join(name)).unwrap()
}

/// A template of `[package.metadata.binstall]`, filled in.
fn filled(template: &str, target: &str) -> String {
    let values =
        [("target", target), ("version", env!("CARGO_PKG_VERSION")), ("binary-ext", ""), ("repo", "https://repo")];
    let fill = |text: String, (name, value): (&str, &str)| text.replace(&format!("{{ {name} }}"), value);
    let text = values.into_iter().fold(template.to_owned(), fill);
    assert!(!text.contains('{'), "{text}");
    text
}

#[test]
fn the_archive_of_a_release_has_the_name_and_content_that_its_metadata_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml_edit::DocumentMut = std::fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let metadata = |key: &str| manifest["package"]["metadata"]["binstall"][key].as_str().unwrap().to_owned();
    let target = "x86_64-unknown-linux-gnu";
    let work = tempfile::tempdir().unwrap();
    // In place of the program, which is large while it can be debugged.
    let program = work.path().join("program");
    std::fs::write(&program, format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_registry"))).unwrap();
    run(Command::new("chmod").arg("755").arg(&program)).ok();
    let mut dist = Command::new(root.join(".ci/dist"));
    run(dist.arg(target).env("PROGRAM", &program).env("DIST", work.path().join("dist"))).ok();

    let url = filled(&metadata("pkg-url"), target);
    let (place, name) = url.rsplit_once('/').unwrap();
    assert_eq!(place, format!("https://repo/releases/download/v{}", env!("CARGO_PKG_VERSION")));
    assert_eq!((metadata("pkg-fmt").as_str(), name.ends_with(".tar.gz")), ("tgz", true));
    let made = std::fs::read_dir(work.path().join("dist")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut made: Vec<_> = made.map(|name| name.into_string().unwrap()).collect();
    made.sort();
    assert_eq!(made, [name.to_owned(), format!("{name}.sha256")]);
    let checked =
        format!("cd {} && sha256sum --check {name}.sha256 && tar -tzf {name}", work.path().join("dist").display());
    let listed = run(Command::new("sh").args(["-c", &checked])).ok().stdout;
    let folder = filled(&metadata("bin-dir"), target);
    let (folder, _) = folder.rsplit_once('/').unwrap();
    for file in [
        "registry",
        "README.md",
        "LICENSE",
        "completions/registry.bash",
        "completions/_registry",
        "completions/registry.fish",
        "man/man1/registry.1",
        "man/man1/registry-push.1",
    ] {
        assert!(listed.lines().any(|line| line == format!("{folder}/{file}")), "{file} is not in {listed}");
    }
}

#[test]
fn the_unit_for_systemd_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("registry.service");
    let text = asset("registry.service").replace("/usr/local/bin/registry", env!("CARGO_BIN_EXE_registry"));
    std::fs::write(&unit, text).unwrap();
    let mut verify = Command::new("systemd-analyze");
    let verified = run(verify.args(["verify", "--man=no"]).arg(&unit)).ok();
    assert!(!verified.stderr.contains("registry.service"), "{verified}");
}
