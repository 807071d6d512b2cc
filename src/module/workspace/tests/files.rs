//! The files of a module, and the problems of files that cannot belong to one.

use super::*;

#[test]
fn a_plain_directory_is_one_unnamed_module_without_what_is_not_its_own() {
    let tree = tree(&[
        ("x/a.proto", ""),
        ("x/.hidden/b.proto", ""),
        ("x/node_modules/c.proto", ""),
        ("x/Up.PROTO", ""),
        ("x/buf.gen.yaml", ""),
        ("x/deep/README.md", ""),
        ("x/deep/LICENSE", ""),
        ("x/license", ""),
    ]);
    insta::assert_snapshot!(tree.seen("x"), @r#"* - in "x": a.proto"#);
    assert_eq!(tree.read("x").unwrap().left_out, [tree.path("x/.hidden"), tree.path("x/node_modules")]);
    let buf_yaml = "version: v2\n";
    std::fs::write(tree.path("x/buf.yaml"), buf_yaml).unwrap();
    insta::assert_snapshot!(tree.seen("x"), @r#"* - in "x": .hidden/b.proto a.proto node_modules/c.proto"#);
    std::fs::remove_file(tree.path("x/buf.yaml")).unwrap();
    assert_eq!(tree.seen("x/deep/.."), tree.seen("x"));
    assert!(tree.read("x").unwrap().locked.is_none());
}

#[test]
fn build_output_and_what_git_ignores_is_no_part_of_a_plain_directory() {
    let tree = tree(&[
        (".gitignore", "/gen\n*.tmp.proto\n"),
        (".git/info/exclude", "mine.proto\n"),
        ("x/Cargo.toml", ""),
        ("x/target/debug/a.proto", ""),
        ("x/acme/target/v1/b.proto", ""),
        ("x/out/CACHEDIR.TAG", ""),
        ("x/out/c.proto", ""),
        ("x/d.tmp.proto", ""),
        ("x/mine.proto", ""),
        ("x/keep/.gitignore", "!*.tmp.proto\n"),
        ("x/keep/e.tmp.proto", ""),
        ("gen/f.proto", ""),
    ]);
    insta::assert_snapshot!(tree.seen("x"), @r#"* - in "x": acme/target/v1/b.proto keep/e.tmp.proto"#);
    insta::assert_snapshot!(tree.seen("gen"), @r#"* - in "gen": f.proto"#);
    std::fs::remove_dir_all(tree.path(".git")).unwrap();
    insta::assert_snapshot!(tree.seen("x"), @r#"* - in "x": acme/target/v1/b.proto d.tmp.proto keep/e.tmp.proto mine.proto"#);
}

#[test]
fn the_first_documentation_file_and_the_licence_belong_to_the_module() {
    let tree =
        tree(&[("a.proto", ""), ("README.markdown", ""), ("README.md", ""), ("LICENSE", ""), ("LICENSE.md", "")]);
    insta::assert_snapshot!(tree.seen(""), @r#"* - in "": LICENSE README.md a.proto"#);
    std::fs::write(tree.path("buf.md"), "").unwrap();
    insta::assert_snapshot!(tree.seen(""), @r#"* - in "": LICENSE a.proto buf.md"#);
}

#[test]
fn what_is_no_module_is_refused_by_name() {
    let tree = tree(&[("docs/README.md", ""), ("a.proto", "\u{fffd}"), ("b/bad\nname.proto", ""), ("c/C.proto", "")]);
    insta::assert_snapshot!(tree.error("docs"), @"no .proto files found in ROOT/docs; a module needs at least one");
    insta::assert_snapshot!(tree.error("missing"), @"ROOT/missing is not a directory; name the directory that holds the module or the workspace");
    insta::assert_snapshot!(tree.error("a.proto"), @"ROOT/a.proto is not a directory; name the directory that holds the module or the workspace");
    insta::assert_snapshot!(tree.error("b"), @r#""ROOT/b/bad\nname.proto" cannot be pushed: file path "bad\nname.proto" holds '\n'; components are separated by `/`, and control characters are not allowed"#);
    std::fs::write(tree.path("c/c.proto"), "").unwrap();
    insta::assert_snapshot!(tree.error("c"), @"the module in ROOT/c cannot be pushed: files C.proto and c.proto differ only by case; rename one, or the module cannot be checked out everywhere");
    std::fs::write(tree.path("c/C.proto"), b"// \xff").unwrap();
    std::fs::remove_file(tree.path("c/c.proto")).unwrap();
    insta::assert_snapshot!(tree.error("c"), @"the module in ROOT/c cannot be pushed: file C.proto is not UTF-8 at byte 3; save it as UTF-8");
}

#[test]
fn a_path_that_is_no_text_is_refused_only_for_sources() {
    use std::os::unix::ffi::OsStrExt;
    let tree = tree(&[("a.proto", "")]);
    let directory = tree.path("").join(std::ffi::OsStr::from_bytes(b"x\xff"));
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("notes.txt"), "").unwrap();
    insta::assert_snapshot!(tree.seen(""), @r#"* - in "": a.proto"#);
    std::fs::write(directory.join("b.proto"), "").unwrap();
    insta::assert_snapshot!(tree.error(""), @"the path of ROOT/x�/b.proto is not UTF-8; rename the file or its directory");
}

#[test]
fn files_over_a_limit_are_refused() {
    let tree = tree(&[("a.proto", "12345"), ("b.proto", "1234")]);
    let error = |limits| tree.plain(read(&tree.path(""), &limits).unwrap_err());
    let limits = Limits::default();
    insta::assert_snapshot!(error(Limits { file: 4, ..limits }), @"file ROOT/a.proto is 5 bytes, more than the limit of 4; the server's --max-file-bytes changes the limit");
    insta::assert_snapshot!(error(Limits { files: 1, ..limits }), @"directory ROOT is 2 files, more than the limit of 1; the server's --max-files changes the limit");
    insta::assert_snapshot!(error(Limits { body: 8, ..limits }), @"the module in ROOT is 9 bytes, more than the limit of 8; the server's --max-body-bytes changes the limit");
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let tree = tree(&[]);
    let file = std::fs::File::create(tree.path("a.proto")).unwrap();
    file.set_len(1 << 34).unwrap();
    assert!(matches!(tree.read("").unwrap_err(), WorkspaceError::Limit(_)));
}

#[test]
fn only_regular_files_are_sources() {
    let tree = tree(&[("a.proto", ""), ("dir.proto/b.proto", "")]);
    let _socket = std::os::unix::net::UnixListener::bind(tree.path("socket.proto")).unwrap();
    insta::assert_snapshot!(tree.seen(""), @r#"* - in "": a.proto dir.proto/b.proto"#);
    std::fs::create_dir(tree.path("buf.yaml")).unwrap();
    insta::assert_snapshot!(tree.error(""), @"could not read ROOT/buf.yaml: it is not a regular file");
}
