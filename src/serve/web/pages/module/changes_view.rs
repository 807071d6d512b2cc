//! How many declarations a commit changed, in a few words.

use crate::model::{ChangeCount, DeclarationKind};
use crate::store::CommitChanges;

/// A way to change: the class of its colour, its word, and its number.
type Way = (&'static str, &'static str, fn(&ChangeCount) -> u64);

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
        let part = |(class, word, count): Way| {
            let named = |kind: DeclarationKind| {
                let number = found.counts.get(&kind).map_or(0, count);
                (number > 0).then(|| format!("{number} {}{}", word_of(kind), if number == 1 { "" } else { "s" }))
            };
            let named: Vec<_> = DeclarationKind::ALL.into_iter().filter_map(named).collect();
            (!named.is_empty()).then(|| Part { class, text: format!("{} {word}", named.join(", ")) })
        };
        let ways: [Way; 3] = [
            ("plus", "added", |count| count.added),
            ("minus", "removed", |count| count.removed),
            ("", "changed", |count| count.changed),
        ];
        Self { parts: ways.into_iter().filter_map(part).collect() }
    }
}

/// The kind as sources name it.
fn word_of(kind: DeclarationKind) -> &'static str {
    if kind == DeclarationKind::Method { "rpc" } else { kind.as_str() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CommitId;

    #[test]
    fn counts_are_told_by_what_happened() {
        let count = |added, removed, changed| ChangeCount { added, removed, changed };
        let counts = [
            (DeclarationKind::Message, count(2, 0, 0)),
            (DeclarationKind::Field, count(1, 0, 3)),
            (DeclarationKind::Method, count(0, 1, 0)),
        ];
        let of = |counts| {
            let view = ChangesView::new(&CommitChanges { against: CommitId::from_bytes([1; 16]), counts });
            view.parts.into_iter().map(|part| part.text).collect::<Vec<_>>()
        };
        assert_eq!(of(counts.into()), ["2 messages, 1 field added", "1 rpc removed", "3 fields changed"]);
        assert!(of([].into()).is_empty());
    }
}
