//! The tokens of a part of a source, one ahead.

use super::lexer::{Token, TokenKind, Tokens};
use super::number_literal::is_hexadecimal;

/// Tokens from somewhere in a source on; offsets are those in the source.
pub(in crate::compile) struct TokenStream<'t> {
    tokens: Tokens<'t>,
    /// Where the tokens begin in the source.
    start: usize,
    next: Option<Token<'t>>,
    /// Offset after the last token that was taken.
    end: usize,
}

impl<'t> TokenStream<'t> {
    /// The tokens of `source` from the offset `start` on.
    pub(in crate::compile) fn new(source: &'t str, start: usize) -> Self {
        let mut tokens = Tokens::new(source.get(start..).unwrap_or_default());
        let next = tokens.next();
        Self { tokens, start, next, end: start }
    }

    pub(in crate::compile) fn peek(&self) -> Option<TokenKind<'t>> {
        self.next.map(|token| token.kind)
    }

    /// Where the next token begins.
    pub(in crate::compile) fn offset(&self) -> usize {
        self.next.map_or(self.end, |token| self.start + token.offset)
    }

    /// Where the next token ends.
    pub(in crate::compile) fn next_end(&self) -> usize {
        self.next.map_or(self.end, |token| self.start + token.end)
    }

    /// Where the last token that was taken ends.
    pub(in crate::compile) fn end(&self) -> usize {
        self.end
    }

    pub(in crate::compile) fn skip(&mut self) {
        self.end = self.next.map_or(self.end, |token| self.start + token.end);
        self.next = self.tokens.next();
    }

    pub(in crate::compile) fn is_mark(&self, mark: u8) -> bool {
        self.peek() == Some(TokenKind::Mark(mark))
    }

    /// Whether one of `marks` stands after the next token.
    pub(in crate::compile) fn second_is_one_of(mut self, marks: &[u8]) -> bool {
        self.skip();
        matches!(self.peek(), Some(TokenKind::Mark(mark)) if marks.contains(&mark))
    }

    /// Whether a number in base 16 comes next, with or without a sign.
    pub(in crate::compile) fn begins_hexadecimal(mut self) -> bool {
        self.take_mark(b'-');
        matches!(self.peek(), Some(TokenKind::Number(text)) if is_hexadecimal(text))
    }

    /// Takes `mark` if it comes next.
    pub(in crate::compile) fn take_mark(&mut self, mark: u8) -> bool {
        let is_next = self.is_mark(mark);
        if is_next {
            self.skip();
        }
        is_next
    }

    /// Takes words with dots between them, and other marks up to one of `ends`: a name, without the spaces in it.
    pub(in crate::compile) fn take_name(&mut self, ends: &[u8]) -> String {
        let mut name = String::new();
        while let Some(token) = self.peek() {
            match token {
                TokenKind::Mark(mark) if ends.contains(&mark) => break,
                TokenKind::Mark(mark) => name.push(char::from(mark)),
                TokenKind::Word(word) => name.push_str(word),
                TokenKind::Number(_) | TokenKind::Text(_) | TokenKind::Invalid(_) => {}
            }
            self.skip();
        }
        name
    }
}
