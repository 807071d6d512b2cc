//! Fields and extensions: plain ones, maps and groups.

mod default_value;
mod field_type;
mod map;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};

use field_type::scalar;
pub(in crate::compile) use map::entry_name;
use map::{MapType, map_entry};

use super::number::INTEGER;
use super::option::{Assignment, CompactOptions};
use super::{Dialect, Parse, Parser, Unreadable};
use crate::compile::source::token_stream::TokenStream;
use crate::compile::visit::tag;
use crate::model::wire_format::{Splice, SpliceKind};

/// Fields of `FieldDescriptorProto`.
const NAME: i32 = 1;
const NUMBER: i32 = 3;
const LABEL: i32 = 4;
const TYPE: i32 = 5;
const TYPE_NAME: i32 = 6;
const DEFAULT_VALUE: i32 = 7;
const JSON_NAME: i32 = 10;

/// In what a field is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Message,
    Oneof(usize),
    Extend,
}

/// Where the next field goes, and the message that comes with it: lists of the current element, and indices in them.
pub(super) struct FieldPlace {
    home: Home,
    field: (i32, usize),
    message: (i32, usize),
}

impl FieldPlace {
    pub(super) fn in_message(message: &DescriptorProto) -> Self {
        let field = (tag::MESSAGE_FIELD, message.field.len());
        Self { home: Home::Message, field, message: (tag::MESSAGE_MESSAGE, message.nested_type.len()) }
    }

    pub(super) fn in_oneof(message: &DescriptorProto, oneof: usize) -> Self {
        Self { home: Home::Oneof(oneof), ..Self::in_message(message) }
    }

    pub(super) fn in_extend(field: (i32, usize), message: (i32, usize)) -> Self {
        Self { home: Home::Extend, field, message }
    }
}

/// The bytes of a part of a field.
type Span = (usize, usize);

const LABELS: [&str; 3] = ["optional", "required", "repeated"];

/// What stands before the name of a field.
struct Declared {
    label: Option<(Label, Span)>,
    kind: Kind,
    type_span: Span,
}

enum Kind {
    Scalar(Type),
    Named(String),
    Map(MapType),
    Group,
}

