//! Directories that hold no module, or one that does not compile.

use super::{Refusals, new, proto, with_yaml};
use crate::support::{Registry, pets};

#[test]
fn directories_that_are_no_module() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    refusals
        .push("no .proto file", new().file("README.md", "nothing here"))
        .push("not UTF-8", new().file("a.proto", b"syntax = \"proto3\";\n// \xff\n"))
        .push("an unknown key", with_yaml("version: v2\nmodlues: []\n"))
        .push("a text for a list", with_yaml("version: v2\nmodules: proto\n"))
        .push("a list for a text", with_yaml("version: v2\nmodules:\n  - path: [proto]\n"))
        .push("a text for keys", with_yaml("version: v2\nmodules: [proto]\n"))
        .push("an unknown version", with_yaml("version: v9\n"))
        .push("no YAML", with_yaml("version: v2\n  deps: [\n"))
        .push("a folder that is not there", with_yaml("version: v2\nmodules:\n  - path: proto\n"))
        .push("an owner that cannot be", with_yaml("version: v2\nname: buf.build/Acme/pets\ndeps:\n  - buf.build/x\n"));
    insta::assert_snapshot!(refusals.text, @r#"
    no .proto file:
    error: no .proto files found in DIR; a module needs at least one

    not UTF-8:
    error: the module in DIR cannot be pushed: file a.proto is not UTF-8 at byte 22; save it as UTF-8

    an unknown key:
    error: DIR/buf.yaml:2: key "modlues" is not known here; did you mean "modules"?

    a text for a list:
    error: DIR/buf.yaml:2: expected a list in `modules: proto`

    a list for a text:
    error: DIR/buf.yaml:3: expected a text in `- path: [proto]`

    a text for keys:
    error: DIR/buf.yaml:2: expected keys with values in `modules: [proto]`

    an unknown version:
    error: DIR/buf.yaml:1: version "v9" is not supported; use one of v2, v1, v1beta1

    no YAML:
    error: DIR/buf.yaml:2: mapping values are not allowed in this context

    a folder that is not there:
    error: DIR/buf.yaml lists the module directory DIR/proto, but there is no such directory

    an owner that cannot be:
    error: DIR/buf.yaml:2: owner name "Acme" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen
    "#);
}

#[test]
#[cfg(unix)]
fn links_that_lead_out_of_the_directory() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    let link = |target: &str, name: &str| {
        let module = new().file("a.proto", pets("name"));
        std::os::unix::fs::symlink(target, module.directory().join(name)).unwrap();
        module
    };
    refusals
        .push("a linked file outside", link("/etc/hostname", "b.proto"))
        .push("a linked directory outside", link("/etc", "more"));
    let nowhere = link("nowhere.proto", "b.proto").try_push(&registry).could_not_run().says("b.proto");
    refusals.note("a link to nothing", nowhere.stderr.split_once("b.proto").unwrap().1);
    insta::assert_snapshot!(refusals.text, @r"
    a linked file outside:
    error: DIR/b.proto is a symbolic link to /etc/hostname, outside of DIR; copy what it points to, or remove the link

    a linked directory outside:
    error: DIR/more is a symbolic link to /etc, outside of DIR; copy what it points to, or remove the link

    a link to nothing:
    : No such file or directory (os error 2)
    ");
}

#[test]
fn sources_that_do_not_compile() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    let two = |a: &str, b: &str| new().file("a.proto", proto(a)).file("b.proto", proto(b));
    let nested = format!("{}{}", "message M { ".repeat(32), "}".repeat(32));
    refusals
        .push("a syntax error", new().file("a.proto", proto("message Dog {\n  string name 1;\n}\n")))
        .push("an unknown type", new().file("a.proto", proto("message Dog { Cat cat = 1; }\n")))
        .push("an import that is nowhere", new().file("a.proto", proto("import \"acme/cats.proto\";\n")))
        .push("a cycle", two("import \"b.proto\";\n", "import \"a.proto\";\n"))
        .push("the same symbol twice", two("message Dog {}\n", "message Dog {}\n"))
        .push("deep nesting", new().file("a.proto", proto(&nested)))
        .push("bottomless nesting", new().file("a.proto", proto(&"message M { ".repeat(100_000))));
    insta::assert_snapshot!(refusals.text, @r#"
    a syntax error:
    error: DIR/a.proto:3:15: expected '=', but found '1'
        string name 1;
                    ^

    an unknown type:
    error: DIR/a.proto:2:15: name 'Cat' is not defined
      message Dog { Cat cat = 1; }
                    ^

    an import that is nowhere:
    error: DIR/a.proto:2:1: import "acme/cats.proto" was not found in this module or its dependencies; add the module that holds it to `deps` in buf.yaml (and run `buf dep update` if there is a buf.lock)
      import "acme/cats.proto";
      ^

    a cycle:
    error: DIR/b.proto:2:1: files import each other in a circle: a.proto -> b.proto -> a.proto; move what both need to a file of its own
      import "a.proto";
      ^

    the same symbol twice:
    error: DIR/b.proto:2:9: name 'Dog' is already defined in file 'a.proto'
      message Dog {}
              ^

    deep nesting:
    error: a.proto:2:383: the nesting is 32 levels, more than the limit of 31; the server's --max-nesting changes the limit

    bottomless nesting:
    error: a.proto:2:383: the nesting is 32 levels, more than the limit of 31; the server's --max-nesting changes the limit
    "#);
}
