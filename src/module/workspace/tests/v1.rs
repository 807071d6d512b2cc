//! Modules of v1 and v1beta1, and `buf.work.yaml`.

use super::*;

#[test]
fn a_v1_module_excludes_directories() {
    let tree = tree(&[
        (
            "buf.yaml",
            "version: v1\nname: buf.build/acme/pets\ndeps: [buf.build/acme/common:v1]\nbuild: {excludes: [b]}\n",
        ),
        ("a/a.proto", ""),
        ("b/b.proto", ""),
        ("README.md", ""),
    ]);
    insta::assert_snapshot!(tree.seen(""), @r#"
    * buf.build/acme/pets in "": README.md a/a.proto
    needs buf.build/acme/common:v1
    "#);
}

#[test]
fn roots_of_v1beta1_are_where_paths_start() {
    let yaml =
        "version: v1beta1\nname: buf.build/acme/pets\nbuild:\n  roots: [proto, third, none]\n  excludes: [third/x]\n";
    let files = [
        ("buf.yaml", yaml),
        ("README.md", ""),
        ("proto/README.md", ""),
        ("proto/a/a.proto", ""),
        ("third/b/b.proto", ""),
        ("third/x/x.proto", ""),
        ("other.proto", ""),
    ];
    let tree = tree(&files);
    insta::assert_snapshot!(tree.seen(""), @r#"* buf.build/acme/pets in "": README.md a/a.proto b/b.proto"#);
    std::fs::create_dir(tree.path("third/a")).unwrap();
    std::fs::write(tree.path("third/a/a.proto"), "").unwrap();
    insta::assert_snapshot!(tree.error(""), @"a/a.proto is both ROOT/proto/a/a.proto of buf.build/acme/pets and ROOT/third/a/a.proto of buf.build/acme/pets; a workspace may have it only once, so exclude or remove one");
}

fn workspace() -> Tree {
    tree(&[
        ("buf.work.yaml", "version: v1\ndirectories: [pets, common]\n"),
        ("README.md", ""),
        ("common/buf.yaml", "version: v1\nname: buf.build/acme/common\n"),
        ("common/common.proto", ""),
        ("pets/buf.yaml", "version: v1\nname: buf.build/acme/pets\ndeps: [buf.build/acme/common, buf.build/x1/y1]\n"),
        ("pets/v1/pets.proto", ""),
    ])
}

#[test]
fn the_root_of_a_v1_workspace_pushes_all_of_it_and_a_directory_itself() {
    let tree = workspace();
    insta::assert_snapshot!(tree.seen(""), @r#"
    * buf.build/acme/common in "common": common.proto
    * buf.build/acme/pets in "pets": v1/pets.proto
    needs buf.build/x1/y1
    "#);
    insta::assert_snapshot!(tree.seen("pets"), @r#"
      buf.build/acme/common in "common": common.proto
    * buf.build/acme/pets in "pets": v1/pets.proto
    needs buf.build/x1/y1
    "#);
    insta::assert_snapshot!(tree.error("pets/v1"), @"ROOT/pets/v1 is a part of the module in ROOT/pets; push that directory instead");
}

#[test]
fn a_sibling_that_the_lock_pins_is_the_pinned_commit_as_buf_has_it() {
    let tree = workspace();
    let entry = |owner: &str, name: &str| {
        format!("- {{remote: buf.build, owner: {owner}, repository: {name}, commit: {}}}\n", "ab".repeat(16))
    };
    let lock = format!("version: v1\ndeps:\n{}{}", entry("acme", "common"), entry("x1", "y1"));
    std::fs::write(tree.path("pets/buf.lock"), lock).unwrap();
    insta::assert_snapshot!(tree.seen("pets"), @r#"
    * buf.build/acme/pets in "pets": v1/pets.proto
    needs buf.build/acme/common
    needs buf.build/x1/y1
    locks buf.build/acme/common abababababab
    locks buf.build/x1/y1 abababababab
    "#);
    insta::assert_snapshot!(tree.seen(""), @r#"
    * buf.build/acme/common in "common": common.proto
    * buf.build/acme/pets in "pets": v1/pets.proto
    needs buf.build/x1/y1
    locks buf.build/x1/y1 abababababab
    "#);
}

#[test]
fn mistakes_in_a_v1_workspace_are_named() {
    let tree = workspace();
    std::fs::write(tree.path("common/v1.proto"), "").unwrap();
    std::fs::write(tree.path("pets/v1.proto"), "").unwrap();
    insta::assert_snapshot!(tree.error(""), @"v1.proto is both ROOT/common/v1.proto of buf.build/acme/common and ROOT/pets/v1.proto of buf.build/acme/pets; a workspace may have it only once, so exclude or remove one");
    std::fs::remove_file(tree.path("common/v1.proto")).unwrap();
    std::fs::write(tree.path("common/buf.yaml"), "version: v1\n\nname: buf.build/acme/pets\n").unwrap();
    insta::assert_snapshot!(tree.error(""), @"ROOT/pets/buf.yaml:2: module buf.build/acme/pets stands here and at ROOT/common/buf.yaml:3; name it once");
    std::fs::write(tree.path("common/buf.yaml"), "version: v1\ndeps: [buf.build/x1/y1:main]\n").unwrap();
    insta::assert_snapshot!(tree.error(""), @"ROOT/pets/buf.yaml:3: dependency buf.build/x1/y1 is given as buf.build/x1/y1:main at ROOT/common/buf.yaml:2; use the same in the whole workspace");
    insta::assert_snapshot!(tree.seen("pets/../common"), @r#"
    * - in "common": common.proto
      buf.build/acme/pets in "pets": v1.proto v1/pets.proto
    needs buf.build/acme/common
    needs buf.build/x1/y1:main
    "#);
    std::fs::write(tree.path("common/buf.yaml"), "version: v2\n").unwrap();
    insta::assert_snapshot!(tree.error(""), @"ROOT/common/buf.yaml: a module listed in buf.work.yaml must have version v1 or v1beta1; move its settings to a v2 buf.yaml in place of buf.work.yaml");
    std::fs::remove_dir_all(tree.path("common")).unwrap();
    insta::assert_snapshot!(tree.error(""), @"ROOT/buf.work.yaml lists the module directory ROOT/common, but there is no such directory");
    std::fs::write(tree.path("buf.yaml"), "version: v1\n").unwrap();
    insta::assert_snapshot!(tree.error("pets"), @"ROOT holds both buf.yaml and buf.work.yaml; keep one of them");
}
