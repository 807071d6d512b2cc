//! Looks up the references of a request: check plugin, label, commit. Records that the caller may not read do not exist.

use crate::actions::check_plugins::readable;
use crate::model::{CheckPluginId, CommitId, LabelId, LabelName};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{CheckPlugin, CheckPluginCommit, CheckPluginLabel};
use crate::wire::buf::registry::plugin::v1beta1::{
    LabelRef, PluginRef, ResourceRef, label_ref, plugin_ref, resource_ref,
};

use crate::serve::rpc::call::context::Call;
use crate::serve::rpc::call::references::module_name;

const MISSING: &str = "a reference in the request is empty; set its id or its name";

/// The record that a reference names.
pub(super) enum Resource {
    Plugin(CheckPlugin),
    Label(CheckPlugin, CheckPluginLabel),
    Commit(CheckPlugin, CheckPluginCommit),
}

/// The check plugin of that name.
///
/// # Errors
/// When the name is not valid, or there is no such plugin for the caller.
pub(super) fn named(call: &Call, owner: &str, plugin: &str) -> Answer<CheckPlugin> {
    let name = module_name(owner, plugin)?;
    let found = readable(call.store(), &call.caller, call.store().check_plugin(&name)?)?;
    found.ok_or_else(|| Refusal::not_found(format!("check plugin {name} is not in this registry")))
}

fn by_id(call: &Call, id: CheckPluginId) -> Answer<Option<CheckPlugin>> {
    Ok(readable(call.store(), &call.caller, call.store().check_plugin_by_id(id)?)?)
}

/// The check plugin that `reference` names.
///
/// # Errors
/// When there is none for the caller.
pub(super) fn plugin(call: &Call, reference: &PluginRef) -> Answer<CheckPlugin> {
    match &reference.value {
        None => Err(Refusal::invalid(MISSING)),
        Some(plugin_ref::Value::Name(name)) => named(call, &name.owner, &name.plugin),
        Some(plugin_ref::Value::Id(id)) => {
            let found = by_id(call, id.parse()?)?;
            found.ok_or_else(|| Refusal::not_found(format!("there is no check plugin with the id {id}")))
        }
    }
}

/// The record that `reference` names.
///
/// # Errors
/// When there is none for the caller.
pub(super) fn resource(call: &Call, reference: &ResourceRef) -> Answer<Resource> {
    use resource_ref::name::Child;
    let name = match &reference.value {
        None => return Err(Refusal::invalid(MISSING)),
        Some(resource_ref::Value::Id(id)) => return resource_by_id(call, id),
        Some(resource_ref::Value::Name(name)) => name,
    };
    let plugin = named(call, &name.owner, &name.plugin)?;
    match &name.child {
        Some(Child::LabelName(text)) if !text.is_empty() => {
            let label = named_label(call, &plugin, text)?;
            Ok(Resource::Label(plugin, label))
        }
        Some(Child::Ref(text)) if !text.is_empty() => {
            if let Ok(id) = text.parse::<CommitId>()
                && let Some(commit) = call.store().check_plugin_commit(id)?.filter(|commit| commit.plugin == plugin.id)
            {
                return Ok(Resource::Commit(plugin, commit));
            }
            let label = named_label(call, &plugin, text)?;
            Ok(Resource::Label(plugin, label))
        }
        _ => Ok(Resource::Plugin(plugin)),
    }
}

fn resource_by_id(call: &Call, id: &str) -> Answer<Resource> {
    let parsed: CommitId = id.parse()?;
    if let Some(commit) = call.store().check_plugin_commit(parsed)?
        && let Some(plugin) = by_id(call, commit.plugin)?
    {
        return Ok(Resource::Commit(plugin, commit));
    }
    let bytes = *parsed.as_bytes();
    if let Some(plugin) = by_id(call, CheckPluginId::from_bytes(bytes))? {
        return Ok(Resource::Plugin(plugin));
    }
    if let Some((plugin, label)) = readable_label(call, LabelId::from_bytes(bytes))? {
        return Ok(Resource::Label(plugin, label));
    }
    Err(Refusal::not_found(format!("there is no check plugin, nor a commit or label of one, with the id {id}")))
}

fn readable_label(call: &Call, id: LabelId) -> Answer<Option<(CheckPlugin, CheckPluginLabel)>> {
    let Some(label) = call.store().check_plugin_label_by_id(id)? else { return Ok(None) };
    Ok(by_id(call, label.plugin)?.map(|plugin| (plugin, label)))
}

/// The commit that `reference` leads to: a plugin leads to the head of its default label.
///
/// # Errors
/// When there is no such record for the caller, or nothing was pushed yet.
pub(super) fn commit(call: &Call, reference: &ResourceRef) -> Answer<(CheckPlugin, CheckPluginCommit)> {
    let (plugin, head) = match resource(call, reference)? {
        Resource::Commit(plugin, commit) => return Ok((plugin, commit)),
        Resource::Label(plugin, label) => (plugin, Some(label)),
        Resource::Plugin(plugin) => {
            let head = call.store().check_plugin_label(plugin.id, &LabelName::main())?;
            (plugin, head)
        }
    };
    let commit = match head {
        Some(label) => call.store().check_plugin_commit(label.commit)?,
        None => None,
    };
    let none =
        || Refusal::not_found(format!("check plugin {} has no commits; `buf plugin push` makes one", plugin.name));
    let commit = commit.ok_or_else(none)?;
    Ok((plugin, commit))
}

/// The name of a label.
///
/// # Errors
/// When it is not valid.
pub(super) fn label_name(text: &str) -> Answer<LabelName> {
    text.parse().map_err(|error: crate::model::LabelError| Refusal::invalid(error.to_string()))
}

fn named_label(call: &Call, plugin: &CheckPlugin, text: &str) -> Answer<CheckPluginLabel> {
    let found = call.store().check_plugin_label(plugin.id, &label_name(text)?)?;
    found.ok_or_else(|| Refusal::not_found(format!("check plugin {} has no label or commit {text}", plugin.name)))
}

/// The label with this id, with its check plugin.
///
/// # Errors
/// When there is none for the caller.
pub(super) fn label_by_id(call: &Call, id: &str) -> Answer<(CheckPlugin, CheckPluginLabel)> {
    let found = readable_label(call, id.parse()?)?;
    found.ok_or_else(|| Refusal::not_found(format!("there is no label of a check plugin with the id {id}")))
}

/// The label that `reference` names, with its check plugin.
///
/// # Errors
/// When there is none for the caller.
pub(super) fn label(call: &Call, reference: &LabelRef) -> Answer<(CheckPlugin, CheckPluginLabel)> {
    match &reference.value {
        None => Err(Refusal::invalid(MISSING)),
        Some(label_ref::Value::Id(id)) => label_by_id(call, id),
        Some(label_ref::Value::Name(name)) => {
            let plugin = named(call, &name.owner, &name.plugin)?;
            let label = named_label(call, &plugin, &name.label)?;
            Ok((plugin, label))
        }
    }
}

/// The check plugin and the name of a label, which need not exist.
///
/// # Errors
/// When there is no such plugin or id for the caller, or the name is not valid.
pub(super) fn label_place(call: &Call, reference: &LabelRef) -> Answer<(CheckPlugin, LabelName)> {
    match &reference.value {
        Some(label_ref::Value::Name(name)) => Ok((named(call, &name.owner, &name.plugin)?, label_name(&name.label)?)),
        _ => label(call, reference).map(|(plugin, label)| (plugin, label.name)),
    }
}
