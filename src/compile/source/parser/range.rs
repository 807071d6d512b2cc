//! `reserved` and `extensions`: numbers, ranges of numbers, and names.

use prost_types::descriptor_proto::{ExtensionRange, ReservedRange};
use prost_types::{DescriptorProto, ExtensionRangeOptions};

use super::message::MessageBody;
use super::number::{KEPT, LARGEST_IN_SET, out_of_range};
use super::{Dialect, Parse, Parser, Unreadable, index};
use crate::compile::source::lexer::{Token, TokenKind};
use crate::compile::visit::tag;
use crate::model::LARGEST_FIELD_NUMBER;

/// `start` and `end` of ranges of every kind.
const START: i32 = 1;
const END: i32 = 2;

/// What is wrong with a number of [`KEPT`].
const IS_KEPT: &str = "field numbers 19000 to 19999 are reserved by Protobuf itself";

const MESSAGE_RESERVED: ReservedTags = ReservedTags { range: 9, name: 10 };

/// The fields of a message or an enum that hold what is reserved.
#[derive(Clone, Copy)]
pub(super) struct ReservedTags {
    pub(super) range: i32,
    pub(super) name: i32,
}

/// What one statement reserves; ranges with their last number.
#[derive(Default)]
pub(super) struct Reserved {
    pub(super) ranges: Vec<(i32, i32)>,
    pub(super) names: Vec<String>,
}

/// A range of numbers and the offsets of its parts.
struct Range {
    first: i32,
    last: i32,
    /// It ends with `max`.
    is_open: bool,
    first_span: (usize, usize),
    last_span: (usize, usize),
}

