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
fn all_that_is_missing_is_told_at_once() {
    let scene = Scene::start();
    let public = Buf::new(&scene.public).common().pets();
    let pets = public.lock_and_push("pets");
    public.write("common/LICENSE", "MIT\n");
    let common = public.push("common");
    let host = scene.public.host();
    scene.buf.write(
        "app/buf.yaml",
        &format!("version: v2\nname: HOST/acme/app\ndeps:\n  - {host}/acme/common\n  - {host}/acme/pets\n"),
    );
    scene.buf.write(
        "app/app.proto",
        "syntax = \"proto3\";\npackage app;\nimport \"acme/pets/v1/pets.proto\";\n\
         message App { acme.pets.v1.Pet pet = 1; }\n",
    );
    scene.buf.run(["dep", "update", "app"]).ok();
    let refused = scene.buf.run(["push", "app", "--create"]).fails().says("2 dependencies of another registry");
    for commit in [&pets, &common] {
        assert!(refused.stderr.contains(&format!("\nregistry mirror {host}/{commit}")), "{refused}");
        scene.own.mirror(&scene.public, commit).ok();
    }
    let app = scene.buf.push("app");
    // The lock decides, not what pets was built with.
    let graph = Buf::new(&scene.own).run(["dep", "graph", "HOST/acme/app"]).ok();
    assert!(graph.stdout.contains(&common) && !graph.stdout.contains(&scene.common), "{graph}");
    assert_eq!(app.len(), 32);
}

#[test]
fn a_lock_of_the_first_version_holds_too() {
    let scene = Scene::start();
    let yaml = format!("version: v1\nname: HOST/acme/app\ndeps:\n  - {}/acme/common\n", scene.public.host());
    scene.buf.write("app/buf.yaml", &yaml);
    std::fs::remove_file(scene.buf.path("app/buf.lock")).unwrap();
    scene.buf.run(["mod", "update", "app"]).ok();
    let lock = scene.buf.read("app/buf.lock");
    assert!(lock.contains("version: v1") && lock.contains(&scene.common), "{lock}");
    scene.buf.run(["push", "app", "--create"]).fails().says(&scene.common);
    scene.own.mirror(&scene.public, &scene.common).ok();
    scene.buf.push("app");
    scene.own.cli(["push", scene.buf.path("app").to_str().unwrap()]).ok();
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
