//! The types of options and of the messages in them, as the files of a compilation declare them.
//!
//! A file is indexed when one of its types is first asked for: of thousands of files, a few declare options.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions,
    OneofDescriptorProto, UninterpretedOption,
};

use super::built_in;
use super::facts::Facts;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::symbols::Symbols;
use crate::compile::source::edition::features::{self, FeatureSet, LEGACY_REQUIRED, PACKED, UNVERIFIED_UTF8};
use crate::compile::source::edition::supported::Edition;
use crate::compile::visit::elements::{Node, elements};
use crate::compile::visit::message_at::message_at;
use crate::compile::visit::tag;
use crate::model::is_map_entry;

const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

/// All files of a compilation, their references resolved.
pub(in crate::compile) struct Schema<'f> {
    symbols: &'f Symbols,
    /// The last one is the compiler's own `descriptor.proto`, for files that do not import one.
    files: Vec<SchemaFile<'f>>,
}

struct SchemaFile<'f> {
    proto: &'f FileDescriptorProto,
    edition: Option<Edition>,
    facts: &'f Facts,
    index: OnceLock<FileIndex>,
}

/// Messages, enums and extensions by full name without leading dot.
type FileIndex = HashMap<Box<str>, Declaration>;

struct Declaration {
    /// As `SourceCodeInfo.Location.path` has it.
    path: Vec<i32>,
    /// Index of each field of a message, or value of an enum, by name.
    members: OnceLock<HashMap<Box<str>, usize>>,
    /// Indices of the required fields of a message.
    required: OnceLock<Vec<usize>>,
}

/// A message.
#[derive(Clone, Copy)]
pub(super) struct MessageType<'s> {
    /// Full name without leading dot.
    pub(super) name: &'s str,
    pub(super) proto: &'s DescriptorProto,
    file: usize,
    declaration: &'s Declaration,
}

/// A field of a message, or an extension.
#[derive(Clone, Copy)]
pub(super) struct FieldType<'s> {
    pub(super) proto: &'s FieldDescriptorProto,
    file: usize,
    /// The path of the message that declares it.
    parent: &'s [i32],
    /// Its place in that message; an extension has its whole path in `parent`.
    inside: Option<i32>,
}

/// An enum.
#[derive(Clone, Copy)]
pub(super) struct EnumType<'s> {
    proto: &'s EnumDescriptorProto,
    file: usize,
    declaration: &'s Declaration,
}

/// How often a field holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cardinality {
    Single,
    List,
    Map,
}

impl<'f> Schema<'f> {
    /// The types of `files`; `facts` are what each of them says about its declarations.
    pub(in crate::compile) fn new(symbols: &'f Symbols, files: &'f [LoadedFile<'_>], facts: &'f [Arc<Facts>]) -> Self {
        let file = |(file, facts): (&'f LoadedFile<'_>, &'f Facts)| SchemaFile {
            proto: &file.proto,
            edition: file.edition.as_ref().map(|it| it.edition),
            facts,
            index: OnceLock::new(),
        };
        let built_in =
            SchemaFile { proto: built_in::descriptor(), edition: None, facts: Facts::none(), index: OnceLock::new() };
        let facts = facts.iter().map(Arc::as_ref).chain(std::iter::repeat(Facts::none()));
        Self { symbols, files: files.iter().zip(facts).map(file).chain([built_in]).collect() }
    }

    /// The message of this full name without leading dot.
    pub(super) fn message(&self, name: &str) -> Option<MessageType<'_>> {
        let (name, file, declaration) = self.declared(name)?;
        let proto = message_at(self.files[file].proto, &declaration.path)?;
        Some(MessageType { name, proto, file, declaration })
    }

