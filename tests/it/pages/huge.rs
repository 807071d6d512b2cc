//! Pages of a module with very much of everything, whose texts are hostile: each is small as it is sent, and has the policy
//! that keeps it harmless.

use std::fmt::Write as _;

use registry::store::{Commit, Label, LabelMove, NewCommit, Store, StoreOptions, WriteSet};

use crate::support::{Module, Registry, http};

const COMMITS: u32 = 2_000;
const LABELS: u32 = 200;
const PACKAGES: u32 = 300;

/// The most bytes of a page as it is sent.
const SENT: usize = 50_000;

/// What wants to be more than text.
const HOSTILE: &str =
    "</pre><script>window.hacked=1</script><img src=x onerror=alert(1)> \u{202e}gnp.exe\u{202c} \u{7}\u{1b}[31m";

fn module(name: &str) -> Module {
    let mut module = Module::new(name).file("README.md", format!("# {HOSTILE}\n\n{HOSTILE}\n"));
    for at in 0..PACKAGES {
        let mut source = format!("syntax = \"proto3\";\n// {HOSTILE}\npackage acme.part{at}.v1;\n");
        for number in 0..3 {
            write!(source, "// {HOSTILE}\nmessage Thing{number} {{\n  // {HOSTILE}\n  string name{number} = 1;\n}}\n")
                .unwrap();
        }
        module = module.file(&format!("acme/part{at}/v1/things.proto"), source);
    }
    let default = "<b>\u{202e}".repeat((15 << 20) / 6);
    let large = format!(
        "syntax = \"proto2\";\npackage acme.large;\nmessage Large {{ optional string text = 1 [default = \"{default}\"]; }}\n"
    );
    module.file("acme/large/large.proto", large)
}

fn bytes(kind: u8, number: u32) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// Adds commits of one small file to the module, and labels on the last of them. The default label stays where it is.
fn fill(registry: &Registry, name: &str) -> String {
    let store = Store::open(&registry.data_dir, StoreOptions::default()).unwrap();
    let module = store.module(&name.parse().unwrap()).unwrap().unwrap();
    let head = store.label(module.id, &module.default_label).unwrap().unwrap();
    let first = store.commit(head.commit).unwrap().unwrap();
    let source = "syntax = \"proto3\"; package acme.small; message Small {}".to_owned();
    let file = registry::model::ModuleFile { path: "small.proto".parse().unwrap(), content: source.into() };
    let snapshot = registry::model::Snapshot::new(vec![file], &registry::model::Limits::default()).unwrap();
    let at = |number: u32| {
        registry::model::Timestamp::from_micros(first.created.as_micros() + i64::from(number + 1) * 1_000_000)
    };
    let commit = |number: u32| Commit {
        id: registry::model::CommitId::from_bytes(bytes(7, number)),
        created: at(number),
        source_control_url: format!("https://example.com/?{HOSTILE}"),
        ..first.clone()
    };
    let new = |number| NewCommit {
        commit: commit(number),
        snapshot: &snapshot,
        options: None,
        services: false,
        dependencies: vec![],
    };
    let label = |number: u32| LabelMove {
        label: Label {
            id: registry::model::LabelId::from_bytes(bytes(9, number)),
            name: format!("release/{number}.x-{}", "long".repeat(20)).parse().unwrap(),
            commit: commit(COMMITS - 1).id,
            ..head.clone()
        },
        is_new: true,
    };
    let record = WriteSet {
        commits: (0..COMMITS).map(new).collect(),
        labels: (0..LABELS).map(label).collect(),
        jobs: vec![],
        indexed: vec![],
        at: at(COMMITS),
        by: first.created_by,
    };
    let turn = store.begin_push_turn().unwrap();
    store.transaction("fill", |tx| tx.push(&record, turn)).unwrap();
    commit(COMMITS - 1).id.to_string()
}

/// A page as a browser gets it.
#[track_caller]
fn sent(registry: &Registry, path: &str) -> usize {
    let headers = vec![registry.authorization(), "accept: text/html".into(), "accept-encoding: gzip".into()];
    let answer = http::send(&registry.url, "GET", path, headers, &[]);
    assert!(matches!(answer.status, 200 | 403 | 404), "{path}: {}", answer.status);
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{path}: {policy}");
    assert!(answer.body.len() <= SENT, "{path}: {} bytes", answer.body.len());
    answer.body.len()
}

#[test]
fn pages_of_a_huge_hostile_module_are_small_and_harmless() {
    let data = tempfile::tempdir().unwrap();
    let mut registry = Registry::with(|options| _ = options.keep(data.path(), None).flag("eager-plugins", ""));
    let name = format!("{}/huge", registry.user);
    module(&name).push(&registry);
    let token = registry.token.clone();
    registry.signal("TERM");
    registry.process().wait().unwrap();
    let last = fill(&registry, &name);
    drop(registry);
    let registry = Registry::with(|options| _ = options.keep(data.path(), Some(&token)).flag("eager-plugins", ""));
    let description = format!("{HOSTILE}{}", "x".repeat(200));
    registry.cli(["module", "update", &name, "--description", &description]).ok();
    let of_module = [
        "",
        "/docs/main",
        "/docs/main/acme.part7.v1",
        "/docs/main/acme.large",
        "/docs/main/acme.none",
        &format!("/docs/{last}"),
        "/sdks/main",
        "/sdks/main:community/neoeinstein-prost",
        "/files/main",
        "/files/main/acme",
        "/files/main/acme/part7/v1",
        "/files/main/acme/part7/v1/things.proto",
        "/files/main/acme/large/large.proto",
        "/files/main/README.md",
        "/commits/main",
        "/commits/main?page=2",
        &format!("/commits/{last}"),
        "/dependencies/main",
        "/webhooks",
        "/settings",
        &format!("/compare/main/{last}"),
        &format!("/compare/{last}/main"),
    ];
    for path in of_module {
        sent(&registry, &format!("/{name}{path}"));
    }
    let others =
        ["/", "/acme", "/search?q=thing", "/search?q=script", "/search/suggestions?q=thing", "/plugins", "/admin"];
    for path in others {
        sent(&registry, path);
    }
    registry.is_well();
}
