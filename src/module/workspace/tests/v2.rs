//! Workspaces of a v2 `buf.yaml`.

use super::*;

const WORKSPACE: &str = "version: v2
modules:
  - path: vendor/common
    name: buf.build/acme/common
  - path: proto
    name: buf.build/acme/pets
    excludes: [proto/store]
  - path: proto
    name: buf.build/acme/store
    includes: [proto/store]
  - path: empty
deps:
  - buf.build/acme/common
  - buf.build/x1/y1:v1
";

fn workspace() -> Tree {
    tree(&[
        ("buf.yaml", WORKSPACE),
        ("README.md", "root"),
        ("LICENSE", "root"),
        ("vendor/common/common/c.proto", ""),
        ("vendor/common/buf.md", "own"),
        ("proto/pets/pets.proto", ""),
        ("proto/store/store.proto", ""),
        ("proto/LICENSE", "own"),
        ("proto/buf.yaml", "version: v1\n"),
        ("empty/x.txt", ""),
        ("outside/x.proto", ""),
    ])
}

#[test]
fn a_directory_pushes_the_modules_at_or_below_it() {
    let tree = workspace();
    insta::assert_snapshot!(tree.seen("proto"), @r#"
    * buf.build/acme/pets in "proto": LICENSE README.md pets/pets.proto
    * buf.build/acme/store in "proto": LICENSE README.md store/store.proto
      buf.build/acme/common in "vendor/common": LICENSE buf.md common/c.proto
    needs buf.build/x1/y1:v1
    "#);
    insta::assert_snapshot!(tree.seen("vendor"), @r#"
      buf.build/acme/pets in "proto": LICENSE README.md pets/pets.proto
      buf.build/acme/store in "proto": LICENSE README.md store/store.proto
    * buf.build/acme/common in "vendor/common": LICENSE buf.md common/c.proto
    needs buf.build/x1/y1:v1
    "#);
    insta::assert_snapshot!(tree.seen("outside"), @r#"* - in "outside": x.proto"#);
    insta::assert_snapshot!(tree.error(""), @"no .proto files found in ROOT/empty; a module needs at least one");
    insta::assert_snapshot!(tree.error("proto/store"), @"ROOT/proto/store is a part of the module in ROOT/proto; push that directory instead");
}

#[test]
fn documents_of_the_root_stand_in_for_missing_ones() {
    let tree = workspace();
    let workspace = tree.read("proto").unwrap();
    let text = |file: Option<&crate::model::ModuleFile>| file.map(|file| file.content.clone());
    for module in &workspace.modules {
        let own_license = module.directory.ends_with("proto");
        assert_eq!(text(module.snapshot.license()).unwrap(), if own_license { "own" } else { "root" });
        assert_eq!(text(module.snapshot.readme()).unwrap(), if own_license { "root" } else { "own" });
    }
    assert_eq!(workspace.modules.len(), 3);
}

#[test]
fn one_module_at_the_root_needs_no_list() {
    let yaml = "version: v2\nname: localhost:8080/acme/pets\nlint:\n  use: [STANDARD]\n";
    let tree = tree(&[("buf.yaml", yaml), ("a/a.proto", "")]);
    insta::assert_snapshot!(tree.seen(""), @r#"* localhost:8080/acme/pets in "": a/a.proto"#);
    insta::assert_snapshot!(tree.error("a"), @"ROOT/a is a part of the module in ROOT; push that directory instead");
}

#[test]
fn the_nearest_workspace_governs() {
    let tree = tree(&[
        ("buf.yaml", "version: v2\nmodules: [{path: a}]\n"),
        ("a/a.proto", ""),
        ("a/b/buf.yaml", "version: v2\nname: buf.build/acme/inner\n"),
        ("a/b/b.proto", ""),
    ]);
    insta::assert_snapshot!(tree.seen("a/b"), @r#"* buf.build/acme/inner in "a/b": b.proto"#);
    insta::assert_snapshot!(tree.seen(""), @r#"* - in "a": a.proto b/b.proto"#);
}

#[test]
fn mistakes_in_a_v2_workspace_are_named() {
    let error =
        |yaml: &str| tree(&[("buf.yaml", yaml), ("a/x.proto", ""), ("b/x.proto", ""), ("c/c.proto", "")]).error("");
    insta::assert_snapshot!(error("version: v2\nmodules: [{path: a}, {path: b}]\n"), @"x.proto is both ROOT/a/x.proto of an unnamed module and ROOT/b/x.proto of an unnamed module; a workspace may have it only once, so exclude or remove one");
    insta::assert_snapshot!(error("version: v2\nmodules: [{path: a}, {path: missing}]\n"), @"ROOT/buf.yaml lists the module directory ROOT/missing, but there is no such directory");
    insta::assert_snapshot!(error("version: v2\nmodules: [{path: ../a}]\n"), @r#"ROOT/buf.yaml:2: directory "../a" must be relative, with `/` between its parts, and stay inside the directory of this file"#);
    let named =
        "version: v2\nmodules:\n- {path: a, name: buf.build/acme/pets}\n- {path: c, name: buf.build/acme/pets}\n";
    insta::assert_snapshot!(error(named), @"ROOT/buf.yaml:4: module buf.build/acme/pets stands here and at ROOT/buf.yaml:3; name it once");
    let shared =
        "version: v2\nmodules:\n- {path: a, name: buf.build/acme/pets}\n- {path: ./a/, name: buf.build/acme/store}\n";
    insta::assert_snapshot!(error(shared), @"x.proto is both ROOT/a/x.proto of buf.build/acme/pets and ROOT/a/x.proto of buf.build/acme/store; a workspace may have it only once, so exclude or remove one");
    insta::assert_snapshot!(error("version: v2\nmodule: []\n"), @r#"ROOT/buf.yaml:2: key "module" is not known here; did you mean "modules"?"#);
}
