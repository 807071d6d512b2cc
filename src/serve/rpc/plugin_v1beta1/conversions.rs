//! Converts records of check plugins to RPC messages.

use crate::store::{CheckPlugin, CheckPluginCommit, CheckPluginLabel, Visibility};
use crate::wire::buf::registry::plugin::v1beta1::{
    Commit, Digest, DigestType, Label, Plugin, PluginState, PluginType, PluginVisibility,
};
use crate::wire::time_to_wire;

/// A check plugin.
pub(super) fn plugin(plugin: &CheckPlugin) -> Plugin {
    let state = if plugin.deprecated { PluginState::PLUGIN_STATE_DEPRECATED } else { PluginState::PLUGIN_STATE_ACTIVE };
    let visibility = match plugin.visibility {
        Visibility::Public => PluginVisibility::PLUGIN_VISIBILITY_PUBLIC,
        Visibility::Private => PluginVisibility::PLUGIN_VISIBILITY_PRIVATE,
    };
    Plugin {
        id: plugin.id.to_string(),
        create_time: time_to_wire(plugin.created).into(),
        update_time: time_to_wire(plugin.updated).into(),
        name: plugin.name.name().to_string(),
        owner_id: plugin.owner.to_string(),
        visibility: visibility.into(),
        state: state.into(),
        r#type: PluginType::PLUGIN_TYPE_CHECK.into(),
        description: plugin.description.clone(),
        source_url: plugin.source_url.clone(),
    }
}

/// A commit of a check plugin.
pub(super) fn commit(plugin: &CheckPlugin, commit: &CheckPluginCommit) -> Commit {
    let value = commit.digest.as_bytes().to_vec().into();
    Commit {
        id: commit.id.to_string(),
        create_time: time_to_wire(commit.created).into(),
        owner_id: plugin.owner.to_string(),
        plugin_id: plugin.id.to_string(),
        digest: Digest { r#type: DigestType::DIGEST_TYPE_P1.into(), value }.into(),
        created_by_user_id: commit.created_by.to_string(),
        source_control_url: commit.source_control_url.clone(),
    }
}

/// A label of a check plugin.
pub(super) fn label(plugin: &CheckPlugin, label: &CheckPluginLabel) -> Label {
    Label {
        id: label.id.to_string(),
        create_time: time_to_wire(label.created).into(),
        update_time: time_to_wire(label.updated).into(),
        archive_time: label.archived.map(time_to_wire).into(),
        name: label.name.to_string(),
        owner_id: plugin.owner.to_string(),
        plugin_id: plugin.id.to_string(),
        commit_id: label.commit.to_string(),
        updated_by_user_id: label.updated_by.to_string(),
    }
}
