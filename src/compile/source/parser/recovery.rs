//! Goes on after a statement that could not be read.

use super::Parser;
use crate::compile::source::lexer::TokenKind;

impl Parser<'_> {
    /// Reads statements up to the brace that closes their block, and takes it. The block is that of a `declaration` that
    /// begins at `start`.
    pub(super) fn block(
        &mut self,
        (declaration, start): (&str, usize),
        mut statement: impl FnMut(&mut Self) -> super::Parse<()>,
    ) -> super::Parse<()> {
        let opening = self.offset();
        self.follows(declaration, start, "'{'", b"{([<.-")?;
        if !self.is_mark(b'{') && !self.peek_word().is_empty() {
            return self.incomplete(declaration, start, "'{'");
        }
        self.expect_mark(b'{')?;
        while !self.take_mark(b'}') {
            if self.peek().is_none() {
                return self.incomplete("block", opening, "'}'");
            }
            self.statement(&mut statement);
        }
        Ok(())
    }

    /// Reads one statement, or skips it when it cannot be read.
    pub(super) fn statement(&mut self, statement: &mut impl FnMut(&mut Self) -> super::Parse<()>) {
        if self.take_mark(b';') {
            return;
        }
        let (start, depth) = (self.at, self.path.len());
        if statement(self).is_err() {
            self.path.truncate(depth);
            // A statement of which nothing was taken would be read again.
            self.at += usize::from(self.at == start);
            self.skip_statement(start);
        }
    }

    /// Skips to the end of the statement that begins with the token `start`: a semicolon, a block, or the brace that closes
    /// the block around it.
    fn skip_statement(&mut self, start: usize) {
        let count = |mark| {
            let taken = self.tokens.get(start..self.at).unwrap_or_default();
            taken.iter().filter(|token| token.kind == TokenKind::Mark(mark)).count()
        };
        let mut open = count(b'{').saturating_sub(count(b'}'));
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Mark(b'}') if open == 0 => return,
                TokenKind::Mark(b'}') => {
                    open -= 1;
                    if open == 0 {
                        self.at += 1;
                        self.take_mark(b';');
                        return;
                    }
                }
                TokenKind::Mark(b'{') => open += 1,
                TokenKind::Mark(b';') if open == 0 => {
                    self.at += 1;
                    return;
                }
                _ if open == 0 && self.begins_a_declaration() => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Whether a keyword, a name and a brace come next.
    fn begins_a_declaration(&self) -> bool {
        matches!(self.peek_word(), "message" | "enum" | "service" | "oneof")
            && !self.peek_word_at(1).is_empty()
            && self.is_mark_at(2, b'{')
    }
}
