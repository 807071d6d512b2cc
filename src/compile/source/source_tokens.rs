//! The tokens of a source for those who show it: with comments, and with the bytes that no token claims left out.

use std::ops::Range;

use super::lexer::{Token, TokenKind, Tokens};

/// The kind of a token in a source that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceTokenKind {
    /// One comment or several, with the white space between them.
    Comment,
    /// A keyword or a part of a name.
    Word,
    /// A number.
    Number,
    /// A string with its quotes.
    Text,
    /// A punctuation mark.
    Mark(u8),
    /// No token of the language.
    Invalid,
}

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceToken {
    /// Its bytes in the source.
    pub(crate) range: Range<usize>,
    /// Its kind.
    pub(crate) kind: SourceTokenKind,
}

/// All tokens of `source` in their order, whether it compiles or not.
#[must_use]
pub(crate) fn source_tokens(source: &str) -> Vec<SourceToken> {
    let mut found = vec![];
    let mut end = 0;
    for token in Tokens::new(source) {
        found.extend(comment(source, end..token.offset));
        end = token.end;
        found.push(SourceToken { range: token.offset..token.end, kind: kind(&token) });
    }
    found.extend(comment(source, end..source.len()));
    found
}

/// The comments in a gap between two tokens: whatever is not white space.
fn comment(source: &str, gap: Range<usize>) -> Option<SourceToken> {
    let text = source.get(gap.clone())?;
    let start = gap.start + (text.len() - text.trim_start().len());
    let end = start + text.trim().len();
    (start < end).then_some(SourceToken { range: start..end, kind: SourceTokenKind::Comment })
}

fn kind(token: &Token<'_>) -> SourceTokenKind {
    match token.kind {
        TokenKind::Word(_) => SourceTokenKind::Word,
        TokenKind::Number(_) => SourceTokenKind::Number,
        TokenKind::Text(_) => SourceTokenKind::Text,
        TokenKind::Mark(mark) => SourceTokenKind::Mark(mark),
        TokenKind::Invalid(_) => SourceTokenKind::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_tokens_too() {
        let source = "a // one\n /* two */ \"b\" 'open\n// end";
        let found: Vec<_> = source_tokens(source).into_iter().map(|token| &source[token.range]).collect();
        assert_eq!(found, ["a", "// one\n /* two */", "\"b\"", "'open", "// end"]);
    }
}
