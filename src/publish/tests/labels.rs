//! The SDKs that labels generate, and their order.

use super::*;
use crate::store::{Label, LabelMove, StoreError};

const BUFFA: &str = "anthropics/buffa";

/// Pushes a message of this name to a label of `acme/pets`; the plugins that are due, by name.
fn due(fixture: &Fixture, label: &str, message: &str) -> Vec<String> {
    let text = super::message("acme.pets.v1", message);
    let pushed = fixture.push(vec![fixture.content("pets", &[label], &[("pets.proto", &text)])], &[]);
    let mut plugins: Vec<_> = pushed.sdks.iter().map(|key| key.plugin.to_string()).collect();
    plugins.sort();
    plugins
}

#[test]
fn labels_that_match_an_eager_pattern_generate_as_the_default_label_does() {
    let now = Timestamp::from_micros(1_716_475_506_000_000);
    let clock = Clock::new(move || now);
    let fixture = fixture_of(&[PROST], &["release/*"], Catalogue::embedded().unwrap(), clock);
    assert_eq!(due(&fixture, "main", "A"), [PROST]);
    assert_eq!(due(&fixture, "release/1", "B"), [PROST]);
    assert!(due(&fixture, "feature", "C").is_empty());

    let module = fixture.module("pets");
    fixture.running.request_crate(&module, &"acme_pets_anthropics_buffa".parse().unwrap()).unwrap();
    assert_eq!(due(&fixture, "main", "D"), [BUFFA, PROST]);
    assert_eq!(due(&fixture, "release/2", "E"), [BUFFA, PROST]);
    assert!(due(&fixture, "feature", "F").is_empty());

    let purpose = SdkPurpose::Keep("feature".parse().unwrap());
    let demand = SdkRequest { plugin: TONIC.parse().unwrap(), reference: "feature".into(), purpose, by: None };
    fixture.running.request_sdk(&module, &demand).unwrap();
    assert_eq!(due(&fixture, "feature", "G"), [TONIC]);
}

#[test]
fn an_interest_in_an_old_version_keeps_to_it() {
    let fixture = fixture_with(&[]);
    assert!(due(&fixture, "main", "A").is_empty());
    let module = fixture.module("pets");
    let plugin: PluginRef = format!("{PROST}:v0.4.0").parse().unwrap();
    let demand =
        SdkRequest { plugin, reference: String::new(), purpose: SdkPurpose::Keep(LabelName::main()), by: None };
    let first = fixture.running.request_sdk(&module, &demand).unwrap();
    fixture.wait_for_sdks(&[first]);
    let text = message("acme.pets.v1", "B");
    let pushed = fixture.push(vec![fixture.content("pets", &[], &[("pets.proto", &text)])], &[]);
    fixture.wait_for_sdks(&pushed.sdks);
    let versions = fixture.versions("acme_pets_community_neoeinstein-prost");
    assert_eq!(versions.len(), 2, "{versions:?}");
    assert!(versions.iter().all(|version| version.starts_with("0.4.0-2024")), "{versions:?}");
}

#[test]
fn the_first_sdk_by_a_plugin_version_is_a_release() {
    let fixture = fixture_with(&[&format!("{PROST}:v0.4.0")]);
    due(&fixture, "main", "A");
    due(&fixture, "next", "B");
    let module = fixture.module("pets");
    let demand =
        SdkRequest { plugin: PROST.parse().unwrap(), reference: "next".into(), purpose: SdkPurpose::Once, by: None };
    let next = fixture.running.request_sdk(&module, &demand).unwrap();
    fixture.wait_for_sdks(std::slice::from_ref(&next));
    let versions = fixture.versions("acme_pets_community_neoeinstein-prost");
    assert!(versions.last().unwrap().starts_with("0.5.0-2024"), "{versions:?}");
    assert!(versions.iter().any(|version| version.starts_with("0.5.0-0000")), "{versions:?}");
}

#[test]
fn a_label_that_mends_what_the_default_label_cannot_generate_gets_its_sdk() {
    let fixture = fixture_with(&[]);
    fixture.push(vec![fixture.content("pets", &["main"], &[("pets.proto", UNGENERATABLE)])], &[]);
    let text = message("acme.pets.v1", "Pet");
    fixture.push(vec![fixture.content("pets", &["fix"], &[("pets.proto", &text)])], &[]);
    let demand = SdkRequest {
        plugin: PROST_SERDE.parse().unwrap(),
        reference: "fix".into(),
        purpose: SdkPurpose::Once,
        by: None,
    };
    let fixed = fixture.running.request_sdk(&fixture.module("pets"), &demand).unwrap();
    fixture.wait_for_sdks(std::slice::from_ref(&fixed));
    assert_eq!(fixture.running.sdk_state(&fixed).unwrap(), Some(SdkState::Served));
    let failed = fixture.running.store().failed_jobs(0, 10).unwrap().items;
    assert_eq!(failed.len(), 1, "the head of the default label was tried first");
}

