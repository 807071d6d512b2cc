//! What is not acceptable is refused in words that a stranger understands, nothing of it is stored, and the server
//! goes on. Each table is one snapshot: the situation, then what was said.

use std::fmt::Write as _;
use std::path::Path;

use crate::lifecycle::upload;
use crate::support::http;
use crate::support::{Module, Registry, Transcript, pets};

/// Refusals in the order in which they came.
struct Refusals<'a> {
    registry: &'a Registry,
    before: String,
    text: String,
}

impl<'a> Refusals<'a> {
    /// Of a registry that has acme/pets already: what could be damaged.
    fn of(registry: &'a Registry) -> Self {
        Module::new("acme/pets").file("pets.proto", pets("name")).push(registry);
        Self { registry, before: stored(registry), text: String::new() }
    }

    /// Notes what was said, and checks that nothing else happened.
    #[track_caller]
    fn note(&mut self, situation: &str, said: &str) -> &mut Self {
        assert_eq!(stored(self.registry), self.before, "{situation} changed what is stored");
        assert_eq!(self.registry.get("/readyz").status, 200, "the server is not well after {situation}");
        let port = self.registry.url.rsplit(':').next().unwrap();
        writeln!(self.text, "{situation}:\n{}\n", said.trim_end().replace(port, "PORT")).unwrap();
        self
    }

    /// A push of a directory, refused with exit code 1.
    #[track_caller]
    fn push(&mut self, situation: &str, module: Module) -> &mut Self {
        let refused = module.try_push(self.registry).refused();
        let said = refused.stderr.replace(module.directory().to_str().unwrap(), "DIR");
        self.note(situation, &said)
    }

    /// Files sent by hand, paths and contents.
    #[track_caller]
    fn upload(&mut self, situation: &str, files: &[(&str, &str)]) -> &mut Self {
        self.call(situation, "buf.registry.module.v1.UploadService/Upload", &upload("acme", "pets", files))
    }

    /// A call, refused with a status of the client's fault.
    #[track_caller]
    fn call(&mut self, situation: &str, method: &str, request: &serde_json::Value) -> &mut Self {
        let answer = self.registry.call(method, request);
        assert!((400..500).contains(&answer.status), "{situation}: {answer:?}");
        let refusal = answer.json();
        let said = format!("{}: {}", refusal["code"].as_str().unwrap(), refusal["message"].as_str().unwrap());
        self.note(situation, &said)
    }

    /// A command line, refused with exit code 1.
    #[track_caller]
    fn command(&mut self, line: &str) -> &mut Self {
        let refused = self.registry.cli(line.split(' ')).refused();
        self.said(line, &refused)
    }

    /// A command line that makes no sense: exit code 2.
    #[track_caller]
    fn senseless(&mut self, line: &str) -> &mut Self {
        let refused = self.registry.cli(line.split(' ')).could_not_run();
        self.said(line, &refused)
    }

    #[track_caller]
    fn said(&mut self, line: &str, refused: &Transcript) -> &mut Self {
        assert_eq!(refused.stdout, "", "a refusal belongs on standard error");
        let said = refused.stderr.replace("\n\nFor more information, try '--help'.", "");
        self.note(&format!("registry {line}"), &said)
    }
}

/// Everything that a refused push could have changed: modules, labels, commits, crates.
fn stored(registry: &Registry) -> String {
    let mut all = registry.cli(["module", "list", "--json"]).ok().stdout;
    all += &registry.cli(["label", "list", "acme/pets", "--json"]).ok().stdout;
    all += &registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().stdout;
    all += &registry.get("/metrics").ok().text().lines().filter(|line| is_count(line)).collect::<Vec<_>>().join("\n");
    all
}

fn is_count(line: &str) -> bool {
    ["registry_modules ", "registry_commits ", "registry_sdks "].iter().any(|name| line.starts_with(name))
}

fn new() -> Module {
    Module::new("acme/pets")
}

/// A module with one good file and this `buf.yaml`.
fn with_yaml(text: &str) -> Module {
    new().file("a.proto", pets("name")).file("buf.yaml", text)
}

