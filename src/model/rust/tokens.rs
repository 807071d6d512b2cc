//! Generated Rust text as tokens with their places. Generators print plain code, so a small lexer is enough, and it
//! costs nothing where it is not used: places in the tokens of other libraries would slow every generator down.

use std::ops::Range;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword, with `r#`.
    Ident,
    /// A text in quotes, of any form.
    Text,
    /// A comment, documentation too.
    Comment,
    /// A number, a character or a lifetime.
    Other,
    /// `::`
    Colons,
    /// One other character.
    Punct,
}

/// A token and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) place: Range<usize>,
}

/// The tokens of a text, one after the other: all of them take more memory than the text.
pub(crate) struct Tokens<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Tokens<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.bytes.get(self.at..)?;
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let (kind, length) = first(&self.bytes[self.at..]);
        let place = self.at..(self.at + length.max(1)).min(self.bytes.len());
        self.at = place.end;
        Some(Token { kind, place })
    }
}

/// The tokens of `text`.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::with_capacity(text.len() / 6);
    found.extend(Tokens::new(text));
    found
}

/// The kind and length of the token that `rest` begins with.
fn first(rest: &[u8]) -> (Kind, usize) {
    match rest {
        [b'/', b'/', ..] => (Kind::Comment, rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())),
        [b'/', b'*', ..] => (Kind::Comment, block_comment(rest)),
        [b'"', ..] => (Kind::Text, quoted(rest, 1)),
        [b'b', b'"', ..] => (Kind::Text, quoted(rest, 2)),
        [b'r', b'"' | b'#', ..] | [b'b', b'r', b'"' | b'#', ..] => raw(rest),
        [b'\'', ..] => (Kind::Other, quote(rest)),
        [b':', b':', ..] => (Kind::Colons, 2),
        [b'0'..=b'9', ..] => (Kind::Other, word(rest)),
        [byte, ..] if is_word(*byte) => (Kind::Ident, word(rest)),
        [_, ..] => (Kind::Punct, 1),
        [] => (Kind::Other, 0),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn word(rest: &[u8]) -> usize {
    rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a text whose content begins at `from`.
fn quoted(rest: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A raw text, or a raw name.
fn raw(rest: &[u8]) -> (Kind, usize) {
    let start = rest.iter().position(|byte| *byte == b'r').map_or(0, |at| at + 1);
    let hashes = rest[start..].iter().take_while(|byte| **byte == b'#').count();
    let open = start + hashes;
    if rest.get(open) != Some(&b'"') {
        return (Kind::Ident, open + word(&rest[open..]));
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let content = &rest[open + 1..];
    let end = content.windows(close.len()).position(|window| window == close);
    (Kind::Text, end.map_or(rest.len(), |end| open + 1 + end + close.len()))
}

/// A character or a lifetime.
fn quote(rest: &[u8]) -> usize {
    match rest.get(1) {
        Some(b'\\') => rest.iter().skip(3).position(|byte| *byte == b'\'').map_or(rest.len(), |at| at + 4),
        _ => {
            let content = 1 + word(&rest[1..]).max(1);
            if rest.get(content) == Some(&b'\'') { content + 1 } else { content }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_text_is_one_token() {
        let text = r####"/* a /* b */ c */ x::r#type '"' 'a b"\"" br##"a"#b"## 'é' '\u{1}' // it's
0x1f_u8"####;
        let found: Vec<_> = tokens(text).into_iter().map(|token| &text[token.place]).collect();
        let expected = [
            "/* a /* b */ c */",
            "x",
            "::",
            "r#type",
            "'\"'",
            "'a",
            "b\"\\\"\"",
            "br##\"a\"#b\"##",
            "'é'",
            "'\\u{1}'",
            "// it's",
            "0x1f_u8",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn text_that_does_not_end_is_read_to_its_end() {
        for text in ["\"a", "/* a", "r#\"a", "'", "b\"\\", "r#"] {
            assert_eq!(tokens(text).last().unwrap().place.end, text.len(), "{text}");
        }
    }
}
