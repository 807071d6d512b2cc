//! The pipeline on a real store, without a server.

mod flipped_bytes;
mod labels;
mod newer_catalogue;
mod outline;
mod plugin_options;

use bytes::Bytes;

use super::*;
use crate::model::{CrateName, FilePath, LabelName, ModuleFile, OwnerId, PluginRef, SdkState, Snapshot, Timestamp};
use crate::store::{Interest, Module, Owner, OwnerKind, Sdk, SdkKey, Visibility};

const PROST: &str = "community/neoeinstein-prost";
const TONIC: &str = "community/neoeinstein-tonic";

/// A plugin whose runtime lacks the messages of compilers, and a source that holds one.
const PROST_SERDE: &str = "local/prost-serde";
const UNGENERATABLE: &str = "syntax = \"proto3\"; package acme.pets.v1; import \"google/protobuf/compiler/plugin.proto\"; \
                             message Pet { google.protobuf.compiler.Version version = 1; }";

/// A publisher on a temporary store, with one user.
struct Fixture {
    running: Running,
    user: OwnerId,
    dir: tempfile::TempDir,
}

fn fixture() -> Fixture {
    fixture_with(&[PROST, TONIC])
}

fn fixture_with(eager: &[&str]) -> Fixture {
    let now = Timestamp::from_micros(1_716_475_506_000_000);
    fixture_of(eager, &[], Catalogue::embedded().unwrap(), Clock::new(move || now))
}

fn fixture_of(eager: &[&str], eager_labels: &[&str], catalogue: Catalogue, clock: Clock) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let store = crate::store::open_for_test(dir.path());
    let now = clock.now();
    let user = new_ids::owner();
    let kind = OwnerKind::User { admin: true, bot: false };
    let name = "acme".parse().unwrap();
    let owner = Owner {
        id: user,
        name,
        kind,
        description: String::new(),
        url: String::new(),
        created: now,
        updated: now,
        disabled: None,
    };
    store.transaction("test", |tx| tx.claim_owner(&owner, &Claim::first(now))).unwrap();
    let settings = PublishSettings {
        build_memory: 256 << 20,
        subprocess: Subprocess { program: None, memory: 0, time: Duration::ZERO },
        limits: Limits::default(),
        eager: eager.iter().map(|plugin| plugin.parse().unwrap()).collect(),
        eager_labels: eager_labels.iter().map(|pattern| pattern.parse().unwrap()).collect(),
        workers: 2,
        public_url: "http://localhost:8780".into(),
        externals: Externals::default(),
        gate: GateSettings::default(),
        name_rest: Duration::ZERO,
        verify: None,
        node_name: "test".into(),
    };
    let running = Publisher::start(store, catalogue, settings, clock).unwrap();
    Fixture { running, user, dir }
}

impl Fixture {
    fn module(&self, name: &str) -> Module {
        let name: ModuleName = format!("acme/{name}").parse().unwrap();
        if let Some(module) = self.running.store().module(&name).unwrap() {
            return module;
        }
        let now = self.running.clock().now();
        let module = Module {
            id: new_ids::module(),
            name,
            owner: self.user,
            visibility: Visibility::Public,
            deprecated: false,
            description: String::new(),
            url: String::new(),
            default_label: LabelName::main(),
            created: now,
            updated: now,
        };
        self.running.store().transaction("test", |tx| tx.create_module(&module)).unwrap();
        module
    }

    fn content(&self, module: &str, labels: &[&str], files: &[(&str, &str)]) -> PushContent {
        let file = |(path, text): &(&str, &str)| ModuleFile {
            path: path.parse::<FilePath>().unwrap(),
            content: Bytes::copy_from_slice(text.as_bytes()),
        };
        PushContent {
            module: self.module(module),
            snapshot: Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap(),
            labels: labels.iter().map(|label| label.parse().unwrap()).collect(),
            source_control_url: String::new(),
            breaking: crate::model::BreakingConfig::default(),
        }
    }

    fn push(&self, contents: Vec<PushContent>, dependencies: &[&Commit]) -> Pushed {
        let dependencies = dependencies.iter().map(|commit| commit.id).collect();
        self.running
            .push(&Push { contents, dependencies, by: self.user.into(), viewer: None, allow_breaking: false })
            .unwrap()
    }

