//! What users of a crate wait for: `cargo check` of a project that uses a part of googleapis, or all of a smaller module,
//! beside the same with the plugin's plain output, which has no features and its descriptors as lists of numbers.

use std::path::Path;
use std::process::Command;

use registry::model::ModuleFile;

use super::cost::{self, Cost};
use super::hand::Hand;
use super::modules::{Pushing, all_of_googleapis};
use super::pushing::proto_files;
use super::support::{Consumer, googleapis};
use super::table::Table;

pub(crate) fn rows(table: &mut Table) {
    let all = proto_files(&all_of_googleapis());
    let mut pushing = Pushing::new();
    pushing.push(&all);
    let kms = "{}::google::cloud::kms::v1::tonic::key_management_service_client::KeyManagementServiceClient::<()>";
    // Compiles what all of them depend on.
    check(&consumer(
        &pushing,
        "tonic",
        Some("google.longrunning"),
        "{}::google::longrunning::tonic::operations_client::OperationsClient::<()>",
    ));
    for (what, plugin, features, used) in [
        ("google.type alone", "prost", "google.type", "{}::google::r#type::Money"),
        ("one service, google.cloud.kms", "tonic", "google.cloud.kms", kms),
    ] {
        let consumer = consumer(&pushing, plugin, Some(features), used);
        let ours = check(&consumer);
        row(table, &format!("cargo check, googleapis: {what}"), ours, None);
    }
    drop(pushing);

    let common = proto_files(&googleapis());
    let mut pushing = Pushing::new();
    pushing.push(&common);
    let ours = check(&consumer(&pushing, "prost", None, "{}::google::r#type::Money"));
    let plain = check(&plain(&pushing, &common));
    row(table, "cargo check, googleapis-common-protos: everything", ours, Some(plain));
}

fn row(table: &mut Table, what: &str, ours: Option<Cost>, plain: Option<Option<Cost>>) {
    let show = |cost: Option<Cost>| cost.map_or_else(|| "not finished".to_owned(), |cost| cost.to_string());
    let beside = plain.map_or_else(String::new, |plain| format!("plain output {}", show(plain)));
    let ratio = ours.zip(plain.flatten()).map_or(f64::NAN, |(ours, plain)| ours.wall / plain.wall);
    table.row(what, show(ours), beside, ratio);
}

/// A project that uses one type of the crate.
fn consumer(pushing: &Pushing, plugin: &str, features: Option<&str>, used: &str) -> Consumer {
    let name = pushing.crate_name(plugin);
    let path = used.replace("{}", &name.replace('-', "_"));
    let consumer = Consumer::new(&pushing.registry)
        .file("src/main.rs", &format!("fn main() {{\n    println!(\"{{}}\", std::any::type_name::<{path}>());\n}}\n"));
    let mut add = vec!["add", "--quiet", "--registry", "buf", name.as_str()];
    add.extend(features.map(|_| "--no-default-features"));
    add.extend(features.iter().flat_map(|features| ["--features", features]));
    consumer.cargo(add).ok();
    consumer
}

/// The same project as for everything, with the prost crate as the plugin alone makes it.
fn plain(pushing: &Pushing, files: &[ModuleFile]) -> Consumer {
    let hand = Hand::new(files);
    hand.make();
    let name = pushing.crate_name("prost");
    let consumer = consumer(pushing, "prost", None, "{}::google::r#type::Money");
    consumer.cargo(["fetch", "--quiet"]).ok();
    let unpacked = unpacked(&consumer.path("home/registry/src"), &name).expect("cargo fetch unpacks it");
    let copy = consumer.path("plain");
    let status = Command::new("cp").arg("-r").arg(unpacked).arg(&copy).status().unwrap();
    assert!(status.success());
    // Everything is on by default, so features can stay; only the text differs.
    for entry in std::fs::read_dir(hand.path("prost")).unwrap().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            std::fs::copy(entry.path(), copy.join("src").join(entry.file_name())).unwrap();
        }
    }
    let manifest = consumer.read("Cargo.toml");
    let start = manifest.find(&name).unwrap();
    consumer.write("Cargo.toml", &format!("{}{name} = {{ path = \"plain\" }}\n", &manifest[..start]));
    consumer
}

fn unpacked(sources: &Path, name: &str) -> Option<std::path::PathBuf> {
    let registries = std::fs::read_dir(sources).ok()?.flatten();
    let crates = registries.filter_map(|registry| std::fs::read_dir(registry.path()).ok()).flatten().flatten();
    crates
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(name)))
}

/// `cargo check` of the project, with all that it depends on compiled before but our crates.
fn check(consumer: &Consumer) -> Option<Cost> {
    consumer.cargo(["fetch", "--quiet"]).ok();
    let mut command = consumer.command();
    command.args(["check", "--quiet"]);
    cost::try_of(&mut command)
}