    /// The extension of this full name without leading dot.
    pub(super) fn extension(&self, name: &str) -> Option<FieldType<'_>> {
        let (_, file, declaration) = self.declared(name)?;
        let (path, [tag, index]) = declaration.path.split_last_chunk()?;
        let index = usize::try_from(*index).ok()?;
        let proto = match *tag {
            tag::FILE_EXTENSION if path.is_empty() => self.files[file].proto.extension.get(index)?,
            tag::MESSAGE_EXTENSION => message_at(self.files[file].proto, path)?.extension.get(index)?,
            _ => return None,
        };
        Some(FieldType { proto, file, parent: &declaration.path, inside: None })
    }

    fn enumeration(&self, name: &str) -> Option<EnumType<'_>> {
        let (_, file, declaration) = self.declared(name)?;
        let (path, [_, index]) = declaration.path.split_last_chunk()?;
        let index = usize::try_from(*index).ok()?;
        let proto = if path.is_empty() {
            self.files[file].proto.enum_type.get(index)?
        } else {
            message_at(self.files[file].proto, path)?.enum_type.get(index)?
        };
        Some(EnumType { proto, file, declaration })
    }

    fn declared(&self, name: &str) -> Option<(&str, usize, &Declaration)> {
        let own = self.symbols.get(name).map(|symbol| symbol.file);
        // What options there are is said by descriptor.proto, whatever another file of its package declares.
        let own = own.filter(|file| self.files[*file].proto.name() == DESCRIPTOR || self.built_in(name).is_none());
        own.map_or_else(|| self.built_in(name), |file| self.declared_in(file, name))
    }

    fn built_in(&self, name: &str) -> Option<(&str, usize, &Declaration)> {
        name.starts_with("google.protobuf.").then(|| self.declared_in(self.files.len() - 1, name))?
    }

    fn declared_in(&self, file: usize, name: &str) -> Option<(&str, usize, &Declaration)> {
        let index = self.files[file].index.get_or_init(|| index(self.files[file].proto));
        let (name, declaration) = index.get_key_value(name)?;
        Some((name, file, declaration))
    }

    /// The field `name` of `message`.
    pub(super) fn field<'s>(&'s self, message: MessageType<'s>, name: &str) -> Option<FieldType<'s>> {
        let names = || (0..).zip(&message.proto.field).map(|(at, field)| (field.name().into(), at)).collect();
        let index = *message.declaration.members.get_or_init(names).get(name)?;
        Some(field_at(message, index, message.proto.field.get(index)?))
    }

    /// The field of a map entry, or of an `Any`, with this number.
    pub(super) fn numbered_field<'s>(&'s self, entry: MessageType<'s>, number: i32) -> Option<FieldType<'s>> {
        let index = entry.proto.field.iter().position(|field| field.number() == number)?;
        Some(field_at(entry, index, entry.proto.field.get(index)?))
    }

    /// The message that `field` holds.
    pub(super) fn message_of(&self, field: FieldType<'_>) -> Option<MessageType<'_>> {
        let holds = matches!(field.proto.r#type(), Type::Message | Type::Group);
        holds.then(|| self.message(field.proto.type_name().trim_start_matches('.')))?
    }

    /// The enum that `field` holds.
    pub(super) fn enum_of(&self, field: FieldType<'_>) -> Option<EnumType<'_>> {
        self.enumeration(field.proto.type_name().trim_start_matches('.'))
    }

    pub(super) fn cardinality(&self, field: FieldType<'_>) -> Cardinality {
        if field.proto.label() != Label::Repeated {
            return Cardinality::Single;
        }
        let is_map = self.message_of(field).is_some_and(|message| is_map_entry(message.proto));
        if is_map { Cardinality::Map } else { Cardinality::List }
    }

    /// Number, and path in its file, of the value `name` of `item`.
    pub(super) fn value<'s>(&'s self, item: EnumType<'s>, name: &str) -> Option<(i32, EnumValue<'s>)> {
        let names = || (0..).zip(&item.proto.value).map(|(at, value)| (value.name().into(), at)).collect();
        let index = *item.declaration.members.get_or_init(names).get(name)?;
        let value = EnumValue { file: item.file, item: &item.declaration.path, index };
        Some((item.proto.value.get(index)?.number(), value))
    }

    /// Whether a list of `field` is one run of values.
    pub(super) fn is_packed(&self, field: FieldType<'_>) -> bool {
        let is_number = !matches!(field.proto.r#type(), Type::String | Type::Bytes | Type::Message | Type::Group);
        is_number && field.proto.label() == Label::Repeated && self.says_packed(field)
    }

    fn says_packed(&self, field: FieldType<'_>) -> bool {
        match self.features(field) {
            Some(features) => features.repeated_field_encoding.is_none_or(|encoding| encoding == PACKED),
            None => packed_option(field.proto).unwrap_or_else(|| self.is_proto3(field)),
        }
    }

    /// Whether a text of `field` has to be UTF-8.
    pub(super) fn is_utf8(&self, field: FieldType<'_>) -> bool {
        match self.features(field) {
            Some(features) => features.utf8_validation != Some(UNVERIFIED_UTF8),
            None => self.is_proto3(field),
        }
    }

    /// Whether `field` cannot tell its default from nothing.
    pub(super) fn is_implicit(&self, field: FieldType<'_>) -> bool {
        let is_plain = !field.is_extension()
            && field.proto.oneof_index.is_none()
            && field.proto.label() != Label::Repeated
            && !matches!(field.proto.r#type(), Type::Message | Type::Group);
        is_plain
            && match self.features(field) {
                Some(features) => features.is_implicit(),
                None => self.is_proto3(field),
            }
    }

    /// The fields of `message` that have to be set.
    pub(super) fn required<'s>(&'s self, message: MessageType<'s>) -> impl Iterator<Item = &'s FieldDescriptorProto> {
        let fields = || message.proto.field.iter().enumerate();
        let is_required = |(index, field): &(usize, &'s FieldDescriptorProto)| {
            field.label() == Label::Required || self.is_required_by_feature(field_at(message, *index, field))
        };
        let indices = || fields().filter(is_required).map(|(index, _)| index).collect();
        let indices = message.declaration.required.get_or_init(indices);
        indices.iter().filter_map(move |index| message.proto.field.get(*index))
    }

    fn is_required_by_feature(&self, field: FieldType<'_>) -> bool {
        self.features(field).is_some_and(|features| features.field_presence == Some(LEGACY_REQUIRED))
    }

    fn is_proto3(&self, field: FieldType<'_>) -> bool {
        self.files[field.file].proto.syntax() == "proto3"
    }

    /// The features of `field`, when its file declares an edition.
    fn features(&self, field: FieldType<'_>) -> Option<FeatureSet> {
        let file = &self.files[field.file];
        Some(features::resolved(file.edition?, &file.facts.features, &field.path()))
    }

    /// What the declaration of `field` says about where and when it may be set.
    pub(super) fn facts_of(&self, field: FieldType<'_>) -> &Facts {
        self.files[field.file].facts
    }

    /// The same for an enum value.
    pub(super) fn facts_of_value(&self, value: EnumValue<'_>) -> &Facts {
        self.files[value.file].facts
    }

    /// What is wrong with what the element of file `index` at `path` says about its lifetime.
    pub(super) fn fault_at(&self, index: usize, path: &[i32]) -> Option<(i32, &'static str)> {
        self.files.get(index)?.facts.usage_at(|| path.to_vec())?.fault()
    }
}

/// A value of an enum.
#[derive(Clone, Copy)]
pub(super) struct EnumValue<'s> {
    file: usize,
    item: &'s [i32],
    index: usize,
}

impl EnumValue<'_> {
    /// As `SourceCodeInfo.Location.path` has it.
    pub(super) fn path(&self) -> Vec<i32> {
        [self.item, &[tag::ENUM_VALUE, i32::try_from(self.index).unwrap_or(i32::MAX)]].concat()
    }
}

impl MessageType<'_> {
    /// Whether it holds nothing but messages of any type, as in the first version of Protobuf.
    pub(super) fn is_message_set(&self) -> bool {
        is_message_set(self.proto)
    }

    /// The full name of the oneof at `index`.
    pub(super) fn oneof_name(&self, index: i32) -> String {
        let oneof = usize::try_from(index).ok().and_then(|index| self.proto.oneof_decl.get(index));
        format!("{}.{}", self.name, oneof.map(OneofDescriptorProto::name).unwrap_or_default())
    }
}

