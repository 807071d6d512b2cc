//! Custom options, in the syntax of sources: `(acme.team) = "keepers"`.

use std::collections::HashSet;

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, Value};
use prost_types::FileDescriptorProto;

use crate::model::wire_format::without_fields;
use crate::model::{DescriptorFile, DescriptorSet};
use crate::serve::web::page::excerpt::excerpt;

/// The most bytes of one option's text; the rest is left out.
const MAX_TEXT: usize = 300;

/// The most options of one declaration that are shown.
const MAX_OPTIONS: usize = 40;

/// Fields of `FileDescriptorProto` in `descriptor.proto`.
const SYNTAX: u32 = 12;
const EDITION: u32 = 14;

/// The custom options of some files.
pub(super) struct Options {
    /// None if no file uses custom options.
    pool: Option<DescriptorPool>,
}

impl Options {
    /// Reads the options of files of `set`; none if they cannot be read.
    pub(super) fn of_files<'a>(set: &DescriptorSet, files: impl Iterator<Item = &'a DescriptorFile>) -> Self {
        let with: HashSet<&str> = files.filter(|file| has_custom(file)).map(|file| file.proto.name()).collect();
        Self { pool: (!with.is_empty()).then(|| pool(set, with)).flatten() }
    }

    /// The options of a message, an enum or a service.
    pub(super) fn of_declaration(&self, full: &str) -> Vec<String> {
        let Some(pool) = &self.pool else { return vec![] };
        let message = pool.get_message_by_name(full).map(|message| message.options());
        let declared = message
            .or_else(|| pool.get_enum_by_name(full).map(|declared| declared.options()))
            .or_else(|| pool.get_service_by_name(full).map(|service| service.options()));
        declared.map_or_else(Vec::new, |options| custom(&options))
    }

    /// The options of the field with this number.
    pub(super) fn of_field(&self, message: &str, number: i32) -> Vec<String> {
        let number = u32::try_from(number).ok();
        let field = self.message(message).zip(number).and_then(|(message, number)| message.get_field(number));
        field.map_or_else(Vec::new, |field| custom(&field.options()))
    }

    /// The options of an extension.
    pub(super) fn of_extension(&self, full: &str) -> Vec<String> {
        let extension = self.pool.as_ref().and_then(|pool| pool.get_extension_by_name(full));
        extension.map_or_else(Vec::new, |extension| custom(&extension.options()))
    }

    /// The options of the `at`th oneof.
    pub(super) fn of_oneof(&self, message: &str, at: usize) -> Vec<String> {
        let oneof = self.message(message).and_then(|message| message.oneofs().nth(at));
        oneof.map_or_else(Vec::new, |oneof| custom(&oneof.options()))
    }

    /// The options of the `at`th value.
    pub(super) fn of_value(&self, declared: &str, at: usize) -> Vec<String> {
        let declared = self.pool.as_ref().and_then(|pool| pool.get_enum_by_name(declared));
        // The pool sorts values by number; the descriptor has them in the order of the source.
        let name = declared.as_ref().and_then(|declared| declared.enum_descriptor_proto().value.get(at));
        let value = declared.as_ref().zip(name).and_then(|(declared, value)| declared.get_value_by_name(value.name()));
        value.map_or_else(Vec::new, |value| custom(&value.options()))
    }

    /// The options of the `at`th method.
    pub(super) fn of_method(&self, service: &str, at: usize) -> Vec<String> {
        let service = self.pool.as_ref().and_then(|pool| pool.get_service_by_name(service));
        let method = service.and_then(|service| service.methods().nth(at));
        method.map_or_else(Vec::new, |method| custom(&method.options()))
    }

    fn message(&self, full: &str) -> Option<MessageDescriptor> {
        self.pool.as_ref()?.get_message_by_name(full)
    }
}

