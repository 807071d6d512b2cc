//! What plugins make of modules with an edition.

use super::sources;
use crate::support::{Consumer, Registry};

const EAGER: &str =
    "community/neoeinstein-prost,community/neoeinstein-tonic,local/prost-serde,anthropics/buffa,connectrpc/rust";

/// A registry with both modules, whose plugins have all been asked.
fn pushed() -> Registry {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", EAGER));
    let buf = sources(&registry);
    buf.push("pets");
    buf.lock_and_push("shop");
    for module in ["acme/pets", "acme/shop"] {
        registry.cli(["sdk", "status", module, "--wait"]).ok();
    }
    registry
}

fn state(registry: &Registry, module: &str, plugin: &str) -> (String, String) {
    let list = registry.cli(["sdk", "list", module, "--json"]).ok().json();
    let sdks = list.as_array().unwrap();
    let suffix = plugin.replace('/', "_");
    let sdk = sdks.iter().find(|sdk| sdk["crate"].as_str().is_some_and(|name| name.ends_with(&suffix)));
    let sdk = sdk.unwrap_or_else(|| panic!("no crate of {plugin} in {list}"));
    (sdk["state"].as_str().unwrap().to_owned(), sdk["message"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn every_plugin_makes_crates_of_editions() {
    let registry = pushed();
    for module in ["acme/pets", "acme/shop"] {
        // There is no service in acme/shop.
        let stubs = |plugin: &&str| ["community/neoeinstein-tonic", "connectrpc/rust"].contains(plugin);
        for plugin in EAGER.split(',').filter(|plugin| module == "acme/pets" || !stubs(plugin)) {
            assert_eq!(state(&registry, module, plugin), ("served".into(), String::new()), "{module} {plugin}");
        }
    }
}

/// Presence, closed enums, groups and maps, through bytes and JSON.
const PETS_MAIN: &str = r#"
use acme_pets_anthropics_buffa::acme::pets::v1::{Kind, Pet, mood, pet};
use buffa::Message;

fn main() {
    let mother = Pet { name: Some("Ada".into()), ..Default::default() };
    let pet = Pet {
        name: Some("Rex".into()),
        legs: 4,
        kind: Some(Kind::KIND_DOG.into()),
        mother: mother.into(),
        ratings: vec![5, 3],
        home: Some(pet::Home::House("barn".into())),
        ..Default::default()
    };
    let bytes = pet.encode_to_vec();
    let read = Pet::decode_from_slice(&bytes).unwrap();
    assert_eq!(read, pet);
    println!("{:?} {} {:?} {:?}", read.name, read.legs, read.ratings, mood::Level::LEVEL_HIGH);
    // The mother is a group, and nothing is packed.
    println!("{} {}", bytes.contains(&0x23), bytes.windows(4).any(|four| four == [0x28, 5, 0x28, 3]));
    println!("{}", Pet::default().encode_to_vec().is_empty());
}
"#;

#[test]
fn crates_of_both_lines_of_buffa_build_and_run() {
    let registry = pushed();
    let old = "anthropics/buffa:v0.8.1";
    registry.cli(["sdk", "generate", "acme/pets", "--plugin", old]).ok();
    let version = registry.cli(["sdk", "version", "acme/pets", "--plugin", old]).ok().stdout;
    let old = format!("acme_pets_anthropics_buffa@={}", version.trim());
    for (name, line) in [("acme_pets_anthropics_buffa", "0.9.2"), (&old, "0.8.1")] {
        let consumer = Consumer::new(&registry).file("src/main.rs", PETS_MAIN);
        consumer.add(name);
        consumer.cargo(["add", "--quiet", &format!("buffa@{line}")]).ok();
        consumer.build();
        assert_eq!(consumer.run().stdout, "Some(\"Rex\") 4 [5, 3] LEVEL_HIGH\ntrue true\ntrue\n", "buffa {line}");
    }
}

const SHOP_MAIN: &str = r#"
use acme_pets_anthropics_buffa::acme::pets::v1::Pet;
use acme_pets_connectrpc_rust::acme::pets::v1::PET_SERVICE_SERVICE_NAME;
use acme_shop_anthropics_buffa::acme::shop::v1::Shop;
use buffa::Message;

fn main() {
    let pet = Pet { name: Some("Rex".into()), legs: 4, ..Default::default() };
    let shop = Shop { pets: vec![pet], ..Default::default() };
    let read = Shop::decode_from_slice(&shop.encode_to_vec()).unwrap();
    println!("{PET_SERVICE_SERVICE_NAME} {:?}", read.pets[0].name);
    println!("{}", serde_json::to_string(&read).unwrap());
}
"#;

#[test]
fn services_and_modules_that_build_on_each_other_build_and_run() {
    let registry = pushed();
    let consumer = Consumer::new(&registry).file("src/main.rs", SHOP_MAIN);
    consumer.add("acme_shop_anthropics_buffa").add("acme_pets_anthropics_buffa").add("acme_pets_connectrpc_rust");
    consumer.add_public("buffa", "").add_public("serde_json", "");
    consumer.build();
    let printed = "acme.pets.v1.PetService Some(\"Rex\")\n{\"pets\":[{\"name\":\"Rex\",\"legs\":4}]}\n";
    assert_eq!(consumer.run().stdout, printed);
}
