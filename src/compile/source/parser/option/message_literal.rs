//! Message literals: the value of an option in the text format. The option interpreter reads their text; what is no
//! literal at all is refused here, where its place is known.

use crate::compile::source::lexer::{Token, TokenKind};
use crate::compile::source::nesting_limit::MAX_LEVELS;
use crate::compile::source::parser::{Parse, Parser, Unreadable};

impl Parser<'_> {
    /// Reads a literal in braces; the answer is its text without them, with a space between tokens.
    pub(super) fn message_literal(&mut self) -> Parse<String> {
        let first = self.at;
        self.literal_message(b'}', 0)?;
        let inside = self.tokens.get(first + 1..self.at - 1).unwrap_or_default();
        let text = |token: &Token<'_>| self.source.get(token.offset..token.end).unwrap_or_default();
        Ok(inside.iter().map(text).collect::<Vec<_>>().join(" "))
    }

    /// Reads fields from the opening of a message to its end, `close`.
    fn literal_message(&mut self, close: u8, level: u64) -> Parse<()> {
        // The survey bounds all nesting; this bound is for the stack.
        if level > MAX_LEVELS {
            self.refuse(self.offset(), format!("the value nests more than {MAX_LEVELS} levels deep"));
            return Err(Unreadable);
        }
        let opening = self.offset();
        self.at += 1;
        while !self.take_mark(close) {
            if self.peek().is_none() {
                return self.incomplete("value", opening, &format!("'{}'", char::from(close)));
            }
            self.literal_field(level)?;
            let _is_separated = self.take_mark(b',') || self.take_mark(b';');
        }
        Ok(())
    }

    fn literal_field(&mut self, level: u64) -> Parse<()> {
        let start = self.offset();
        if self.is_mark(b'[') && !self.is_name_in_brackets() {
            self.refuse(start, "expected the name of an extension, or of a message after a domain, in the brackets");
            return Err(Unreadable);
        }
        if self.take_mark(b'[') {
            self.type_name()?;
            if self.take_mark(b'/') {
                self.type_name()?;
            }
            self.expect_mark(b']')?;
        } else if self.peek_word().is_empty() {
            return self.expected("a field name or '}'");
        } else {
            self.at += 1;
        }
        let has_colon = self.take_mark(b':');
        match self.peek().map(|token| token.kind) {
            Some(TokenKind::Mark(b'{')) => self.literal_message(b'}', level + 1),
            Some(TokenKind::Mark(b'<')) => self.literal_message(b'>', level + 1),
            Some(TokenKind::Mark(b'[')) => self.literal_list(has_colon, level),
            _ if has_colon => self.literal_scalar(),
            Some(TokenKind::Mark(b'=')) if !self.is_mark_at(1, b'>') => self.expected("':'"),
            _ => {
                self.refuse(start, "expected ':' and a value behind the name of a field");
                Err(Unreadable)
            }
        }
    }

    /// Whether brackets come next, in which names of words and dots stand on both sides of a slash, or without one.
    fn is_name_in_brackets(&self) -> bool {
        let mut ahead = 1;
        for end in [b'/', b']'] {
            ahead += usize::from(self.is_mark_at(ahead, b'.'));
            while !self.peek_word_at(ahead).is_empty() && self.is_mark_at(ahead + 1, b'.') {
                ahead += 2;
            }
            if self.peek_word_at(ahead).is_empty() {
                return false;
            }
            ahead += 1;
            if self.is_mark_at(ahead, b']') {
                return true;
            }
            if !self.is_mark_at(ahead, end) {
                return false;
            }
            ahead += 1;
        }
        false
    }

    /// Reads a list; without a colon before it, it is one of messages.
    fn literal_list(&mut self, has_colon: bool, level: u64) -> Parse<()> {
        self.at += 1;
        if self.take_mark(b']') {
            return Ok(());
        }
        loop {
            match self.peek().map(|token| token.kind) {
                Some(TokenKind::Mark(b'{')) => self.literal_message(b'}', level + 1)?,
                Some(TokenKind::Mark(b'<')) => self.literal_message(b'>', level + 1)?,
                _ if has_colon => self.literal_scalar()?,
                _ => return self.expected("a message, because there is no ':' before the list"),
            }
            if self.take_mark(b']') {
                return Ok(());
            }
            let comma = self.offset();
            if !self.take_mark(b',') {
                return self.expected("',' or ']'");
            }
            if self.is_mark(b']') {
                self.refuse(comma, "a list does not end with ','");
                self.at += 1;
                return Ok(());
            }
        }
    }

    fn literal_scalar(&mut self) -> Parse<()> {
        let minus = self.offset();
        let is_negative = self.take_mark(b'-');
        match self.peek().map(|token| token.kind) {
            Some(TokenKind::Word(_)) => self.value_word().map(drop),
            Some(TokenKind::Number(_)) => self.number().map(drop),
            Some(TokenKind::Text(_)) if !is_negative => self.string().map(drop),
            _ if is_negative => self.incomplete("number", minus, "digits"),
            _ => self.expected("a value"),
        }
    }
}
