//! The tokens of a source, one after the other, without comments and white space.
//!
//! The survey of a source and the parser read the same tokens. A text ends with its line even when it is not closed, so
//! nothing can hide behind a quote.

/// A token and the bytes from which it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) struct Token<'a> {
    pub(in crate::compile) offset: usize,
    /// Offset of the first byte after it.
    pub(in crate::compile) end: usize,
    pub(in crate::compile) kind: TokenKind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) enum TokenKind<'a> {
    /// A letter or underscore with more letters, digits and underscores.
    Word(&'a str),
    /// A digit, or a dot and a digit, with all that may belong to the number.
    Number(&'a str),
    /// The inside of a quoted string, escapes as they stand.
    Text(&'a str),
    /// A punctuation mark.
    Mark(u8),
    /// No token of the language.
    Invalid(InvalidToken),
}

/// Why bytes are no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) enum InvalidToken {
    UnclosedText,
    UnclosedComment,
    UnknownCharacter,
}

/// The tokens of a source.
pub(in crate::compile) struct Tokens<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(in crate::compile) fn new(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    /// Skips white space and comments, as `buf` has it also the white space of patterns in Unicode; the answer is the start of a block comment that is not closed.
    fn skip_gap(&mut self) -> Option<usize> {
        loop {
            match self.source.as_bytes().get(self.at..)? {
                [first, ..] if is_space(*first) => self.at += 1,
                [0xc2, 0x85, ..] => self.at += 2,
                [0xe2, 0x80, 0x8e | 0x8f | 0xa8 | 0xa9, ..] => self.at += 3,
                rest @ [b'/', b'/', ..] => self.at += line_length(rest),
                [b'/', b'*', inside @ ..] => match block_comment(inside) {
                    Some(length) => self.at += 2 + length,
                    None => return Some(std::mem::replace(&mut self.at, self.source.len())),
                },
                _ => return None,
            }
        }
    }

    fn token(&mut self, offset: usize, length: usize, kind: TokenKind<'a>) -> Token<'a> {
        self.at = offset + length;
        Token { offset, end: self.at, kind }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(offset) = self.skip_gap() {
            let kind = TokenKind::Invalid(InvalidToken::UnclosedComment);
            return Some(Token { offset, end: self.at, kind });
        }
        let offset = self.at;
        let rest = self.source.get(offset..)?;
        let bytes = rest.as_bytes();
        let (length, kind) = match *bytes {
            [quote @ (b'"' | b'\''), ref inside @ ..] => {
                let length = string_length(inside, quote);
                if inside.get(length) == Some(&quote) {
                    (length + 2, TokenKind::Text(rest.get(1..=length).unwrap_or_default()))
                } else {
                    (length + 1, TokenKind::Invalid(InvalidToken::UnclosedText))
                }
            }
            [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => {
                let length = number_length(bytes);
                (length, TokenKind::Number(rest.get(..length).unwrap_or_default()))
            }
            [first, ..] if is_word(first) => {
                let length = bytes.iter().position(|byte| !is_word(*byte)).unwrap_or(bytes.len());
                (length, TokenKind::Word(rest.get(..length).unwrap_or_default()))
            }
            [mark, ..] if mark.is_ascii_graphic() => (1, TokenKind::Mark(mark)),
            [] => return None,
            _ => {
                let run = rest.find(ends_a_run).unwrap_or(rest.len());
                // What an editor left at the end, as a Control-Z, is let be.
                if run == rest.len() {
                    return None;
                }
                let first = rest.chars().next().map_or(1, char::len_utf8);
                (run.max(first), TokenKind::Invalid(InvalidToken::UnknownCharacter))
            }
        };
        Some(self.token(offset, length, kind))
    }
}

/// Whether `character` is no part of a run of characters with which nothing begins. A run is one token, however long.
fn ends_a_run(character: char) -> bool {
    character.is_ascii_graphic() || u8::try_from(character).is_ok_and(is_space) || character.is_alphanumeric()
}

/// White space as C has it.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

/// Length of the inside of a block comment and its end.
fn block_comment(inside: &[u8]) -> Option<usize> {
    inside.windows(2).position(|pair| pair == b"*/").map(|at| at + 2)
}

/// Length of the inside of a string that ends at `quote` or with the line.
fn string_length(inside: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            b'\n' => return at,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if *byte == quote => return at,
            _ => {}
        }
    }
    inside.len()
}

/// Length of a number at the beginning of `bytes`: a sign belongs to it after the `e` of a decimal exponent.
fn number_length(bytes: &[u8]) -> usize {
    let is_hexadecimal = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let mut last = b'0';
    let ends = |byte: &u8| {
        let is_sign = !is_hexadecimal && matches!((last, byte), (b'e' | b'E', b'+' | b'-'));
        last = *byte;
        !(is_word(*byte) || *byte == b'.' || is_sign)
    };
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind<'_>> {
        Tokens::new(source).map(|token| token.kind).collect()
    }

    #[test]
    fn comments_and_strings_hide_what_they_hold() {
        let source = "a // {\n/* { */\n\"{\\\"{\" '{' b";
        assert_eq!(
            kinds(source),
            [TokenKind::Word("a"), TokenKind::Text("{\\\"{"), TokenKind::Text("{"), TokenKind::Word("b")]
        );
    }

    #[test]
    fn an_open_string_hides_no_more_than_its_line() {
        let unclosed = TokenKind::Invalid(InvalidToken::UnclosedText);
        assert_eq!(kinds("\"abc\\\n{"), [unclosed, TokenKind::Mark(b'{')]);
        assert_eq!(kinds("\"é"), [unclosed]);
        assert_eq!(kinds("/* never closed {"), [TokenKind::Invalid(InvalidToken::UnclosedComment)]);
    }

    #[test]
    fn numbers_end_where_nothing_of_theirs_follows() {
        for (source, expected) in [
            ("1e+5 ", "1e+5"),
            ("0x1e+5", "0x1e"),
            (".5;", ".5"),
            ("5.]", "5."),
            ("1_0a", "1_0a"),
            ("1-5", "1"),
            ("1.5E-3,", "1.5E-3"),
        ] {
            assert_eq!(kinds(source)[0], TokenKind::Number(expected));
        }
        assert_eq!(kinds("a.5")[0], TokenKind::Word("a"));
        assert_eq!(kinds(". 5")[0], TokenKind::Mark(b'.'));
    }

    #[test]
    fn what_an_editor_left_at_the_end_is_no_token() {
        let unknown = TokenKind::Invalid(InvalidToken::UnknownCharacter);
        assert_eq!(kinds("a \u{1a}\u{200b}"), [TokenKind::Word("a")]);
        assert_eq!(kinds("\u{1a}\u{1a}a"), [unknown, TokenKind::Word("a")]);
        assert_eq!(kinds("a\u{2028}b é"), [TokenKind::Word("a"), TokenKind::Word("b"), unknown]);
    }

    #[test]
    fn tokens_know_their_bytes() {
        let spans: Vec<_> = Tokens::new(" ab 'é' \u{1F600}=").map(|token| (token.offset, token.end)).collect();
        assert_eq!(spans, [(1, 3), (4, 8), (9, 13), (13, 14)]);
    }
}
