//! The fields of a message; each oneof is in front of its fields.

use prost_types::field_descriptor_proto::Label;
use prost_types::{DescriptorProto, FieldDescriptorProto};

use crate::model::{map_entry, rust_modules, type_word, written_oneof};
use crate::publish::rust_naming::{Message, RustPath};
use crate::serve::http::error::Answer;
use crate::serve::web::page::excerpt::excerpt;

use super::builder::{Builder, DeclarationPlace, named};
use super::comments;
use super::native_options;
use super::types::TypeLink;
use super::view::{FieldDocs, OneofDocs, PARTS, PartSince};

/// The most bytes of a default value that are shown; the page links to the source.
const DEFAULT: usize = 200;

/// The first fields of `message`, whose Rust path is `rust`.
pub(super) fn fields(
    builder: &Builder<'_>,
    place: &DeclarationPlace<'_>,
    message: &DescriptorProto,
    rust: &RustPath,
) -> Answer<Vec<FieldDocs>> {
    let anchor = named(place.parents, message.name());
    let full_name = format!(".{}", builder.full(&anchor));
    let typed = Message { proto: message, full_name, syntax: place.syntax, recursive: builder.recursive };
    let message = MessageFields { builder, place, message, typed, rust, anchor };
    let mut oneof = None;
    let mut fields = vec![];
    for (at, field) in message.message.field.iter().enumerate().take(PARTS) {
        builder.deadline.check()?;
        let own = written_oneof(field);
        let begins = own.filter(|own| oneof != Some(*own));
        oneof = own;
        fields.push(message.field(at, field, begins));
    }
    Ok(fields)
}

struct MessageFields<'a> {
    builder: &'a Builder<'a>,
    place: &'a DeclarationPlace<'a>,
    message: &'a DescriptorProto,
    /// The message, for the Rust types of its fields.
    typed: Message<'a>,
    rust: &'a RustPath,
    anchor: String,
}

impl MessageFields<'_> {
    fn field(&self, at: usize, field: &FieldDescriptorProto, begins: Option<usize>) -> FieldDocs {
        let (label, kind, end) = match map_entry(self.message, field) {
            Some(entry) => {
                let part = |at: usize| entry.field.get(at).map_or_else(TypeLink::default, |part| self.kind(part));
                (format!("map<{}, ", part(0).name), part(1), ">")
            }
            None => (label(field).into(), self.kind(field), ""),
        };
        let oneof = written_oneof(field).and_then(|at| self.oneof_in_rust(at));
        let names = &self.builder.rust;
        FieldDocs {
            name: field.name().into(),
            anchor: format!("{}.{}", self.anchor, field.name()),
            number: field.number(),
            label,
            kind,
            end,
            comment: self.place.comments.at(&self.place.below(comments::FIELD, at)),
            notes: notes(field),
            since: PartSince::default(),
            options: self.options(field),
            inside: oneof.is_some(),
            rust_type: self.rust_type(field, oneof.is_some()),
            rust: oneof.map_or_else(
                || names.of_field(self.rust, field.name()),
                |oneof| names.of_variant(&oneof, field.name()),
            ),
            begins: begins.and_then(|at| self.oneof(at)),
        }
    }

    fn options(&self, field: &FieldDescriptorProto) -> Vec<String> {
        let mut options = native_options::of_field(field);
        options.extend(self.builder.options.of_field(&self.builder.full(&self.anchor), field.number()));
        options
    }

    fn rust_type(&self, field: &FieldDescriptorProto, inside: bool) -> String {
        let Some(field_types) = self.builder.field_types else { return String::new() };
        let types = self.builder.types;
        let found = if inside {
            field_types.of_variant(types, &self.typed, field).map(|held| format!("({held})"))
        } else {
            field_types.of_field(types, &self.typed, field).map(|own| format!(": {own}"))
        };
        found.unwrap_or_default()
    }

    fn oneof_in_rust(&self, at: usize) -> Option<RustPath> {
        let oneof = self.message.oneof_decl.get(at)?;
        Some(self.builder.rust.of_oneof(self.builder.around(self.place.parents), self.message, oneof.name()))
    }

    fn oneof(&self, at: usize) -> Option<OneofDocs> {
        let oneof = self.message.oneof_decl.get(at)?;
        let rust = self.oneof_in_rust(at)?;
        let certain = self.builder.field_types.is_some();
        Some(OneofDocs {
            name: oneof.name().into(),
            anchor: format!("{}.{}", self.anchor, oneof.name()),
            comment: self.place.comments.at(&self.place.below(comments::ONEOF, at)),
            options: self.builder.options.of_oneof(&self.builder.full(&self.anchor), at),
            field: self.builder.rust.of_field(self.rust, oneof.name()),
            rust_type: if certain { format!(": Option<{}>", self.below_package(&rust)) } else { String::new() },
            rust,
        })
    }

    /// A path of this package, relative to the package's Rust module.
    fn below_package<'p>(&self, path: &'p RustPath) -> &'p str {
        let modules: String = rust_modules(self.builder.package).iter().map(|module| format!("{module}::")).collect();
        path.short.strip_prefix(&modules).unwrap_or(&path.short)
    }

    fn kind(&self, field: &FieldDescriptorProto) -> TypeLink {
        kind(self.builder, field)
    }
}

/// The type of a field or an extension.
pub(super) fn kind(builder: &Builder<'_>, field: &FieldDescriptorProto) -> TypeLink {
    if !field.type_name().is_empty() {
        return builder.types.link(field.type_name());
    }
    TypeLink { name: type_word(field.r#type()).into(), href: None }
}

/// The keyword before the type of a field, with a space after it.
pub(super) fn label(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        Label::Repeated => "repeated ",
        Label::Required => "required ",
        Label::Optional if field.proto3_optional() => "optional ",
        Label::Optional => "",
    }
}

/// What else is said of a field: that it is deprecated, and its default.
pub(super) fn notes(field: &FieldDescriptorProto) -> Vec<String> {
    let mut notes = vec![];
    if field.options.as_ref().is_some_and(|options| options.deprecated()) {
        notes.push("deprecated".into());
    }
    if let Some(default) = &field.default_value {
        notes.push(format!("default {}", excerpt(default, DEFAULT)));
    }
    notes
}
