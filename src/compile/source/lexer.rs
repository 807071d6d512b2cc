//! A cheap reader of the tokens that matter before parsing: it knows comments and strings, and nothing else.
//!
//! Where it errs, it errs towards seeing more tokens than the parser: a string ends with its line even when it is not
//! closed, so nothing can hide behind a quote.

/// A token and the byte offset at which it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) struct Token<'a> {
    pub(in crate::compile) offset: usize,
    pub(in crate::compile) kind: TokenKind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) enum TokenKind<'a> {
    /// Letters, digits and underscores.
    Word(&'a str),
    /// The inside of a quoted string, escapes as they stand.
    Text(&'a str),
    /// Any other character that is not white space.
    Mark(u8),
}

/// The tokens of a source, without comments and white space.
pub(in crate::compile) struct Tokens<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(in crate::compile) fn new(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    fn skip_comment(&mut self, rest: &[u8]) -> bool {
        let length = match rest {
            [b'/', b'*', inside @ ..] => block_comment(inside) + 2,
            [b'/', b'/', ..] | [b'#', ..] => line_length(rest),
            _ => return false,
        };
        self.at += length;
        true
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.source.as_bytes();
        loop {
            let first = *bytes.get(self.at)?;
            if first.is_ascii_whitespace() {
                self.at += 1;
            } else if !self.skip_comment(&bytes[self.at..]) {
                break;
            }
        }
        let offset = self.at;
        let rest = &bytes[offset..];
        let kind = match rest[0] {
            quote @ (b'"' | b'\'') => {
                let inside = string_length(&rest[1..], quote);
                let closed = usize::from(rest.get(1 + inside) == Some(&quote));
                self.at += 1 + inside + closed;
                TokenKind::Text(self.source.get(offset + 1..offset + 1 + inside).unwrap_or_default())
            }
            first if is_word(first) => {
                let length = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
                self.at += length;
                TokenKind::Word(&self.source[offset..offset + length])
            }
            other => {
                self.at += 1;
                TokenKind::Mark(other)
            }
        };
        Some(Token { offset, kind })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

/// Length of the inside of a block comment and its end.
fn block_comment(inside: &[u8]) -> usize {
    inside.windows(2).position(|pair| pair == b"*/").map_or(inside.len(), |at| at + 2)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind<'_>> {
        Tokens::new(source).map(|token| token.kind).collect()
    }

    #[test]
    fn comments_and_strings_hide_what_they_hold() {
        let source = "a // {\n/* { */ # {\n\"{\\\"{\" '{' b";
        assert_eq!(
            kinds(source),
            [TokenKind::Word("a"), TokenKind::Text("{\\\"{"), TokenKind::Text("{"), TokenKind::Word("b")]
        );
    }

    #[test]
    fn an_open_string_hides_no_more_than_its_line() {
        assert_eq!(kinds("\"abc\\\n{"), [TokenKind::Text("abc\\"), TokenKind::Mark(b'{')]);
        assert_eq!(kinds("\"é"), [TokenKind::Text("é")]);
        assert_eq!(kinds("/* never closed {"), []);
    }
}