fn proto(text: &str) -> String {
    format!("syntax = \"proto3\";\n{text}")
}

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
    let nested = format!("{}{}", "message M { ".repeat(31), "}".repeat(31));
    refusals
        .push("a syntax error", new().file("a.proto", proto("message Dog {\n  string name 1;\n}\n")))
        .push("an unknown type", new().file("a.proto", proto("message Dog { Cat cat = 1; }\n")))
        .push("an import that is nowhere", new().file("a.proto", proto("import \"acme/cats.proto\";\n")))
        .push("a cycle", two("import \"b.proto\";\n", "import \"a.proto\";\n"))
        .push("the same symbol twice", two("message Dog {}\n", "message Dog {}\n"))
        .push("deep nesting", new().file("a.proto", proto(&nested)))
        .push("bottomless nesting", new().file("a.proto", proto(&"message M { ".repeat(100_000))))
        .push(
            "a message and a package that are one in Rust",
            two(
                "package acme;\nmessage Pets { message Dog {} Dog dog = 1; }\n",
                "package acme.pets;\nmessage Cat {}\n",
            ),
        );
    insta::assert_snapshot!(refusals.text, @r#"
    a syntax error:
    error: invalid_argument: a.proto:3:15: expected '=', but found '1'
        string name 1;
                    ^

    an unknown type:
    error: invalid_argument: a.proto:2:15: name 'Cat' is not defined
      message Dog { Cat cat = 1; }
                    ^

    an import that is nowhere:
    error: invalid_argument: a.proto:2:1: import "acme/cats.proto" was not found in this module or its dependencies; add the module that holds it to `deps` in buf.yaml (and run `buf dep update` if there is a buf.lock)
      import "acme/cats.proto";
      ^

    a cycle:
    error: invalid_argument: b.proto:2:1: files import each other in a circle: a.proto -> b.proto -> a.proto; move what both need to a file of its own
      import "a.proto";
      ^

    the same symbol twice:
    error: invalid_argument: b.proto:2:9: name 'Dog' is already defined in file 'a.proto'
      message Dog {}
              ^

    deep nesting:
    error: resource_exhausted: a.proto:2:371: the nesting is 31 levels, more than the limit of 30; the server's --max-nesting changes the limit

    bottomless nesting:
    error: resource_exhausted: a.proto:2:371: the nesting is 31 levels, more than the limit of 30; the server's --max-nesting changes the limit

    a message and a package that are one in Rust:
    error: invalid_argument: message acme.Pets (a.proto) and package acme.pets (b.proto) would both be the module acme::pets in Rust; rename one of them
    "#);
}

#[test]
fn dependencies_and_targets_that_are_not_there() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    refusals.push("an unknown dependency", with_yaml("version: v2\ndeps:\n  - buf.build/googleapis/googleapis\n"));
    let module = new().file("a.proto", pets("name"));
    let directory = module.directory().to_str().unwrap();
    for target in ["acme/pest", "acne/pets", "nobody/nothing"] {
        let refused = registry.cli(["push", directory, "--module", target]).refused();
        refusals.note(&format!("a push to {target}"), &refused.stderr);
    }
    insta::assert_snapshot!(refusals.text, @r"
    an unknown dependency:
    error: dependency googleapis/googleapis cannot be used from http://localhost:PORT: not_found: module googleapis/googleapis is not in this registry: there is no owner googleapis; push it first: registry push DIR --module googleapis/googleapis --create

    a push to acme/pest:
    error: not_found: module acme/pest is not in this registry; did you mean acme/pets? (--create makes modules that do not exist yet)

    a push to acne/pets:
    error: not_found: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets? (--create makes modules that do not exist yet)

    a push to nobody/nothing:
    error: not_found: module nobody/nothing is not in this registry: there is no owner nobody (--create makes modules that do not exist yet)
    ");
}