/// A compilation of `commit` that goes on until the returned sender sends or is dropped.
fn hold_compilation(fixture: &Fixture, commit: &Commit) -> std::sync::mpsc::Sender<()> {
    let publisher = fixture.running.publisher();
    let key = (commit.module, commit.id);
    let descriptors = publisher.descriptors(commit.id, None).unwrap();
    publisher.compiled.remove(&key);
    let (finish, finished) = std::sync::mpsc::channel();
    let (start, started) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        publisher.compiled.get_or_insert_with(&key, || {
            start.send(()).unwrap();
            finished.recv().ok();
            Ok::<_, DescriptorsError>(descriptors)
        })
    });
    started.recv().unwrap();
    finish
}

#[test]
fn pushes_go_on_while_the_commit_of_a_moving_label_compiles() {
    let fixture = fixture_with(&[]);
    let push = |label: &str, message: &str| {
        let text = super::message("acme.pets.v1", message);
        fixture.push(vec![fixture.content("pets", &[label], &[("pets.proto", &text)])], &[]).commits.remove(0)
    };
    let (first, next) = (push("main", "First"), push("next", "Next"));
    let (publisher, module, by) = (&fixture.running, fixture.module("pets"), fixture.user);
    let now = publisher.clock().now();
    let finish = hold_compilation(&fixture, &next);
    let (plan, planned) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let changing = scope.spawn(|| {
            publisher.change_labels((now, by.into()), || {
                let head = publisher.store().label(module.id, &module.default_label)?.unwrap();
                plan.send(head.commit).unwrap();
                let moves = (head.commit == first.id).then(|| {
                    let label = Label { commit: next.id, ..head };
                    (module.clone(), LabelMove { label, is_new: false })
                });
                Ok::<_, StoreError>(LabelChanges { moves: moves.into_iter().collect(), ..LabelChanges::default() })
            })
        });
        assert_eq!(planned.recv().unwrap(), first.id);
        let (done, pushed) = std::sync::mpsc::channel();
        scope.spawn(move || done.send(push("main", "Last")).unwrap());
        let last = pushed.recv_timeout(Duration::from_secs(60));
        finish.send(()).unwrap();
        let last = last.expect("a push while the other commit compiles");
        changing.join().unwrap().unwrap();
        assert_eq!(planned.recv().unwrap(), last.id, "the heads are read again after compiling");
        let head = publisher.store().label(module.id, &module.default_label).unwrap().unwrap();
        assert_eq!(head.commit, last.id);
    });
}

#[test]
fn pushes_go_on_while_the_commit_of_a_new_default_label_compiles() {
    let fixture = fixture_with(&[]);
    let push = |label: &str, message: &str| {
        let text = super::message("acme.pets.v1", message);
        fixture.push(vec![fixture.content("pets", &[label], &[("pets.proto", &text)])], &[]).commits.remove(0)
    };
    push("main", "First");
    let next = push("next", "Next");
    let (publisher, by) = (&fixture.running, fixture.user);
    let now = publisher.clock().now();
    let module = Module { default_label: "next".parse().unwrap(), ..fixture.module("pets") };
    publisher.store().transaction("test", |tx| tx.update_modules(std::slice::from_ref(&module))).unwrap();
    let (finish, module, push) = (hold_compilation(&fixture, &next), &module, &push);
    std::thread::scope(|scope| {
        let indexing = scope.spawn(|| publisher.index_default_label(module.id, (now, by)));
        let (done, pushed) = std::sync::mpsc::channel();
        // A push to the same label would be compared with the commit that compiles.
        scope.spawn(move || {
            let last = push("main", "Last");
            let moved = publisher.change_labels((now, by.into()), || {
                let head = publisher.store().label(module.id, &module.default_label)?.unwrap();
                let label = Label { commit: last.id, ..head };
                let moves = vec![(module.clone(), LabelMove { label, is_new: false })];
                Ok::<_, StoreError>(LabelChanges { moves, ..LabelChanges::default() })
            });
            done.send(moved).unwrap();
        });
        let moved = pushed.recv_timeout(Duration::from_secs(60));
        finish.send(()).unwrap();
        moved.expect("a push and a move while the other commit compiles").unwrap();
        indexing.join().unwrap().unwrap();
    });
    let found = |query: &str| publisher.store().search_symbols(query, None, 10).unwrap();
    assert!(found("Next").is_empty());
    assert_eq!(found("Last").len(), 1);
}
