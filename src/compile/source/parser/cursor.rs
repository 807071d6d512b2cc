//! Looks at the next tokens, takes them, and says what was expected in their place.

use super::{Parse, Parser, Unreadable};
use crate::compile::findings::MAX_FINDINGS;
use crate::compile::source::lexer::{InvalidToken, Token, TokenKind};

impl<'s> Parser<'s> {
    /// The next token.
    pub(super) fn peek(&self) -> Option<Token<'s>> {
        self.peek_at(0)
    }

    /// The token `ahead` of the next.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<Token<'s>> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// The word that comes next; nothing when another token does.
    pub(super) fn peek_word(&self) -> &'s str {
        self.peek_word_at(0)
    }

    pub(super) fn peek_word_at(&self, ahead: usize) -> &'s str {
        match self.peek_at(ahead) {
            Some(Token { kind: TokenKind::Word(word), .. }) => word,
            _ => "",
        }
    }

    pub(super) fn is_mark(&self, mark: u8) -> bool {
        self.is_mark_at(0, mark)
    }

    pub(super) fn is_mark_at(&self, ahead: usize, mark: u8) -> bool {
        self.peek_at(ahead).is_some_and(|token| token.kind == TokenKind::Mark(mark))
    }

    /// Takes `mark` if it comes next.
    pub(super) fn take_mark(&mut self, mark: u8) -> bool {
        let is_next = self.is_mark(mark);
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes `word` if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_next = self.peek_word() == word;
        self.at += usize::from(is_next);
        is_next
    }

    pub(super) fn expect_mark(&mut self, mark: u8) -> Parse<()> {
        if self.take_mark(mark) { Ok(()) } else { self.expected(&format!("'{}'", char::from(mark))) }
    }

    pub(super) fn expect_keyword(&mut self, word: &str) -> Parse<()> {
        if self.take_word(word) { Ok(()) } else { self.expected(&format!("'{word}'")) }
    }

    /// Takes the `=` of a `statement` that begins at `start`. Where a value stands in its place, only the mark is missing.
    pub(super) fn expect_equals(&mut self, statement: &str, start: usize) -> Parse<()> {
        let is_value = matches!(self.peek(), Some(Token { kind: TokenKind::Number(_) | TokenKind::Text(_), .. }));
        if is_value || self.is_mark(b'=') || self.is_mark(b'[') {
            self.expect_mark(b'=')
        } else {
            self.incomplete(statement, start, "'='")
        }
    }

    /// Takes a name of one part.
    pub(super) fn identifier(&mut self) -> Parse<&'s str> {
        let Some(Token { kind: TokenKind::Word(word), .. }) = self.peek() else {
            return self.expected("an identifier");
        };
        self.at += 1;
        Ok(word)
    }

    /// Takes a name of one or more parts.
    pub(super) fn qualified_name(&mut self) -> Parse<String> {
        let mut name = self.identifier()?.to_owned();
        while self.take_mark(b'.') {
            name.push('.');
            name.push_str(self.identifier()?);
        }
        Ok(name)
    }

    /// Takes the name of a type, which may begin with a dot.
    pub(super) fn type_name(&mut self) -> Parse<String> {
        let dot = if self.take_mark(b'.') { "." } else { "" };
        Ok(format!("{dot}{}", self.qualified_name()?))
    }

    /// Takes the end of a statement. When that is missing and a new line begins, only the end is missing.
    pub(super) fn end_of_statement(&mut self) -> Parse<()> {
        if self.take_mark(b';') {
            return Ok(());
        }
        let missing: Parse<()> = self.expected("';'");
        if self.is_on_a_new_line() { Ok(()) } else { missing }
    }

    fn is_on_a_new_line(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before));
        let (Some(before), Some(next)) = (before, self.peek()) else { return false };
        self.source.get(before.end..next.offset).is_some_and(|gap| gap.contains('\n'))
    }

    /// The offset of the next token, or of the end of the source.
    pub(super) fn offset(&self) -> usize {
        self.peek().map_or_else(|| self.source.trim_end().len(), |token| token.offset)
    }

    /// The offset after the last token that was taken.
    pub(super) fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.end)
    }

    /// Notes that something else was expected in the place of the next token.
    pub(super) fn expected<T>(&mut self, what: &str) -> Parse<T> {
        self.refuse(self.offset(), self.expectation(what));
        Err(Unreadable)
    }

    /// The same of a `statement` that is not whole. It is wrong from its `start` on, as `buf` has it, unless the next
    /// token is none at all.
    pub(super) fn incomplete<T>(&mut self, statement: &str, start: usize, what: &str) -> Parse<T> {
        if matches!(self.peek(), Some(Token { kind: TokenKind::Invalid(_), .. })) || start == self.offset() {
            return self.expected(what);
        }
        self.refuse(start, format!("{}, in the {statement} that begins here", self.expectation(what)));
        Err(Unreadable)
    }

    /// Checks that `what` may come next: any other token than a mark, or a mark of `marks`.
    pub(super) fn follows(&mut self, statement: &str, start: usize, what: &str, marks: &[u8]) -> Parse<()> {
        match self.peek().map(|token| token.kind) {
            Some(TokenKind::Mark(mark)) if !marks.contains(&mark) => self.incomplete(statement, start, what),
            None => self.incomplete(statement, start, what),
            Some(_) => Ok(()),
        }
    }

    fn expectation(&self, what: &str) -> String {
        match self.peek() {
            None => format!("expected {what}, but reached end of file"),
            Some(token) => match token.kind {
                TokenKind::Invalid(InvalidToken::UnclosedText) => "unterminated string".into(),
                TokenKind::Invalid(InvalidToken::UnclosedComment) => "unterminated block comment".into(),
                TokenKind::Invalid(InvalidToken::UnknownCharacter) => "invalid token".into(),
                _ => format!("expected {what}, but found '{}'", self.text_of(token)),
            },
        }
    }

    fn text_of(&self, token: Token<'_>) -> &'s str {
        self.source.get(token.offset..token.end).unwrap_or_default()
    }

    /// Notes what is wrong at `offset`.
    pub(super) fn refuse(&mut self, offset: usize, message: impl Into<String>) {
        // One place is wrong once.
        let is_known = self.findings.last().is_some_and(|(last, _)| *last == offset);
        if self.findings.len() < MAX_FINDINGS && !is_known {
            self.findings.push((offset, message.into()));
        }
    }
}
