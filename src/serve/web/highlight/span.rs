//! Marked bytes of a text.

use std::ops::Range;

/// What the bytes are; its letter is the class in the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve::web) enum Class {
    /// A comment.
    Comment,
    /// A word of the language.
    Keyword,
    /// A string.
    Text,
    /// A number.
    Number,
    /// A type, an attribute or a variable.
    Type,
    /// The name that a declaration declares, a key, or a command.
    Name,
}

impl Class {
    /// All of them.
    pub(in crate::serve::web) const ALL: [Self; 6] =
        [Self::Comment, Self::Keyword, Self::Text, Self::Number, Self::Type, Self::Name];

    /// The class in the style sheet.
    pub(in crate::serve::web) const fn letter(self) -> &'static str {
        match self {
            Self::Comment => "c",
            Self::Keyword => "k",
            Self::Text => "s",
            Self::Number => "m",
            Self::Type => "t",
            Self::Name => "d",
        }
    }
}

/// Marked bytes. The spans of a text are in its order, and none begins inside another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::web) struct Span {
    /// The bytes.
    pub range: Range<usize>,
    /// What they are.
    pub class: Class,
    /// Where they lead.
    pub href: Option<String>,
}

impl Span {
    /// Bytes that lead nowhere.
    pub(in crate::serve::web) fn new(range: Range<usize>, class: Class) -> Self {
        Self { range, class, href: None }
    }
}
