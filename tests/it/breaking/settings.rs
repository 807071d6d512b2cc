//! The gate as a setting of modules and organizations, and the exceptions that a `buf.yaml` makes.

use crate::support::{Buf, Module, Registry, Transcript, pets, run, upload};

fn dog(fields: &str) -> String {
    format!("syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Dog {{ {fields} }}\n")
}

const BEFORE: &str = "string name = 1; int32 age = 2;";
const RENAMED: &str = "string name = 1; int32 years = 2;";

fn registry(flags: &[(&str, &str)]) -> Registry {
    let registry = Registry::with(|options| {
        for (name, value) in flags {
            options.flag(name, value);
        }
    });
    Module::new("acme/pets").file("dog.proto", dog(BEFORE)).push(&registry);
    registry
}

fn try_rename(registry: &Registry) -> Transcript {
    Module::new("acme/pets").file("dog.proto", dog(RENAMED)).try_push(registry)
}

fn audited(registry: &Registry, action: &str) -> Vec<String> {
    let records = registry.cli(["audit", "--action", action, "--json"]).ok().json();
    let subjects = records.as_array().unwrap().iter().map(|record| record["subject"].as_str().unwrap().to_owned());
    subjects.collect()
}

#[test]
fn what_is_nearest_to_the_module_counts() {
    let registry = registry(&[("breaking", "refuse:wire")]);
    // By the flag, names may change. The organization says no, and the module itself says yes.
    let update = ["update", "acme", "--breaking", "refuse:wire_json,rust", "--breaking", "unstable-exempt"];
    registry.cli(["organization"].iter().chain(&update)).ok();
    try_rename(&registry).refused().says("in wire_json, rust:").says("FIELD_SAME_NAME");
    registry.cli(["module", "info", "acme/pets"]).ok().prints("refuse:wire_json,rust unstable-exempt, by the owner");
    registry.cli(["module", "update", "acme/pets", "--breaking", "off"]).ok().prints("off, by the module");
    let beta = |field: &str| Module::new("acme/next").file("a.proto", pets(field).replace(".v1;", ".v1beta1;"));
    beta("name").push(&registry);
    beta("title").push(&registry);
    try_rename(&registry).ok();
    registry.cli(["module", "update", "acme/pets", "--breaking", "default"]).ok().prints("by the owner");
    let taken_back = registry.cli(["organization", "update", "acme", "--breaking", "default", "--json"]).ok().json();
    assert_eq!(taken_back["breaking"], serde_json::json!({ "policy": "refuse:wire", "from": "server" }));
    let gates = audited(&registry, "module.gate");
    assert_eq!(gates, ["acme/pets: off, was default", "acme/pets: default, was off"]);
    assert_eq!(audited(&registry, "owner.settings").len(), 2);
}

#[test]
fn a_dry_run_says_what_the_gate_would_refuse() {
    let registry = registry(&[]);
    let change = Module::new("acme/pets").file("dog.proto", dog(RENAMED));
    let dry = |more: &[&str]| {
        let dry = ["push", change.directory().to_str().unwrap(), "--module", "acme/pets", "--dry-run"];
        registry.cli([&dry[..], more].concat())
    };
    dry(&[]).ok();
    registry.cli(["organization", "update", "acme", "--breaking", "refuse:wire_json,rust"]).ok();
    let refused =
        dry(&[]).refused().says("would be refused: acme/pets breaks users of main (").says("in wire_json, rust:");
    refused.says("the gate is refuse:wire_json,rust, by the owner").says("(FIELD_SAME_NAME)").says("--allow-breaking");
    let json = dry(&["--json"]).refused().json();
    assert_eq!(json["refused"].as_array().map(Vec::len), Some(1), "{json}");
    // Neither a push to another label nor one that is allowed would be refused.
    dry(&["--label", "next"]).ok();
    dry(&["--label", "next", "--label", "main"]).refused();
    dry(&["--allow-breaking"]).ok();
    registry.cli(["module", "update", "acme/pets", "--breaking", "refuse:wire"]).ok();
    dry(&[]).ok();
}

#[test]
fn an_empty_text_takes_no_gate_back() {
    let registry = registry(&[]);
    registry.cli(["module", "update", "acme/pets", "--breaking", "refuse:wire"]).ok();
    for line in [["module", "update", "acme/pets"], ["organization", "update", "acme"]] {
        for empty in ["", " "] {
            registry.cli(line.iter().chain(&["--breaking", empty])).could_not_run().says("`default` takes it back");
        }
    }
    registry.cli(["module", "info", "acme/pets"]).ok().prints("refuse:wire, by the module");
}

