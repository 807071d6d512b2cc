//! Crates as plain files: the real cargo builds from them when the registry is gone.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::{Consumer, Module, Registry, pets};

const PROST: &str = "acme_shop_community_neoeinstein-prost";

const SHOP: &str = "syntax = \"proto3\"; package shop; import \"pets.proto\"; message Order { pets.Dog dog = 1; }";
const USES: &str = "use acme_shop_community_neoeinstein_prost::shop::Order;\n\
                    fn main() { println!(\"{:?}\", Order::default()); }";
const PRINTS: &str = "Order { dog: None }";

/// A registry with acme/shop, which depends on acme/pets, and acme/other.
fn registry() -> Registry {
    let registry = Registry::start();
    Module::new("acme/pets")
        .file("pets.proto", "syntax = \"proto3\"; package pets; message Dog { string name = 1; }")
        .push(&registry);
    Module::new("acme/other").file("other.proto", "syntax = \"proto3\"; package other; message M {}").push(&registry);
    let shop = Module::new("acme/shop")
        .file("buf.yaml", "version: v2\ndeps: [localhost/acme/pets]\n")
        .file("shop.proto", SHOP);
    shop.push(&registry);
    registry
}

/// A consumer of acme/shop with a lock file, whose registry is gone, and whose cargo knows the lines of an export.
fn without_registry(mut registry: Registry, export: impl FnOnce(&Registry) -> String) -> Consumer {
    let consumer = Consumer::new(&registry).file("src/main.rs", USES);
    consumer.add(PROST);
    let lines = export(&registry);
    registry.stop();
    let config = consumer.read("home/config.toml") + &lines;
    std::fs::remove_dir_all(consumer.path("home")).unwrap();
    consumer.write("home/config.toml", &config);
    consumer
}

#[test]
fn a_local_registry_builds_without_any_server() {
    let registry = registry();
    let directory = tempfile::tempdir().unwrap();
    let into = directory.path().join("crates");
    let consumer = without_registry(registry, |registry| {
        let export = ["export", "--local-registry", into.to_str().unwrap(), "acme/shop"];
        let first = registry.cli(export).ok();
        assert!(first.stdout.starts_with("2 versions of 2 crates"), "{first}");
        // The second time nothing is fetched, but what was damaged.
        assert!(registry.cli(export).ok().stdout.contains("; 0 of them are new"));
        let damaged = std::fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().path());
        let damaged = damaged.into_iter().find(|path| path.extension().is_some_and(|end| end == "crate")).unwrap();
        std::fs::write(damaged, "damaged").unwrap();
        assert!(registry.cli(export).ok().stdout.contains("; 1 of them is new"));
        std::fs::read_to_string(into.join("cargo-config.toml")).unwrap()
    });
    consumer.cargo(["build", "--locked", "--offline", "--quiet"]).ok();
    consumer.run().prints(PRINTS);
}

#[test]
fn any_web_server_serves_an_exported_index() {
    let registry = registry();
    let directory = tempfile::tempdir().unwrap();
    let site = directory.path();
    let server = WebServer::start(site);
    let consumer = without_registry(registry, |registry| {
        let into = site.to_str().unwrap();
        registry.cli(["export", "--static", into, "--url", &server.url]).ok();
        std::fs::read_to_string(site.join("cargo-config.toml")).unwrap()
    });
    consumer.cargo(["build", "--locked", "--quiet"]).ok();
    consumer.run().prints(PRINTS);
}

#[test]
fn an_exported_crate_needs_no_registry() {
    let registry = registry();
    let consumer = Consumer::new(&registry).file("src/main.rs", USES);
    let into = consumer.path("vendor");
    let export = ["sdk", "export", PROST, into.to_str().unwrap()];
    let exported = registry.cli(export).ok();
    let order: Vec<_> = exported.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(order, ["acme_pets_community_neoeinstein-prost", PROST]);
    let again = registry.cli(export).refused();
    assert!(again.stderr.contains("is there already; remove it"), "{again}");
    consumer.cargo(["add", "--path", &format!("vendor/{PROST}")]).ok();
    consumer.build();
    consumer.run().prints(PRINTS);
}

/// Python's web server.
struct WebServer {
    process: Child,
    url: String,
}

impl WebServer {
    fn start(directory: &std::path::Path) -> Self {
        let mut command = Command::new("python3");
        command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]).current_dir(directory);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split(' ').skip_while(|word| *word != "port").nth(1).unwrap();
        Self { url: format!("http://127.0.0.1:{port}"), process }
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[test]
fn an_export_without_a_directory_names_both_forms_and_one_crate_is_one() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry.cli(["export"]).could_not_run().says("--local-registry DIR").says("--static DIR --url URL");
    let into = tempfile::tempdir().unwrap();
    let exported = registry.cli(["export", "--local-registry", into.path().to_str().unwrap()]).ok();
    assert!(exported.stdout.starts_with("1 version of 1 crate is in"), "{exported}");
}
