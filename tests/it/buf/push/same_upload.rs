//! `registry push` and `buf push` of one directory make one commit: both upload the same bytes. Any difference would
//! make a second commit.

use std::path::Path;

use crate::support::{Buf, MONEY, Registry, run};

/// Pushes with `buf`, then with our own client; expects the same commits. Gives them.
#[track_caller]
fn both_push(registry: &Registry, buf: &Buf, directory: &str) -> Vec<String> {
    let pushed = buf.run(["push", directory, "--create"]).ok();
    let mut theirs: Vec<String> =
        pushed.stdout.lines().map(|line| line.rsplit(':').next().unwrap().to_owned()).collect();
    let mut ours = ours(registry, &buf.path(directory));
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs, "{directory}");
    theirs
}

fn ours(registry: &Registry, directory: &Path) -> Vec<String> {
    let reply = run(registry.command().arg("push").arg(directory).arg("--json")).ok().json();
    let modules = reply["modules"].as_array().unwrap().iter();
    modules.map(|module| module["commit"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn of_a_module_with_dependencies() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets().shop();
    both_push(&registry, &buf, "common");
    for directory in ["pets", "shop"] {
        buf.run(["dep", "update", directory]).ok();
        both_push(&registry, &buf, directory);
    }
}

#[test]
fn of_a_directory_full_of_odd_files() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().module("acme/odd", &[]);
    for (number, name) in ["A", "B/z", "a/ x y", "é", ".hidden/h", "node_modules/n", "vendor/v"].iter().enumerate() {
        buf.write(&format!("odd/{name}.proto"), &format!("syntax = \"proto3\";\npackage p{number};\nmessage M {{}}\n"));
    }
    buf.write("odd/Up.PROTO", "no source");
    buf.write("odd/README.markdown", "second");
    buf.write("odd/README.md", "first\r\n");
    buf.write("odd/LICENSE", "MIT");
    buf.write("odd/LICENSE.txt", "no");
    buf.write("odd/a/LICENSE", "no");
    std::os::unix::fs::symlink(buf.path("odd/B"), buf.path("odd/linked")).unwrap();
    std::fs::rename(buf.path("odd/B/z.proto"), buf.path("odd/B/z.txt")).unwrap();
    std::os::unix::fs::symlink(buf.path("odd/B/z.txt"), buf.path("odd/link.proto")).unwrap();
    both_push(&registry, &buf, "odd");
}

#[test]
fn of_a_workspace_whose_files_fall_back_to_its_root() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    let modules = "  - path: proto/one\n    name: HOST/acme/one\n    excludes: [proto/one/skip]\n  \
                   - path: proto/two\n    name: HOST/acme/two\n    includes: [proto/two/a, proto/two/b]\n    \
                   excludes: [proto/two/a/no]\n";
    buf.write("ws/buf.yaml", &format!("version: v2\nmodules:\n{modules}"));
    buf.write("ws/README.md", "of the workspace");
    buf.write("ws/LICENSE", "MIT");
    buf.write("ws/proto/one/README.md", "of one");
    buf.write("ws/proto/one/money.proto", MONEY);
    buf.write("ws/proto/one/skip/bad.proto", "no source");
    let uses =
        "syntax = \"proto3\";\npackage two;\nimport \"money.proto\";\nmessage T { google_like.v1.Money m = 1; }\n";
    buf.write("ws/proto/two/a/two.proto", uses);
    buf.write("ws/proto/two/a/no/bad.proto", "no source");
    buf.write("ws/proto/two/b/b.proto", "syntax = \"proto3\";\npackage b;\n");
    buf.write("ws/proto/two/c/bad.proto", "no source");
    let commits = both_push(&registry, &buf, "ws");
    assert_eq!(commits.len(), 2);
    // From a directory inside of it as well.
    both_push(&registry, &buf, "ws/proto/one");
    buf.run(["export", "HOST/acme/two", "--all", "-o", "out"]).ok();
    assert_eq!(buf.read("out/README.md"), "of the workspace");
}

#[test]
fn of_the_older_versions() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    both_push(&registry, &buf, "common");
    buf.write(
        "one/buf.yaml",
        "version: v1\nname: HOST/acme/one\ndeps: [HOST/acme/common]\nbuild:\n  excludes: [skip]\n",
    );
    buf.write("one/skip/bad.proto", "no source");
    let uses = "syntax = \"proto3\";\npackage one;\nimport \"google_like/v1/money.proto\";\n\
                message O { google_like.v1.Money m = 1; }\n";
    buf.write("one/one.proto", uses);
    buf.run(["mod", "update", "one"]).ok();
    both_push(&registry, &buf, "one");

    buf.write("beta/buf.yaml", "version: v1beta1\nname: HOST/acme/beta\nbuild:\n  roots: [a, b]\n  excludes: [a/no]\n");
    buf.write("beta/README.md", "beta");
    buf.write("beta/a/README.md", "not me");
    buf.write("beta/a/x.proto", "syntax = \"proto3\";\npackage x;\nimport \"y.proto\";\nmessage X { y.Y y = 1; }\n");
    buf.write("beta/a/no/bad.proto", "no source");
    buf.write("beta/b/y.proto", "syntax = \"proto3\";\npackage y;\nmessage Y {}\n");
    both_push(&registry, &buf, "beta");
}

#[test]
fn of_one_directory_of_an_old_workspace() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    buf.write("work/buf.work.yaml", "version: v1\ndirectories: [one, two]\n");
    buf.write("work/README.md", "not uploaded");
    for name in ["one", "two"] {
        buf.write(&format!("work/{name}/buf.yaml"), &format!("version: v1\nname: HOST/acme/{name}\n"));
        let text = format!("syntax = \"proto3\";\npackage {name};\nmessage M {{}}\n");
        buf.write(&format!("work/{name}/{name}.proto"), &text);
    }
    both_push(&registry, &buf, "work/one");
}
