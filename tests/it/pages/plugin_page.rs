//! The page of a plugin: what it makes, its options, its versions, and who uses it.

use crate::support::{Module, Programs, Registry, http, pets};

#[track_caller]
fn says(page: &str, all: &[&str]) {
    for text in all {
        assert!(page.contains(text), "{text:?} is not in: {page}");
    }
}

#[test]
fn a_plugin_says_what_it_makes_and_who_uses_it() {
    let registry = Registry::start();
    let public = Module::new("acme/pets").file("pets.proto", pets("name")).argument("--visibility=public");
    public.push(&registry);
    Module::new("acme/secret").file("secret.proto", "syntax = \"proto3\"; message Secret {}").push(&registry);
    let index = "/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost";
    registry.get(index).ok();
    let version = registry.cli(["sdk", "version", "acme/pets"]).ok().stdout.trim().to_owned();
    registry.get(&format!("/gen/cargo/api/v1/crates/acme_pets_community_neoeinstein-prost/{version}/download")).ok();

    let page = registry.get("/plugins/community/neoeinstein-prost").ok().text();
    says(
        &page,
        &[
            "<h1>community/neoeinstein-prost</h1>",
            "<code>OWNER_MODULE_community_neoeinstein-prost</code>",
            "acme_pets_community_neoeinstein-prost",
            "<th scope=\"row\" class=\"mono\">btree_map</th>",
            "Map fields that are a BTreeMap instead of a HashMap.",
            "<td class=\"mono\">bytes=.</td>",
            "v0.4.0",
            "prost 0.14.1",
            "2 SDKs of 2 modules",
            "<a href=\"/acme/secret/sdks\">acme/secret</a>",
        ],
    );
    let tonic = registry.get("/plugins/community/neoeinstein-tonic").ok().text();
    says(&tonic, &["acme::pets::v1::tonic", "community/neoeinstein-prost:v0.5.0"]);
    let remote = registry.get("/plugins/community/neoeinstein-prost-serde").ok().text();
    says(&remote, &["no crates", "community/neoeinstein-prost-serde", "this registry makes no crates of them"]);
    assert!(!remote.contains("cargo add"), "{remote}");
    says(&registry.get("/plugins").ok().text(), &["<a href=\"/plugins/anthropics/buffa\">anthropics/buffa</a>"]);
    let sdk = registry.get("/acme/pets/sdks/main:community/neoeinstein-prost").ok().text();
    says(&sdk, &["<a href=\"/plugins/community/neoeinstein-prost\">About the plugin</a>"]);
    registry.get("/plugins/community/neoeinstein-prist").is(404);

    let stranger = format!("authorization: Bearer {}", registry.user_token("sam"));
    let headers = vec![stranger];
    let page = http::send(&registry.url, "GET", "/plugins/community/neoeinstein-prost", headers, &[]).ok().text();
    says(&page, &["1 SDK of 1 module;"]);
    assert!(!page.contains("secret"), "{page}");
}

#[test]
fn a_program_of_the_configuration_has_a_page_too() {
    let keys = "description = \"Plain <b>structs</b>.\"\nopts = [\"flat\", \"prefix\"]\noptions = [\"flat\"]\n";
    let programs = Programs::new().script("dto", "cat >/dev/null", keys);
    let config = programs.config();
    let registry = Registry::with(|options| _ = options.flag("config", &config));
    let page = registry.get("/plugins/acme/dto").ok().text();
    says(
        &page,
        &[
            "a program of its own",
            "Plain &#60;b&#62;structs&#60;/b&#62;.",
            "<th scope=\"row\" class=\"mono\">prefix</th>",
            "<td class=\"mono\">flat</td>",
            "No module that you may read has a crate of it.",
            "sdk generate OWNER/MODULE",
        ],
    );
}
