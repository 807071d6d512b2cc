//! `registry push` before it reaches a server: what it refuses to read, and what it cannot reach.

use crate::support::{Module, Registry, Transcript, registry_command, run};

/// Pushes to a port where nobody listens.
fn push(module: &Module, arguments: &[&str]) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    let mut command = registry_command(home.path());
    run(command.arg("push").arg(module.directory()).args(arguments).args(["--server", "http://127.0.0.1:1"]))
}

#[test]
fn what_is_no_module_is_refused() {
    push(&Module::new("acme/pets"), &["--module", "acme/pets"]).refused().says("no .proto files found");
    let nameless = Module::new("acme/pets").file("a.proto", "");
    push(&nameless, &[]).refused().says("--module OWNER/NAME");
    let strange = Module::new("acme/pets").file("a.proto", "").file("buf.yaml", "version: v2\nnmae: x\n");
    push(&strange, &[]).refused().says("buf.yaml:2");
}

#[test]
fn names_are_checked_before_anything_is_read() {
    let module = Module::new("acme/pets").file("a.proto", "");
    push(&module, &["--module", "acme"]).could_not_run().says("owner/name");
    push(&module, &["--module", "acme/Pets"]).could_not_run().says("lower-case");
    push(&module, &["--module", "acme/pets", "--label", "a:b"]).could_not_run().says("may not hold");
    push(&module, &["--module", "acme/pets", "--visibility", "public"]).could_not_run().says("--create");
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let module = Module::new("acme/pets").file("a.proto", "");
    push(&module, &["--module", "acme/pets"]).could_not_run().says("http://127.0.0.1:1");
    let elsewhere = registry_command(module.directory()).args(["push", "nowhere", "--server", "http://x"]).output();
    assert_eq!(elsewhere.unwrap().status.code(), Some(2));
}

#[test]
fn dependencies_are_asked_for_at_once() {
    let registry = Registry::start();
    let names = ["one", "two", "three"];
    for name in names {
        let module = Module::new(&format!("acme/{name}"));
        module.file(&format!("{name}.proto"), format!("syntax = \"proto3\";\npackage {name};\n")).push(&registry);
    }
    let deps = names.map(|name| format!("{}/acme/{name}", registry.host())).join(", ");
    let yaml = format!("version: v2\nname: {}/acme/top\ndeps: [{deps}]\n", registry.host());
    let imports = names.map(|name| format!("import \"{name}.proto\";\n")).concat();
    let top = Module::new("acme/top").file("buf.yaml", yaml);
    let top = top.file("top.proto", format!("syntax = \"proto3\";\npackage top;\n{imports}"));
    let asked = || registry.log().matches("CommitService/GetCommits").count();
    let before = asked();
    top.push(&registry);
    assert_eq!(asked() - before, 1, "{}", registry.log());
}
