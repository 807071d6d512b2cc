//! Labels on a real store.

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind};
use crate::store::{Owner, Visibility};
use crate::wire::buf::registry::module::v1::{ResourceRef, label_ref, resource_ref};

const A: (&str, &str) = ("a.proto", "syntax = \"proto3\"; package a.v1; message A {}");
const B: (&str, &str) = ("a.proto", "syntax = \"proto3\"; package a.v1; message B {}");

fn label_ref(label: &str) -> LabelRef {
    let name = label_ref::Name { owner: "acme".into(), module: "pets".into(), label: label.into() };
    LabelRef { value: name.into() }
}

/// Two commits on `main`, the first one on `v1` as well.
fn pets() -> (Registry, Owner, Commit, Commit) {
    let registry = Registry::new();
    let user = registry.user("acme");
    let module = registry.module(&user, "pets", Visibility::Public);
    let first = registry.push(&module, &["main", "v1"], A, &[]);
    registry.later();
    let second = registry.push(&module, &[], B, &[]);
    registry.later();
    (registry, user, first, second)
}

fn point(call: &Call, label: &str, commit: &Commit) -> Answer<CreateOrUpdateLabelsResponse> {
    let value =
        create_or_update_labels_request::Value { label_ref: label_ref(label).into(), commit_id: commit.id.to_string() };
    create_or_update(call, &CreateOrUpdateLabelsRequest { values: vec![value] }, false).map(|(answer, _)| answer)
}

#[test]
fn labels_move_forward_only() {
    let (registry, user, first, second) = pets();
    let call = registry.call(&user, Scope::Write);
    assert_eq!(point(&call, "v1", &second).unwrap().labels[0].commit_id, second.id.to_string());
    assert_eq!(kind(point(&call, "v1", &first)), Kind::Precondition);
    assert_eq!(point(&call, "old", &first).unwrap().labels[0].name, "old");
    let stranger = registry.call(&registry.user("stranger"), Scope::Write);
    assert_eq!(kind(point(&stranger, "v1", &second)), Kind::Forbidden);
}

#[test]
fn an_archived_label_comes_back_when_it_is_pointed_anywhere() {
    let (registry, user, first, second) = pets();
    let call = registry.call(&user, Scope::Write);
    assert_eq!(kind(set_archived(&call, &[label_ref("main")], true)), Kind::Precondition);
    for target in [&first, &second] {
        set_archived(&call, &[label_ref("v1")], true).unwrap();
        let label = find(&call, &[label_ref("v1")]).unwrap().remove(0).1;
        assert!(label.archived.is_some());
        assert!(point(&call, "v1", target).unwrap().labels[0].archive_time.is_unset());
        let label = find(&call, &[label_ref("v1")]).unwrap().remove(0).1;
        assert!(label.archived.is_none() && label.commit == target.id);
    }
}

#[test]
fn a_batch_with_one_refusal_changes_nothing() {
    let (registry, user, first, _) = pets();
    let call = registry.call(&user, Scope::Write);
    let value = |label: &str| create_or_update_labels_request::Value {
        label_ref: label_ref(label).into(),
        commit_id: first.id.to_string(),
    };
    let request = CreateOrUpdateLabelsRequest { values: vec![value("new"), value("main")] };
    assert_eq!(kind(create_or_update(&call, &request, false)), Kind::Precondition);
    assert_eq!(kind(find(&call, &[label_ref("new")])), Kind::NotFound);
}

fn listed(call: &Call, reference: ResourceRef, archived: list_labels_request::ArchiveFilter) -> Vec<String> {
    let request =
        ListLabelsRequest { resource_ref: reference.into(), archive_filter: archived.into(), ..Default::default() };
    list(call, request).unwrap().labels.into_iter().map(|label| label.name).collect()
}

#[test]
fn lists_follow_what_the_reference_names() {
    use list_labels_request::ArchiveFilter as A;
    let (registry, user, first, _) = pets();
    let call = registry.call(&user, Scope::Write);
    set_archived(&call, &[label_ref("v1")], true).unwrap();
    let name = resource_ref::Name { owner: "acme".into(), module: "pets".into(), child: None };
    let module = || ResourceRef { value: name.clone().into() };
    let commit = || ResourceRef { value: Some(resource_ref::Value::Id(first.id.to_string())) };
    assert_eq!(listed(&call, module(), A::ARCHIVE_FILTER_UNSPECIFIED), ["main"]);
    assert_eq!(listed(&call, module(), A::ARCHIVE_FILTER_ARCHIVED_ONLY), ["v1"]);
    assert_eq!(listed(&call, commit(), A::ARCHIVE_FILTER_ALL), ["v1"]);
    assert!(listed(&call, commit(), A::ARCHIVE_FILTER_UNARCHIVED_ONLY).is_empty());
}

#[test]
fn a_history_can_begin_anywhere_and_leave_out_what_changed_nothing() {
    let (registry, user, first, second) = pets();
    let call = registry.call(&user, Scope::Write);
    let module = registry.store().module(&"acme/pets".parse().unwrap()).unwrap().unwrap();
    // The same content on a new label is another commit; moving main there changes nothing in it.
    let copy = registry.push(&module, &["copy"], B, &[]);
    point(&call, "main", &copy).unwrap();
    let ids = |start: Option<&Commit>, only_changes: bool| -> Vec<String> {
        let request = ListLabelHistoryRequest {
            label_ref: label_ref("main").into(),
            start_commit_id: start.map(|commit| commit.id.to_string()).unwrap_or_default(),
            only_commits_with_changed_digests: only_changes,
            ..Default::default()
        };
        history(&call, &request).unwrap().1.items.iter().map(|(_, commit)| commit.id.to_string()).collect()
    };
    let (first_id, second_id, copy_id) = (first.id.to_string(), second.id.to_string(), copy.id.to_string());
    assert_eq!(ids(None, false), [copy_id, second_id.clone(), first_id.clone()]);
    assert_eq!(ids(Some(&second), false), [second_id.clone(), first_id.clone()]);
    assert_eq!(ids(None, true), [second_id, first_id]);
}
