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
