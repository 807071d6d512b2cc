//! Modules of this registry as the input of `build`, `export`, `lint` and `ls-files`: by default, by label, by commit.

use crate::support::{Buf, MONEY, Registry, tree};

#[test]
fn a_module_is_built_by_default_by_label_and_by_commit() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let first = buf.push("common");
    buf.run(["registry", "module", "commit", "add-label", &format!("HOST/acme/common:{first}"), "--label", "v1"]).ok();
    buf.write("common/google_like/v1/more.proto", "syntax = \"proto3\";\npackage google_like.v1;\nmessage More {}\n");
    let second = buf.push("common");
    for (reference, files) in [("", 2), (":main", 2), (&format!(":{second}"), 2), (":v1", 1), (&format!(":{first}"), 1)]
    {
        let (reference, out) = (format!("HOST/acme/common{reference}"), format!("out{}", reference.len()));
        for command in ["build", "lint"] {
            buf.run([command, &reference]).ok();
        }
        buf.run(["export", &reference, "-o", &out]).ok();
        let protos = tree(&buf.path(&out)).into_keys().filter(|path| path.ends_with(".proto")).count();
        assert_eq!(protos, files, "{reference}");
        std::fs::remove_dir_all(buf.path(&out)).unwrap();
    }
}

#[test]
fn what_is_exported_is_what_was_pushed() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    buf.push("common");
    buf.lock_and_push("pets");
    buf.forget();
    buf.run(["export", "HOST/acme/pets", "-o", "out", "--all"]).ok();
    let exported = tree(&buf.path("out"));
    assert_eq!(exported["google_like/v1/money.proto"], MONEY.as_bytes());
    assert_eq!(exported["README.md"], b"# Pets\n");
    assert_eq!(exported["LICENSE"], b"Lic\n");
}

#[test]
fn what_is_not_there_is_named() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.run(["build", "HOST/acme/common"]).fails().says("module acme/common is not in this registry");
    buf.push("common");
    buf.run(["build", "HOST/acme/comon"]).fails().says("acme/comon").says("acme/common");
    buf.run(["build", "HOST/acme/common:mian"]).fails().says("mian").says("main");
    let nobody = "00000000000040008000000000000000";
    buf.run(["build", &format!("HOST/acme/common:{nobody}")]).fails().says(nobody);
}

#[test]
fn what_is_here_is_looked_at_as_what_is_on_the_disk() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common().pets();
    buf.push("common");
    buf.lock_and_push("pets");
    buf.run(["lint", "HOST/acme/common", "--config", r#"{"version":"v2","lint":{"use":["MINIMAL"]}}"#]).ok();
    buf.run(["ls-files", "HOST/acme/pets"]).ok().prints_exactly("acme/pets/v1/pets.proto");
    let all = buf.run(["ls-files", "HOST/acme/pets", "--include-imports"]).ok();
    all.prints("google_like/v1/money.proto").prints("google/protobuf/timestamp.proto");
    buf.run(["stats", "HOST/acme/pets"]).ok().prints("Services:            1");
    buf.run(["breaking", "HOST/acme/pets", "--against", "HOST/acme/pets:main"]).ok();
    buf.run(["format", "HOST/acme/common", "--diff"]).ok().prints("money.proto");
}
