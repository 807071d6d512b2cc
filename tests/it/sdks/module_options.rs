//! `registry.yaml` beside `buf.yaml`: what a module asks of its crates, versioned with the commit.

use std::io::Read as _;

use crate::support::{Buf, Consumer, Module, Pushed, Registry, upload};

const DOG: &str = "syntax = \"proto3\";
package acme.pets.v1;
message Dog {
  string name = 1;
  bytes picture = 2;
  map<string, int32> tags = 3;
}
";

const CAT: &str = "syntax = \"proto3\";\npackage acme.pets.v2;\nmessage Cat { string name = 1; }\n";

const PROST: &str = "community/neoeinstein-prost";
const PROST_CRATE: &str = "acme_pets_community_neoeinstein-prost";

fn dogs(options: &str) -> Module {
    let options = if options.is_empty() { String::new() } else { format!("version: v1\n{options}") };
    Module::new("acme/pets").file("acme/pets/v1/dog.proto", DOG).file("registry.yaml", options)
}

fn eager(registry: &[&str]) -> Registry {
    Registry::with(|options| _ = options.flag("eager-plugins", &registry.join(",")))
}

/// A file of a crate.
fn file_of(registry: &Registry, name: &str, version: &str, wanted: &str) -> String {
    let packed = registry.get(&format!("/gen/cargo/api/v1/crates/{name}/{version}/download")).ok().body;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    let mut text = String::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().ends_with(wanted) {
            entry.read_to_string(&mut text).unwrap();
        }
    }
    text
}

const WISHES: &str = "bytes: []
btree_map: [.acme.pets.v1.Dog.tags]
type_attribute:
  .acme.pets.v1.Dog: '#[derive(PartialOrd)]'
field_attribute:
  .acme.pets.v1.Dog.name: '#[doc(alias = \"call, or shout\")]'
";

const USES_WISHES: &str = r#"use std::collections::BTreeMap;

use acme_pets_community_neoeinstein_prost::acme::pets::v1::Dog;

fn main() {
    let tags: BTreeMap<String, i32> = [("age".to_owned(), 3)].into();
    let picture: Vec<u8> = vec![1, 2];
    let rex = Dog { name: "Rex".into(), picture, tags };
    println!("{} {}", rex < Dog { name: "Zoe".into(), ..Dog::default() }, rex.tags["age"]);
}
"#;

/// The block of README that shows all that `registry.yaml` may say.
#[test]
fn the_registry_yaml_of_readme_is_taken() {
    let readme = include_str!("../../../README.md");
    let (_, block) = readme.split_once("\n    version: v1\n").expect("a registry.yaml");
    let lines = block.lines().map_while(|line| line.strip_prefix("    ")).collect::<Vec<_>>();
    let registry = Registry::start();
    let dog =
        "syntax = \"proto3\"; package acme.pets.v1; message Dog { string name = 1; map<string, string> tags = 2; }";
    let options = format!("version: v1\n{}\n", lines.join("\n"));
    let pushed = Module::new("acme/pets").file("dog.proto", dog).file("registry.yaml", options).push(&registry);
    assert_eq!(pushed.sdk("local/prost-serde").state, "served");
}

#[test]
fn types_and_attributes_are_as_the_module_asks() {
    let registry = eager(&[PROST]);
    let plain = dogs("").push(&registry);
    let asked = dogs(WISHES).push(&registry);
    assert_ne!(plain.commit, asked.commit, "other options are another commit");
    let (before, after) = (&plain.sdk(PROST).version, &asked.sdk(PROST).version);
    let consumer = Consumer::new(&registry).file("src/main.rs", USES_WISHES);
    consumer.add(PROST_CRATE);
    assert_eq!(&consumer.locked(PROST_CRATE), after);
    consumer.build();
    consumer.run().prints("true 3");
    // The version that was there before means what it meant.
    let source = |version: &str| file_of(&registry, PROST_CRATE, version, "src/acme.pets.v1.rs");
    assert!(source(before).contains("pub picture: ::prost::bytes::Bytes,"), "{}", source(before));
    let text = source(after);
    assert!(text.contains("doc(alias = \"call, or shout\")"), "{text}");
    let manifest = file_of(&registry, PROST_CRATE, after, "Cargo.toml");
    assert!(manifest.contains("btree_map=.acme.pets.v1.Dog.tags") && !manifest.contains("\"bytes="), "{manifest}");
    let page = registry.get("/acme/pets/files/main/registry.yaml").ok().text();
    assert!(page.contains("btree_map"), "{page}");
}

#[test]
fn a_push_without_the_file_keeps_what_was_asked_for_and_an_empty_one_takes_it_back() {
    let registry = eager(&[PROST]);
    let buf = Buf::new(&registry).acme().module("acme/pets", &[]);
    buf.write("pets/acme/pets/v1/dog.proto", DOG);
    let plain = buf.push("pets");
    buf.write("pets/registry.yaml", &format!("version: v1\n{WISHES}"));
    let ours = || {
        let mut command = registry.command();
        Pushed::of(&crate::support::run(command.arg("push").arg(buf.path("pets")).arg("--json")).ok())
    };
    // `buf` leaves the file out, so nothing has changed.
    assert_eq!(buf.push("pets"), plain);
    let asked = ours();
    assert_ne!(asked.commit, plain);
    assert_eq!((buf.push("pets"), ours().commit), (asked.commit.clone(), asked.commit.clone()));
    // Other sources, by `buf`: the options go with them, on new labels too.
    buf.write("pets/acme/pets/v1/dog.proto", &DOG.replace("name = 1", "called = 1"));
    buf.run(["push", "pets", "--label", "next"]).ok();
    let version = registry.cli(["sdk", "version", "acme/pets", "--plugin", PROST, "--label", "next"]).ok().stdout;
    let source = file_of(&registry, PROST_CRATE, version.trim(), "src/acme.pets.v1.rs");
    assert!(source.contains("called") && source.contains("BTreeMap"), "{source}");
    // The digest that `buf` computes does not know of it.
    buf.run(["dep", "update", "pets"]).ok();
    buf.run(["build", "HOST/acme/pets"]).ok();
    buf.write("pets/acme/pets/v1/dog.proto", DOG);
    buf.write("pets/registry.yaml", "# nothing\n");
    let back = ours();
    let source = file_of(&registry, PROST_CRATE, &back.sdk(PROST).version, "src/acme.pets.v1.rs");
    assert!(!source.contains("BTreeMap"), "{source}");
    std::fs::remove_file(buf.path("pets/registry.yaml")).unwrap();
    assert_eq!((ours().commit, buf.push("pets")), (back.commit.clone(), back.commit));
}

