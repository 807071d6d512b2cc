//! A public module depends on public modules only, and nobody builds on what they may not read. What an older program
//! let through is in the tables of `access`.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::Registry;
use crate::support::http::{self, Answer};

const UPDATE: &str = "buf.registry.module.v1.ModuleService/UpdateModules";

/// acme/base, and the source of a module that needs it.
struct Pair {
    registry: Registry,
    base: String,
}

impl Pair {
    fn new(base: &str, top: &str) -> Self {
        let registry = Registry::start();
        registry.cli(["organization", "create", "acme"]).ok();
        for (module, visibility) in [("base", base), ("top", top)] {
            registry.cli(["module", "create", &format!("acme/{module}"), "--visibility", visibility]).ok();
        }
        let source = "syntax = \"proto3\"; package base; message Base {}";
        let pushed = upload(&registry, &registry.token, "acme/base", ("base.proto", source), &[]).ok().json();
        Self { base: commit(&pushed), registry }
    }

    fn push(&self, token: &str, module: &str, needs: &str) -> Answer {
        upload(&self.registry, token, module, ("top.proto", TOP), &[needs])
    }

    fn set(&self, changes: &[(&str, &str)]) -> Answer {
        let value = |(module, visibility): &(&str, &str)| {
            let visibility = format!("MODULE_VISIBILITY_{}", visibility.to_uppercase());
            json!({ "moduleRef": { "name": { "owner": "acme", "module": module } }, "visibility": visibility })
        };
        self.registry.call(UPDATE, &json!({ "values": changes.iter().map(value).collect::<Vec<_>>() }))
    }
}

const TOP: &str = "syntax = \"proto3\"; package top; import \"base.proto\"; message Top { base.Base base = 1; }";

fn upload(registry: &Registry, token: &str, module: &str, file: (&str, &str), needs: &[&str]) -> Answer {
    let (owner, module) = module.split_once('/').unwrap();
    let content = base64::engine::general_purpose::STANDARD.encode(file.1);
    let content = json!({
        "moduleRef": { "name": { "owner": owner, "module": module } },
        "files": [{ "path": file.0, "content": content }],
    });
    let request = json!({ "contents": [content], "depCommitIds": needs }).to_string();
    let headers = vec![format!("authorization: Bearer {token}"), "content-type: application/json".into()];
    let path = "/buf.registry.module.v1.UploadService/Upload";
    http::send(&registry.url, "POST", path, headers, request.as_bytes())
}

fn commit(pushed: &Value) -> String {
    pushed["commits"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_public_module_is_not_pushed_on_top_of_a_private_one() {
    let pair = Pair::new("private", "public");
    let refused = pair.push(&pair.registry.token, "acme/top", &pair.base);
    refused.refuses("failed_precondition", "acme/base");
    let request = json!({ "resourceRef": { "name": { "owner": "acme", "module": "top" } } });
    let commits = pair.registry.call("buf.registry.module.v1.CommitService/ListCommits", &request).ok().json();
    assert_eq!(commits["commits"].as_array().map_or(0, Vec::len), 0, "{commits}");
    pair.set(&[("base", "public")]).ok();
    pair.push(&pair.registry.token, "acme/top", &pair.base).ok();
}

#[test]
fn visibility_changes_with_what_depends_on_it_or_not_at_all() {
    let pair = Pair::new("private", "private");
    pair.push(&pair.registry.token, "acme/top", &pair.base).ok();
    pair.set(&[("top", "public")]).refuses("failed_precondition", "acme/base");
    pair.set(&[("top", "public"), ("base", "public")]).ok();
    pair.set(&[("base", "private")]).refuses("failed_precondition", "acme/top");
    let private = pair.registry.cli(["module", "info", "acme/base", "--json"]).ok().json();
    assert_eq!(private["visibility"], "public");
    pair.set(&[("base", "private"), ("top", "private")]).ok();
}

/// The administrator reads both, so what stands below is private to acme, and top is mine.
#[test]
fn nobody_builds_on_what_they_may_not_read_at_any_depth() {
    let pair = Pair::new("private", "private");
    let registry = &pair.registry;
    let sam = registry.user_token("sam");
    registry.cli(["organization", "create", "shared"]).ok();
    registry.cli(["organization", "member", "set", "shared", "sam", "--role", "reader"]).ok();
    registry.cli(["module", "create", "shared/top"]).ok();
    registry.cli(["module", "create", "sam/mine", "--token", &sam]).ok();
    let top = commit(&pair.push(&registry.token, "shared/top", &pair.base).ok().json());
    let mine = "syntax = \"proto3\"; package mine; import \"top.proto\"; message Mine { top.Top top = 1; }";
    let on = |needs: &[&str]| upload(registry, &sam, "sam/mine", ("mine.proto", mine), needs);
    // Given by id, it is as if it were not there; below what may be read, it is refused without its name.
    let direct = on(&[&pair.base]);
    direct.refuses("not_found", "is not in this registry");
    let inherited = on(&[&top]);
    inherited.refuses("permission_denied", "shared/top depends on a private module");
    for answer in [direct, inherited] {
        assert!(!answer.text().contains("acme") && !answer.text().contains("base.proto"), "{}", answer.text());
    }
    registry.cli(["organization", "member", "set", "acme", "sam", "--role", "reader"]).ok();
    on(&[&top]).ok();
}
