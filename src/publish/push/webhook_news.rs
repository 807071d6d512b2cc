//! What webhooks tell of pushes and imports.

use super::gate::breaking_changes::BreakingChanges;
use crate::model::{BreakingNews, CommitId, PushNews, WebhookNews};
use crate::store::{Author, Commit, LabelMove, Module, Store, StoreError};

/// What webhooks tell of content that came to `commit` of `module` and moved `labels`; nothing if it changed nothing.
///
/// # Errors
/// When the store fails.
pub(super) fn push_news(
    store: &Store,
    (module, commit): (&Module, &Commit),
    created: bool,
    moves: &[LabelMove],
    by: Author,
) -> Result<Option<WebhookNews>, StoreError> {
    let moves = moves.iter().filter(|moved| moved.label.module == module.id);
    let labels: Vec<_> = moves.map(|moved| &moved.label.name).collect();
    if labels.is_empty() && !created {
        return Ok(None);
    }
    let user = store.owner_by_id(by.user)?.map(|user| user.name.to_string());
    let (module, released) = ((module.id, &module.name), commit.released);
    Ok(Some(WebhookNews::push(&PushNews { module, commit: commit.id, created, released, labels, user })))
}

/// What webhooks tell of a push that breaks users of the default label's head; `allowed` if it would have been refused.
pub(super) fn breaking_news(
    module: &Module,
    commit: CommitId,
    breaking: &BreakingChanges,
    allowed: bool,
) -> WebhookNews {
    WebhookNews::breaking(&BreakingNews {
        module: (module.id, &module.name),
        commit,
        before: (&breaking.label, breaking.head),
        categories: &breaking.categories,
        changes: (&breaking.lines, breaking.more),
        allowed,
    })
}