#[test]
fn whoever_does_not_administer_changes_no_gate_and_a_wrong_word_changes_nothing() {
    let registry = registry(&[]);
    let writer = registry.user_token("pat");
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "writer"]).ok();
    let as_writer = |line: &str| registry.cli(line.split(' ').chain(["--token", writer.as_str()]));
    as_writer("module update acme/pets --breaking off").refused().says("change the settings of module acme/pets");
    as_writer("organization update acme --breaking off").refused().says("change the settings of acme");
    as_writer("module info acme/pets").ok().prints("warn:wire_json,rust, by the server");
    as_writer("organization info acme").ok().prints("warn:wire_json,rust, by the server").prints("unique names  off");
    registry.user_token("stranger");
    let wrong = ["module", "update", "acme/pets", "--description", "new", "--breaking", "block:wire"];
    registry.cli(wrong).refused().says("\"block:wire\" is neither off");
    assert!(!registry.cli(["module", "info", "acme/pets"]).ok().stdout.contains("new"));
    assert!(audited(&registry, "module.gate").is_empty());
}

#[test]
fn the_gate_is_changed_on_the_pages_too() {
    let registry = registry(&[]);
    let page = registry.get("/acme/pets/settings").ok().text();
    assert!(page.contains("warn:wire_json,rust") && page.contains("by the server"), "{page}");
    registry.submit("/acme/pets/settings", "breaking=refuse%3Awire_json").is(303);
    try_rename(&registry).refused().says("in wire_json:");
    let fields = "owner=acme&breaking=off&unique_names=warn";
    registry.submit("/settings/owner", fields).is(303);
    let page = registry.get("/settings").ok().text();
    assert!(page.contains("<code>off</code>"), "{page}");
    registry.submit("/acme/pets/settings", "breaking=default").is(303);
    try_rename(&registry).ok();
}

#[test]
fn exceptions_of_buf_yaml_hold_for_warnings_and_where_the_gate_says_so_for_refusals() {
    let registry = registry(&[("breaking", "warn:wire_json")]);
    let yaml =
        "version: v2\nmodules:\n  - path: .\n    name: HOST/acme/pets\n    breaking:\n      ignore: [dog.proto]\n";
    let module = |fields: &str| {
        let module = Module::new("acme/pets").file("dog.proto", dog(fields));
        module.file("buf.yaml", yaml.replace("HOST", registry.host()))
    };
    let pushed = module(RENAMED).try_push(&registry).ok();
    assert!(pushed.json()["breaking"].is_null(), "{pushed}");
    registry.cli(["module", "update", "acme/pets", "--breaking", "refuse:wire_json"]).ok();
    module(BEFORE).try_push(&registry).refused().says("FIELD_SAME_NAME");
    registry.cli(["module", "update", "acme/pets", "--breaking", "refuse:wire_json buf-yaml"]).ok();
    module(BEFORE).push(&registry);
    // A dry run says what would be told.
    let dry = run(registry.command().arg("push").arg(module(RENAMED).directory()).arg("--dry-run")).ok();
    assert!(!dry.stdout.contains("FIELD_SAME_NAME"), "{dry}");
    // `buf` sends no section, so nothing is exempt.
    let buf = Buf::new(&registry).file("buf.yaml", yaml);
    buf.write("dog.proto", &dog(RENAMED));
    buf.run(["push"]).fails().says("FIELD_SAME_NAME");
}

#[test]
fn every_version_of_buf_yaml_makes_its_exceptions() {
    let registry = registry(&[("breaking", "warn:file")]);
    let yamls = [
        "version: v1\nbreaking: {except: [FIELD_SAME_NAME, FIELD_SAME_JSON_NAME, OF_A_PLUGIN]}\n",
        "version: v1beta1\nbreaking: {ignore_only: {FIELD_SAME_NAME: [dog.proto], FIELD_SAME_JSON_NAME: [.]}}\n",
        "version: v2\nbreaking: {ignore: [dog.proto]}\n",
    ];
    for (yaml, fields) in yamls.iter().zip([RENAMED, BEFORE, RENAMED]) {
        let pushed =
            Module::new("acme/pets").file("dog.proto", dog(fields)).file("buf.yaml", yaml).push_told(&registry);
        assert_eq!(pushed, None, "{yaml}");
    }
    let without = Module::new("acme/pets").file("dog.proto", dog(BEFORE)).file("buf.yaml", "version: v2\n");
    assert!(without.push_told(&registry).unwrap().contains("FIELD_SAME_NAME"));
}

#[test]
fn a_buf_yaml_makes_so_many_exceptions() {
    let registry = registry(&[]);
    let paths: Vec<_> = (0..1001).map(|n| format!("a{n}.proto")).collect();
    let yaml = format!("version: v2\nbreaking: {{ignore: [{}]}}\n", paths.join(", "));
    let module = Module::new("acme/pets").file("dog.proto", dog(BEFORE)).file("buf.yaml", yaml);
    module.try_push(&registry).refused().says("makes 1001 exceptions; the limit is 1000");
}

