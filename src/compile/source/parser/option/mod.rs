//! Options: statements, and lists in brackets. Their values are interpreted when all files are known.

mod message_literal;

use prost_types::UninterpretedOption;
use prost_types::uninterpreted_option::NamePart;

use super::number::is_value;
use super::{Parse, Parser, index};
use crate::compile::source::lexer::{Token, TokenKind};
use crate::compile::source::number_literal::{Number, invalid_digit, number};
use crate::compile::source::string_literal::unescape;
use crate::compile::visit::option_messages::Options;

/// `uninterpreted_option` in every options message.
const UNINTERPRETED: i32 = 999;
/// `UninterpretedOption.aggregate_value`.
pub(in crate::compile) const AGGREGATE_VALUE: i32 = 8;

/// What options in brackets are called.
const LIST: &str = "list of options";

/// An option with its value.
#[derive(Clone)]
pub(super) struct Assignment {
    pub(super) option: UninterpretedOption,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where its value begins.
    pub(super) value_start: usize,
}

/// A list of options in brackets.
#[derive(Clone)]
pub(super) struct CompactOptions {
    pub(super) assignments: Vec<Assignment>,
    start: usize,
    end: usize,
}

impl<'s> Parser<'s> {
    /// Reads `option NAME = VALUE;`.
    pub(super) fn option_statement<O: Options>(&mut self, options: &mut Option<O>) -> Parse<()> {
        let (first, start) = (self.at, self.offset());
        self.expect_keyword("option")?;
        let assignment = self.assignment("option", start)?;
        self.end_of_statement()?;
        let written = options.get_or_insert_default().written_mut();
        let path = [O::TAG, UNINTERPRETED, index(written.len())];
        self.locate(&[O::TAG], start);
        self.locate_with_comments(&path, first, None);
        self.locate_aggregate(&path, &assignment);
        written.push(assignment.option);
        Ok(())
    }

    /// Reads options in brackets, if they come next.
    pub(super) fn compact_options(&mut self) -> Parse<Option<CompactOptions>> {
        let start = self.offset();
        if !self.take_mark(b'[') {
            return Ok(None);
        }
        if self.is_mark(b']') {
            self.refuse(start, "there is no option in the brackets");
        }
        let mut assignments = vec![self.assignment(LIST, start)?];
        loop {
            let comma = self.offset();
            if !self.take_mark(b',') {
                break;
            }
            if self.is_mark(b']') {
                self.refuse(comma, "a list of options does not end with ','");
                break;
            }
            assignments.push(self.assignment(LIST, comma)?);
        }
        if !self.take_mark(b']') {
            let is_open = self.is_mark(b';') && !self.is_mark_at(1, b']');
            return if is_open { self.incomplete(LIST, start, "']'") } else { self.expected("',' or ']'") };
        }
        Ok(Some(CompactOptions { assignments, start, end: self.last_end() }))
    }

    /// Notes the places of options of the current element; the answer is its options message.
    pub(super) fn place_compact<O: Options>(&mut self, compact: Option<CompactOptions>) -> Option<O> {
        let compact = compact.filter(|compact| !compact.assignments.is_empty())?;
        self.locate_range(&[O::TAG], compact.start, compact.end);
        let mut options = O::default();
        for (at, assignment) in compact.assignments.into_iter().enumerate() {
            let path = [O::TAG, UNINTERPRETED, index(at)];
            self.locate_range(&path, assignment.start, assignment.end);
            self.locate_aggregate(&path, &assignment);
            options.written_mut().push(assignment.option);
        }
        Some(options)
    }

    /// Notes where name and value of a message literal stand: what it sets is placed there.
    fn locate_aggregate(&mut self, path: &[i32], assignment: &Assignment) {
        if assignment.option.aggregate_value.is_some() {
            self.locate_range(&[path, &[AGGREGATE_VALUE]].concat(), assignment.start, assignment.end);
        }
    }

    /// Reads a name and its value in a `statement` that begins at `first`.
    fn assignment(&mut self, statement: &str, first: usize) -> Parse<Assignment> {
        let start = self.offset();
        if !self.is_mark(b'(') && self.peek_word().is_empty() {
            return self.incomplete(statement, first, "the name of an option");
        }
        let name = self.option_name(statement, first)?;
        if statement == LIST && (self.is_mark(b':') || !self.peek_word().is_empty()) {
            return self.expected("'='");
        }
        self.expect_equals(statement, first)?;
        self.follows(statement, first, "a value", b"-{[<(./=")?;
        let value_start = self.offset();
        let mut option = UninterpretedOption { name, ..Default::default() };
        self.option_value(&mut option)?;
        Ok(Assignment { option, start, end: self.last_end(), value_start })
    }

