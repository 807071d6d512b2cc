//! How many declarations a commit changed, in a few words.

use crate::model::{ChangeWay, change_phrases};
use crate::store::CommitChanges;

/// What a commit changed.
pub(in crate::serve::web) struct ChangesView {
    /// Added, removed and changed declarations, without those that there are none of.
    pub parts: Vec<Part>,
}

/// Declarations that changed in one way.
pub(in crate::serve::web) struct Part {
    /// The class of its colour; empty for none.
    pub class: &'static str,
    /// `2 messages, 1 field added`.
    pub text: String,
}

impl ChangesView {
    /// The kept counts of a commit.
    pub(super) fn new(found: &CommitChanges) -> Self {
        let part = |(way, text)| {
            let class = match way {
                ChangeWay::Added => "plus",
                ChangeWay::Removed => "minus",
                ChangeWay::Changed => "",
            };
            Part { class, text }
        };
        Self { parts: change_phrases(&found.counts).into_iter().map(part).collect() }
    }
}
