//! `message NAME { … }`.

use std::collections::HashSet;

use prost_types::{DescriptorProto, OneofDescriptorProto};

use super::field::FieldPlace;
use super::{Dialect, Parse, Parser, Unreadable, index};
use crate::compile::source::edition::supported::Visibility;
use crate::compile::visit::tag;

/// `DescriptorProto.name`.
const NAME: i32 = 1;

/// Most levels of messages and groups inside each other: readers of descriptors allow no more.
const MAX_LEVELS: usize = 31;

/// A message whose body is being read.
#[derive(Default)]
pub(super) struct MessageBody {
    pub(super) proto: DescriptorProto,
    /// The ranges that end with `max`, which depends on an option.
    pub(super) open_ranges: Vec<usize>,
    /// The offsets of numbers of extensions that only a message set may have.
    pub(super) large_numbers: Vec<usize>,
    /// Offsets of numbers in ranges that Protobuf keeps for itself.
    pub(super) kept_numbers: Vec<usize>,
}

impl Parser<'_> {
    /// Reads a message, whose first token is its keyword or a visibility.
    pub(super) fn message(&mut self) -> Parse<DescriptorProto> {
        let first = self.at;
        self.visibility();
        let start = self.offset();
        self.expect_keyword("message")?;
        self.follows("message", start, "its name", &[])?;
        let name_start = self.offset();
        let name = self.identifier()?;
        let name_end = self.last_end();
        let opening = self.at;
        let message = self.message_body(name, start)?;
        self.locate_from(&[], start, first, Some(opening));
        self.locate_range(&[NAME], name_start, name_end);
        Ok(message)
    }

    /// Takes a visibility and notes it for the current element.
    pub(super) fn visibility(&mut self) {
        if self.has_visibility() {
            let visibility = if self.peek_word() == "local" { Visibility::Local } else { Visibility::Export };
            self.visibility.insert(self.path.clone(), visibility);
            self.at += 1;
        }
    }

    /// Reads the braces of the message `name`, which begins at `start`, and what is in them.
    pub(super) fn message_body(&mut self, name: &str, start: usize) -> Parse<DescriptorProto> {
        // Two steps of a path are one level.
        if self.path.len() / 2 > MAX_LEVELS {
            let message = format!(
                "reached maximum recursion limit for nested messages; messages and groups may be nested at most \
                 {MAX_LEVELS} levels deep"
            );
            self.refuse(start, message);
            return Err(Unreadable);
        }
        let mut body = MessageBody::default();
        body.proto.name = Some(name.to_owned());
        self.block(("message", start), |parser| parser.message_statement(&mut body))?;
        let is_message_set = is_message_set(&body.proto);
        self.bound_ranges(&mut body, is_message_set);
        let mut message = body.proto;
        if self.dialect == Dialect::Proto3 {
            add_synthetic_oneofs(&mut message);
        }
        Ok(message)
    }

    fn message_statement(&mut self, body: &mut MessageBody) -> Parse<()> {
        // A keyword, a name and `=` are a field whose type has the name of the keyword.
        let is_field = !self.peek_word_at(1).is_empty() && self.is_mark_at(2, b'=') || self.is_mark_at(1, b'.');
        match self.peek_word() {
            "option" if !self.is_mark_at(1, b'.') => self.option_statement(&mut body.proto.options),
            "extend" if is_field && !self.is_extend_of_full_name() => self.message_field(body),
            "message" | "enum" | "oneof" if is_field => self.message_field(body),
            "reserved" | "extensions" if self.is_mark_at(1, b'.') || self.is_mark_at(2, b'=') => {
                self.message_field(body)
            }
            "export" | "local" if self.has_visibility() => match self.peek_word_at(1) {
                "message" => self.nested_message(body),
                _ => self.nested_enum(body),
            },
            "message" => self.nested_message(body),
            "enum" => self.nested_enum(body),
            "extend" => {
                let DescriptorProto { extension, nested_type, .. } = &mut body.proto;
                self.extend((tag::MESSAGE_EXTENSION, extension), (tag::MESSAGE_MESSAGE, nested_type))
            }
            "oneof" => {
                let oneof = self.oneof(&mut body.proto)?;
                body.proto.oneof_decl.push(oneof);
                Ok(())
            }
            "reserved" => self.message_reserved(&mut body.proto),
            "extensions" => self.extension_ranges(body),
            _ => self.message_field(body),
        }
    }

    /// Whether an `extend` comes next whose type is written with a dot in front: its braces come before a `=`.
    fn is_extend_of_full_name(&self) -> bool {
        let ahead = (1..).find(|ahead| self.peek_word_at(*ahead).is_empty() && !self.is_mark_at(*ahead, b'.'));
        ahead.is_some_and(|ahead| self.is_mark_at(ahead, b'{'))
    }

    fn nested_message(&mut self, body: &mut MessageBody) -> Parse<()> {
        let message = self.inside(tag::MESSAGE_MESSAGE, body.proto.nested_type.len(), Self::message)?;
        body.proto.nested_type.push(message);
        Ok(())
    }

    fn nested_enum(&mut self, body: &mut MessageBody) -> Parse<()> {
        let item = self.inside(tag::MESSAGE_ENUM, body.proto.enum_type.len(), Self::enumeration)?;
        body.proto.enum_type.push(item);
        Ok(())
    }

    fn message_field(&mut self, body: &mut MessageBody) -> Parse<()> {
        let place = FieldPlace::in_message(&body.proto);
        let (field, nested) = self.field(&place)?;
        body.proto.field.push(field);
        body.proto.nested_type.extend(nested);
        Ok(())
    }
}

/// Whether the message may have extensions with numbers beyond those of fields.
fn is_message_set(message: &DescriptorProto) -> bool {
    let options = message.options.iter().flat_map(|options| &options.uninterpreted_option);
    options.into_iter().any(|option| {
        let is_named = matches!(&option.name[..], [part] if part.name_part == "message_set_wire_format");
        is_named && option.identifier_value.as_deref() == Some("true")
    })
}

/// Gives every `optional` field a oneof of its own, after those that are written and with a name that is free.
fn add_synthetic_oneofs(message: &mut DescriptorProto) {
    if !message.field.iter().any(|field| field.proto3_optional()) {
        return;
    }
    let mut taken: HashSet<String> = names(message).map(str::to_owned).collect();
    for field in message.field.iter_mut().filter(|field| field.proto3_optional.is_some()) {
        let mut name = field.name().to_owned();
        if !name.starts_with('_') {
            name.insert(0, '_');
        }
        while !taken.insert(name.clone()) {
            name.insert(0, 'X');
        }
        field.oneof_index = Some(index(message.oneof_decl.len()));
        message.oneof_decl.push(OneofDescriptorProto { name: Some(name), options: None });
    }
}

/// The names in the scope of `message`, those of values included.
fn names(message: &DescriptorProto) -> impl Iterator<Item = &str> {
    let fields = message.field.iter().chain(&message.extension).map(|field| field.name());
    let oneofs = message.oneof_decl.iter().map(|oneof| oneof.name());
    let messages = message.nested_type.iter().map(|nested| nested.name());
    let enums = message.enum_type.iter().map(|item| item.name());
    let values = message.enum_type.iter().flat_map(|item| &item.value).map(|value| value.name());
    fields.chain(oneofs).chain(messages).chain(enums).chain(values)
}
