//! Check plugins: pushed, named, labelled and taken into a `buf.lock` by the unmodified `buf`.

use crate::support::{Buf, Registry, pets, run};

/// The shortest WebAssembly program, with a custom section so that two differ.
fn program(section: u8) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".as_slice(), &[0, 2, 1, b'a' + section]].concat()
}

fn buf(registry: &Registry) -> Buf {
    registry.cli(["organization", "create", "acme"]).ok();
    let buf = Buf::new(registry);
    std::fs::write(buf.path("check.wasm"), program(0)).unwrap();
    buf
}

const PUSH: [&str; 4] = ["plugin", "push", "HOST/acme/check", "--binary=check.wasm"];

fn created(buf: &Buf) -> String {
    let [a, b, c, d] = PUSH;
    let pushed = buf.run([a, b, c, d, "--create", "--create-type=check", "--create-visibility=public"]).ok();
    pushed.stdout.trim().rsplit_once(':').unwrap().1.to_owned()
}

#[test]
fn a_plugin_is_created_shown_changed_and_deleted() {
    let registry = Registry::start();
    let buf = buf(&registry);
    buf.run(["registry", "plugin", "info", "HOST/acme/check"]).fails().says("/acme/check\" does not exist");
    buf.run(["registry", "plugin", "create", "HOST/acme/check", "--type=check", "--visibility=public"]).ok();
    let info = buf.run(["registry", "plugin", "info", "HOST/acme/check", "--format=json"]).ok();
    assert!(info.stdout.contains("\"name\":\"check\"") && info.stdout.contains("\"owner\":\"acme\""), "{info}");
    buf.run(["registry", "plugin", "create", "HOST/acme/check", "--type=check"]).fails().says("already exists");
    let update = ["registry", "plugin", "settings", "update", "HOST/acme/check", "--visibility=private"];
    buf.run(update).ok();
    let pat = Buf::with_token(&registry, Some(&registry.user_token("pat")));
    pat.run(["registry", "plugin", "info", "HOST/acme/check"]).fails().says("/acme/check\" does not exist");
    registry.cli(["organization", "delete", "acme", "--yes"]).refused().says("acme has 1 check plugins");
    buf.run(["registry", "plugin", "delete", "HOST/acme/check", "--force"]).ok();
    registry.cli(["organization", "delete", "acme", "--yes"]).ok();
}

#[test]
fn programs_are_pushed_and_labelled_as_modules_are() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| _ = options.keep(data.path(), None));
    let buf = buf(&registry);
    let first = created(&buf);
    // The same program on the same label is the same commit.
    let again = buf.run(PUSH).ok();
    assert!(again.stdout.contains(&first), "{again}");
    std::fs::write(buf.path("check.wasm"), program(1)).unwrap();
    buf.run(PUSH).ok();
    let resolve = ["registry", "plugin", "commit", "resolve", "HOST/acme/check:main", "--format=json"];
    let head = buf.run(resolve).ok().stdout.clone();
    assert!(!head.contains(&first), "{head}");
    let list = buf.run(["registry", "plugin", "commit", "list", "HOST/acme/check", "--format=json"]).ok();
    assert!(list.stdout.contains(&first), "{list}");
    let place = format!("HOST/acme/check:{first}");
    buf.run(["registry", "plugin", "commit", "info", &place]).ok();
    buf.run(["registry", "plugin", "commit", "add-label", &place, "--label=stable"]).ok();
    buf.run(["registry", "plugin", "commit", "add-label", &place, "--label=main"]).fails().says("never moves back");
    buf.run(["registry", "plugin", "label", "info", "HOST/acme/check:stable"]).ok();
    buf.run(["registry", "plugin", "label", "archive", "HOST/acme/check:stable"]).ok();
    let labels = ["registry", "plugin", "label", "list", "HOST/acme/check"];
    assert!(!buf.run(labels).ok().stdout.contains("stable"));
    buf.run(["registry", "plugin", "label", "unarchive", "HOST/acme/check:stable"]).ok();
    assert!(buf.run(labels).ok().stdout.contains("stable"));
    buf.run(["registry", "plugin", "label", "archive", "HOST/acme/check:main"]).fails().says("default label");
    std::fs::write(buf.path("check.wasm"), "no program").unwrap();
    buf.run(PUSH).fails().says("the program of check plugin acme/check is not WebAssembly");
    registry.signal("TERM");
    registry.process().wait().unwrap();
    let verified = run(registry.command().args(["verify", "--data-dir"]).arg(data.path())).ok();
    verified.prints("compared 2 contents");
}

#[test]
fn a_lock_file_pins_a_plugin_which_lint_downloads() {
    let registry = Registry::start();
    let buf = buf(&registry);
    let commit = created(&buf);
    buf.write("buf.yaml", "version: v2\nplugins:\n  - plugin: HOST/acme/check\n");
    buf.write("pets.proto", &pets("name"));
    buf.run(["plugin", "update"]).ok();
    let lock = buf.read("buf.lock");
    assert!(lock.contains("HOST/acme/check") && lock.contains(&commit) && lock.contains("digest: p1:"), "{lock}");
    buf.forget();
    // The program is no plugin, which `buf` says when it runs what it has downloaded and compared with its digest.
    buf.run(["lint"]).fails().says("/acme/check\" failed: failed to read custom section name[a]");
    buf.run(["registry", "plugin", "commit", "add-label", &format!("HOST/acme/check:{commit}"), "--label=stable"]).ok();
    std::fs::write(buf.path("check.wasm"), program(1)).unwrap();
    buf.run(PUSH).ok();
    buf.write("buf.yaml", "version: v2\nplugins:\n  - plugin: HOST/acme/check:stable\n");
    buf.run(["plugin", "update"]).ok();
    assert_eq!(buf.read("buf.lock"), lock);
    buf.write("buf.yaml", "version: v2\nplugins:\n  - plugin: HOST/acme/check\n");
    buf.run(["plugin", "update"]).ok();
    assert_ne!(buf.read("buf.lock"), lock);
    registry.is_well();
}