    fn wait_for_sdks(&self, keys: &[SdkKey]) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let settled = runtime.block_on(self.running.wait_for_sdks(keys, Duration::from_secs(60))).unwrap();
        assert!(settled, "not settled: {keys:?}");
    }

    /// The SDKs of a crate, oldest first.
    fn sdks(&self, name: &CrateName) -> Vec<Sdk> {
        let store = self.running.store();
        let module = store.module(name.module()).unwrap().unwrap();
        store.sdks_of_crate(module.id, name).unwrap()
    }

    /// The versions of a crate, oldest first.
    fn versions(&self, name: &str) -> Vec<String> {
        let sdks = self.sdks(&name.parse().unwrap());
        sdks.iter().map(|sdk| sdk.version.to_string()).collect()
    }
}

fn message(package: &str, name: &str) -> String {
    format!("syntax = \"proto3\";\npackage {package};\nmessage {name} {{ string id = 1; }}\n")
}

#[test]
fn a_push_ends_in_the_index() {
    let fixture = fixture();
    let pets = fixture.content("pets", &[], &[("pets.proto", &message("acme.pets.v1", "Pet"))]);
    let pushed = fixture.push(vec![pets], &[]);
    fixture.wait_for_sdks(&pushed.sdks);
    for sdk in &pushed.sdks {
        assert_eq!(fixture.running.sdk_state(sdk).unwrap(), Some(SdkState::Served), "{sdk:?}");
    }
    let versions = fixture.versions("acme_pets_community_neoeinstein-prost");
    assert_eq!(versions, [format!("0.5.0-20240523144506-{}.1", pushed.commits[0].id.short())]);
}

#[test]
fn the_same_content_again_is_the_same_commit() {
    let fixture = fixture();
    let push = |labels: &[&str], name: &str| {
        let content = fixture.content("pets", labels, &[("pets.proto", &message("acme.pets.v1", name))]);
        fixture.push(vec![content], &[]).commits.remove(0)
    };
    let first = push(&[], "Pet");
    assert_eq!(push(&[], "Pet"), first);
    assert_eq!(push(&["main", "dev"], "Pet"), first);
    let other = push(&["dev"], "Dog");
    assert!(other.id != first.id && !other.released && first.released);
    // The old content is not the head any more, so it becomes a new commit with an old digest.
    let back = push(&["dev"], "Pet");
    assert!(back.id != first.id && back.digest == first.digest && back.created > other.created);
    // Two labels on different heads: a new commit on both, released because one of them is the default label.
    let both = push(&["main", "dev"], "Pet");
    assert!(both.released && both.id != first.id && both.id != back.id);
}

#[test]
fn released_commits_carry_times_that_only_grow() {
    let fixture = fixture();
    let push = |name: &str| {
        let content = fixture.content("pets", &[], &[("pets.proto", &message("acme.pets.v1", name))]);
        fixture.push(vec![content], &[])
    };
    let [_, _, last] = ["A", "B", "C"].map(push);
    fixture.wait_for_sdks(&last.sdks);
    let versions = fixture.versions("acme_pets_community_neoeinstein-prost");
    let times: Vec<_> = versions.iter().map(|version| version[6..20].to_owned()).collect();
    assert_eq!(times, ["20240523144506", "20240523144507", "20240523144508"]);
}

#[test]
fn modules_of_one_push_build_on_each_other() {
    let fixture = fixture();
    let shop = "syntax = \"proto3\";\npackage acme.shop.v1;\nimport \"pets.proto\";\n\
                message Shop { repeated acme.pets.v1.Pet pets = 1; }\n";
    let pushed = fixture.push(
        vec![
            fixture.content("shop", &[], &[("shop.proto", shop)]),
            fixture.content("pets", &[], &[("pets.proto", &message("acme.pets.v1", "Pet"))]),
        ],
        &[],
    );
    fixture.wait_for_sdks(&pushed.sdks);
    for sdk in &pushed.sdks {
        assert_eq!(fixture.running.sdk_state(sdk).unwrap(), Some(SdkState::Served), "{sdk:?}");
    }
    let (shop, pets) = (&pushed.commits[0], &pushed.commits[1]);
    let frozen = fixture.running.store().dependencies(shop.id).unwrap();
    assert_eq!(frozen.iter().map(|dependency| dependency.commit).collect::<Vec<_>>(), [pets.id]);
    let sdks = fixture.running.store().sdks_of_commit(shop.id).unwrap();
    let prost = sdks.iter().find(|sdk| sdk.crate_name.to_string().ends_with("prost")).unwrap();
    let requirement = format!("\"^0.5.0-20240523144506-{}.1\"", pets.id.short());
    assert!(prost.index_line.contains(&requirement), "{} lacks {requirement}", prost.index_line);
}

