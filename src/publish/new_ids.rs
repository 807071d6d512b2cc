//! New identifiers: random UUIDs.

use crate::model::{
    CheckPluginId, CommitId, LabelId, ModuleId, NodeId, OwnerId, TokenId, TokenSecret, WebhookId, WebhookSecret,
};

macro_rules! new_id {
    ($(#[$doc:meta] $name:ident: $type:ident),* $(,)?) => {$(
        #[$doc]
        #[must_use]
        pub fn $name() -> $type {
            $type::from_bytes(*uuid::Uuid::new_v4().as_bytes())
        }
    )*};
}

new_id!(
    /// The id of a new check plugin.
    check_plugin: CheckPluginId,
    /// The id of a new commit.
    commit: CommitId,
    /// The id of a new label.
    label: LabelId,
    /// The id of a new module.
    module: ModuleId,
    /// The id of a node that starts.
    node: NodeId,
    /// The id of a new user or organization.
    owner: OwnerId,
    /// The id of a new token.
    token: TokenId,
    /// The id of a new webhook.
    webhook: WebhookId,
);

/// A new token secret.
///
/// # Errors
/// When the system has no random numbers to give.
pub fn secret() -> Result<TokenSecret, getrandom::Error> {
    Ok(TokenSecret::from_random(random()?))
}

/// The secret of a new session, for the browser's cookie.
///
/// # Errors
/// As [`secret`].
pub fn session() -> Result<TokenSecret, getrandom::Error> {
    Ok(TokenSecret::of_session(random()?))
}

/// The secret of a new webhook.
///
/// # Errors
/// As [`secret`].
pub fn webhook_secret() -> Result<WebhookSecret, getrandom::Error> {
    Ok(WebhookSecret::from_bytes(random()?))
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
