//! `upstream`: a push fetches the dependencies that are missing here from another registry; nothing else does.

use std::net::TcpListener;

use serde_json::json;

use crate::support::{Buf, Module, Registry, Transcript};

/// A registry with acme/common, that of a user whose module mine/app depends on it, and the user.
struct Scene {
    public: Registry,
    own: Registry,
    buf: Buf,
    common: String,
    _token_file: tempfile::NamedTempFile,
}

impl Scene {
    /// With these flags, in which `URL` stands for the other registry.
    fn with(flags: &[(&str, &str)]) -> Self {
        let public = Registry::start();
        let common = Buf::new(&public).acme().common().push("common");
        let token_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(token_file.path(), format!("{}\n", public.token)).unwrap();
        let own = Registry::with(|options| {
            options.flag("upstream-token-file", token_file.path().to_str().unwrap());
            for (name, value) in flags {
                options.flag(name, &value.replace("URL", &public.url));
            }
        });
        let buf = Buf::between(&own, &public);
        buf.run(["registry", "organization", "create", "HOST/mine"]).ok();
        buf.write(
            "app/buf.yaml",
            &format!("version: v2\nname: HOST/mine/app\ndeps: [{}/acme/common]\n", public.host()),
        );
        buf.write(
            "app/app.proto",
            "syntax = \"proto3\";\npackage app;\nimport \"google_like/v1/money.proto\";\n\
             message App { google_like.v1.Money m = 1; }\n",
        );
        buf.run(["dep", "update", "app"]).ok();
        Self { public, own, buf, common, _token_file: token_file }
    }

    fn push(&self) -> Transcript {
        self.buf.run(["push", "app", "--create"])
    }
}

#[test]
fn a_push_fetches_what_it_needs_under_the_same_id() {
    let mut scene = Scene::with(&[("upstream", "URL")]);
    scene.push().ok();
    scene.public.stop();
    Buf::new(&scene.own).run(["build", "HOST/mine/app"]).ok();
    let common = scene.own.cli(["sdk", "version", "acme/common"]).ok();
    assert!(common.stdout.contains(&scene.common[..12]), "{common}");
    // What was fetched is fetched once.
    scene.push().ok();
}

#[test]
fn a_public_module_is_fetched_for_everybody_who_may_push() {
    let scene = Scene::with(&[("upstream", "URL")]);
    Buf::new(&scene.public).run(["registry", "module", "update", "HOST/acme/common", "--visibility", "public"]).ok();
    let sam = scene.own.user_token("sam");
    let request = json!({ "values": [{ "ownerRef": { "name": "sam" }, "name": "app" }] });
    scene.own.call("buf.registry.module.v1.ModuleService/CreateModules", &request).ok();
    let directory = scene.buf.path("app");
    scene.own.cli(["push", directory.to_str().unwrap(), "--module", "sam/app", "--token", &sam]).ok();
    // What came with it is everybody's to read and nobody's to change.
    scene.own.cli(["module", "info", "acme/common", "--token", &sam]).ok();
    let tools = Module::new("acme/tools").file("a.proto", "syntax = \"proto3\";\n").argument("--token").argument(&sam);
    tools.try_push(&scene.own).refused();
}

#[test]
fn our_own_push_fetches_too() {
    let scene = Scene::with(&[("upstream", "URL")]);
    scene.own.cli(["push", scene.buf.path("app").to_str().unwrap(), "--create"]).ok().prints("mine/app:");
}

#[test]
fn reads_fetch_nothing() {
    let scene = Scene::with(&[("upstream", "URL")]);
    let before = scene.public.log().lines().count();
    let buf = Buf::new(&scene.own);
    buf.run(["build", "HOST/acme/common"]).fails().says("acme/common is not in this registry");
    buf.run(["build", &format!("HOST/acme/common:{}", scene.common)]).fails();
    scene.own.get("/gen/cargo/ac/me/acme_common_community_neoeinstein-prost").is(422);
    assert_eq!(scene.public.log().lines().count(), before, "{}", scene.public.log());
}

#[test]
fn a_name_that_is_somebodys_here_stays_theirs() {
    let scene = Scene::with(&[("upstream", "URL")]);
    let sam = scene.own.user_token("sam");
    let request = json!({ "values": [{ "ownerRef": { "name": "sam" }, "name": "app" }] });
    scene.own.call("buf.registry.module.v1.ModuleService/CreateModules", &request).ok();
    let directory = scene.buf.path("app");
    let push = ["push", directory.to_str().unwrap(), "--module", "sam/app", "--token", &sam];
    scene.own.cli(push).refused().says("module acme/common of the upstream is private there");
    Module::new("acme/tools").file("a.proto", "syntax = \"proto3\";\n").push(&scene.own);
    scene.own.cli(push).refused().says("module acme/common of the upstream cannot be fetched for a push");
    scene.own.cli(["module", "info", "acme/common"]).refused();
    // Not even an administrator's push brings it in by the way.
    scene.push().fails().says("only they may import under its name");
    scene.own.mirror(&scene.public, &format!("acme/common:{}", scene.common)).ok();
    scene.push().ok();
}

#[test]
fn an_upstream_that_fails_is_named_with_its_setting() {
    let mut scene = Scene::with(&[("upstream", "URL")]);
    scene.public.stop();
    scene.push().fails().says("(setting `upstream`): it does not answer");

    let scene = Scene::with(&[("upstream", "URL"), ("upstream-max-bytes", "1KiB")]);
    let large = "x".repeat(4096);
    let buf = Buf::new(&scene.public).common();
    buf.write("common/README.md", &large);
    buf.push("common");
    scene.buf.run(["dep", "update", "app"]).ok();
    scene.push().fails().says("more than the limit of 1024 bytes").says("--upstream-max-bytes");
}

#[test]
fn an_upstream_that_is_silent_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let scene = Scene::with(&[("upstream", &url), ("upstream-timeout", "1")]);
    // Without the name of the registry, as the older call sends it: the upstream is asked for any commit.
    scene.own.cli(["push", scene.buf.path("app").to_str().unwrap(), "--create"]).refused().says("--upstream-timeout");
    // A commit of a registry that is not the upstream is not asked for.
    scene.push().fails().says(&format!("registry mirror {}/{}", scene.public.host(), scene.common));
}

#[test]
fn a_token_file_that_holds_none_stops_the_start() {
    let home = tempfile::tempdir().unwrap();
    let mut serve = crate::support::registry_command(home.path());
    serve.args(["serve", "--ephemeral", "--listen", "127.0.0.1:0", "--upstream", "http://127.0.0.1:1"]);
    let refused = crate::support::run(serve.args(["--upstream-token-file", "/nowhere/token"]));
    refused.could_not_run().says("upstream-token-file /nowhere/token");
}
