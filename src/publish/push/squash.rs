//! The squash rules of the BSR: whether a push creates a commit, and which labels move.

use crate::model::{CommitId, LabelName, ModuleDigest, Sha256Digest};

/// A label that a push goes to, in its state before the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::publish) struct TargetLabel {
    /// The label's name.
    pub name: LabelName,
    /// Its head, if the label exists.
    pub head: Option<Head>,
}

/// The content of a commit, by its digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::publish) struct Content {
    /// The digest of the files and dependencies.
    pub digest: ModuleDigest,
    /// The digest of `registry.yaml`, which no digest of `buf` covers.
    pub options: Option<Sha256Digest>,
}

/// The head of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::publish) struct Head {
    /// The commit.
    pub commit: CommitId,
    /// Its content.
    pub content: Content,
    /// Whether the label is archived; a push unarchives it.
    pub archived: bool,
}

/// The effect of a push on its target labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::publish) struct Outcome {
    /// The existing commit with the content; without one, the push creates a commit.
    pub existing: Option<CommitId>,
    /// The labels that move to the commit.
    pub moves: Vec<LabelName>,
}

/// Decides the effect of pushing `content` to `targets`.
///
/// Only new labels: always a new commit. All existing labels on one head with this content: that commit stays, and
/// new (or archived) labels join it. Otherwise: a new commit on all of them.
pub(in crate::publish) fn squash(content: &Content, targets: &[TargetLabel]) -> Outcome {
    let all = || targets.iter().map(|target| target.name.clone()).collect();
    let mut heads = targets.iter().filter_map(|target| target.head);
    let Some(first) = heads.next() else {
        return Outcome { existing: None, moves: all() };
    };
    if first.content != *content || heads.any(|head| head.commit != first.commit) {
        return Outcome { existing: None, moves: all() };
    }
    let joins = |target: &&TargetLabel| target.head.is_none_or(|head| head.archived);
    let moves = targets.iter().filter(joins).map(|target| target.name.clone()).collect();
    Outcome { existing: Some(first.commit), moves }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shake256Digest;

    fn content(n: u8) -> Content {
        Content { digest: ModuleDigest(Shake256Digest::from_bytes([n; 64])), options: None }
    }

    fn target(name: &str, head: Option<(u8, u8)>) -> TargetLabel {
        let head = head.map(|(commit, n)| Head {
            commit: CommitId::from_bytes([commit; 16]),
            content: content(n),
            archived: false,
        });
        TargetLabel { name: name.parse().unwrap(), head }
    }

    fn outcome(n: u8, targets: &[TargetLabel]) -> (Option<u8>, Vec<String>) {
        let outcome = squash(&content(n), targets);
        let moves = outcome.moves.iter().map(ToString::to_string).collect();
        (outcome.existing.map(|commit| commit.as_bytes()[0]), moves)
    }

    #[test]
    fn new_labels_always_get_a_new_commit() {
        assert_eq!(outcome(1, &[target("a", None), target("b", None)]), (None, vec!["a".into(), "b".into()]));
    }

    #[test]
    fn the_same_content_on_the_same_head_changes_nothing() {
        assert_eq!(outcome(1, &[target("a", Some((7, 1))), target("b", Some((7, 1)))]), (Some(7), vec![]));
    }

    #[test]
    fn a_new_label_joins_a_head_with_the_same_content() {
        assert_eq!(outcome(1, &[target("a", Some((7, 1))), target("b", None)]), (Some(7), vec!["b".into()]));
    }

    #[test]
    fn an_archived_label_comes_back() {
        let mut archived = target("a", Some((7, 1)));
        archived.head.as_mut().unwrap().archived = true;
        assert_eq!(outcome(1, &[archived]), (Some(7), vec!["a".into()]));
    }

    #[test]
    fn other_options_make_a_new_commit() {
        let options = Some(Sha256Digest::of(b"version: v1"));
        let outcome = squash(&Content { options, ..content(1) }, &[target("a", Some((7, 1)))]);
        assert_eq!(outcome.existing, None);
    }

    #[test]
    fn other_content_or_other_heads_make_a_new_commit() {
        assert_eq!(outcome(2, &[target("a", Some((7, 1)))]), (None, vec!["a".into()]));
        let both = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(outcome(1, &[target("a", Some((7, 1))), target("b", Some((8, 1)))]), (None, both));
    }
}