#[test]
fn paths_that_only_a_hostile_client_sends() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    let text = &pets("name");
    for path in ["/a.proto", "../a.proto", "a/../../b.proto", "a\\b.proto", "", "a//b.proto", "a\u{0}.proto", "a.txt"] {
        refusals.upload(&format!("the path {path:?}"), &[(path, text)]);
    }
    refusals
        .upload("a path twice", &[("a.proto", text), ("a.proto", text)])
        .upload("paths that differ by case", &[("a/b.proto", text), ("A/b.proto", text)])
        .upload("no file at all", &[]);
    let method = "buf.registry.module.v1.UploadService/Upload";
    let mut labelled = upload("acme", "pets", &[("a.proto", text)]);
    labelled["contents"][0]["scopedLabelRefs"] = serde_json::json!([{ "name": "a:b" }]);
    let mut locked = upload("acme", "pets", &[("a.proto", text)]);
    locked["depCommitIds"] = serde_json::json!(["0123456789abcdef0123456789abcdef"]);
    refusals
        .call("a label that cannot be", method, &labelled)
        .call("an unknown dependency", method, &locked)
        .call("an unknown module", method, &upload("acme", "pest", &[("a.proto", text)]))
        .call("no content", method, &serde_json::json!({}));
    insta::assert_snapshot!(refusals.text, @r#"
    the path "/a.proto":
    invalid_argument: module acme/pets: file path "/a.proto" is absolute; paths are relative to the module's directory

    the path "../a.proto":
    invalid_argument: module acme/pets: file path "../a.proto" holds an empty, `.` or `..` component; write it without

    the path "a/../../b.proto":
    invalid_argument: module acme/pets: file path "a/../../b.proto" holds an empty, `.` or `..` component; write it without

    the path "a\\b.proto":
    invalid_argument: module acme/pets: file path "a\\b.proto" holds '\\'; components are separated by `/`, and control characters are not allowed

    the path "":
    invalid_argument: module acme/pets: file path "" has 0 bytes; it must have 1 to 4096

    the path "a//b.proto":
    invalid_argument: module acme/pets: file path "a//b.proto" holds an empty, `.` or `..` component; write it without

    the path "a\0.proto":
    invalid_argument: module acme/pets: file path "a\0.proto" holds '\0'; components are separated by `/`, and control characters are not allowed

    the path "a.txt":
    invalid_argument: module acme/pets: file a.txt does not belong to a module: only .proto files, one README.md (or buf.md) and LICENSE do

    a path twice:
    invalid_argument: module acme/pets: file a.proto is there twice

    paths that differ by case:
    invalid_argument: module acme/pets: files A/b.proto and a/b.proto differ only by case; rename one, or the module cannot be checked out everywhere

    no file at all:
    invalid_argument: module acme/pets: no .proto files found; a module needs at least one

    a label that cannot be:
    invalid_argument: label "a:b" holds ':', which a label may not hold

    an unknown dependency:
    not_found: dependency commit 0123456789abcdef0123456789abcdef is not in this registry; push the module that it belongs to here first, then update buf.lock

    an unknown module:
    not_found: module acme/pest is not in this registry; did you mean acme/pets?

    no content:
    invalid_argument: contents is empty; name at least one
    "#);
}