#[test]
fn an_admin_moves_a_label_over_the_gate_and_it_is_recorded() {
    let registry = registry(&[("breaking", "refuse:wire_json")]);
    Module::new("acme/pets").argument("--label=next").file("dog.proto", dog(RENAMED)).push(&registry);
    let writer = registry.user_token("pat");
    registry.cli(["organization", "member", "set", "acme", "pat", "--role", "writer"]).ok();
    let to_main = ["label", "move", "acme/pets", "main", "--to", "next"];
    registry.cli(to_main).refused().says("registry label move --allow-breaking");
    let allowed = to_main.iter().chain(&["--allow-breaking"]);
    registry.cli(allowed.clone().chain(&["--token", writer.as_str()])).refused().says("release breaking changes of");
    assert!(audited(&registry, "commit.allow-breaking").is_empty());
    registry.cli(allowed).ok();
    let recorded = audited(&registry, "commit.allow-breaking");
    assert!(recorded.len() == 1 && recorded[0].ends_with(" breaks wire_json"), "{recorded:?}");
}

#[test]
fn names_are_unique_in_an_organization_that_wants_it() {
    let registry = registry(&[]);
    let cats = |name: &str, path: &str| {
        let source = dog("string name = 1;").replace("Dog", name);
        Module::new("acme/cats").file(path, source)
    };
    cats("Dog", "dog.proto").push(&registry);
    registry.cli(["organization", "update", "acme", "--unique-names", "warn"]).ok();
    let told = cats("Dog", "cat.proto").push_told(&registry).unwrap();
    assert!(told.contains("type acme.pets.v1.Dog is in acme/pets too"), "{told}");
    registry.cli(["organization", "update", "acme", "--unique-names", "refuse"]).ok();
    cats("Cat", "dog.proto").try_push(&registry).refused().says("file dog.proto is in acme/pets too");
    let dry = |module: &Module, name: &str| {
        let directory = module.directory().to_str().unwrap().to_owned();
        registry.cli(["push", &directory, "--module", name, "--dry-run"])
    };
    dry(&cats("Cat", "dog.proto"), "acme/cats").refused().says("would be refused: acme/cats has names that other");
    dry(&cats("Dog", "new.proto"), "acme/new").refused().says("type acme.pets.v1.Dog is in acme/cats too");
    dry(&cats("Cat", "cat.proto"), "acme/cats").ok();
    // What is no release, and what another owner has, is nobody's business.
    cats("Dog", "dog.proto").argument("--label=next").push(&registry);
    let to_main = ["label", "move", "acme/cats", "main", "--to", "next"];
    registry.cli(to_main).refused().says("type acme.pets.v1.Dog is in acme/pets too");
    registry.cli(["organization", "update", "acme", "--unique-names", "warn"]).ok();
    dry(&cats("Cat", "dog.proto"), "acme/cats").ok().says("warning: acme/cats has names that other");
    registry.cli(to_main).ok().says("type acme.pets.v1.Dog is in acme/pets too");
    cats("Bird", "cat.proto").push(&registry);
    registry.cli(["organization", "update", "acme", "--unique-names", "refuse"]).ok();
    registry.cli(["organization", "create", "zoo"]).ok();
    Module::new("zoo/dogs").file("dog.proto", dog(BEFORE)).push(&registry);
    cats("Cat", "cat.proto").push(&registry);
    // A type may move from one to the other in one push.
    let mut both = upload("acme", "pets", &[("dog.proto", &dog("").replace("Dog", "Bird"))]);
    let cats_now = upload("acme", "cats", &[("cat.proto", &dog(""))])["contents"][0].clone();
    both["contents"].as_array_mut().unwrap().push(cats_now);
    registry.call("buf.registry.module.v1.UploadService/Upload", &both).ok();
    let buf = Buf::new(&registry).file("buf.yaml", "version: v2\nname: HOST/acme/more\n");
    buf.write("dog.proto", &dog(BEFORE));
    buf.run(["push", "--create"]).fails().says("acme/more has names that other modules of acme have");
}

#[test]
fn a_user_says_what_holds_for_modules_of_the_user() {
    let registry = registry(&[]);
    let name = format!("{}/dogs", registry.user);
    let module = |fields: &str| Module::new(&name).file("dog.proto", dog(fields));
    module(BEFORE).push(&registry);
    let update = ["user", "update", &registry.user, "--breaking", "refuse:wire_json", "--unique-names", "warn"];
    registry.cli(update).ok().prints("refuse:wire_json, by the owner").prints("unique names  warn");
    module(RENAMED).try_push(&registry).refused().says("FIELD_SAME_NAME");
    let page = registry.get("/settings").ok().text();
    assert!(page.contains("Your own modules") && page.contains("<code>refuse:wire_json</code>"), "{page}");
    registry.submit("/settings/owner", &format!("owner={}&breaking=off&unique_names=off", registry.user)).is(303);
    module(RENAMED).push(&registry);
    let pat = registry.user_token("pat");
    let as_pat = ["user", "update", &registry.user, "--breaking", "off", "--token", &pat];
    registry.cli(as_pat).refused().says("change the settings of");
    registry.cli(["user", "update", &registry.user]).could_not_run().says("--unique-names <HOW>");
}
