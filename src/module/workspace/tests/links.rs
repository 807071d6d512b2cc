//! Symbolic links: followed inside the directory, refused where they leave it or never end.

use super::*;

#[test]
fn links_inside_are_followed() {
    let tree = tree(&[("real/a.proto", ""), ("proto/own.proto", ""), ("x/README.md", ""), ("buf.yaml", V2)]);
    tree.link("proto/linked", "../real");
    tree.link("proto/b.proto", "../real/a.proto");
    tree.link("proto/README.md", "../x/README.md");
    insta::assert_snapshot!(tree.seen(""), @r#"* - in "proto": README.md b.proto linked/a.proto own.proto"#);
}

const V2: &str = "version: v2\nmodules: [{path: proto}]\n";

#[test]
fn links_that_lead_outside_are_refused() {
    let tree = tree(&[("out/a.proto", ""), ("in/proto/own.proto", ""), ("in/buf.yaml", V2)]);
    tree.link("in/proto/linked", "../../out");
    insta::assert_snapshot!(tree.error("in"), @"ROOT/in/proto/linked is a symbolic link to ROOT/out, outside of ROOT/in; copy what it points to, or remove the link");
    std::fs::remove_file(tree.path("in/proto/linked")).unwrap();
    for name in ["in/proto/b.proto", "in/proto/LICENSE", "in/LICENSE"] {
        tree.link(name, tree.path("out/a.proto"));
        assert!(matches!(tree.read("in"), Err(WorkspaceError::LinkOutside { .. })), "{name} was read");
        std::fs::remove_file(tree.path(name)).unwrap();
    }
    std::fs::rename(tree.path("in/proto"), tree.path("proto")).unwrap();
    tree.link("in/proto", "../proto");
    assert!(matches!(tree.read("in"), Err(WorkspaceError::LinkOutside { .. })));
}

#[test]
fn links_that_stand_for_no_source_do_not_matter() {
    let tree = tree(&[("in/a.proto", ""), ("out/notes.txt", "")]);
    tree.link("in/notes.txt", "../out/notes.txt");
    tree.link("in/nowhere", "../missing");
    insta::assert_snapshot!(tree.seen("in"), @r#"* - in "in": a.proto"#);
    tree.link("in/b.proto", "../missing");
    insta::assert_snapshot!(tree.error("in"), @"could not read ROOT/in/b.proto: No such file or directory (os error 2)");
}

#[test]
fn loops_are_errors() {
    let tree = tree(&[("a/x.proto", ""), ("b/y.proto", ""), ("c/z.proto", "")]);
    tree.link("a/up", "..");
    insta::assert_snapshot!(tree.error("a"), @"ROOT/a/up is a symbolic link to ROOT, outside of ROOT/a; copy what it points to, or remove the link");
    assert!(matches!(tree.read(""), Err(WorkspaceError::LinkLoop { .. })));
    std::fs::remove_file(tree.path("a/up")).unwrap();
    tree.link("a/b", "../b");
    tree.link("b/a", "../a");
    assert!(matches!(tree.read(""), Err(WorkspaceError::LinkLoop { .. })));
    tree.link("c/self.proto", "self.proto");
    insta::assert_snapshot!(tree.error("c"), @"could not read ROOT/c/self.proto: Too many levels of symbolic links (os error 40)");
}

#[test]
fn links_that_multiply_a_tree_end_in_an_error() {
    let tree = tree(&[("0/a.txt", ""), ("x.proto", "")]);
    for level in 1..20 {
        std::fs::create_dir(tree.path(&level.to_string())).unwrap();
        tree.link(&format!("{level}/a"), format!("../{}", level - 1));
        tree.link(&format!("{level}/b"), format!("../{}", level - 1));
    }
    insta::assert_snapshot!(tree.error(""), @"more than 10000 symbolic links to directories below ROOT; exclude the directories that hold them");
}
