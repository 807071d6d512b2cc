//! Kinds of declarations, and how many of them came, went and changed.

use std::collections::BTreeMap;

/// A kind of declaration that users count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclarationKind {
    /// A message; groups are messages too.
    Message,
    /// A field of a message.
    Field,
    /// An enum.
    Enum,
    /// A value of an enum.
    Value,
    /// A service.
    Service,
    /// A method of a service.
    Method,
}

impl DeclarationKind {
    /// All kinds, in the order in which they are listed.
    pub const ALL: [Self; 6] = [Self::Message, Self::Field, Self::Enum, Self::Value, Self::Service, Self::Method];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Field => "field",
            Self::Enum => "enum",
            Self::Value => "value",
            Self::Service => "service",
            Self::Method => "method",
        }
    }
}

/// How many declarations of a kind came, went and changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCount {
    /// Those that are new. The parts of a new declaration are not counted.
    pub added: u64,
    /// Those that are gone, likewise.
    pub removed: u64,
    /// Those that are there in both versions, with another type, name or number.
    pub changed: u64,
}

impl ChangeCount {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts by kind; a kind without changes may be absent.
pub type ChangeCounts = BTreeMap<DeclarationKind, ChangeCount>;

/// A way in which declarations change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeWay {
    /// They are new.
    Added,
    /// They are gone.
    Removed,
    /// They are others.
    Changed,
}

/// A way to change, its word, and its number.
type Way = (ChangeWay, &'static str, fn(&ChangeCount) -> u64);

/// The counts in words, one phrase for each way in which something changed: `2 messages, 1 field added`.
#[must_use]
pub fn change_phrases(counts: &ChangeCounts) -> Vec<(ChangeWay, String)> {
    let ways: [Way; 3] = [
        (ChangeWay::Added, "added", |count| count.added),
        (ChangeWay::Removed, "removed", |count| count.removed),
        (ChangeWay::Changed, "changed", |count| count.changed),
    ];
    let phrase = |(way, word, count): Way| {
        let named = |kind: DeclarationKind| {
            let number = counts.get(&kind).map_or(0, count);
            // As sources name it.
            let noun = if kind == DeclarationKind::Method { "rpc" } else { kind.as_str() };
            (number > 0).then(|| format!("{number} {noun}{}", if number == 1 { "" } else { "s" }))
        };
        let named: Vec<_> = DeclarationKind::ALL.into_iter().filter_map(named).collect();
        (!named.is_empty()).then(|| (way, format!("{} {word}", named.join(", "))))
    };
    ways.into_iter().filter_map(phrase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_by_what_happened() {
        let count = |added, removed, changed| ChangeCount { added, removed, changed };
        let counts = [
            (DeclarationKind::Message, count(2, 0, 0)),
            (DeclarationKind::Field, count(1, 0, 3)),
            (DeclarationKind::Method, count(0, 1, 0)),
        ];
        let told = |counts| change_phrases(&counts).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(told(counts.into()), ["2 messages, 1 field added", "1 rpc removed", "3 fields changed"]);
        assert!(told([].into()).is_empty());
    }
}
