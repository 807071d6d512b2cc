//! What `buf push` can be told: labels, tags, drafts, git, and which of the modules.

use std::process::Command;

use crate::support::{Buf, MONEY, Registry, commit, run};

/// The labels of a module, sorted.
fn labels(buf: &Buf, module: &str) -> Vec<String> {
    let reference = format!("HOST/{module}");
    let listed = buf.run(["registry", "module", "label", "list", &reference]).ok();
    let mut names: Vec<_> = listed.stdout.lines().filter_map(|line| Some(line.rsplit_once(':')?.1.into())).collect();
    names.sort();
    names
}

#[test]
fn labels_lead_to_the_commit() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let pushed = buf.run(["push", "common", "--create", "--label", "next", "--label", "team/a b,v1.0"]).ok();
    let id = commit(&pushed);
    assert_eq!(labels(&buf, "acme/common"), ["next", "team/a b", "v1.0"]);
    for label in ["next", "team/a b", "v1.0"] {
        let reference = format!("HOST/acme/common:{label}");
        buf.run(["registry", "module", "commit", "resolve", &reference]).ok().prints(&id);
    }
    // Nothing was pushed to the default label, so nothing can be built without saying which.
    buf.run(["build", "HOST/acme/common"]).fails().says("failed_precondition").says("label main");
    // New labels make a new commit, even of the same content.
    assert_ne!(commit(&buf.run(["push", "common"]).ok()), id);
    // A label that exists already takes the new one along.
    let both = commit(&buf.run(["push", "common", "--label", "next,fresh"]).ok());
    assert_eq!(both, id);
}

#[test]
fn a_tag_goes_with_the_default_label_and_a_draft_alone() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let first = buf.push("common");
    assert_eq!(commit(&buf.run(["push", "common", "--tag", "v1"]).ok()), first);
    assert_eq!(labels(&buf, "acme/common"), ["main", "v1"]);
    buf.write("common/LICENSE", "MIT\n");
    let draft = commit(&buf.run(["push", "common", "--draft", "wip"]).ok());
    let branch = commit(&buf.run(["push", "common", "--branch", "topic"]).ok());
    assert_ne!(draft, first);
    assert_ne!(branch, first);
    assert_eq!(labels(&buf, "acme/common"), ["main", "topic", "v1", "wip"]);
    buf.run(["registry", "module", "commit", "resolve", "HOST/acme/common"]).ok().prints(&first);
}

#[test]
fn the_default_label_can_have_another_name() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let pushed = buf.run(["push", "common", "--create", "--create-default-label", "trunk"]).ok();
    assert_eq!(labels(&buf, "acme/common"), ["trunk"]);
    buf.run(["registry", "module", "commit", "resolve", "HOST/acme/common"]).ok().prints(&commit(&pushed));
}

fn git(directory: &std::path::Path, words: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(directory).args(["-c", "user.name=t", "-c", "user.email=t@example"]);
    run(command.env("GIT_CONFIG_GLOBAL", "/dev/null").args(words)).ok();
}

/// Makes `directory` a checkout of a repository on GitHub that has one commit on `branch`, with a tag; gives the commit.
fn checkout(buf: &Buf, directory: &str, branch: &str) -> String {
    let (hub, directory) = (buf.path("hub"), buf.path(directory));
    let origin = hub.join("acme/common.git");
    std::fs::create_dir_all(&origin).unwrap();
    git(&origin, &["init", "--quiet", "--bare", &format!("--initial-branch={branch}")]);
    git(&directory, &["init", "--quiet", &format!("--initial-branch={branch}")]);
    git(&directory, &["add", "."]);
    git(&directory, &["commit", "--quiet", "-m", "first"]);
    git(&directory, &["tag", "v1.2.3"]);
    git(&directory, &["branch", "mine"]);
    // The address is GitHub's, the repository is here.
    git(&directory, &["config", &format!("url.file://{}/.insteadOf", hub.display()), "https://github.com/"]);
    git(&directory, &["remote", "add", "origin", "https://github.com/acme/common.git"]);
    git(&directory, &["push", "--quiet", "origin", branch, "v1.2.3"]);
    git(&directory, &["remote", "set-head", "origin", branch]);
    let head = std::fs::read_to_string(directory.join(format!(".git/refs/heads/{branch}"))).unwrap();
    head.trim().to_owned()
}

#[test]
fn git_tells_the_labels_and_the_place() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let head = checkout(&buf, "common", "main");
    let id = commit(&buf.run(["push", "common", "--create", "--git-metadata"]).ok());
    // Not the branch that only this checkout has.
    assert_eq!(labels(&buf, "acme/common"), ["main", "v1.2.3"]);
    let info = ["registry", "module", "commit", "info", &format!("HOST/acme/common:{id}"), "--format", "json"];
    let url = format!("https://github.com/acme/common/commit/{head}");
    assert_eq!(buf.run(info).ok().json()["source_control_url"], *url);
    assert_eq!(commit(&buf.run(["push", "common", "--git-metadata"]).ok()), id);
    buf.write("common/README.md", "changed\n");
    buf.run(["push", "common", "--git-metadata"]).fails().says("uncommitted changes");
}

