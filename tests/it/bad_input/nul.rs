//! The character U+0000, which PostgreSQL cannot keep in a text: a registry says the same of it wherever its store is.

use serde_json::json;

use crate::support::{Answer, Module, Registry, pets};

#[test]
fn a_text_with_a_nul_is_refused_and_a_file_with_one_is_kept() {
    let registry = Registry::start();
    // Other control characters end a token, too, for `buf`.
    let source = pets("name").replace("message", "// A comment with \u{1}.\nmessage");
    Module::new("acme/pets").file("pets.proto", &source).file("LICENSE", "Free\0dom\n").push(&registry);
    let stored = registry.get("/acme/pets/files/main/LICENSE").ok();
    assert!(stored.text().contains("Free"), "{}", stored.text());

    let refused = |what: &str, answer: Answer| {
        let told = answer.json();
        assert_eq!((answer.status, told["code"].as_str()), (400, Some("invalid_argument")), "{what}: {told}");
        told["message"].as_str().unwrap().to_owned()
    };
    let module = json!({ "name": { "owner": "acme", "module": "pets" } });
    let update = json!({ "values": [{ "moduleRef": module, "description": "a\0b" }] });
    let told = refused("a description", registry.call("buf.registry.module.v1.ModuleService/UpdateModules", &update));
    assert_eq!(told, "the description has the character U+0000, which ends texts in many programs; leave it out");
    let note = json!({ "note": "a\0b", "scope": "SCOPE_READ" });
    refused("a note", registry.call("registry.v1.TokenService/CreateToken", &note));
    let user = json!({ "values": [{ "name": "pat\0" }] });
    refused("a name", registry.call("buf.registry.owner.v1.UserService/CreateUsers", &user));
    let label =
        json!({ "values": [{ "labelRef": { "name": { "owner": "acme", "module": "pets", "label": "a\0" } } }] });
    refused("a label", registry.call("buf.registry.module.v1.LabelService/CreateOrUpdateLabels", &label));

    let pages = ["/search?q=a%00b", "/acme/pets?label=a%00", "/admin/audit?subject=a%00b", "/acme/a%00", "/a%00/pets"];
    for page in pages {
        let status = registry.get(page).status;
        assert!(status < 500, "{page}: {status}");
    }
    registry.is_well();
}
