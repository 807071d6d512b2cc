//! Dependencies on modules of this registry: `dep update`, `dep graph`, `dep prune`, `mod update`, and diamonds.

use crate::support::{Buf, DIGESTS, Registry};

#[test]
fn a_lock_holds_everything_below_and_the_known_digests() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets().shop();
    let common = buf.push("common");
    let pets = buf.lock_and_push("pets");
    buf.forget();
    let shop = buf.lock_and_push("shop");
    let lock = buf.read("shop/buf.lock");
    for (name, commit, digest) in [("common", &common, DIGESTS[0]), ("pets", &pets, DIGESTS[1])] {
        let entry = format!("  - name: HOST/acme/{name}\n    commit: {commit}\n    digest: {digest}\n");
        assert!(lock.contains(&entry), "{entry} is missing in {lock}");
    }
    let consumer = Buf::new(&registry).module("acme/mall", &["acme/shop"]);
    consumer.write("mall/mall.proto", "syntax = \"proto3\";\nimport \"shop/v1/shop.proto\";\npackage mall;\n");
    consumer.run(["dep", "update", "mall"]).ok();
    let lock = consumer.read("mall/buf.lock");
    assert!(lock.contains(&format!("    commit: {shop}\n    digest: {}\n", DIGESTS[2])), "{lock}");
    assert_eq!(lock.matches("- name:").count(), 3, "{lock}");
}

#[test]
fn a_cold_cache_builds_from_the_lock() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    let first = buf.push("common");
    buf.lock_and_push("pets");
    buf.write("common/LICENSE", "MIT\n");
    assert_ne!(buf.push("common"), first);
    buf.forget();
    buf.run(["build", "pets"]).ok();
    buf.run(["dep", "graph", "pets"])
        .ok()
        .prints(&format!("\"{0}/acme/pets\" -> \"{0}/acme/common:{first}\"", buf.host()));
    // A digest that is not the commit's is found out.
    let lock = buf.read("pets/buf.lock").replace(DIGESTS[0], DIGESTS[1]);
    buf.write("pets/buf.lock", &lock);
    buf.forget();
    buf.run(["build", "pets"]).fails().says("Digest verification failed");
}

#[test]
fn what_is_not_imported_any_more_is_pruned() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    buf.push("common");
    buf.lock_and_push("pets");
    buf.write("pets/acme/pets/v1/pets.proto", "syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Pet {}\n");
    buf.write("pets/buf.yaml", "version: v2\nname: HOST/acme/pets\n");
    buf.run(["dep", "prune", "pets"]).ok();
    assert!(!buf.read("pets/buf.lock").contains("acme/common"));
    buf.push("pets");
    buf.forget();
    buf.run(["export", "HOST/acme/pets", "-o", "out"]).ok();
    assert!(!buf.path("out/google_like").exists(), "a dependency that is gone came along");
}

#[test]
fn a_dependency_on_a_label_or_a_commit_is_held() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    let old = buf.push("common");
    buf.run(["registry", "module", "commit", "add-label", &format!("HOST/acme/common:{old}"), "--label", "stable"])
        .ok();
    buf.write("common/LICENSE", "MIT\n");
    let new = buf.push("common");
    for (reference, commit) in [(":stable", &old), (&format!(":{old}"), &old), ("", &new), (":main", &new)] {
        buf.write(
            "pets/buf.yaml",
            &format!("version: v2\nname: HOST/acme/pets\ndeps: [\"HOST/acme/common{reference}\"]\n"),
        );
        buf.run(["dep", "update", "pets"]).ok();
        let lock = buf.read("pets/buf.lock");
        assert!(lock.contains(commit.as_str()), "{reference:?} is not {commit} in {lock}");
    }
}

/// Left was built with the first common, right with the second.
fn diamond(buf: &Buf) -> [String; 2] {
    let old = buf.push("common");
    for side in ["left", "right"] {
        let text = format!(
            "syntax = \"proto3\";\npackage {side};\nimport \"google_like/v1/money.proto\";\n\
             message M {{ google_like.v1.Money m = 1; }}\n"
        );
        buf.write(&format!("{side}/{side}.proto"), &text);
        buf.write(
            &format!("{side}/buf.yaml"),
            &format!("version: v2\nname: HOST/acme/{side}\ndeps: [HOST/acme/common]\n"),
        );
    }
    buf.lock_and_push("left");
    buf.write("common/LICENSE", "MIT\n");
    let new = buf.push("common");
    buf.lock_and_push("right");
    [old, new]
}