impl Parser<'_> {
    /// Reads a field; the second answer is the message of a group or the entry of a map.
    pub(super) fn field(&mut self, place: &FieldPlace) -> Parse<(FieldDescriptorProto, Option<DescriptorProto>)> {
        let (first, start) = (self.at, self.offset());
        let mut declared = self.declared(place.home)?;
        let name_start = self.offset();
        if self.peek_word().is_empty() {
            return self.incomplete("field", start, "a name");
        }
        let name = self.identifier()?.to_owned();
        let name_span = (name_start, self.last_end());
        if self.is_mark(b'.') {
            return self.incomplete("name", name_start, "'='");
        }
        self.expect_equals("field", start)?;
        self.follows("field", start, "an integer", INTEGER)?;
        let number_start = self.offset();
        let number = if place.home == Home::Extend { self.extension_number()? } else { self.field_number()? };
        let number_span = (number_start, self.last_end());
        let options = self.compact_options()?;
        let opening = self.at;
        // A message may be called `group`.
        if matches!(declared.kind, Kind::Group) && !self.is_mark(b'{') {
            declared.kind = Kind::Named("group".into());
        }
        let is_group = matches!(declared.kind, Kind::Group);
        let nested = match &declared.kind {
            Kind::Group => Some(self.group(&name, start, place)?),
            Kind::Map(map) => Some(map_entry(map, &name)),
            Kind::Scalar(_) | Kind::Named(_) => None,
        };
        if !is_group {
            self.end_of_statement()?;
        }
        self.check_label(&declared, start, place.home);
        let field_locations = self.locations.len();
        let read = Read { name, number, declared, spans: [name_span, number_span], options, first, start, is_group };
        let field = self.inside(place.field.0, place.field.1, |parser| parser.build_field(read, place.home));
        if is_group {
            let before = self.locations.len();
            self.inside(place.message.0, place.message.1, |parser| {
                parser.locate_with_comments(&[], first, Some(opening));
                parser.locate_range(&[NAME], name_span.0, name_span.1);
                Ok(())
            })?;
            // Messages of a file stand before its extensions, and those of a message after its fields.
            if place.field.0 == tag::FILE_EXTENSION
                && let Some(own) = self.locations.get_mut(field_locations..)
            {
                own.rotate_left(before - field_locations);
            }
        }
        Ok((field?, nested))
    }

    /// Reads label and type.
    fn declared(&mut self, home: Home) -> Parse<Declared> {
        let start = self.offset();
        let label = self.label(home);
        let type_start = self.offset();
        let is_second = label.is_some() && LABELS.contains(&self.peek_word());
        if is_second && (self.is_mark_at(1, b'.') || !self.peek_word_at(1).is_empty() && !self.is_mark_at(2, b'=')) {
            let message = "a field has one label at most; remove this one, or write the dot of a full name first";
            self.refuse(type_start, message);
            return Err(Unreadable);
        }
        let kind = if self.peek_word() == "map" && self.is_mark_at(1, b'<') {
            let map = self.map_type(start)?;
            self.check_map(type_start, home);
            Kind::Map(map)
        } else if self.peek_word() == "group" && !self.peek_word_at(1).is_empty() {
            self.at += 1;
            Kind::Group
        } else {
            if !self.is_mark(b'.') && self.peek_word().is_empty() {
                return self.expected("a field, a declaration or '}'");
            }
            let name = self.type_name()?;
            scalar(&name).map_or(Kind::Named(name), Kind::Scalar)
        };
        Ok(Declared { label, kind, type_span: (type_start, self.last_end()) })
    }

    /// Takes a label. One that is followed by a name and `=` is the name of a type.
    fn label(&mut self, home: Home) -> Option<(Label, Span)> {
        let label = match self.peek_word() {
            "optional" => Label::Optional,
            "required" => Label::Required,
            "repeated" => Label::Repeated,
            _ => return None,
        };
        let is_type = self.is_mark_at(2, b'=') || self.peek_word_at(1).is_empty() && !self.is_mark_at(1, b'.');
        if is_type && (self.dialect != Dialect::Proto2 || matches!(home, Home::Oneof(_))) {
            return None;
        }
        let start = self.offset();
        self.at += 1;
        Some((label, (start, self.last_end())))
    }

    /// Refuses a scalar type where only a message can be, also when a message has its name.
    pub(super) fn check_no_scalar(&mut self, name: &str, start: usize) {
        if scalar(name).is_some() {
            self.refuse(start, format!("'{name}' is a scalar type, and a message type is needed here"));
        }
    }

    fn check_map(&mut self, start: usize, home: Home) {
        match home {
            Home::Message => {}
            Home::Oneof(_) => self.refuse(start, "map fields are not allowed in a oneof"),
            Home::Extend => self.refuse(start, "map fields are not allowed in extensions"),
        }
    }

    fn group(&mut self, name: &str, start: usize, place: &FieldPlace) -> Parse<DescriptorProto> {
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
            let message = "invalid group name; group names must consist of a capital letter followed by letters, \
                           numbers and underscores";
            self.refuse(start, message);
        }
        if self.dialect == Dialect::Proto3 {
            self.refuse(start, "groups are not allowed in proto3 syntax");
        }
        self.inside(place.message.0, place.message.1, |parser| parser.message_body(name, start))
    }

    /// Refuses labels where they may not be, and their absence where one has to be.
    fn check_label(&mut self, declared: &Declared, start: usize, home: Home) {
        let is_map = matches!(declared.kind, Kind::Map(_));
        let Some((label, (at, _))) = declared.label else {
            if self.dialect == Dialect::Proto2 && !is_map && !matches!(home, Home::Oneof(_)) {
                let message = "fields must have a label with proto2 syntax (expected one of 'optional', 'repeated' or \
                               'required')";
                self.refuse(start, message);
            }
            return;
        };
        let message = match (home, label, self.dialect) {
            _ if is_map => "map fields cannot have labels",
            (Home::Oneof(_), ..) => "oneof fields cannot have labels",
            (_, Label::Optional, Dialect::Edition(_)) => {
                "`optional` is not allowed in an edition; remove it, and set features.field_presence = EXPLICIT where \
                 that is not the default"
            }
            (_, Label::Required, Dialect::Edition(_)) => {
                "`required` is not allowed in an edition; remove it, and set features.field_presence = \
                 LEGACY_REQUIRED where that is not the default"
            }
            (Home::Extend, Label::Required, _) => "extension fields may not be required",
            (_, Label::Required, Dialect::Proto3) => "required fields are not allowed in proto3 syntax",
            _ => return,
        };
        self.refuse(at, message);
    }

    /// Makes the descriptor of what was read, and notes the places of its parts; the path is that of the field.
    fn build_field(&mut self, mut read: Read, home: Home) -> Parse<FieldDescriptorProto> {
        let (default, json_name) = match &mut read.options {
            Some(options) => (take(options, "default"), take(options, "json_name")),
            None => (None, None),
        };
        let mut field = read.descriptor();
        if let Home::Oneof(index) = home {
            field.oneof_index = Some(super::index(index));
        }
        let is_optional = matches!(read.declared.label, Some((Label::Optional, _)));
        field.proto3_optional = (is_optional && self.dialect == Dialect::Proto3).then_some(true);
        if read.is_group {
            self.locate(&[], read.start);
        } else {
            self.locate_with_comments(&[], read.first, None);
        }
        self.locate_parts(&read, field.type_name.is_some());
        if let Some(default) = default {
            self.locate_range(&[DEFAULT_VALUE], default.start, default.end);
            field.default_value = self.default_value(&default, &read.declared);
        }
        if let Some(json_name) = json_name {
            self.locate_range(&[JSON_NAME], json_name.start, json_name.end);
            field.json_name = self.json_name(json_name);
        }
        field.options = self.place_compact(read.options);
        Ok(field)
    }

    fn locate_parts(&mut self, read: &Read, is_named: bool) {
        if let Some((_, (start, end))) = read.declared.label {
            self.locate_range(&[LABEL], start, end);
        }
        let (start, end) = read.declared.type_span;
        self.locate_range(&[if is_named { TYPE_NAME } else { TYPE }], start, end);
        let [name, number] = read.spans;
        self.locate_range(&[NAME], name.0, name.1);
        self.locate_range(&[NUMBER], number.0, number.1);
    }

    fn default_value(&mut self, default: &Assignment, declared: &Declared) -> Option<String> {
        let scalar = match &declared.kind {
            Kind::Scalar(scalar) => Some(*scalar),
            Kind::Named(_) => None,
            Kind::Map(_) => {
                self.refuse(default.value_start, "map fields may not have default values");
                return None;
            }
            Kind::Group => {
                self.refuse(default.start, "group fields may not have default values");
                return None;
            }
        };
        if matches!(declared.label, Some((Label::Repeated, _))) {
            self.refuse(declared.type_span.0, "repeated fields may not have default values");
        } else if self.dialect == Dialect::Proto3 {
            self.refuse(default.start, "default values are not allowed in proto3");
        }
        if default.option.aggregate_value.is_some() && scalar.is_none() {
            self.refuse(declared.type_span.0, "fields of message type may not have default values");
            return None;
        }
        let is_hexadecimal = TokenStream::new(self.source, default.value_start).begins_hexadecimal();
        if is_hexadecimal && matches!(scalar, Some(Type::Double | Type::Float)) {
            self.refuse(default.value_start, "a floating-point number is not written in hexadecimal");
        }
        if let (Some(Type::String), Some(bytes)) = (scalar, &default.option.string_value) {
            return Some(self.text(DEFAULT_VALUE, bytes.clone()));
        }
        match default_value::text(scalar, &default.option) {
            Ok(text) => Some(text),
            Err(default_value::Misfit(message)) => {
                self.refuse(default.value_start, message);
                None
            }
        }
    }

    fn json_name(&mut self, json_name: Assignment) -> Option<String> {
        let Some(name) = json_name.option.string_value else {
            self.refuse(json_name.value_start, "expected value to be a string");
            return None;
        };
        Some(self.text(JSON_NAME, name))
    }

    /// The text that the field of the current element's descriptor holds. In the encoding it keeps its bytes, as `buf`
    /// has it, also when they are no UTF-8.
    fn text(&mut self, field: i32, bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap_or_else(|error| {
            let bytes = error.into_bytes();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let path = [&self.path[..], &[field]].concat();
            self.raw_texts.push(Splice { path, bytes, kind: SpliceKind::Replaced });
            text
        })
    }
}