#[test]
fn a_repository_whose_branch_is_not_main_hears_how_to_say_so() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    checkout(&buf, "common", "trunk");
    buf.run(["push", "common", "--create", "--git-metadata"]).ok();
    let refused = buf.run(["build", "HOST/acme/common"]).fails();
    let refused =
        refused.says("has no commit on its default label main yet").says("name another label (trunk, v1.2.3)");
    refused.says("registry module update acme/common --default-label LABEL");
    let settings = ["registry", "module", "settings", "update", "HOST/acme/common", "--default-label-name", "trunk"];
    buf.run(settings).ok();
    buf.run(["build", "HOST/acme/common"]).ok();
}

#[test]
fn a_workspace_pushes_its_named_modules_together() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    std::fs::remove_file(buf.path("common/buf.yaml")).unwrap();
    std::fs::remove_file(buf.path("pets/buf.yaml")).unwrap();
    buf.write("loose/loose.proto", "syntax = \"proto3\";\npackage loose;\n");
    let modules = "  - path: pets\n    name: HOST/acme/pets\n  - path: common\n    name: HOST/acme/common\n";
    buf.write("buf.yaml", &format!("version: v2\nmodules:\n{modules}  - path: loose\n"));
    buf.run(["push", ".", "--create"]).fails();
    let pushed = buf.run(["push", ".", "--create", "--exclude-unnamed"]).ok();
    let lines: Vec<_> = pushed.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{pushed}");
    assert!(lines[0].contains("/acme/common:") && lines[1].contains("/acme/pets:"), "{pushed}");
    let again = buf.run(["push", ".", "--exclude-unnamed"]).ok();
    assert_eq!(again.stdout, pushed.stdout);
    // The dependency between them is known without a lock.
    buf.run(["export", "HOST/acme/pets", "-o", "exported"]).ok();
    assert!(buf.path("exported/google_like/v1/money.proto").exists());
    // From the directory of one module only that one goes.
    buf.write("common/LICENSE", "MIT\n");
    let one = buf.run(["push", "common"]).ok();
    assert_eq!(one.stdout.lines().count(), 1, "{one}");
}

#[test]
fn modules_of_the_first_versions_are_pushed() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    buf.write("one/buf.yaml", "version: v1\nname: HOST/acme/one\nbuild:\n  excludes: [skipped]\n");
    buf.write("one/money.proto", MONEY);
    buf.write("one/skipped/bad.proto", "this is no source");
    buf.write("beta/buf.yaml", "version: v1beta1\nname: HOST/acme/beta\nbuild:\n  roots: [a, b]\n");
    buf.write("beta/a/x.proto", "syntax = \"proto3\";\npackage x;\nimport \"y.proto\";\nmessage X { y.Y y = 1; }\n");
    buf.write("beta/b/y.proto", "syntax = \"proto3\";\npackage y;\nmessage Y {}\n");
    for (directory, files) in [("one", &["money.proto"][..]), ("beta", &["x.proto", "y.proto"])] {
        let pushed = buf.run(["push", directory, "--create"]).ok();
        // No name before the commit, as these versions of the file have it.
        let id = commit(&pushed);
        assert_eq!(pushed.stdout.trim_end(), id);
        let (reference, out) = (format!("HOST/acme/{directory}:{id}"), format!("out-{directory}"));
        buf.run(["export", &reference, "-o", &out]).ok();
        let exported = crate::support::tree(&buf.path(&out));
        assert_eq!(exported.keys().collect::<Vec<_>>(), files, "{directory}");
    }
}

#[test]
fn modules_of_the_first_versions_build_on_each_other() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    buf.write("work/buf.work.yaml", "version: v1\ndirectories: [one, two]\n");
    buf.write("work/one/buf.yaml", "version: v1\nname: HOST/acme/one\n");
    buf.write("work/one/one.proto", "syntax = \"proto3\";\npackage one;\nmessage O {}\n");
    buf.write("work/two/buf.yaml", "version: v1\nname: HOST/acme/two\ndeps:\n  - HOST/acme/one\n");
    let two = "syntax = \"proto3\";\npackage two;\nimport \"one.proto\";\nmessage T { one.O o = 1; }\n";
    buf.write("work/two/two.proto", two);
    buf.run(["push", "work", "--create"]).fails().says("buf.work.yaml cannot be updated or pushed");
    let one = buf.push("work/one");
    // The workspace does not help a module that is pushed by itself.
    buf.run(["push", "work/two", "--create"]).fails().says("does not exist");
    buf.run(["mod", "update", "work/two"]).ok();
    let two = buf.push("work/two");
    buf.write(
        "beta/buf.yaml",
        "version: v1beta1\nname: HOST/acme/beta\ndeps:\n  - HOST/acme/two\nbuild:\n  roots: [proto]\n",
    );
    let beta = "syntax = \"proto3\";\npackage beta;\nimport \"two.proto\";\nmessage B { two.T t = 1; }\n";
    buf.write("beta/proto/beta.proto", beta);
    buf.run(["mod", "update", "beta"]).ok();
    let beta = buf.push("beta");
    buf.forget();
    buf.run(["build", "beta"]).ok();
    buf.forget();
    buf.run(["build", &format!("HOST/acme/beta:{beta}")]).ok();
    let graph = buf.run(["dep", "graph", "beta"]).ok();
    let graph = graph.prints(&format!("/acme/beta\" -> \"{}/acme/two:{two}\"", buf.host()));
    graph.prints(&format!("/acme/two:{two}\" -> \"{}/acme/one:{one}\"", buf.host()));
}
