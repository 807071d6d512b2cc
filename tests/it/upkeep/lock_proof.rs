//! `registry verify --lock`: the crates of a lock file follow from the user's own sources. No server is asked.

use crate::support::{Consumer, Module, Registry, Transcript, pets, registry_command, run};

const SHOP: &str = "syntax = \"proto3\"; package acme.shop.v1; import \"pets.proto\";
service Shop { rpc Buy(Order) returns (Order); }
message Order { acme.pets.v1.Dog dog = 1; }
";

/// A project whose lock file names crates of acme/shop, and of acme/pets, which that depends on.
struct Project {
    consumer: Consumer,
    pets: Module,
    shop: Module,
    home: tempfile::TempDir,
}

impl Project {
    /// Takes the crates from the index whose address goes on with `view`. The server is stopped then.
    fn of_view(view: &str) -> Self {
        let registry = Registry::start();
        let config = |deps: &str, name| format!("version: v1\nname: {}/acme/{name}\n{deps}", registry.host());
        let options = "version: v1\nbtree_map: [.]\ntype_attribute: { .acme.pets.v1.Dog: \"#[derive(PartialOrd)]\" }\n";
        let pets = Module::new("acme/pets").file("pets.proto", pets("name")).file("buf.yaml", config("", "pets"));
        let pets = pets.file("registry.yaml", options).file("more.proto", "syntax = \"proto3\"; package more.v1;");
        pets.push(&registry);
        let deps = format!("deps:\n  - {}/acme/pets\n", registry.host());
        let shop = Module::new("acme/shop").file("shop.proto", SHOP).file("buf.yaml", config(&deps, "shop"));
        shop.push(&registry);
        let index = format!("{}{view}", registry.cargo_index);
        let consumer = Consumer::new(&registry).with("CARGO_REGISTRIES_BUF_INDEX", &index);
        consumer.add("acme_shop_community_neoeinstein-tonic");
        consumer.cargo(["fetch", "--quiet"]).ok();
        Self { consumer, pets, shop, home: tempfile::tempdir().unwrap() }
    }

    fn verify(&self, against: &[&Module], arguments: &[&str]) -> Transcript {
        let mut command = registry_command(self.home.path());
        command.arg("verify").arg("--lock").arg(self.consumer.path("Cargo.lock"));
        command.arg("--cargo-home").arg(self.consumer.path("home")).args(arguments);
        for module in against {
            command.arg("--against").arg(module.directory());
        }
        run(&mut command)
    }
}

#[test]
fn the_crates_of_a_lock_file_follow_from_the_sources_that_a_user_has() {
    let project = Project::of_view("");
    let both = [&project.shop, &project.pets];
    let proven = project.verify(&both, &["--json"]).ok().json();
    let names: Vec<_> = proven["proven"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(names.len(), 3, "{proven}");
    assert!(names.iter().all(|line| !line.contains("packed by another")), "{proven}");
    assert!(
        project.verify(&both, &[]).ok().prints("proven: acme_shop_community_neoeinstein-tonic 0.5.0-2").succeeded()
    );

    // What is not there cannot be proven, and what is has nothing to do with the rest.
    project.verify(&[&project.pets], &[]).could_not_run().says("the sources of module acme/shop are in none");
    project
        .verify(&[&project.shop], &["--module", "acme/shop"])
        .could_not_run()
        .says("pets.proto")
        .says("--against DIR");
    project.verify(&[&project.pets], &["--module", "acme/pets"]).ok().prints("proven: acme_pets");
    project.verify(&[&project.pets], &["--module", "acme/none"]).could_not_run().says("no crate of the modules");

    // Another source makes another crate, and another option too.
    let other = Module::new("acme/pets").file("pets.proto", pets("title")).file("more.proto", "syntax = \"proto3\";");
    let other = other.file("registry.yaml", "version: v1\n");
    let module = ["--module", "acme/pets"];
    project.verify(&[&other], &module).refused().says("proto/more.proto is another").says("type_attribute");
    let file = std::fs::read_dir(project.consumer.path("home/registry/cache")).unwrap().next().unwrap().unwrap().path();
    for entry in std::fs::read_dir(file).unwrap() {
        std::fs::write(entry.unwrap().path(), "something else").unwrap();
    }
    project.verify(&both, &module).could_not_run().says("which is not that of the lock file");
    std::fs::remove_dir_all(project.consumer.path("home/registry/cache")).unwrap();
    project.verify(&both, &module).could_not_run().says("run `cargo fetch`");
}

#[test]
fn crates_of_a_label_s_view_follow_from_the_sources_too() {
    let project = Project::of_view("@main/");
    let proven = project.verify(&[&project.shop, &project.pets], &["--json"]).ok().json();
    assert_eq!(proven["proven"].as_array().unwrap().len(), 3, "{proven}");
    assert!(proven["proven"][0].as_str().unwrap().contains("0.5.0-99"), "{proven}");
    assert!(!proven.to_string().contains("packed by another"), "{proven}");
}

#[test]
fn crates_of_an_exported_local_registry_are_found_by_the_project_s_configuration() {
    let registry = Registry::start();
    let module = Module::new("acme/pets").file("pets.proto", pets("name"));
    module.push(&registry);
    let consumer = Consumer::new(&registry);
    consumer.add("acme_pets_community_neoeinstein-prost");
    consumer.cargo(["fetch", "--quiet"]).ok();
    let into = consumer.path("exported");
    registry.cli(["export", "--local-registry", into.to_str().unwrap()]).ok();
    std::fs::remove_dir_all(consumer.path("home/registry/cache")).unwrap();
    let verify = || {
        let home = tempfile::tempdir().unwrap();
        let mut command = registry_command(home.path());
        command.arg("verify").arg("--lock").arg(consumer.path("Cargo.lock")).arg("--against").arg(module.directory());
        run(command.args(["--module", "acme/pets", "--cargo-home"]).arg(consumer.path("home")))
    };
    verify().could_not_run().says("cargo has not downloaded it here");
    consumer.write(".cargo/config.toml", &std::fs::read_to_string(into.join("cargo-config.toml")).unwrap());
    verify().ok().prints("proven: acme_pets");
}

#[test]
fn another_file_is_no_lock_file_and_a_module_that_is_missing_is_named_with_the_flag() {
    let home = tempfile::tempdir().unwrap();
    let manifest = home.path().join("Cargo.toml");
    std::fs::write(&manifest, "[package]\nname = \"mine\"\n").unwrap();
    let mut command = registry_command(home.path());
    command.arg("verify").arg("--lock").arg(&manifest).arg("--against").arg(home.path());
    run(&mut command).could_not_run().says("name the Cargo.lock beside");
    let shop = Module::new("acme/shop").file("shop.proto", SHOP);
    let mut command = registry_command(home.path());
    command.arg("generate").arg(shop.directory()).args(["--module", "acme/shop", "--out"]);
    let refused = run(command.arg(home.path().join("crates"))).refused().says("--with DIR");
    assert!(!refused.stderr.contains("buf.yaml"), "{refused}");
}
