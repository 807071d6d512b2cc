//! Check plugins of `buf`: creates, changes and deletes them, takes in their programs, and moves their labels.

use bytes::Bytes;

use super::access::{Access, may_read_of, require};
use super::actor::Actor;
use super::caller::Caller;
use super::error::ActionError;
use super::field_rules;
use super::modules::word;
use crate::model::{CommitId, LabelName, ModuleName, RepositoryName, Shake256Digest};
use crate::publish::{commit_time, new_ids};
use crate::store::{
    CheckPlugin, CheckPluginCommit, CheckPluginLabel, Owner, Store, StoreError, Transaction, Visibility,
};

/// The bytes that every WebAssembly program begins with.
const WASM: &[u8] = b"\0asm";

/// A check plugin to create.
pub(crate) struct NewCheckPlugin {
    /// The owner.
    pub(crate) owner: Owner,
    /// The second part of its name.
    pub(crate) name: RepositoryName,
    /// Public or private.
    pub(crate) visibility: Visibility,
    /// Free text for people; may be empty.
    pub(crate) description: String,
    /// The URL of its sources; may be empty.
    pub(crate) source_url: String,
}

/// Changes of a check plugin; an absent field stays as it is.
pub(crate) struct CheckPluginChange {
    /// The plugin.
    pub(crate) plugin: CheckPlugin,
    /// Public or private.
    pub(crate) visibility: Option<Visibility>,
    /// Whether its users are advised to move to another one.
    pub(crate) deprecated: Option<bool>,
    /// Free text for people.
    pub(crate) description: Option<String>,
    /// The URL of its sources.
    pub(crate) source_url: Option<String>,
}

/// A program that is pushed.
pub(crate) struct CheckPluginPush {
    /// The plugin.
    pub(crate) plugin: CheckPlugin,
    /// The program, not compressed.
    pub(crate) program: Bytes,
    /// The labels; the default label if there are none.
    pub(crate) labels: Vec<LabelName>,
    /// Where its sources are; may be empty.
    pub(crate) source_control_url: String,
}

/// A label of a check plugin that is to point at a commit.
pub(crate) struct PointCheckPluginLabel {
    /// The plugin.
    pub(crate) plugin: CheckPlugin,
    /// The label's name.
    pub(crate) label: LabelName,
    /// The commit.
    pub(crate) target: CommitId,
}

/// The check plugin, if it exists for `caller`.
///
/// # Errors
/// When the store fails.
pub(crate) fn readable(
    store: &Store,
    caller: &Caller,
    plugin: Option<CheckPlugin>,
) -> Result<Option<CheckPlugin>, StoreError> {
    match plugin {
        Some(plugin) if may_read_of(store, caller, (plugin.owner, plugin.visibility))? => Ok(Some(plugin)),
        _ => Ok(None),
    }
}

