//! The main job, end to end: a directory of .proto files becomes crates that an ordinary cargo project uses.

use crate::support::{Consumer, Module, Registry, googleapis, run};

const PETS: &str = r#"syntax = "proto3";
package acme.pets.v1;

// Something that barks.
message Dog {
  string name = 1;
}
"#;

const USES_PETS: &str = r#"use acme_pets_community_neoeinstein_prost::acme::pets::v1::Dog;

fn main() {
    println!("{}", Dog { name: "Rex".into() }.name);
}
"#;

const USES_STUBS: &str = r#"use acme_pets_community_neoeinstein_prost::acme::pets::v1::Dog;
use acme_pets_community_neoeinstein_tonic::acme::pets::v1::tonic::kennel_client::KennelClient;
use acme_pets_community_neoeinstein_tonic::acme::pets::v1::tonic::kennel_server::{Kennel, KennelServer};

struct Shelter;

#[tonic::async_trait]
impl Kennel for Shelter {
    async fn adopt(&self, request: tonic::Request<Dog>) -> Result<tonic::Response<Dog>, tonic::Status> {
        let name = format!("{} is adopted", request.into_inner().name);
        Ok(tonic::Response::new(Dog { name }))
    }
}

#[tokio::main]
async fn main() {
    let incoming = tonic::transport::server::TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    tokio::spawn(tonic::transport::Server::builder().add_service(KennelServer::new(Shelter)).serve_with_incoming(incoming));
    let mut client = KennelClient::connect(format!("http://{address}")).await.unwrap();
    println!("{}", client.adopt(Dog { name: "Rex".into() }).await.unwrap().into_inner().name);
}
"#;

#[test]
fn a_pushed_module_is_added_built_and_run() {
    let registry = Registry::start();
    let pushed = Module::new("acme/pets").file("acme/pets/v1/pets.proto", PETS).push(&registry);
    let sdk = pushed.sdk("community/neoeinstein-prost");
    assert!(sdk.version.starts_with("0.5.0-2") && sdk.version.contains(&pushed.commit[..12]), "{sdk:?}");
    for edition in ["2021", "2024"] {
        let consumer = Consumer::of_edition(&registry, edition).file("src/main.rs", USES_PETS);
        consumer.add(&sdk.name);
        assert!(consumer.read("Cargo.toml").contains(&sdk.version));
        consumer.build();
        consumer.run().prints("Rex");
    }
}

#[test]
fn a_commit_on_another_label_is_not_released() {
    let registry = Registry::start();
    Module::new("acme/pets").file("pets.proto", PETS).push(&registry);
    let changed = PETS.replace("name = 1", "nick_name = 1");
    let next = Module::new("acme/pets").argument("--label=next").file("pets.proto", changed).push(&registry);
    assert!(next.sdk("community/neoeinstein-prost").version.starts_with("0.5.0-00000000000000-"));
    let version = registry.cli(["sdk", "version", "acme/pets", "--label", "next"]).ok();
    assert_eq!(version.stdout.trim(), next.sdk("community/neoeinstein-prost").version);
    registry.cli(["label", "list", "acme/pets"]).ok().prints(&next.commit);
}

#[test]
fn protos_that_do_not_compile_are_refused_and_nothing_is_stored() {
    let registry = Registry::start();
    let module = Module::new("acme/pets").file("pets.proto", "syntax = \"proto3\";\nmessage Dog { Cat cat = 1; }\n");
    module.try_push(&registry).refused().says("pets.proto:2:");
    registry.cli(["module", "list", "--json"]).ok().prints("[]");
    registry.cli(["module", "info", "acme/pets"]).refused().says("there is no owner acme");
}

#[test]
fn dependencies_are_found_without_a_lock_and_named() {
    let registry = Registry::start();
    let mut push = registry.command();
    push.arg("push").arg(googleapis()).args(["--module", "googleapis/googleapis", "--create"]);
    run(&mut push).ok().prints("googleapis/googleapis:");
    let shop =
        Module::new("acme/shop").file("buf.yaml", "version: v2\ndeps:\n  - buf.build/googleapis/googleapis\n").file(
            "shop.proto",
            "syntax = \"proto3\";\npackage shop;\nimport \"google/type/money.proto\";\n\
             message Price { google.type.Money money = 1; }\n",
        );
    shop.try_push(&registry).ok().says("dependency googleapis/googleapis:");
}

#[test]
fn a_lock_wins_over_a_newer_commit() {
    let registry = Registry::start();
    let old = Module::new("acme/pets").file("pets.proto", PETS).push(&registry);
    Module::new("acme/pets").file("pets.proto", format!("{PETS}message Cat {{}}\n")).push(&registry);
    let lock = lock(&old.commit, &digest_of("pets.proto", PETS));
    let shop = "syntax = \"proto3\";\nimport \"pets.proto\";\nmessage Shop { acme.pets.v1.Dog dog = 1; }\n";
    let module = Module::new("acme/shop")
        .file("buf.yaml", "version: v2\ndeps:\n  - localhost/acme/pets\n")
        .file("buf.lock", lock)
        .file("shop.proto", shop);
    let reply = module.try_push(&registry).ok().json();
    assert_eq!(reply["dependencies"][0]["commit"], *old.commit, "{reply}");
    assert_eq!(reply["dependencies"][0]["source"], "lock", "{reply}");

    let module = module.file("buf.lock", self::lock(&old.commit, &digest_of("pets.proto", "")));
    module.try_push(&registry).refused().says("buf.lock pins acme/pets:").says("but the registry has b5:");
}

fn lock(commit: &str, digest: &str) -> String {
    format!("version: v2\ndeps:\n  - name: localhost/acme/pets\n    commit: {commit}\n    digest: {digest}\n")
}

/// The B5 digest of a module of one file, without dependencies.
fn digest_of(path: &str, text: &str) -> String {
    let file = registry::model::ModuleFile { path: path.parse().unwrap(), content: text.to_owned().into() };
    let snapshot = registry::model::Snapshot::new(vec![file], &registry::model::Limits::default()).unwrap();
    registry::module::module_digest(registry::module::files_digest(&snapshot), &[]).to_string()
}

#[test]
fn stubs_and_messages_meet_in_one_program() {
    let registry = Registry::start();
    let service = format!("{PETS}service Kennel {{ rpc Adopt(Dog) returns (Dog); }}\n");
    let pushed = Module::new("acme/pets").file("pets.proto", service).push(&registry);
    let consumer = Consumer::new(&registry).file("src/main.rs", USES_STUBS);
    consumer.add(&pushed.sdk("community/neoeinstein-prost").name);
    consumer.add(&pushed.sdk("community/neoeinstein-tonic").name);
    consumer.add_public("tonic", "").add_public("tokio", "macros,net,rt-multi-thread");
    consumer.build();
    consumer.run().prints("Rex is adopted");
}

#[test]
fn publishing_by_hand_is_refused_with_the_right_way() {
    let registry = Registry::start();
    assert_eq!(registry.cargo_index, format!("sparse+{}/gen/cargo/", registry.url));
    let consumer = Consumer::new(&registry);
    consumer.cargo(["publish", "--registry", "buf", "--allow-dirty", "--no-verify"]).fails().says("push");
    registry.cli(["token", "list"]).ok().prints(&registry.user);
}

#[test]
fn a_temporary_server_ends_with_its_standard_input() {
    let mut registry = Registry::with(|options| {
        options.flag("anonymous-reads", "true");
    });
    let data = registry.data_dir.clone();
    drop(registry.process().stdin.take());
    assert!(registry.process().wait().unwrap().success());
    assert!(!data.exists(), "{} is still there", data.display());
}
