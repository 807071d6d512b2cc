//! Reading the audit log, and the names of its actions.

use serde::Serialize;

use super::actor::Actor;
use super::error::ActionError;
use crate::store::{AuditEvent, AuditFilter, AuditRecord, AuditStart};

/// Actions that the audit log of the BSR has too, with its names for them
/// (<https://buf.build/bufbuild/buf/docs/main:buf.alpha.audit.v1alpha1#buf.alpha.audit.v1alpha1.EventType>).
const EVENT_TYPES: &[(&str, &str)] = &[
    ("organization.create", "EVENT_TYPE_ORGANIZATION_CREATED"),
    ("organization.delete", "EVENT_TYPE_ORGANIZATION_DELETED"),
    ("organization.member.add", "EVENT_TYPE_ORGANIZATION_MEMBER_ADDED"),
    ("organization.member.role", "EVENT_TYPE_ORGANIZATION_MEMBER_ROLE_CHANGED"),
    ("organization.member.remove", "EVENT_TYPE_ORGANIZATION_MEMBER_REMOVED"),
    ("module.create", "EVENT_TYPE_REPOSITORY_CREATED"),
    ("module.delete", "EVENT_TYPE_REPOSITORY_DELETED"),
    ("module.visibility", "EVENT_TYPE_REPOSITORY_VISIBILITY_CHANGED"),
    ("commit.push", "EVENT_TYPE_REPOSITORY_COMMIT_PUSHED"),
    ("user.create", "EVENT_TYPE_USER_CREATED"),
    ("user.delete", "EVENT_TYPE_USER_DELETED"),
    ("session.begin", "EVENT_TYPE_USER_LOGGED_IN"),
    ("session.end", "EVENT_TYPE_USER_LOGGED_OUT"),
    ("token.create", "EVENT_TYPE_TOKEN_CREATED"),
    ("token.revoke", "EVENT_TYPE_TOKEN_DELETED"),
];

/// The actions that the audit log records.
const ACTIONS: &[&str] = &[
    "check-plugin.create",
    "check-plugin.delete",
    "check-plugin.label.archive",
    "check-plugin.label.create",
    "check-plugin.label.move",
    "check-plugin.label.unarchive",
    "check-plugin.push",
    "check-plugin.update",
    "check-plugin.visibility",
    "commit.allow-breaking",
    "commit.breaking",
    "commit.fetch",
    "commit.import",
    "commit.push",
    "interest.add",
    "interest.remove",
    "label.archive",
    "label.create",
    "label.move",
    "label.unarchive",
    "login.approve",
    "login.deny",
    "module.create",
    "module.delete",
    "module.gate",
    "module.update",
    "module.visibility",
    "name.free",
    "organization.create",
    "organization.delete",
    "organization.member.add",
    "organization.member.remove",
    "organization.member.role",
    "organization.update",
    "owner.settings",
    "sdk.repair",
    "sdk.retry",
    "sdk.unyank",
    "sdk.yank",
    "session.begin",
    "session.end",
    "session.refuse",
    "store.accept-rows",
    "store.backup",
    "store.clean",
    "store.damaged",
    "store.migrate",
    "store.restore",
    "token.create",
    "token.revoke",
    "user.create",
    "user.delete",
    "user.disable",
    "user.enable",
    "user.update",
    "webhook.create",
    "webhook.delete",
    "webhook.test",
];

/// A record as a line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct AuditLine {
    /// A later record has a higher number.
    pub(crate) id: u64,
    /// The time, by RFC 3339.
    pub(crate) time: String,
    /// What happened.
    pub(crate) action: String,
    /// The name of the same in the audit log of the BSR.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) event_type: String,
    /// What it happened to.
    pub(crate) subject: String,
    /// The name that the user had; empty if the registry did it, or a command on the data directory.
    pub(crate) actor: String,
    /// The id of the user.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) actor_id: String,
    /// The id of the token that the request presented.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) token: String,
    /// The address of the client.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) client: String,
}

impl From<AuditRecord> for AuditLine {
    fn from(record: AuditRecord) -> Self {
        fn text(value: Option<impl ToString>) -> String {
            value.map_or_else(String::new, |value| value.to_string())
        }
        let AuditRecord { id, actor_name, event: AuditEvent { at, actor, source, action, subject } } = record;
        Self {
            id,
            time: at.to_string(),
            event_type: event_type(&action).unwrap_or_default().to_owned(),
            action,
            subject,
            actor: actor_name.unwrap_or_default(),
            actor_id: text(actor),
            token: text(source.token),
            client: text(source.client),
        }
    }
}

/// The BSR's name of an action, if its audit log has it.
fn event_type(action: &str) -> Option<&'static str> {
    EVENT_TYPES.iter().find(|(ours, _)| *ours == action).map(|(_, theirs)| *theirs)
}

/// The action of a name that is ours or the BSR's.
fn action_of(name: &str) -> &str {
    EVENT_TYPES.iter().find(|(_, theirs)| *theirs == name).map_or(name, |(ours, _)| ours)
}

/// The actions that a filter may name, and the BSR's names of some of them.
pub(crate) fn known_actions() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().copied().chain(EVENT_TYPES.iter().map(|(_, theirs)| *theirs))
}

/// At most `limit` records; the filter's action may be a name of the BSR's.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn records(
    actor: &Actor<'_>,
    filter: AuditFilter,
    start: AuditStart,
    limit: u64,
) -> Result<Vec<AuditRecord>, ActionError> {
    actor.caller.require_admin("read the audit log")?;
    let action = filter.action.map(|name| action_of(&name).to_owned());
    Ok(actor.store.audit_records(&AuditFilter { action, ..filter }, start, limit)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_bsr_are_found_both_ways() {
        assert_eq!(event_type("token.revoke"), Some("EVENT_TYPE_TOKEN_DELETED"));
        assert_eq!(event_type("label.move"), None);
        assert_eq!(action_of("EVENT_TYPE_USER_LOGGED_IN"), "session.begin");
        assert_eq!(action_of("token"), "token");
    }
}