/// Creates check plugins: all or none.
///
/// # Errors
/// When the caller may not create them for an owner, a text is refused, a name is taken, or an owner has too many.
pub(crate) fn create(actor: &Actor<'_>, new: Vec<NewCheckPlugin>) -> Result<Vec<CheckPlugin>, ActionError> {
    actor.caller.require_write()?;
    let plugins: Vec<_> = new.into_iter().map(|new| new_plugin(actor, new)).collect::<Result<_, _>>()?;
    actor.store.transaction("create check plugins", |tx| {
        for plugin in &plugins {
            tx.create_check_plugin(plugin)?;
            tx.audit(&actor.event("check-plugin.create", plugin.name.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    Ok(plugins)
}

fn new_plugin(actor: &Actor<'_>, new: NewCheckPlugin) -> Result<CheckPlugin, ActionError> {
    let doing = format!("create check plugins for {}", new.owner.name);
    require(actor.store, actor.caller, new.owner.id, Access::Admin, &doing)?;
    Ok(CheckPlugin {
        id: new_ids::check_plugin(),
        name: ModuleName::new(new.owner.name, new.name),
        owner: new.owner.id,
        visibility: new.visibility,
        deprecated: false,
        description: field_rules::description(&new.description)?,
        source_url: field_rules::url("source_url", &new.source_url)?,
        created: actor.at,
        updated: actor.at,
    })
}

/// Changes check plugins: all or none.
///
/// # Errors
/// When the caller does not administer one of them, or a text is refused.
pub(crate) fn update(actor: &Actor<'_>, changes: Vec<CheckPluginChange>) -> Result<Vec<CheckPlugin>, ActionError> {
    let (mut plugins, mut events) = (vec![], vec![]);
    for change in changes {
        let old = change.plugin.visibility;
        let is_more = change.description.is_some() || change.source_url.is_some() || change.deprecated.is_some();
        let plugin = changed(actor, change)?;
        if plugin.visibility != old {
            let subject = format!("{}: {}, was {}", plugin.name, word(plugin.visibility), word(old));
            events.push(actor.event("check-plugin.visibility", subject));
        }
        if is_more || plugin.visibility == old {
            events.push(actor.event("check-plugin.update", plugin.name.to_string()));
        }
        plugins.push(plugin);
    }
    actor.store.transaction("change check plugins", |tx| {
        plugins.iter().try_for_each(|plugin| tx.update_check_plugin(plugin))?;
        events.iter().try_for_each(|event| tx.audit(event))?;
        Ok::<_, ActionError>(())
    })?;
    Ok(plugins)
}

fn changed(actor: &Actor<'_>, change: CheckPluginChange) -> Result<CheckPlugin, ActionError> {
    let mut plugin = change.plugin;
    require_right(actor, &plugin, Access::Admin, "change")?;
    plugin.visibility = change.visibility.unwrap_or(plugin.visibility);
    plugin.deprecated = change.deprecated.unwrap_or(plugin.deprecated);
    if let Some(description) = &change.description {
        plugin.description = field_rules::description(description)?;
    }
    if let Some(url) = &change.source_url {
        plugin.source_url = field_rules::url("source_url", url)?;
    }
    plugin.updated = actor.at;
    Ok(plugin)
}

/// Deletes check plugins with their commits and labels: all or none.
///
/// # Errors
/// When the caller does not administer one of them.
pub(crate) fn delete(actor: &Actor<'_>, plugins: &[CheckPlugin]) -> Result<(), ActionError> {
    for plugin in plugins {
        require_right(actor, plugin, Access::Admin, "delete")?;
    }
    actor.store.transaction("delete check plugins", |tx| {
        for plugin in plugins {
            tx.delete_check_plugin(plugin.id)?;
            tx.audit(&actor.event("check-plugin.delete", plugin.name.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })
}

/// Refuses a caller who may not push to the check plugin.
///
/// # Errors
/// As said.
pub(crate) fn require_push(actor: &Actor<'_>, plugin: &CheckPlugin) -> Result<(), ActionError> {
    require_right(actor, plugin, Access::Write, "push to")
}

/// Takes in programs: all or none. Where all labels that exist are at one commit with the same program, that commit
/// stays, as with modules.
///
/// # Errors
/// When the caller may not push to a plugin, or a program is not WebAssembly.
pub(crate) fn push(
    actor: &Actor<'_>,
    pushes: &[CheckPluginPush],
) -> Result<Vec<(CheckPlugin, CheckPluginCommit)>, ActionError> {
    for push in pushes {
        require_push(actor, &push.plugin)?;
        if !push.program.starts_with(WASM) {
            return Err(ActionError::NoWebAssembly(push.plugin.name.clone()));
        }
    }
    actor.store.transaction("store check plugins", |tx| {
        pushes.iter().map(|push| Ok((push.plugin.clone(), push_one(actor, tx, push)?))).collect()
    })
}

fn push_one(actor: &Actor<'_>, tx: &Transaction<'_>, push: &CheckPluginPush) -> Result<CheckPluginCommit, ActionError> {
    let by = actor.user()?.id;
    let digest = Shake256Digest::of(&push.program);
    let mut names = push.labels.clone();
    if names.is_empty() {
        names.push(LabelName::main());
    }
    names.sort();
    names.dedup();
    let mut heads = vec![];
    for name in &names {
        heads.extend(tx.check_plugin_label(push.plugin.id, name)?);
    }
    let first = heads.first().filter(|first| heads.iter().all(|head| head.commit == first.commit));
    let same = match first {
        Some(first) => tx.check_plugin_commit(first.commit)?.filter(|commit| commit.digest == digest),
        None => None,
    };
    let commit = match same {
        Some(commit) => commit,
        None => {
            let commit = CheckPluginCommit {
                id: new_ids::commit(),
                plugin: push.plugin.id,
                created: commit_time(actor.at, tx.newest_check_plugin_commit(push.plugin.id)?, false),
                digest,
                created_by: by,
                source_control_url: field_rules::url("source_control_url", &push.source_control_url)?,
            };
            tx.create_check_plugin_commit(&commit, &push.program)?;
            commit
        }
    };
    let mut moved = vec![];
    for name in names {
        let known = heads.iter().find(|head| head.name == name);
        if known.is_none_or(|known| known.commit != commit.id || known.archived.is_some()) {
            tx.put_check_plugin_label(&pointed(actor, &push.plugin, (known, &name), commit.id)?)?;
            moved.push(name.to_string());
        }
    }
    if !moved.is_empty() {
        let subject = format!("{}:{} to {}", push.plugin.name, commit.id, moved.join(", "));
        tx.audit(&actor.event("check-plugin.push", subject))?;
    }
    Ok(commit)
}

/// The label `name` at `commit`; `known` if it exists.
fn pointed(
    actor: &Actor<'_>,
    plugin: &CheckPlugin,
    (known, name): (Option<&CheckPluginLabel>, &LabelName),
    commit: CommitId,
) -> Result<CheckPluginLabel, ActionError> {
    Ok(CheckPluginLabel {
        id: known.map_or_else(new_ids::label, |label| label.id),
        plugin: plugin.id,
        name: name.clone(),
        commit,
        created: known.map_or(actor.at, |label| label.created),
        updated: actor.at,
        updated_by: actor.user()?.id,
        archived: None,
    })
}

/// Points labels at commits: all or none. A label moves forward only.
///
/// # Errors
/// When the caller may not push to a plugin, the plugin has no such commit, or a label would go to an older one.
pub(crate) fn point(
    actor: &Actor<'_>,
    requested: &[PointCheckPluginLabel],
) -> Result<Vec<(CheckPlugin, CheckPluginLabel)>, ActionError> {
    for PointCheckPluginLabel { plugin, .. } in requested {
        require_right(actor, plugin, Access::Write, "change labels of")?;
    }
    actor.store.transaction("change labels", |tx| {
        requested.iter().map(|one| Ok((one.plugin.clone(), point_one(actor, tx, one)?))).collect()
    })
}

fn point_one(
    actor: &Actor<'_>,
    tx: &Transaction<'_>,
    requested: &PointCheckPluginLabel,
) -> Result<CheckPluginLabel, ActionError> {
    let PointCheckPluginLabel { plugin, label: name, target } = requested;
    let missing = |commit| StoreError::Missing(format!("commit {commit} of check plugin {}", plugin.name));
    let commit = |id| -> Result<CheckPluginCommit, ActionError> {
        let found = tx.check_plugin_commit(id)?.filter(|commit| commit.plugin == plugin.id);
        Ok(found.ok_or_else(|| missing(id))?)
    };
    let target = commit(*target)?;
    let known = tx.check_plugin_label(plugin.id, name)?;
    let action = match &known {
        None => "check-plugin.label.create",
        Some(known) if known.commit == target.id && known.archived.is_none() => return Ok(known.clone()),
        Some(known) if known.commit == target.id => "check-plugin.label.unarchive",
        Some(known) => {
            let head = commit(known.commit)?;
            if (target.created, target.id) < (head.created, head.id) {
                return Err(ActionError::LabelGoesBack { label: name.clone(), head: head.id, target: target.id });
            }
            "check-plugin.label.move"
        }
    };
    let label = pointed(actor, plugin, (known.as_ref(), name), target.id)?;
    tx.put_check_plugin_label(&label)?;
    tx.audit(&actor.event(action, format!("{}:{name} to {}", plugin.name, target.id)))?;
    Ok(label)
}

/// Archives or unarchives labels: all or none. Labels that are in that state already stay as they are.
///
/// # Errors
/// When the caller may not push to a plugin, or the default label is to be archived.
pub(crate) fn set_archived(
    actor: &Actor<'_>,
    labels: &[(CheckPlugin, CheckPluginLabel)],
    archived: bool,
) -> Result<(), ActionError> {
    let by = actor.user()?.id;
    for (plugin, label) in labels {
        require_right(actor, plugin, Access::Write, "change labels of")?;
        if archived && label.name == LabelName::main() {
            return Err(ActionError::CheckPluginDefault { plugin: plugin.name.clone(), label: label.name.clone() });
        }
    }
    let (action, since) = match archived {
        true => ("check-plugin.label.archive", Some(actor.at)),
        false => ("check-plugin.label.unarchive", None),
    };
    actor.store.transaction("archive labels", |tx| {
        for (plugin, label) in labels.iter().filter(|(_, label)| label.archived.is_some() != archived) {
            tx.set_check_plugin_label_archived(label.id, since, by)?;
            tx.audit(&actor.event(action, format!("{}:{}", plugin.name, label.name)))?;
        }
        Ok::<_, ActionError>(())
    })
}

fn require_right(actor: &Actor<'_>, plugin: &CheckPlugin, least: Access, doing: &str) -> Result<(), ActionError> {
    actor.caller.require_write()?;
    let doing = format!("{doing} check plugin {}", plugin.name);
    require(actor.store, actor.caller, plugin.owner, least, &doing)
}
