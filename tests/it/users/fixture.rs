//! The fixture as the tests of another project use it: start, push a directory, build against the crates.

use registry::fixture::Fixture;

use crate::support::Module;

#[test]
fn a_pushed_directory_becomes_crates() {
    let registry = Fixture::start().unwrap();
    let pets = Module::new("acme/pets").file("pets.proto", "syntax = \"proto3\";\npackage pets;\nmessage Pet {}\n");
    let pushed = registry.push_dir(pets.directory(), "acme/pets").unwrap();
    let [module] = pushed.modules.as_slice() else { panic!("{pushed:?}") };
    assert_eq!(module.name.to_string(), "acme/pets");
    assert!(module.sdks.iter().any(|sdk| sdk.crate_name.contains("prost")), "{module:?}");

    let again = registry.push_dir(pets.directory(), "acme/pets").unwrap();
    assert_eq!(again.modules[0].commit, module.commit, "the same content is the same commit");
}

#[test]
fn a_push_that_is_refused_says_why() {
    let registry = Fixture::start().unwrap();
    let broken = Module::new("acme/pets").file("pets.proto", "syntax = \"proto3\";\nmessage Pet {\n");
    let refused = registry.push_dir(broken.directory(), "acme/pets").unwrap_err().to_string();
    assert!(refused.contains("pets.proto:2:13"), "{refused}");
    let nameless = registry.push_dir(broken.directory(), "pets").unwrap_err().to_string();
    assert!(nameless.contains("owner/name"), "{nameless}");
}

#[tokio::test]
async fn a_directory_is_pushed_from_inside_a_runtime() {
    let registry = Fixture::start().unwrap();
    let pets = Module::new("acme/pets").file("pets.proto", "syntax = \"proto3\";\npackage pets;\nmessage Pet {}\n");
    let pushed = registry.push_dir(pets.directory(), "acme/pets").unwrap();
    assert_eq!(pushed.modules[0].name.to_string(), "acme/pets");
}