impl Parser<'_> {
    /// Reads what a message reserves.
    pub(super) fn message_reserved(&mut self, message: &mut DescriptorProto) -> Parse<()> {
        let count = (message.reserved_range.len(), message.reserved_name.len());
        let reserved = self.reserved(MESSAGE_RESERVED, count, Self::field_number, LARGEST_FIELD_NUMBER)?;
        message.reserved_name.extend(reserved.names);
        let range = |(first, last): (i32, i32)| ReservedRange { start: Some(first), end: last.checked_add(1) };
        message.reserved_range.extend(reserved.ranges.into_iter().map(range));
        Ok(())
    }

    /// Reads a statement that reserves ranges or names. So many `ranges` and `names` are reserved already.
    pub(super) fn reserved(
        &mut self,
        tags: ReservedTags,
        (ranges, names): (usize, usize),
        number: fn(&mut Self) -> Parse<i32>,
        largest: i32,
    ) -> Parse<Reserved> {
        let first = self.at;
        self.expect_keyword("reserved")?;
        let mut reserved = Reserved::default();
        let mut located = Vec::new();
        // One that reserves nothing is one, too.
        if self.take_mark(b';') {
            return Ok(reserved);
        }
        let is_names = matches!(self.peek(), Some(Token { kind: TokenKind::Text(_) | TokenKind::Word(_), .. }));
        loop {
            if is_names {
                let start = self.offset();
                reserved.names.push(self.reserved_name()?);
                located.push((start, self.last_end()));
            } else {
                let range = self.range(number, largest)?;
                if largest == LARGEST_FIELD_NUMBER {
                    kept(&range).for_each(|offset| self.refuse(offset, IS_KEPT));
                }
                self.locate_numbers(&[tags.range, index(ranges + reserved.ranges.len())], &range);
                reserved.ranges.push((range.first, range.last));
            }
            if !self.take_mark(b',') {
                break;
            }
        }
        self.end_of_statement()?;
        for (at, (start, end)) in located.into_iter().enumerate() {
            self.locate_range(&[tags.name, index(names + at)], start, end);
        }
        // Only the first statement of each kind has a place of its own.
        if is_names && names == 0 {
            self.locate_with_comments(&[tags.name], first, None);
        } else if !is_names && ranges == 0 {
            self.locate_with_comments(&[tags.range], first, None);
        }
        Ok(reserved)
    }

    fn reserved_name(&mut self) -> Parse<String> {
        let start = self.offset();
        let is_text = matches!(self.peek(), Some(Token { kind: TokenKind::Text(_), .. }));
        if matches!(self.dialect, Dialect::Edition(_)) {
            if is_text {
                let text = self.utf8_string()?;
                self.refuse(start, format!("reserved names have no quotes in an edition; write `reserved {text};`"));
                return Ok(text);
            }
            let name = self.identifier()?;
            if self.is_mark(b'.') || self.peek_word() == "to" {
                self.refuse(start, "expected a single name");
                return Err(Unreadable);
            }
            return Ok(name.to_owned());
        }
        let name = self.utf8_string()?;
        let is_identifier = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_identifier {
            let message = "invalid identifier; identifiers must consist of letters, numbers and underscores, and may \
                           not start with a number";
            self.refuse(start, message);
        }
        Ok(name)
    }

    /// Reads extension ranges, all of which get the options of the statement.
    pub(super) fn extension_ranges(&mut self, body: &mut MessageBody) -> Parse<()> {
        let first = self.at;
        self.expect_keyword("extensions")?;
        let before = body.proto.extension_range.len();
        if self.take_mark(b';') {
            return Ok(());
        }
        loop {
            // `buf` takes `max`, or any other word, by itself, too, and makes nothing of it.
            if !self.peek_word().is_empty() && self.peek_word_at(1) != "to" && !self.is_mark_at(1, b'.') {
                self.at += 1;
                if self.take_mark(b',') {
                    continue;
                }
                break;
            }
            let range = self.range(Self::extension_number, LARGEST_FIELD_NUMBER)?;
            body.kept_numbers.extend(kept(&range));
            let at = body.proto.extension_range.len();
            self.locate_numbers(&[tag::MESSAGE_RANGE, index(at)], &range);
            if range.is_open {
                body.open_ranges.push(at);
            }
            for (number, (start, _)) in [(range.first, range.first_span), (range.last, range.last_span)] {
                if number > LARGEST_FIELD_NUMBER {
                    body.large_numbers.push(start);
                }
            }
            let end = range.last.checked_add(1);
            body.proto.extension_range.push(ExtensionRange { start: Some(range.first), end, options: None });
            if !self.take_mark(b',') {
                break;
            }
        }
        let options = self.compact_options()?;
        self.end_of_statement()?;
        self.locate_with_comments(&[tag::MESSAGE_RANGE], first, None);
        let count = body.proto.extension_range.len() - before;
        self.locate_again(count.saturating_sub(1));
        let Some(options) = options else { return Ok(()) };
        for (at, range) in body.proto.extension_range.iter_mut().enumerate().skip(before) {
            let placed: Parse<Option<ExtensionRangeOptions>> =
                self.inside(tag::MESSAGE_RANGE, at, |parser| Ok(parser.place_compact(Some(options.clone()))));
            range.options = placed?;
        }
        Ok(())
    }

    /// Lets the ranges that end with `max` reach as far as those of a message set do; in other messages large numbers are
    /// too large.
    pub(super) fn bound_ranges(&mut self, body: &mut MessageBody, is_message_set: bool) {
        if !is_message_set {
            let message = out_of_range(LARGEST_FIELD_NUMBER);
            body.large_numbers.iter().for_each(|offset| self.refuse(*offset, message.clone()));
            body.kept_numbers.iter().for_each(|offset| self.refuse(*offset, IS_KEPT));
            return;
        }
        for at in &body.open_ranges {
            if let Some(range) = body.proto.extension_range.get_mut(*at) {
                range.end = Some(LARGEST_IN_SET + 1);
            }
        }
    }

    fn range(&mut self, number: fn(&mut Self) -> Parse<i32>, largest: i32) -> Parse<Range> {
        let start = self.offset();
        let first = number(self)?;
        let first_span = (start, self.last_end());
        if !self.take_word("to") {
            return Ok(Range { first, last: first, is_open: false, first_span, last_span: first_span });
        }
        let start = self.offset();
        let is_open = self.take_word("max");
        let last = if is_open { largest } else { number(self)? };
        Ok(Range { first, last, is_open, first_span, last_span: (start, self.last_end()) })
    }

    fn locate_numbers(&mut self, path: &[i32], range: &Range) {
        self.locate_range(path, range.first_span.0, range.last_span.1);
        self.locate_range(&[path, &[START]].concat(), range.first_span.0, range.first_span.1);
        self.locate_range(&[path, &[END]].concat(), range.last_span.0, range.last_span.1);
    }
}

/// Where a range begins or ends among the numbers that Protobuf keeps for itself.
fn kept(range: &Range) -> impl Iterator<Item = usize> + use<> {
    let ends = [(range.first, range.first_span.0), (range.last, range.last_span.0)];
    ends.into_iter().filter(|(number, _)| KEPT.contains(number)).map(|(_, offset)| offset)
}