#[test]
fn what_is_too_large_names_limit_and_flag() {
    let registry = Registry::with(|options| {
        options.flag("max-body-bytes", "64KiB").flag("max-files", "3").flag("max-file-bytes", "40KiB");
        options.flag("max-nesting", "5");
    });
    let mut refusals = Refusals::of(&registry);
    let long = |bytes: usize| format!("{}//{}\n", pets("name"), "x".repeat(bytes));
    let many = (0..4).fold(new(), |module, n| module.file(&format!("{n}.proto"), proto("")));
    refusals
        .push("too many files", many)
        .push("a large file", new().file("a.proto", long(41_000)))
        .push("a large push", new().file("a.proto", long(35_000)).file("b.proto", format!("//{}", "x".repeat(35_000))))
        .push("nesting", new().file("a.proto", proto(&format!("{}{}", "message M {".repeat(6), "}".repeat(6)))));
    for (situation, framing) in [("a length above the limit", None), ("chunks above the limit", Some("chunked"))] {
        let answer = post_large(&registry, framing);
        assert_eq!(answer.status, 429, "{}", answer.text());
        refusals.note(situation, &answer.text());
    }
    insta::assert_snapshot!(refusals.text, @r#"
    too many files:
    error: resource_exhausted: the push is 4 files, more than the limit of 3; the server's --max-files changes the limit

    a large file:
    error: resource_exhausted: file a.proto is 41077 bytes, more than the limit of 40960; the server's --max-file-bytes changes the limit

    a large push:
    error: resource_exhausted: the request is 70133 bytes, more than the limit of 65536; the server's --max-body-bytes changes the limit

    nesting:
    error: resource_exhausted: a.proto:2:66: the nesting is 6 levels, more than the limit of 5; the server's --max-nesting changes the limit

    a length above the limit:
    {"code":"resource_exhausted","message":"the request is 70000 bytes, more than the limit of 65536; the server's --max-body-bytes changes the limit"}

    chunks above the limit:
    {"code":"resource_exhausted","message":"the request, as far as it was read, is 65537 bytes, more than the limit of 65536; the server's --max-body-bytes changes the limit"}
    "#);
}

/// 70,000 bytes, with their length or in one chunk.
fn post_large(registry: &Registry, framing: Option<&str>) -> http::Answer {
    use std::io::Write as _;
    let body = "x".repeat(70_000);
    let mut headers = vec![registry.authorization(), "content-type: application/proto".to_owned()];
    let path = "/buf.registry.module.v1.UploadService/Upload";
    let Some(framing) = framing else {
        return http::send(&registry.url, "POST", path, headers, body.as_bytes());
    };
    headers.push(format!("transfer-encoding: {framing}"));
    let mut stream = http::connect(&registry.url).unwrap();
    stream.write_all(http::head("POST", path, &headers).as_bytes()).unwrap();
    let _ = write!(stream, "{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    http::Answer::read(&mut stream)
}

#[test]
fn names_that_are_not_there() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    refusals
        .command("sdk version acme/pest")
        .command("sdk version acne/pets")
        .command("sdk version acme/pets --label mian")
        .command("sdk version acme/pets --commit 0123456789abcdef0123456789abcdef")
        .command("sdk version acme/pets --plugin community/neoeinstein-prots")
        .command("sdk version acme/pets --plugin community/neoeinstein-prost:v0.4.0")
        .command("sdk list acme/pest")
        .command("sdk list acme/pets --label mian")
        .command("module info acme/pest")
        .command("module info acne/pets")
        .command("module list --owner acne")
        .command("module create acme/pets")
        .command("module create acne/pets")
        .command("label list acme/pest")
        .command("token revoke 0123456789abcdef0123456789abcdef")
        .command("token create --user acne")
        .command("token list --user acme");
    insta::assert_snapshot!(refusals.text, @r#"
    registry sdk version acme/pest:
    error: not_found: module acme/pest is not in this registry; did you mean acme/pets?

    registry sdk version acne/pets:
    error: not_found: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets?

    registry sdk version acme/pets --label mian:
    error: not_found: module acme/pets has no label or commit "mian"; did you mean main?

    registry sdk version acme/pets --commit 0123456789abcdef0123456789abcdef:
    error: not_found: module acme/pets has no label or commit "0123456789abcdef0123456789abcdef"

    registry sdk version acme/pets --plugin community/neoeinstein-prots:
    error: not_found: plugin community/neoeinstein-prots is not known here; try community/neoeinstein-prost, community/neoeinstein-tonic

    registry sdk version acme/pets --plugin community/neoeinstein-prost:v0.4.0:
    error: not_found: plugin community/neoeinstein-prost has no version v0.4.0 here; it has v0.5.0

    registry sdk list acme/pest:
    error: not_found: module acme/pest is not in this registry; did you mean acme/pets?

    registry sdk list acme/pets --label mian:
    error: not_found: module acme/pets has no label or commit "mian"; did you mean main?

    registry module info acme/pest:
    error: not_found: module acme/pest is not in this registry; did you mean acme/pets?

    registry module info acne/pets:
    error: not_found: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets?

    registry module list --owner acne:
    error: not_found: there is no user or organization acne; did you mean acme?

    registry module create acme/pets:
    error: already_exists: module acme/pets already exists

    registry module create acne/pets:
    error: not_found: there is no user or organization acne; did you mean acme?

    registry label list acme/pest:
    error: not_found: module acme/pest is not in this registry; did you mean acme/pets?

    registry token revoke 0123456789abcdef0123456789abcdef:
    error: not_found: you have no token 0123456789abcdef0123456789abcdef; `registry token list` shows those that you have

    registry token create --user acne:
    error: not_found: there is no user or organization acne; did you mean acme?

    registry token list --user acme:
    error: not_found: acme is an organization, not a user
    "#);
}

#[test]
fn crates_that_are_not_there() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    let version = "0.5.0-20240523144506-ce529d32d80c.1";
    let download = |name: &str, version: &str| format!("api/v1/crates/{name}/{version}/download");
    for (path, status) in [
        ("ac/me/acme_pest_community_neoeinstein-prost".to_owned(), 422),
        ("ac/me/acme_pets_community_neoeinstein-prots".into(), 422),
        ("ac/ne/acne_pets_community_neoeinstein-prost".into(), 422),
        ("se/rd/serde".into(), 404),
        (download("acme_pets_community_neoeinstein-prost", version), 404),
        (download("acme_pets_community_neoeinstein-prost", "1.0.0"), 404),
        (download("acme_pest_community_neoeinstein-prost", version), 404),
        (download("serde", version), 404),
    ] {
        let answer = registry.get(&format!("/gen/cargo/{path}"));
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        refusals.note(&path, &answer.text());
    }
    insta::assert_snapshot!(refusals.text, @r#"
    ac/me/acme_pest_community_neoeinstein-prost:
    there is no crate acme_pest_community_neoeinstein-prost: module acme/pest is not in this registry; did you mean acme/pets?

    ac/me/acme_pets_community_neoeinstein-prots:
    there is no crate acme_pets_community_neoeinstein-prots: plugin community/neoeinstein-prots is not known here; try community/neoeinstein-prost, community/neoeinstein-tonic

    ac/ne/acne_pets_community_neoeinstein-prost:
    there is no crate acne_pets_community_neoeinstein-prost: module acne/pets is not in this registry: there is no owner acne; did you mean acme/pets?

    se/rd/serde:
    there is no crate serde

    api/v1/crates/acme_pets_community_neoeinstein-prost/0.5.0-20240523144506-ce529d32d80c.1/download:
    crate acme_pets_community_neoeinstein-prost has no version 0.5.0-20240523144506-ce529d32d80c.1; did you mean 0.5.0-20261123074152-cdc2145a9cd3.1?

    api/v1/crates/acme_pets_community_neoeinstein-prost/1.0.0/download:
    SDK version "1.0.0" is not of the form 0.5.0-20240523144506-ce529d32d80c.1

    api/v1/crates/acme_pest_community_neoeinstein-prost/0.5.0-20240523144506-ce529d32d80c.1/download:
    there is no crate acme_pest_community_neoeinstein-prost: module acme/pest is not in this registry; did you mean acme/pets?

    api/v1/crates/serde/0.5.0-20240523144506-ce529d32d80c.1/download:
    crate "serde" is not of the form owner_module_pluginowner_plugin
    "#);
}

#[test]
fn names_that_cannot_be() {
    let registry = Registry::start();
    let mut refusals = Refusals::of(&registry);
    for line in [
        "push . --module acme",
        "push . --module Acme/pets",
        "push . --module acme_/pets",
        "push . --module acme/-pets",
        "push . --module api/pets",
        "push . --module acme/settings",
        "push . --module acme/pets --label a:b",
        "push . --module acme/pets --label 0123456789abcdef0123456789abcdef",
        "push nowhere --module acme/pets",
        "sdk version acme/pets --commit 0123",
        "sdk version acme/pets --plugin prost",
        "token create --expires yesterday",
        "token revoke 0123",
    ] {
        refusals.senseless(line);
    }
    let text = refusals.text.replace(home(&registry).to_str().unwrap(), "HOME");
    insta::assert_snapshot!(text, @r#"
    registry push . --module acme:
    error: invalid value 'acme' for '--module <OWNER/NAME>': module "acme" is not of the form owner/name

    registry push . --module Acme/pets:
    error: invalid value 'Acme/pets' for '--module <OWNER/NAME>': owner name "Acme" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen

    registry push . --module acme_/pets:
    error: invalid value 'acme_/pets' for '--module <OWNER/NAME>': owner name "acme_" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen

    registry push . --module acme/-pets:
    error: invalid value 'acme/-pets' for '--module <OWNER/NAME>': module name "-pets" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen

    registry push . --module api/pets:
    error: invalid value 'api/pets' for '--module <OWNER/NAME>': owner name "api" is reserved; choose another

    registry push . --module acme/settings:
    error: invalid value 'acme/settings' for '--module <OWNER/NAME>': module name "settings" is reserved; choose another

    registry push . --module acme/pets --label a:b:
    error: invalid value 'a:b' for '--label <LABEL>': label "a:b" holds ':', which a label may not hold

    registry push . --module acme/pets --label 0123456789abcdef0123456789abcdef:
    error: invalid value '0123456789abcdef0123456789abcdef' for '--label <LABEL>': label "0123456789abcdef0123456789abcdef" looks like a commit id; choose another name

    registry push nowhere --module acme/pets:
    error: HOME/nowhere is not a directory; name the directory that holds the module or the workspace

    registry sdk version acme/pets --commit 0123:
    error: invalid value '0123' for '--commit <COMMIT>': "0123" is not an id: 32 hexadecimal digits without dashes are expected

    registry sdk version acme/pets --plugin prost:
    error: invalid value 'prost' for '--plugin <PLUGIN>': plugin "prost" is not of the form owner/name or owner/name:version

    registry token create --expires yesterday:
    error: invalid value 'yesterday' for '--expires <TIME>': "yesterday" is no time: write a span such as 12h, 30d or 52w, or a date such as 2027-12-31

    registry token revoke 0123:
    error: invalid value '0123' for '<ID>': "0123" is not an id: 32 hexadecimal digits without dashes are expected
    "#);
}

/// Where the commands run.
fn home(registry: &Registry) -> std::path::PathBuf {
    registry.command().get_current_dir().map(Path::to_owned).unwrap()
}