#[test]
fn a_new_dependency_makes_a_new_commit_of_the_same_files() {
    let fixture = fixture();
    let pets = |name: &str| {
        let text = message("acme.pets.v1", "Pet") + &format!("message {name} {{}}\n");
        let content = fixture.content("pets", &[], &[("pets.proto", &text)]);
        fixture.push(vec![content], &[]).commits.remove(0)
    };
    let shop = |pets: &Commit| {
        let text = "syntax = \"proto3\";\nimport \"pets.proto\";\nmessage Shop { acme.pets.v1.Pet pet = 1; }\n";
        fixture.push(vec![fixture.content("shop", &[], &[("shop.proto", text)])], &[pets]).commits.remove(0)
    };
    let (old, new) = (pets("Old"), pets("New"));
    let (before, after) = (shop(&old), shop(&new));
    assert_eq!(before.files_digest, after.files_digest);
    assert!(before.id != after.id && before.digest != after.digest);
    assert_eq!(shop(&new), after);
}

#[test]
fn a_push_that_does_not_compile_stores_nothing() {
    let fixture = fixture();
    let good = fixture.content("pets", &[], &[("pets.proto", &message("acme.pets.v1", "Pet"))]);
    let bad = fixture.content("shop", &[], &[("shop.proto", "syntax = \"proto3\";\nmessage Shop { Pet pet = 1; }\n")]);
    let push = Push {
        contents: vec![good, bad],
        dependencies: vec![],
        by: fixture.user.into(),
        viewer: None,
        allow_breaking: false,
    };
    let Err(refused) = fixture.running.push(&push) else { panic!("was accepted") };
    assert!(refused.to_string().starts_with("shop.proto:2:"), "{refused}");
    let pets = fixture.module("pets");
    assert!(fixture.running.store().label(pets.id, &LabelName::main()).unwrap().is_none());
}

#[test]
fn an_interest_makes_later_pushes_generate() {
    let fixture = fixture();
    let module = fixture.module("pets");
    let plugin: PluginRef = PROST.parse().unwrap();
    fixture.running.request_crate(&module, &"acme_pets_community_neoeinstein-prost".parse().unwrap()).unwrap();
    assert!(fixture.running.store().has_interest(module.id, &plugin.name).unwrap());
    let source = message("acme.pets.v1", "Pet") + "service Pets { rpc Get(Pet) returns (Pet); }\n";
    let pets = fixture.content("pets", &[], &[("pets.proto", &source)]);
    assert_eq!(fixture.push(vec![pets], &[]).sdks.len(), 2, "the interest and the eager plugin are one SDK");
}

#[test]
fn a_crate_with_an_interest_but_without_its_head_is_still_made() {
    let fixture = fixture_with(&[]);
    let pets = fixture.content("pets", &[], &[("pets.proto", &message("acme.pets.v1", "Pet"))]);
    assert!(fixture.push(vec![pets], &[]).sdks.is_empty());
    let (module, name) = (fixture.module("pets"), "acme_pets_community_neoeinstein-prost".parse().unwrap());
    let interest = Interest {
        module: module.id,
        plugin: PROST.parse::<PluginRef>().unwrap().name,
        version: None,
        label: LabelName::main(),
        created: fixture.running.clock().now(),
        created_by: None,
    };
    fixture.running.store().transaction("test", |tx| tx.register_interest(&interest)).unwrap();
    fixture.running.request_crate(&module, &name).unwrap();
    let head = fixture.running.store().label(module.id, &LabelName::main()).unwrap().unwrap().commit;
    let plugin = Catalogue::embedded().unwrap().find(&PROST.parse().unwrap()).unwrap().clone();
    fixture.wait_for_sdks(&[SdkKey {
        commit: head,
        plugin: plugin.name,
        version: plugin.version,
        revision: plugin.revision,
    }]);
    assert_eq!(fixture.sdks(&name).len(), 1);
}
