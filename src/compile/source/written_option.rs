//! Where the parts of an option stand in the source.

use super::lexer::TokenKind;
use super::token_stream::TokenStream;

/// An option, read up to its value.
pub(in crate::compile) struct WrittenOption<'t> {
    /// Per part of its name: where it begins.
    pub(in crate::compile) parts: Vec<WrittenPart>,
    /// What follows the `=`.
    pub(in crate::compile) value: TokenStream<'t>,
}

/// Offsets of a part of an option's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::compile) struct WrittenPart {
    /// Of the dot before it; of the first part, of its first byte.
    pub(in crate::compile) dot: usize,
    /// Of its first byte, which may be a parenthesis.
    pub(in crate::compile) start: usize,
    /// Of the name itself.
    pub(in crate::compile) name: usize,
}

impl<'t> WrittenOption<'t> {
    /// Reads the option of `source` that begins at the offset `start`, with the word `option` or with its name. The parser
    /// has read it before.
    pub(in crate::compile) fn read(source: &'t str, start: usize) -> Self {
        let mut tokens = TokenStream::new(source, start);
        let mut parts = Vec::new();
        if tokens.peek() == Some(TokenKind::Word("option")) {
            let behind = TokenStream::new(source, start + "option".len());
            if !behind.is_mark(b'=') && !behind.is_mark(b'.') {
                tokens.skip();
            }
        }
        let mut dot = tokens.offset();
        while tokens.peek().is_some() && !tokens.take_mark(b'=') {
            let start = tokens.offset();
            let is_extension = tokens.take_mark(b'(');
            parts.push(WrittenPart { dot, start, name: tokens.offset() });
            if is_extension {
                tokens.take_name(b")");
            }
            tokens.skip();
            dot = tokens.offset();
            tokens.take_mark(b'.');
        }
        Self { parts, value: tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(source: &str) -> (Vec<(usize, usize)>, usize) {
        let written = WrittenOption::read(source, 0);
        (written.parts.iter().map(|part| (part.start, part.name)).collect(), written.value.offset())
    }

    #[test]
    fn parts_and_values_are_found() {
        assert_eq!(starts("option deprecated = true;"), (vec![(7, 7)], 20));
        assert_eq!(starts("(a.b) . c = 1"), (vec![(0, 1), (8, 8)], 12));
        assert_eq!(starts("option ( .a . b ).(c)={"), (vec![(7, 9), (18, 19)], 22));
        assert_eq!(starts("option = 1"), (vec![(0, 0)], 9));
        assert_eq!(starts("option.option = 1"), (vec![(0, 0), (7, 7)], 16));
    }
}