#[test]
fn a_diamond_meets_in_one_commit() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let [old, new] = diamond(&buf);
    let top = "syntax = \"proto3\";\npackage top;\nimport \"left.proto\";\nimport \"right.proto\";\n\
               message T { left.M l = 1; right.M r = 2; }\n";
    let buf = buf.module("acme/top", &["acme/right", "acme/left"]).file("top/top.proto", top);
    buf.forget();
    buf.lock_and_push("top");
    let lock = buf.read("top/buf.lock");
    assert!(lock.contains(&new) && !lock.contains(&old), "{lock}");
    // The older one, if the module says so itself.
    buf.write(
        "top/buf.yaml",
        &format!(
            "version: v2\nname: HOST/acme/top\ndeps: [HOST/acme/right, HOST/acme/left, \"HOST/acme/common:{old}\"]\n"
        ),
    );
    buf.lock_and_push("top");
    let lock = buf.read("top/buf.lock");
    assert!(lock.contains(&old) && !lock.contains(&new), "{lock}");
    buf.forget();
    buf.run(["build", "HOST/acme/top"]).ok();
    buf.run(["build", "top"]).ok();
}

#[test]
fn the_first_version_of_the_lock_holds_b4_digests() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    let common = buf.push("common");
    buf.write("pets/buf.yaml", "version: v1\nname: HOST/acme/pets\ndeps:\n  - HOST/acme/common\n");
    for update in ["mod", "dep"] {
        buf.forget();
        buf.run([update, "update", "pets"]).ok();
        let lock = buf.read("pets/buf.lock");
        assert!(lock.contains("version: v1") && lock.contains(&common), "{lock}");
        assert!(
            lock.contains("digest: shake256:17e9f82e4678adf291b90dbea4d84b95166acb20d35d5f84f2167aa008affa1b"),
            "{lock}"
        );
    }
    let pets = buf.push("pets");
    buf.forget();
    buf.run(["build", "pets"]).ok();
    // The same module, whichever file describes it.
    buf.write("pets/buf.yaml", "version: v2\nname: HOST/acme/pets\ndeps: [HOST/acme/common]\n");
    std::fs::remove_file(buf.path("pets/buf.lock")).unwrap();
    assert_eq!(buf.lock_and_push("pets"), pets);
    let commit = ["registry", "module", "commit", "resolve", "HOST/acme/pets", "--format", "json"];
    assert_eq!(buf.run(commit).ok().json()["commit"], *pets);
}

#[test]
fn an_old_project_is_migrated_with_its_lock() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    let common = buf.push("common");
    buf.write("pets/buf.yaml", "version: v1\nname: HOST/acme/pets\ndeps:\n  - HOST/acme/common\n");
    buf.run(["mod", "update", "pets"]).ok();
    buf.run(["config", "migrate", "--module", "pets"]).ok();
    let lock = buf.read("buf.lock");
    assert!(lock.contains("version: v2") && lock.contains(&common) && lock.contains(DIGESTS[0]), "{lock}");
}

#[test]
fn a_diamond_meets_in_one_commit_in_locks_of_the_first_version_too() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let [old, new] = diamond(&buf);
    buf.write("top/buf.yaml", "version: v1\nname: HOST/acme/top\ndeps:\n  - HOST/acme/right\n  - HOST/acme/left\n");
    let top = "syntax = \"proto3\";\npackage top;\nimport \"left.proto\";\nimport \"right.proto\";\n\
               message T { left.M l = 1; right.M r = 2; }\n";
    buf.write("top/top.proto", top);
    buf.forget();
    buf.run(["mod", "update", "top"]).ok();
    let lock = buf.read("top/buf.lock");
    assert!(lock.contains(&new) && !lock.contains(&old) && lock.matches("shake256:").count() == 3, "{lock}");
    let top = buf.push("top");
    buf.forget();
    buf.run(["build", "top"]).ok();
    buf.run(["build", &format!("HOST/acme/top:{top}")]).ok();
}
