//! How cargo treats the versions: which it chooses, and which it uses together.

use crate::support::{Consumer, Module, Registry};

const PROST: &str = "acme_pets_community_neoeinstein-prost";
const TONIC: &str = "acme_pets_community_neoeinstein-tonic";

/// The version of the plugin before the newest, as on a registry before its program was replaced by a newer one.
const BEFORE: &str = "community/neoeinstein-prost:v0.4.0";

fn with_plugin_before() -> Registry {
    Registry::with(|options| {
        options.flag("eager-plugins", BEFORE);
    })
}

fn pets(message: &str) -> Module {
    let text = format!(
        "syntax = \"proto3\";\npackage pets;\nmessage {message} {{}}\n\
         service Kennel {{ rpc Open({message}) returns ({message}); }}\n"
    );
    Module::new("acme/pets").file("pets.proto", text)
}

/// The commit's part of a version.
fn commit(version: &str) -> &str {
    version.rsplit('-').next().unwrap().split('.').next().unwrap()
}

fn added(registry: &Registry, requirement: &str) -> String {
    let consumer = Consumer::new(registry);
    consumer.add(requirement);
    consumer.locked(PROST)
}

#[test]
fn a_newer_plugin_version_makes_a_release_before_it_makes_a_label() {
    let registry = with_plugin_before();
    let released = pets("Dog").push(&registry);
    pets("Cat").argument("--label=next").push(&registry);
    let generate = ["sdk", "generate", "acme/pets", "--plugin", "community/neoeinstein-prost", "--label", "next"];
    let label =
        registry.cli(generate.into_iter().chain(["--json"])).ok().json()["version"].as_str().unwrap().to_owned();
    assert!(label.starts_with("0.5.0-00000000000000-"), "{label}");
    // Before cargo's first request, which would make one too.
    let listed = registry.cli(["sdk", "list", "acme/pets"]).ok();
    assert_eq!(listed.stdout.matches(" 0.5.0-2").count(), 1, "{listed}");
    let chosen = added(&registry, PROST);
    assert!(chosen.starts_with("0.5.0-2") && commit(&chosen) == &released.commit[..12], "{chosen}");
    assert_eq!(added(&registry, &format!("{PROST}@={label}")), label);
}

#[test]
fn an_update_stays_with_the_plugin_version_and_a_new_project_takes_the_newest() {
    let registry = with_plugin_before();
    let first = pets("Dog").push(&registry);
    let (project, open) = (Consumer::new(&registry), Consumer::new(&registry));
    project.add(&format!("{PROST}@{}", first.sdk("community/neoeinstein-prost").version));
    open.add(&format!("{PROST}@0.4.0-0"));
    registry.cli(["sdk", "generate", "acme/pets", "--plugin", "community/neoeinstein-prost"]).ok();
    let second = pets("Cat").push(&registry);
    assert_eq!(second.sdks.len(), 2, "{:?}", second.sdks);
    for consumer in [&project, &open] {
        consumer.cargo(["update"]).ok();
        let locked = consumer.locked(PROST);
        assert!(locked.starts_with("0.4.0-2") && commit(&locked) == &second.commit[..12], "{locked}");
    }
    let newest = added(&registry, PROST);
    assert!(newest.starts_with("0.5.0-2") && commit(&newest) == &second.commit[..12], "{newest}");
    project.write(
        "src/main.rs",
        "fn main() { println!(\"{:?}\", acme_pets_community_neoeinstein_prost::pets::Cat {}); }\n",
    );
    project.build();
    project.run().prints("Cat");
}

#[test]
fn a_requirement_without_a_prerelease_matches_nothing_and_says_what_there_is() {
    let registry = Registry::start();
    let pushed = pets("Dog").push(&registry);
    let version = &pushed.sdk("community/neoeinstein-prost").version;
    for requirement in ["*", "0.5", "0.5.0", ">=0"] {
        let consumer = Consumer::new(&registry);
        let manifest = consumer.read("Cargo.toml");
        let line = format!("{PROST} = {{ version = \"{requirement}\", registry = \"buf\" }}\n");
        consumer.write("Cargo.toml", &(manifest + &line));
        consumer.cargo(["generate-lockfile"]).fails().says(version);
    }
}

#[test]
fn stubs_and_messages_move_together() {
    let registry = Registry::start();
    let first = pets("Dog").push(&registry);
    let project = Consumer::new(&registry);
    project.add(PROST).add(TONIC);
    let locked = |consumer: &Consumer| [PROST, TONIC].map(|name| commit(&consumer.locked(name)).to_owned());
    assert_eq!(locked(&project), [&first.commit[..12]; 2]);
    let second = pets("Cat").push(&registry);
    project.cargo(["update"]).ok();
    assert_eq!(locked(&project), [&second.commit[..12]; 2]);

    // Stubs hold messages to their commit, even when newer ones are there.
    let old = &first.sdk("community/neoeinstein-tonic").version;
    let pinned = Consumer::new(&registry);
    pinned.add(&format!("{TONIC}@={old}"));
    assert_eq!(locked(&pinned), [&first.commit[..12]; 2]);
    let new = &second.sdk("community/neoeinstein-prost").version;
    pinned.cargo(["add", "--quiet", "--registry", "buf", &format!("{PROST}@={new}")]);
    pinned.cargo(["generate-lockfile"]).fails().says("failed to select a version");
}

/// A module whose message holds one of acme/common's.
fn side(name: &str) -> Module {
    let text = format!(
        "syntax = \"proto3\";\npackage {name};\nimport \"common.proto\";\nmessage M {{ common.Money money = 1; }}\n"
    );
    Module::new(&format!("acme/{name}"))
        .file("buf.yaml", "version: v2\ndeps: [localhost/acme/common]\n")
        .file(&format!("{name}.proto"), text)
}

#[test]
fn a_diamond_of_modules_meets_in_the_newer_commit() {
    let registry = Registry::start();
    let common = |field: &str| {
        let text = format!("syntax = \"proto3\";\npackage common;\nmessage Money {{ int64 {field} = 1; }}\n");
        Module::new("acme/common").file("common.proto", text).push(&registry)
    };
    common("unit");
    side("left").push(&registry);
    let newer = common("units");
    side("right").push(&registry);
    let project = Consumer::new(&registry);
    let name = |module: &str| format!("acme_{module}_community_neoeinstein-prost");
    project.add(&name("left")).add(&name("right"));
    assert_eq!(commit(&project.locked(&name("common"))), &newer.commit[..12]);
    let text = "use acme_left_community_neoeinstein_prost::left::M as Left;\n\
                use acme_right_community_neoeinstein_prost::right::M as Right;\n\
                fn main() { println!(\"{:?}\", Right { money: Left::default().money }); }\n";
    project.write("src/main.rs", text);
    project.build();
    project.run().prints("M { money: None }");
}