impl FieldType<'_> {
    /// Its number, as paths hold it.
    pub(super) fn number(&self) -> i32 {
        self.proto.number()
    }

    /// As `SourceCodeInfo.Location.path` has it.
    pub(super) fn path(&self) -> Vec<i32> {
        match self.inside {
            Some(index) => [self.parent, &[tag::MESSAGE_FIELD, index]].concat(),
            None => self.parent.to_vec(),
        }
    }

    pub(super) fn is_extension(&self) -> bool {
        self.inside.is_none()
    }

    /// The oneof that it is a member of, unless that only stands for `optional`.
    pub(super) fn oneof(&self) -> Option<i32> {
        self.proto.oneof_index.filter(|_| !self.proto.proto3_optional())
    }
}

fn field_at<'s>(message: MessageType<'s>, index: usize, proto: &'s FieldDescriptorProto) -> FieldType<'s> {
    let inside = Some(i32::try_from(index).unwrap_or(i32::MAX));
    FieldType { proto, file: message.file, parent: &message.declaration.path, inside }
}

fn index(file: &FileDescriptorProto) -> FileIndex {
    let mut index = FileIndex::new();
    elements(file, |element| {
        let is_type = match element.node {
            Node::Message(_) | Node::Enum(_) => true,
            Node::Field(field) => field.extendee.is_some(),
            _ => false,
        };
        if is_type {
            let declaration =
                Declaration { path: element.path.to_vec(), members: OnceLock::new(), required: OnceLock::new() };
            index.insert(element.name.into(), declaration);
        }
    });
    index
}

/// What `field` says about `packed`, whether that is interpreted already or not.
fn packed_option(field: &FieldDescriptorProto) -> Option<bool> {
    let options = field.options.as_ref()?;
    options.packed.or_else(|| written_flag(&options.uninterpreted_option, "packed"))
}

/// Whether `message` is a message set, whether its options are interpreted already or not.
fn is_message_set(message: &DescriptorProto) -> bool {
    let says = |options: &MessageOptions| {
        let written = || written_flag(&options.uninterpreted_option, "message_set_wire_format");
        options.message_set_wire_format.or_else(written)
    };
    message.options.as_ref().and_then(says).unwrap_or_default()
}

/// What `options`, which are not interpreted yet, set the option `name` to.
fn written_flag(options: &[UninterpretedOption], name: &str) -> Option<bool> {
    let is_named = |option: &&UninterpretedOption| matches!(&option.name[..], [part] if !part.is_extension && part.name_part == name);
    Some(options.iter().find(is_named)?.identifier_value.as_deref()? == "true")
}