    fn option_name(&mut self, statement: &str, start: usize) -> Parse<Vec<NamePart>> {
        let mut parts = Vec::new();
        loop {
            if self.take_mark(b'(') {
                parts.push(NamePart { name_part: self.type_name()?, is_extension: true });
                if self.is_mark(b';') || self.is_mark(b'=') {
                    return self.incomplete(statement, start, "')'");
                }
                self.expect_mark(b')')?;
            } else if self.peek_word().is_empty() {
                return self.expected("the name of an option");
            } else {
                parts.push(NamePart { name_part: self.identifier()?.to_owned(), is_extension: false });
            }
            if !self.take_mark(b'.') {
                return Ok(parts);
            }
        }
    }

    fn option_value(&mut self, option: &mut UninterpretedOption) -> Parse<()> {
        let Some(Token { offset, kind, .. }) = self.peek() else { return self.expected("a value") };
        match kind {
            TokenKind::Mark(b'-') => {
                self.at += 1;
                return self.negative_value(option, offset);
            }
            TokenKind::Word(_) => option.identifier_value = Some(self.value_word()?.to_owned()),
            TokenKind::Number(_) => match self.number()? {
                Number::Integer(value) => option.positive_int_value = Some(value),
                Number::Float(value) => option.double_value = Some(value),
            },
            TokenKind::Text(_) => option.string_value = Some(self.string()?),
            TokenKind::Mark(b'{') => option.aggregate_value = Some(self.message_literal()?),
            _ => return self.expected("a value"),
        }
        Ok(())
    }

    /// Takes a word in the place of a value: no name of more than one part.
    fn value_word(&mut self) -> Parse<&'s str> {
        let start = self.offset();
        let word = self.identifier()?;
        if !self.is_mark(b'.') {
            return Ok(word);
        }
        while self.take_mark(b'.') {
            self.identifier()?;
        }
        let name = self.source.get(start..self.last_end()).unwrap_or_default();
        self.refuse(start, format!("expected a value, but found '{name}'; values of enums have no names before them"));
        Ok(word)
    }

    fn negative_value(&mut self, option: &mut UninterpretedOption, minus: usize) -> Parse<()> {
        match self.peek_word() {
            "inf" => option.double_value = Some(f64::NEG_INFINITY),
            "nan" => option.double_value = Some(-f64::NAN),
            "" => {
                self.check_digits(minus)?;
                match self.number()? {
                    // What is more negative than integers are is a floating-point number.
                    Number::Integer(value) => match 0i64.checked_sub_unsigned(value) {
                        Some(value) => option.negative_int_value = Some(value),
                        #[expect(clippy::cast_precision_loss, reason = "a floating-point value takes the nearest")]
                        None => option.double_value = Some(-(value as f64)),
                    },
                    Number::Float(value) => option.double_value = Some(-value),
                }
                return Ok(());
            }
            word if is_value(word) => self.refuse(minus, "only numbers may be negative"),
            _ => self.refuse(self.offset(), "only numbers may be negative"),
        }
        self.at += 1;
        Ok(())
    }

    /// Checks that a number comes after a `minus`.
    fn check_digits(&mut self, minus: usize) -> Parse<()> {
        match self.peek().map(|token| token.kind) {
            Some(TokenKind::Number(_) | TokenKind::Invalid(_)) => Ok(()),
            Some(TokenKind::Mark(mark)) if !matches!(mark, b'-' | b'{') => self.expected("digits"),
            _ => self.incomplete("number", minus, "digits"),
        }
    }

    /// Takes a number, of any kind.
    pub(super) fn number(&mut self) -> Parse<Number> {
        let Some(Token { offset, kind: TokenKind::Number(text), .. }) = self.peek() else {
            return self.expected("a number");
        };
        self.at += 1;
        if let Some(value) = number(text) {
            return Ok(value);
        }
        self.refuse(offset + invalid_digit(text), format!("invalid number '{text}'"));
        Ok(Number::Integer(1))
    }

    /// Takes strings that follow each other, which are one.
    pub(super) fn string(&mut self) -> Parse<Vec<u8>> {
        if !matches!(self.peek(), Some(Token { kind: TokenKind::Text(_), .. })) {
            return self.expected("a string");
        }
        let mut bytes = Vec::new();
        while let Some(Token { offset, kind: TokenKind::Text(inside), .. }) = self.peek() {
            if let Some(at) = inside.find('\0') {
                self.refuse(offset + 1 + at, "a NUL byte in a string is written as \\0");
            }
            if let Err(invalid) = unescape(inside, &mut bytes) {
                self.refuse(offset + 1 + invalid.at, "invalid string escape");
            }
            self.at += 1;
        }
        Ok(bytes)
    }

    /// The same, as text.
    pub(super) fn utf8_string(&mut self) -> Parse<String> {
        let start = self.offset();
        let bytes = self.string()?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|_| {
            self.refuse(start, "string is not valid utf-8");
            String::new()
        }))
    }
}
