//! The digests that `buf` computes of what it downloads are ours: many kinds of names, on a cold cache.

use crate::support::{Buf, Registry, tree};

#[test]
fn names_of_every_kind_survive_the_way_there_and_back() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().module("acme/names", &[]);
    let names = ["A", "B/z", "_u", "a-b", "a.b", "a/ x y", "a/x-y", "a/x", "z~", "é", ".hidden/h", "node_modules/n"];
    for (number, name) in names.iter().enumerate() {
        let text = format!("syntax = \"proto3\";\npackage p{number};\nmessage M {{}}\n");
        buf.write(&format!("names/{name}.proto"), &text);
    }
    for (name, text) in [("README.md", "read"), ("README.markdown", "not me"), ("LICENSE", "MIT"), ("notes.txt", "no")]
    {
        buf.write(&format!("names/{name}"), text);
    }
    buf.push("names");
    buf.run(["export", "HOST/acme/names", "-o", "out"]).ok();
    let exported = tree(&buf.path("out"));
    let protos = exported.keys().filter(|path| path.ends_with(".proto")).count();
    assert_eq!(protos, names.len(), "{:?}", exported.keys());
    for (path, content) in &exported {
        assert_eq!(*content, std::fs::read(buf.path("names").join(path)).unwrap(), "{path}");
    }
}

#[test]
fn one_documentation_file_counts_the_first_of_its_kinds() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    buf.write("common/buf.md", "first");
    let with = buf.push("common");
    std::fs::remove_file(buf.path("common/README.md")).unwrap();
    assert_eq!(buf.push("common"), with, "README.md counted beside buf.md");
    std::fs::remove_file(buf.path("common/buf.md")).unwrap();
    assert_ne!(buf.push("common"), with);
    buf.forget();
    buf.run(["build", &format!("HOST/acme/common:{with}")]).ok();
}
