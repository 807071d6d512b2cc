//! Check plugins with their commits and labels.

use crate::model::{CheckPluginId, LabelId, LabelName, Shake256Digest};
use crate::store::testing::{Scratch, at, commit_id, owner_id};
use crate::store::{
    CheckPlugin, CheckPluginCommit, CheckPluginLabel, LabelFilter, Order, StoreError, Viewer, Visibility,
};

const PROGRAM: &[u8] = b"\0asm";

fn plugin() -> CheckPlugin {
    CheckPlugin {
        id: CheckPluginId::from_bytes([1; 16]),
        name: "acme/check".parse().unwrap(),
        owner: owner_id(1),
        visibility: Visibility::Private,
        deprecated: false,
        description: String::new(),
        source_url: String::new(),
        created: at(1),
        updated: at(1),
    }
}

fn commit(n: u8) -> CheckPluginCommit {
    CheckPluginCommit {
        id: commit_id(n),
        plugin: plugin().id,
        created: at(n.into()),
        digest: Shake256Digest::of(PROGRAM),
        created_by: owner_id(1),
        source_control_url: String::new(),
    }
}

fn label(commit: u8) -> CheckPluginLabel {
    CheckPluginLabel {
        id: LabelId::from_bytes([1; 16]),
        plugin: plugin().id,
        name: LabelName::main(),
        commit: commit_id(commit),
        created: at(1),
        updated: at(commit.into()),
        updated_by: owner_id(1),
        archived: None,
    }
}

fn filled() -> Scratch {
    let store = Scratch::with_modules();
    store
        .transaction("test", |tx| {
            tx.create_check_plugin(&plugin())?;
            for n in [1, 2] {
                tx.create_check_plugin_commit(&commit(n), PROGRAM)?;
                tx.put_check_plugin_label(&label(n))?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store
}

#[test]
fn a_plugin_has_commits_and_labels_with_their_history() {
    let store = filled();
    assert_eq!(store.check_plugin(&plugin().name).unwrap(), Some(plugin()));
    assert_eq!(store.check_plugin_by_id(plugin().id).unwrap(), Some(plugin()));
    let listed = |viewer| store.list_check_plugins(None, viewer, Order::NewestFirst, (0, 9)).unwrap().items.len();
    assert_eq!((listed(None), listed(Some(Viewer::Anonymous)), listed(Some(Viewer::User(owner_id(1))))), (1, 0, 1));
    let page = store.list_check_plugin_commits(plugin().id, true, "", (0, 1)).unwrap();
    assert_eq!((page.items, page.next), (vec![commit(2)], Some(1)));
    assert_eq!(store.list_check_plugin_commits(plugin().id, true, "01", (0, 9)).unwrap().items, [commit(1)]);
    assert_eq!(store.check_plugin_program(commit_id(2)).unwrap().unwrap(), PROGRAM);
    assert_eq!(store.check_plugin_label(plugin().id, &LabelName::main()).unwrap(), Some(label(2)));
    let at_first = store.list_check_plugin_labels(plugin().id, Some(commit_id(1)), &LabelFilter::default(), (0, 9));
    assert!(at_first.unwrap().items.is_empty());
    let moves = store.check_plugin_label_history(label(1).id, false, (0, 9)).unwrap().items;
    assert_eq!(moves.iter().map(|event| event.commit).collect::<Vec<_>>(), [commit_id(1), commit_id(2)]);
}

#[test]
fn an_owner_stays_while_it_has_plugins_and_a_plugin_goes_with_all_that_it_has() {
    let store = filled();
    let modules: Vec<_> = store.module_names().unwrap();
    let ids: Vec<_> = modules.iter().map(|name| store.module(name).unwrap().unwrap().id).collect();
    store.delete_modules(&ids).unwrap();
    let error = store.delete_owner(owner_id(1), at(9)).unwrap_err();
    assert!(matches!(error, StoreError::OwnerHasCheckPlugins { plugins: 1, .. }), "{error}");
    store.transaction("test", |tx| tx.delete_check_plugin(plugin().id)).unwrap();
    assert_eq!(store.check_plugin_commit(commit_id(1)).unwrap(), None);
    assert!(store.check_plugin_commit_ids().unwrap().is_empty());
    store.delete_owner(owner_id(1), at(9)).unwrap();
}

#[test]
fn a_damaged_program_is_refused() {
    let store = filled().flip_a_bit("check_plugin_programs", "content");
    let read = [1, 2].map(|n| store.check_plugin_program(commit_id(n)).map_err(|error| error.is_damage()));
    assert!(read.contains(&Err(true)), "{read:?}");
}