/// Whether the file has custom options, which the decoded descriptor has lost.
fn has_custom(file: &DescriptorFile) -> bool {
    let comments = Some(file.source_info()).filter(|info| !info.location.is_empty());
    let comments = FileDescriptorProto { source_code_info: comments, ..Default::default() };
    file.proto.encoded_len() + comments.encoded_len() != file.encoded.len()
}

/// A pool of the files and all their imports.
fn pool<'a>(set: &'a DescriptorSet, mut wanted: HashSet<&'a str>) -> Option<DescriptorPool> {
    let mut files = vec![];
    // Every file comes after its imports.
    for file in set.files.iter().rev() {
        if wanted.contains(file.proto.name()) {
            wanted.extend(file.proto.dependency.iter().map(String::as_str));
            files.push(file);
        }
    }
    let mut pool = DescriptorPool::new();
    for file in files.into_iter().rev() {
        // The pool knows no editions, and panics on them. Without a word on it, a file is one of proto2, as whose options
        // all can be read.
        let known = match file.proto.syntax() {
            "editions" => without_fields(&file.encoded, &[SYNTAX, EDITION]).ok()?,
            _ => file.encoded.to_vec(),
        };
        pool.decode_file_descriptor_proto(known.as_slice()).ok()?;
    }
    Some(pool)
}

fn custom(options: &DynamicMessage) -> Vec<String> {
    options
        .extensions()
        .take(MAX_OPTIONS)
        .map(|(option, value)| cut(&format!("({}) = {}", option.full_name(), option_text(&option.kind(), value))))
        .collect()
}

fn option_text(kind: &Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Enum(declared), Value::EnumNumber(number)) => {
            declared.get_value(*number).map_or_else(|| number.to_string(), |value| value.name().to_owned())
        }
        (_, Value::Message(message)) => format!("{{ {} }}", message.to_text_format()),
        (kind, Value::List(values)) => {
            let values: Vec<_> = values.iter().map(|value| option_text(kind, value)).collect();
            format!("[{}]", values.join(", "))
        }
        _ => value.to_string(),
    }
}

/// The text, cut to [`MAX_TEXT`].
pub(super) fn cut(text: &str) -> String {
    excerpt(text, MAX_TEXT).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    const SOURCE: &str = r#"syntax = "proto2"; package p; import "google/protobuf/descriptor.proto";
        message Note { optional string text = 1; repeated Level levels = 2; }
        enum Level { LOW = 0; HIGH = 5 [(level_name) = "high"]; }
        extend google.protobuf.MessageOptions { optional Note note = 50001; repeated Level level = 50002; }
        extend google.protobuf.FieldOptions { optional string team = 50001; }
        extend google.protobuf.EnumValueOptions { optional string level_name = 50001; }
        message M { option (note) = { text: "a\"b" levels: [HIGH] }; option (level) = HIGH; option (level) = LOW;
          optional string plain = 1 [deprecated = true]; optional string told = 7 [(team) = "keepers"]; }"#;

    #[test]
    fn custom_options_are_shown_as_they_are_written() {
        let set = set(&[("acme/app", "p.proto", SOURCE)]);
        let app = module("acme/app");
        let options = Options::of_files(&set, set.of_module(&app));
        assert_eq!(
            options.of_declaration("p.M"),
            [r#"(p.note) = { text:"a\"b",levels:[HIGH] }"#, "(p.level) = [HIGH, LOW]"]
        );
        assert_eq!(options.of_field("p.M", 7), [r#"(p.team) = "keepers""#]);
        assert_eq!(options.of_field("p.M", 1), [""; 0]);
        assert_eq!(options.of_value("p.Level", 1), [r#"(p.level_name) = "high""#]);
    }

    #[test]
    fn files_without_custom_options_are_not_read_again() {
        let set = set(&[("acme/app", "p.proto", "package p; message M { string a = 1 [deprecated = true]; }")]);
        let app = module("acme/app");
        assert!(Options::of_files(&set, set.of_module(&app)).pool.is_none());
    }
}
