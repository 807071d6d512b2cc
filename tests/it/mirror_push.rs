//! Pushes whose dependencies belong to another registry: `deps: [buf.build/…]`, with another of ours as that.

use crate::support::{Buf, Registry};

/// A registry that is `buf.build` to the user of the other one; the user's module `acme/app` depends on its common.
struct Scene {
    public: Registry,
    own: Registry,
    buf: Buf,
    common: String,
}

impl Scene {
    fn start() -> Self {
        let public = Registry::start();
        let common = Buf::new(&public).acme().common().push("common");
        let own = Registry::start();
        let buf = Buf::between(&own, &public).acme();
        buf.write(
            "app/buf.yaml",
            &format!("version: v2\nname: HOST/acme/app\ndeps:\n  - {}/acme/common\n", public.host()),
        );
        buf.write(
            "app/app.proto",
            "syntax = \"proto3\";\npackage app;\nimport \"google_like/v1/money.proto\";\n\
             message App { google_like.v1.Money m = 1; }\n",
        );
        buf.run(["dep", "update", "app"]).ok();
        Self { public, own, buf, common }
    }
}

#[test]
fn a_lock_of_another_registry_holds_once_its_commits_are_mirrored() {
    let scene = Scene::start();
    assert!(scene.buf.read("app/buf.lock").contains(&scene.common));
    let line = format!("registry mirror {}/{}", scene.public.host(), scene.common);
    scene.buf.run(["push", "app", "--create"]).fails().says(&line);
    scene.own.mirror(&scene.public, &scene.common).ok();
    let app = scene.buf.push("app");
    assert_eq!(scene.buf.push("app"), app);
    // From here on the other registry is not needed.
    let buf = Buf::new(&scene.own);
    drop(scene.public);
    buf.run(["build", "HOST/acme/app"]).ok();
    buf.run(["export", "HOST/acme/app", "-o", "out"]).ok();
    assert!(buf.path("out/google_like/v1/money.proto").exists());
}

#[test]
fn our_own_push_names_the_module_that_is_missing() {
    let scene = Scene::start();
    let directory = scene.buf.path("app");
    let push = || scene.own.cli(["push", directory.to_str().unwrap(), "--create"]);
    let line = format!("registry mirror {}/acme/common:{}", scene.public.host(), scene.common);
    push().refused().says(&line);
    scene.own.mirror(&scene.public, &format!("acme/common:{}", scene.common)).ok();
    let pushed = push().ok();
    assert_eq!(pushed.stdout.lines().next(), Some(format!("acme/app:{}", scene.buf.push("app")).as_str()));
}
