//! Paths and labels that not every system can hold, or that look like others: refused with the reason before anything is
//! stored, by hand and with the real buf.

use serde_json::json;

use crate::support::{Buf, Module, Registry, pets, upload};

const UPLOAD: &str = "buf.registry.module.v1.UploadService/Upload";

fn registry() -> Registry {
    let registry = Registry::with(|options| {
        options.flag("eager-plugins", "");
    });
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry
}

#[test]
fn paths_that_not_every_system_can_hold_are_refused() {
    let registry = registry();
    let text = &pets("other");
    for (path, reason) in [
        ("a./b.proto", "ends in a dot or a blank"),
        ("a /b.proto", "ends in a dot or a blank"),
        ("ab:c.proto", "holds one of"),
        ("a?.proto", "holds one of"),
        ("a\u{202e}orp.proto", "which is not seen"),
        ("a\u{200b}.proto", "which is not seen"),
        ("a\u{feff}.proto", "which is not seen"),
    ] {
        let refused = registry.call(UPLOAD, &upload("acme", "pets", &[(path, text)])).is(400).text();
        assert!(refused.contains(reason), "{path:?}: {refused}");
    }
    let twins = [("\u{e9}.proto", text.as_str()), ("e\u{301}.proto", "syntax = \"proto3\";")];
    let refused = registry.call(UPLOAD, &upload("acme", "pets", &twins)).is(400).text();
    assert!(refused.contains("differ only by how accents are written"), "{refused}");
    for path in ["console/auxiliary.proto", "\u{e9}/\u{4e2d}\u{6587}.proto", ".hidden/a b.proto", "v1.aux.proto"] {
        registry.call(UPLOAD, &upload("acme", "pets", &[(path, text)])).ok();
    }
}

#[test]
fn labels_that_look_like_others_are_refused() {
    let registry = registry();
    for label in ["main\u{200b}", "\u{202e}niam", "ma\u{ad}in", "a\u{2028}b"] {
        let mut request = upload("acme", "pets", &[("a.proto", &pets("label"))]);
        request["contents"][0]["scopedLabelRefs"] = json!([{ "name": label }]);
        let refused = registry.call(UPLOAD, &request).is(400).text();
        assert!(refused.contains("which a label may not hold"), "{label:?}: {refused}");
    }
    Module::new("acme/pets").file("a.proto", pets("label")).argument("--label=f\u{e9}ature/\u{1f980}").push(&registry);
}

#[test]
fn buf_says_which_path_cannot_be_held_and_why() {
    let registry = registry();
    let buf = Buf::new(&registry);
    let name = format!("{}/acme/pets", buf.host());
    let buf = buf.file("buf.yaml", &format!("version: v2\nname: {name}\n")).file("a/b?.proto", &pets("other"));
    buf.run(["push"]).fails().says("\"b?.proto\" holds one of");
}

#[test]
fn what_is_not_seen_is_written_out_where_it_is_shown() {
    let registry = registry();
    let source = format!("{}// left\u{202e}thgir\u{200b}\n", pets("other"));
    Module::new("acme/pets").file("pets.proto", source).push(&registry);
    let shown = registry.get("/acme/pets/files/main/pets.proto").ok().text();
    assert!(shown.contains("// left\\u{202e}thgir\\u{200b}"), "{shown}");
    let searched = registry.get("/search?q=a%E2%80%AEb").ok().text();
    assert!(searched.contains("a\\u{202e}b") && !searched.contains('\u{202e}'), "{searched}");
}