/// All that was read of a field.
struct Read {
    name: String,
    number: i32,
    declared: Declared,
    /// Those of name and number.
    spans: [Span; 2],
    options: Option<CompactOptions>,
    first: usize,
    start: usize,
    is_group: bool,
}

impl Read {
    fn descriptor(&self) -> FieldDescriptorProto {
        let declared = self.declared.label.map_or(Label::Optional, |(label, _)| label);
        let (name, label, kind, type_name) = match &self.declared.kind {
            Kind::Scalar(scalar) => (self.name.clone(), declared, Some(*scalar), None),
            Kind::Named(name) => (self.name.clone(), declared, None, Some(name.clone())),
            Kind::Map(_) => (self.name.clone(), Label::Repeated, Some(Type::Message), Some(entry_name(&self.name))),
            Kind::Group => (self.name.to_ascii_lowercase(), declared, Some(Type::Group), Some(self.name.clone())),
        };
        FieldDescriptorProto {
            name: Some(name),
            number: Some(self.number),
            label: Some(label.into()),
            r#type: kind.map(i32::from),
            type_name,
            ..Default::default()
        }
    }
}

/// Takes the option that is called `name` out of a list.
fn take(options: &mut CompactOptions, name: &str) -> Option<Assignment> {
    let is_named = |assignment: &Assignment| matches!(&assignment.option.name[..], [part] if !part.is_extension && part.name_part == name);
    let at = options.assignments.iter().position(is_named)?;
    Some(options.assignments.remove(at))
}
