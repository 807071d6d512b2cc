//! What webhooks tell: one event of one module, with its facts as JSON.

use serde_json::{Value, json};

use super::event::WebhookEvent;
use crate::model::{BreakingCategory, CommitId, CrateName, LabelName, ModuleId, ModuleName, PluginName, PluginVersion};

/// One event of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookNews {
    /// The module.
    pub module: ModuleId,
    /// The commit that it is about, if it is about one.
    pub commit: Option<CommitId>,
    /// The event.
    pub event: WebhookEvent,
    /// The facts, an object of JSON: `data` of the body.
    pub data: String,
}

/// A push of one module.
#[derive(Debug)]
pub struct PushNews<'a> {
    /// The module.
    pub module: (ModuleId, &'a ModuleName),
    /// The commit.
    pub commit: CommitId,
    /// Whether the push created it.
    pub created: bool,
    /// Whether it is a release.
    pub released: bool,
    /// The labels that moved to it.
    pub labels: Vec<&'a LabelName>,
    /// The name of the user who pushed.
    pub user: Option<String>,
}

/// What a push breaks in one module.
#[derive(Debug)]
pub struct BreakingNews<'a> {
    /// The module.
    pub module: (ModuleId, &'a ModuleName),
    /// The commit.
    pub commit: CommitId,
    /// The label that it went to, and the label's head before.
    pub before: (&'a LabelName, CommitId),
    /// The categories that break.
    pub categories: &'a [BreakingCategory],
    /// Some changes, and the number of further ones.
    pub changes: (&'a [String], usize),
    /// Whether the gate would have refused it, and an admin let it through.
    pub allowed: bool,
}

/// A crate that was published, or could not be made.
#[derive(Debug)]
pub struct SdkNews<'a> {
    /// The module.
    pub module: ModuleId,
    /// The commit.
    pub commit: CommitId,
    /// The crate.
    pub crate_name: &'a CrateName,
    /// The plugin, with its version.
    pub plugin: (&'a PluginName, PluginVersion),
}

impl WebhookNews {
    fn new(event: WebhookEvent, module: ModuleId, commit: Option<CommitId>, data: &Value) -> Self {
        Self { module, commit, event, data: data.to_string() }
    }

    /// A push.
    #[must_use]
    pub fn push(push: &PushNews<'_>) -> Self {
        let PushNews { module: (id, name), commit, created, released, labels, user } = push;
        let labels: Vec<_> = labels.iter().map(|label| label.as_str()).collect();
        let data = json!({
            "module": name.to_string(), "commit": commit, "labels": labels, "created": created, "released": released,
            "user": user,
        });
        Self::new(WebhookEvent::Push, *id, Some(*commit), &data)
    }

    /// A push that breaks users of the default label's head.
    #[must_use]
    pub fn breaking(breaking: &BreakingNews<'_>) -> Self {
        let BreakingNews { module: (id, name), commit, before: (label, head), categories, changes, allowed } = breaking;
        let categories: Vec<_> = categories.iter().map(|category| category.name()).collect();
        let data = json!({
            "module": name.to_string(), "commit": commit, "label": label.as_str(), "previous_commit": head,
            "categories": categories, "changes": changes.0, "more_changes": changes.1, "allowed": allowed,
        });
        Self::new(WebhookEvent::Breaking, *id, Some(*commit), &data)
    }

    /// A crate that was published with this version.
    #[must_use]
    pub fn published(sdk: &SdkNews<'_>, version: &str) -> Self {
        let mut data = sdk.data();
        data["version"] = version.into();
        Self::new(WebhookEvent::SdkPublished, sdk.module, Some(sdk.commit), &data)
    }

    /// A crate that could not be made, and why.
    #[must_use]
    pub fn failed(sdk: &SdkNews<'_>, reason: &str) -> Self {
        let mut data = sdk.data();
        data["reason"] = reason.into();
        Self::new(WebhookEvent::SdkFailed, sdk.module, Some(sdk.commit), &data)
    }

    /// A module that was deprecated.
    #[must_use]
    pub fn deprecated(id: ModuleId, name: &ModuleName) -> Self {
        Self::new(WebhookEvent::Deprecated, id, None, &json!({ "module": name.to_string() }))
    }
}

impl SdkNews<'_> {
    fn data(&self) -> Value {
        let (plugin, version) = self.plugin;
        json!({
            "module": self.crate_name.module().to_string(), "commit": self.commit,
            "crate": self.crate_name.to_string(), "plugin": plugin.to_string(), "plugin_version": version.to_string(),
        })
    }
}
