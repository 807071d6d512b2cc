//! `registry generate`: crates of a directory, without a server.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{Consumer, Module, Registry, Transcript, pets, registry_command, run};

const SHOP: &str = "syntax = \"proto3\"; package shop; import \"pets.proto\";
service Shop { rpc Buy(Order) returns (Order); }
message Order { acme.pets.v1.Dog dog = 1; }
";

const YAML: &str = "version: v2\nmodules:\n  - path: pets\n    name: localhost/acme/pets\n  - path: shop\n    name: localhost/acme/shop\n";

/// A workspace of acme/pets and acme/shop, which depends on it.
fn workspace() -> Module {
    let module = Module::new("acme/shop").file("buf.yaml", YAML);
    module.file("pets/pets.proto", pets("name")).file("shop/shop.proto", SHOP)
}

fn generate(directory: &Path, arguments: &[&str]) -> Transcript {
    let home = tempfile::tempdir().unwrap();
    run(registry_command(home.path()).current_dir(directory).arg("generate").args(arguments))
}

/// The files below a directory with their contents, by path.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(self::files(&path).into_iter().map(|(below, content)| (format!("{name}/{below}"), content)));
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn crates_of_a_directory_build_by_path_without_a_server() {
    let module = workspace();
    let shop = module.directory().join("shop");
    let made = generate(&shop, &["--out", "../crates"]).ok();
    made.prints("acme_shop_community_neoeinstein-tonic in ").prints("acme_pets_community_neoeinstein-prost in ");
    let consumer = Consumer::in_environment(vec![], "2024").file(
        "src/main.rs",
        "use acme_shop_community_neoeinstein_prost::shop::Order;\n\
         use acme_shop_community_neoeinstein_tonic::shop::tonic::shop_client::ShopClient;\n\
         fn main() { let _ = ShopClient::<tonic::transport::Channel>::new; println!(\"{:?}\", Order::default()); }",
    );
    let path = |family: &str| {
        let directory = module.directory().join(format!("crates/acme_shop_community_neoeinstein-{family}"));
        format!("acme_shop_community_neoeinstein-{family} = {{ path = {directory:?} }}\n")
    };
    let manifest = consumer.read("Cargo.toml") + &path("prost") + &path("tonic") + "tonic = \"0.14\"\n";
    consumer.write("Cargo.toml", &manifest);
    assert_eq!(consumer.cargo(["run", "--quiet"]).ok().stdout.trim(), "Order { dog: None }");
}

#[test]
fn the_code_is_that_of_the_crate_of_a_push() {
    let registry = Registry::start();
    let module = workspace();
    registry.cli(["push", module.directory().to_str().unwrap(), "--create"]).ok();
    let (exported, generated) = (module.directory().join("exported"), module.directory().join("generated"));
    let name = "acme_shop_community_neoeinstein-tonic";
    registry.cli(["sdk", "export", name, exported.to_str().unwrap()]).ok();
    generate(module.directory(), &["--out", "generated"]).ok();
    for name in [name, "acme_shop_community_neoeinstein-prost", "acme_pets_community_neoeinstein-prost"] {
        let code = |directory: &Path| {
            let mut files = files(&directory.join(name));
            assert!(files.remove("Cargo.toml").is_some() && files.remove("README.md").is_some());
            files
        };
        assert_eq!(code(&exported), code(&generated), "{name}");
    }
}

#[test]
fn modules_that_are_imported_are_named_beside() {
    let module = Module::new("acme/shop").file("shop/shop.proto", SHOP).file("pets/pets.proto", pets("name"));
    let module = module.file("pets/buf.yaml", "version: v2\nname: localhost/acme/pets\n");
    let shop = ["shop", "--module", "acme/shop", "--out", "crates"];
    generate(module.directory(), &shop).refused().says("shop.proto:1:");
    let made = generate(module.directory(), &[shop.as_slice(), &["--with", "pets"]].concat()).ok();
    made.prints("acme_pets_community_neoeinstein-prost in crates/acme_pets_community_neoeinstein-prost\n");
    let inside = ["pets", "--out", "pets/crates"];
    generate(module.directory(), &inside).refused().says("pets/crates is part of the module in pets");
}

#[test]
fn what_did_not_change_is_left_alone_and_what_is_gone_is_removed() {
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    let module = module.file("more.proto", "syntax = \"proto3\"; package more; message Cat {}");
    let arguments = ["--module", "acme/pets", "--out", "crates", "--plugin", "community/neoeinstein-prost"];
    generate(module.directory(), &arguments).ok();
    let made = module.directory().join("crates/acme_pets_community_neoeinstein-prost");
    let time = |path: &str| fs::metadata(made.join(path)).unwrap().modified().unwrap();
    let (before, paths) = (time("proto/pets.proto"), files(&made));
    fs::remove_file(module.directory().join("more.proto")).unwrap();
    generate(module.directory(), &arguments).ok();
    assert_eq!(time("proto/pets.proto"), before);
    let gone: Vec<_> = paths.keys().filter(|path| !files(&made).contains_key(*path)).cloned().collect();
    assert!(gone.contains(&"proto/more.proto".to_owned()), "{gone:?}");
}

#[test]
fn mistakes_of_a_directory_are_named() {
    let module = Module::new("acme/pets").file("pets.proto", "syntax = \"proto3\";\nmessage Dog { Cat cat = 1; }\n");
    let at = module.directory();
    generate(at, &["--out", "x"]).refused().says("no module here has a name");
    generate(at, &["--out", "x", "--module", "acme/pets"]).refused().says("pets.proto:2:15: name 'Cat' is not defined");
    let unknown = ["--out", "x", "--module", "acme/pets", "--plugin", "acme/none"];
    generate(at, &unknown).refused().says("acme/none");
    assert!(!at.join("x").exists());
}

#[test]
fn a_module_without_a_service_gets_the_crates_that_a_push_makes() {
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    let made =
        generate(module.directory(), &[".", "--module", "acme/pets", "--out", "../crates", "--json"]).ok().json();
    let names: Vec<_> = made.as_array().unwrap().iter().map(|one| one["crate"].as_str().unwrap()).collect();
    assert_eq!(names, ["acme_pets_community_neoeinstein-prost"]);
    // Whoever names the plugin gets its crate.
    let tonic = ["--plugin", "community/neoeinstein-tonic"];
    generate(module.directory(), &[&[".", "--module", "acme/pets", "--out", "../crates"], &tonic[..]].concat())
        .ok()
        .prints("acme_pets_community_neoeinstein-tonic in");
}