#[test]
fn a_module_chooses_the_plugins_of_every_push() {
    let registry = eager(&[PROST]);
    let names = |pushed: &Pushed| pushed.sdks.iter().map(|sdk| sdk.name.clone()).collect::<Vec<_>>();
    let pushed = dogs("plugins: [anthropics/buffa:v0.9.2]\n").push(&registry);
    assert_eq!(names(&pushed), ["acme_pets_anthropics_buffa"]);
    pushed.sdk("anthropics/buffa");
    let pushed = dogs("serde: true\nbytes: []\nbtree_map: [.]\n").push(&registry);
    assert_eq!(names(&pushed), [PROST_CRATE, "acme_pets_local_prost-serde"]);
    let serde = pushed.sdk("local/prost-serde");
    let source = file_of(&registry, &serde.name, &serde.version, "src/acme.pets.v1.rs");
    assert!(source.contains("impl<'de> serde::Deserialize<'de> for Dog"), "{source}");
    // Both generators of this plugin know that the map is another one.
    assert_eq!(source.matches("BTreeMap<").count(), 2, "{source}");
}

#[test]
fn features_are_off_grouped_or_one_per_package() {
    let registry = eager(&[PROST]);
    let features = |mode: &str| {
        let pushed = dogs(mode).file("acme/pets/v2/cat.proto", CAT).push(&registry);
        let version = pushed.sdk(PROST).version.clone();
        let lines = registry.get(&format!("/gen/cargo/ac/me/{PROST_CRATE}")).ok().lines();
        let line = lines.iter().find(|line| line["vers"] == version.as_str()).unwrap();
        let manifest = file_of(&registry, PROST_CRATE, &version, "Cargo.toml");
        (line["features"].as_object().unwrap().len(), manifest.contains("features = \"off\""))
    };
    assert_eq!(features(""), (3, false));
    assert_eq!(features("features: off\n"), (0, true));
    assert_eq!(features("features: grouped\n"), (3, false));
    dogs("features: off\n").file("acme/pets/v2/cat.proto", CAT).push(&registry);
    let consumer = Consumer::new(&registry).file(
        "src/main.rs",
        "use acme_pets_community_neoeinstein_prost::acme::pets::{v1::Dog, v2::Cat};\n\nfn main() {\n    \
         println!(\"{:?} {:?}\", Dog::default().name, Cat::default().name);\n}\n",
    );
    consumer.cargo(["add", "--quiet", "--registry", "buf", "--no-default-features", PROST_CRATE]).ok();
    consumer.run().prints("\"\" \"\"");
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_its_line() {
    let registry = eager(&[PROST]);
    let local = |options: &str| dogs(options).try_push(&registry);
    local("byts: [.]\n").refused().says("registry.yaml:2: key \"byts\" is not known here; did you mean \"bytes\"?");
    local("plugins: [community/neoeinstein-prots]\n")
        .refused()
        .says("registry.yaml:2: plugin community/neoeinstein-prots is not known here; try community/neoeinstein-prost");
    local("plugins: [community/neoeinstein-prost-crate]\n").refused().says("remote generation only");
    local("options:\n  community/neoeinstein-prost: [enable_type_nam]\n")
        .refused()
        .says("registry.yaml:3: option enable_type_nam is not known to plugin")
        .says("did you mean enable_type_names?");
    local("options: { community/neoeinstein-prost: [' extern_path=.a=::b'] }\n").refused().says(
        "registry.yaml:2: plugin community/neoeinstein-prost:v0.5.0 cannot be given option \"extern_path=.a=::b\"",
    );
    local("type_attribute: { .: '#[doc = include_str!(\"/etc/hostname\")]' }\n")
        .refused()
        .says("value that is not a literal");
    local("plugins: [anthropics/buffa]\nbytes: [.]\n")
        .refused()
        .says("registry.yaml sets bytes, which plugin anthropics/buffa:v0.9.2 does not know");
    // Whoever uploads without our command line hears the same.
    dogs("").push(&registry);
    let request =
        upload("acme", "pets", &[("a.proto", "syntax = \"proto3\";"), ("registry.yaml", "version: v1\nx: 1\n")]);
    let answer = registry.call("buf.registry.module.v1.UploadService/Upload", &request).is(400);
    assert!(answer.text().contains("registry.yaml:2: key \\\"x\\\" is not known here"), "{}", answer.text());
    // A plugin that is asked for later cannot have it either.
    let pushed = dogs("bytes: [.]\n").push(&registry);
    pushed.sdk(PROST);
    let page = registry.get("/gen/cargo/ac/me/acme_pets_anthropics_buffa").text();
    assert!(page.contains("registry.yaml sets bytes, which plugin anthropics/buffa:v0.9.2 does not know"), "{page}");
}
