//! Removes options for the source alone (`retention = RETENTION_SOURCE`) from the files to generate, as
//! `google/protobuf/compiler/plugin.proto` demands and `protoc` and `buf` do. The unchanged files, which these send as
//! well, are left out: no plugin here reads them.
//!
//! All of this works on encoded messages, because decoding loses options that `descriptor.proto` does not know.

use std::collections::{HashMap, HashSet};

use prost::DecodeError;
use prost::encoding::{WireType, decode_varint, encode_key, encode_varint};

use super::encode::{FILE_TO_GENERATE, PROTO_FILE};
use crate::model::wire_format::{Field, Fields, MAX_DEPTH, last_text, name};

/// `google.protobuf.FieldOptions.retention = RETENTION_SOURCE`, encoded.
const SOURCE_ONLY: [u8; 3] = [0x88, 0x01, 0x02];

/// `google.protobuf.FieldDescriptorProto.Type.TYPE_MESSAGE`.
const TYPE_MESSAGE: u64 = 11;

/// The package of `descriptor.proto`.
const PACKAGE: &str = "google.protobuf.";
const FILE: &str = "google.protobuf.FileDescriptorProto";

/// Messages of `descriptor.proto`, without their package, and the message types of their fields.
const HELD: &[(&str, u32, &str)] = &[
    ("FileDescriptorProto", 4, "DescriptorProto"),
    ("FileDescriptorProto", 5, "EnumDescriptorProto"),
    ("FileDescriptorProto", 6, "ServiceDescriptorProto"),
    ("FileDescriptorProto", 7, "FieldDescriptorProto"),
    ("FileDescriptorProto", 8, "FileOptions"),
    ("DescriptorProto", 2, "FieldDescriptorProto"),
    ("DescriptorProto", 3, "DescriptorProto"),
    ("DescriptorProto", 4, "EnumDescriptorProto"),
    ("DescriptorProto", 5, "DescriptorProto.ExtensionRange"),
    ("DescriptorProto", 6, "FieldDescriptorProto"),
    ("DescriptorProto", 7, "MessageOptions"),
    ("DescriptorProto", 8, "OneofDescriptorProto"),
    ("DescriptorProto.ExtensionRange", 3, "ExtensionRangeOptions"),
    ("FieldDescriptorProto", 8, "FieldOptions"),
    ("OneofDescriptorProto", 2, "OneofOptions"),
    ("EnumDescriptorProto", 2, "EnumValueDescriptorProto"),
    ("EnumDescriptorProto", 3, "EnumOptions"),
    ("EnumValueDescriptorProto", 3, "EnumValueOptions"),
    ("ServiceDescriptorProto", 2, "MethodDescriptorProto"),
    ("ServiceDescriptorProto", 3, "ServiceOptions"),
    ("MethodDescriptorProto", 4, "MethodOptions"),
];

/// The fields with this retention in `descriptor.proto` itself: `declaration` and `verification`.
const MARKED: [(&str, u32); 2] = [("ExtensionRangeOptions", 2), ("ExtensionRangeOptions", 3)];

/// The request as plugins are to see it.
///
/// # Errors
/// When it cannot be read.
pub(in crate::generate) fn strip(request: Vec<u8>) -> Result<Vec<u8>, DecodeError> {
    let (mut generated, mut files) = (HashSet::new(), vec![]);
    for field in Fields(&request) {
        let field = field?;
        match field.number {
            FILE_TO_GENERATE => drop(generated.insert(field.content)),
            PROTO_FILE => files.push(field.content),
            _ => {}
        }
    }
    let rules = Rules::of(&files)?;
    let stripped = rewrite(&request, |field| match field.number {
        PROTO_FILE if generated.contains(name(field.content)?) => rules.strip(FILE, field.content, 0),
        _ => Ok(Change::None),
    })?;
    Ok(stripped.unwrap_or(request))
}

/// What these files are without options for the source alone; nothing for a file that has none.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn without_source_retention(files: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, DecodeError> {
    let rules = Rules::of(files)?;
    let strip = |file: &&[u8]| match rules.strip(FILE, file, 0)? {
        Change::Replaced(stripped) => Ok(Some(stripped)),
        Change::None | Change::Dropped => Ok(None),
    };
    files.iter().map(strip).collect()
}

/// The change of a field.
enum Change {
    None,
    Dropped,
    Replaced(Vec<u8>),
}

/// The message with its fields changed; nothing if none is.
fn rewrite<'a>(
    encoded: &'a [u8],
    mut change: impl FnMut(&Field<'a>) -> Result<Change, DecodeError>,
) -> Result<Option<Vec<u8>>, DecodeError> {
    let (mut out, mut kept, mut copied) = (vec![], 0, 0);
    let mut changed = false;
    for field in Fields(encoded) {
        let field = field?;
        let end = kept + field.whole.len();
        let new = match change(&field)? {
            Change::None => None,
            Change::Dropped => Some(None),
            Change::Replaced(content) => Some(Some(content)),
        };
        if let Some(new) = new {
            changed = true;
            out.extend_from_slice(&encoded[copied..kept]);
            copied = end;
            if let Some(content) = new {
                encode_key(field.number, WireType::LengthDelimited, &mut out);
                encode_varint(content.len() as u64, &mut out);
                out.extend_from_slice(&content);
            }
        }
        kept = end;
    }
    out.extend_from_slice(&encoded[copied..]);
    Ok(changed.then_some(out))
}

/// Which fields of which messages are for the source alone, and which hold messages. Names are full, without a dot
/// before them.
#[derive(Default)]
struct Rules {
    marked: HashMap<String, HashSet<u32>>,
    held: HashMap<String, HashMap<u32, String>>,
}

impl Rules {
    /// The declarations of a request's files.
    fn of(files: &[&[u8]]) -> Result<Self, DecodeError> {
        let mut rules = Self::default();
        let marks = |file: &&[u8]| file.windows(SOURCE_ONLY.len()).any(|bytes| bytes == SOURCE_ONLY);
        // Few files declare any; without them, only the well-known types count.
        let declares =
            |file: &&&[u8]| marks(file) && name(file).is_ok_and(|name| name != b"google/protobuf/descriptor.proto");
        if !files.iter().any(|file| declares(&file)) {
            return Ok(rules);
        }
        for file in files {
            let package = String::from_utf8_lossy(last_text(file, 2)?).into_owned();
            rules.learn(file, &package, [4, 7], None, 0)?;
        }
        Ok(rules)
    }

    /// Adds the declarations of a file or message: `numbers` are the field numbers of its messages and of its
    /// extensions.
    fn learn(
        &mut self,
        encoded: &[u8],
        scope: &str,
        [messages, extensions]: [u32; 2],
        fields: Option<u32>,
        depth: usize,
    ) -> Result<(), DecodeError> {
        for field in Fields(encoded) {
            let field = field?;
            if field.number == messages && depth < MAX_DEPTH {
                let name = String::from_utf8_lossy(name(field.content)?);
                let inner = if scope.is_empty() { name.into_owned() } else { format!("{scope}.{name}") };
                self.learn(field.content, &inner, [3, 6], Some(2), depth + 1)?;
            } else if field.number == extensions {
                let extended = String::from_utf8_lossy(last_text(field.content, 2)?);
                self.learn_field(extended.trim_start_matches('.'), field.content)?;
            } else if Some(field.number) == fields {
                self.learn_field(scope, field.content)?;
            }
        }
        Ok(())
    }

    fn learn_field(&mut self, of: &str, encoded: &[u8]) -> Result<(), DecodeError> {
        let (mut number, mut is_message, mut marked) = (0, false, false);
        for field in Fields(encoded) {
            let field = field?;
            match (field.number, field.wire) {
                (3, WireType::Varint) => number = u32::try_from(decode_varint(&mut &*field.content)?).unwrap_or(0),
                (5, WireType::Varint) => is_message = decode_varint(&mut &*field.content)? == TYPE_MESSAGE,
                (8, WireType::LengthDelimited) => marked = is_marked(field.content)?,
                _ => {}
            }
        }
        if marked {
            self.marked.entry(of.to_owned()).or_default().insert(number);
        } else if is_message {
            let held = String::from_utf8_lossy(last_text(encoded, 6)?);
            let held = held.trim_start_matches('.').to_owned();
            self.held.entry(of.to_owned()).or_default().insert(number, held);
        }
        Ok(())
    }

    /// `message` is its full name.
    fn strip(&self, message: &str, encoded: &[u8], depth: usize) -> Result<Change, DecodeError> {
        if depth > MAX_DEPTH {
            return Ok(Change::None);
        }
        let own = message.strip_prefix(PACKAGE).unwrap_or_default();
        let (marked, held) = (self.marked.get(message), self.held.get(message));
        let stripped = rewrite(encoded, |field| {
            let number = field.number;
            if MARKED.contains(&(own, number)) || marked.is_some_and(|marked| marked.contains(&number)) {
                return Ok(Change::Dropped);
            }
            let known = HELD.iter().find(|(of, at, _)| *of == own && *at == number);
            let inner = known.map(|(_, _, held)| format!("{PACKAGE}{held}"));
            match inner.or_else(|| held?.get(&number).cloned()) {
                Some(inner) if field.wire == WireType::LengthDelimited => self.strip(&inner, field.content, depth + 1),
                _ => Ok(Change::None),
            }
        })?;
        Ok(stripped.map_or(Change::None, Change::Replaced))
    }
}

/// Whether the options of a field say that it is for the source alone.
fn is_marked(options: &[u8]) -> Result<bool, DecodeError> {
    let mut marked = false;
    for field in Fields(options) {
        let field = field?;
        if field.number == 17 && field.wire == WireType::Varint {
            marked = decode_varint(&mut &*field.content)? == 2;
        }
    }
    Ok(marked)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_types::compiler::CodeGeneratorRequest;
    use prost_types::field_descriptor_proto::Type;
    use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

    use super::*;
    use crate::model::testing::set;

    fn field(name: &str, number: i32, of: Option<&str>, holds: Option<&str>) -> FieldDescriptorProto {
        let kind = if holds.is_some() { Type::Message } else { Type::String };
        FieldDescriptorProto {
            name: Some(name.into()),
            number: Some(number),
            r#type: Some(kind.into()),
            extendee: of.map(str::to_owned),
            type_name: holds.map(str::to_owned),
            ..Default::default()
        }
    }

    /// Declares options of fields: `kept`, `gone`, and `both`, whose message has a field that goes.
    fn options() -> FileDescriptorProto {
        let of = Some(".google.protobuf.FieldOptions");
        let pair = DescriptorProto {
            name: Some("Pair".into()),
            field: vec![field("stays", 1, None, None), field("goes", 2, None, None)],
            ..Default::default()
        };
        FileDescriptorProto {
            name: Some("o.proto".into()),
            package: Some("o".into()),
            message_type: vec![pair],
            extension: vec![
                field("kept", 51001, of, None),
                field("gone", 51002, of, None),
                field("both", 51003, of, Some(".o.Pair")),
            ],
            ..Default::default()
        }
    }

    fn text_field(number: u32, content: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        encode_key(number, WireType::LengthDelimited, &mut out);
        encode_varint(content.len() as u64, &mut out);
        out.extend_from_slice(content);
        out
    }

    /// `file` with its options' declarations marked, as a compiler that knows of retention encodes them.
    fn declared(mut bare: FileDescriptorProto) -> Vec<u8> {
        let extensions = std::mem::take(&mut bare.extension);
        let messages = std::mem::take(&mut bare.message_type);
        let mark = |encoded: Vec<u8>| [encoded, text_field(8, &SOURCE_ONLY)].concat();
        let mut out = bare.encode_to_vec();
        for extension in extensions {
            let encoded = extension.encode_to_vec();
            out.extend(text_field(7, &if extension.name() == "gone" { mark(encoded) } else { encoded }));
        }
        for mut message in messages {
            let goes = mark(message.field.pop().unwrap().encode_to_vec());
            out.extend(text_field(4, &[message.encode_to_vec(), text_field(2, &goes)].concat()));
        }
        out
    }

    /// The request for `a.proto`, whose one field has these options.
    fn request(options: &[u8], files: &[Vec<u8>]) -> Vec<u8> {
        let descriptors = set(&[("acme/app", "a.proto", "package a; message M { string f = 1; }")]);
        let mut file = (*descriptors.files[0].proto).clone();
        let field = file.message_type[0].field.remove(0).encode_to_vec();
        let message = std::mem::take(&mut file.message_type).remove(0).encode_to_vec();
        let message = [message, text_field(2, &[field, text_field(8, options)].concat())].concat();
        let file = [file.encode_to_vec(), text_field(4, &message)].concat();
        let head = CodeGeneratorRequest { file_to_generate: vec!["a.proto".into()], ..Default::default() };
        let files = files.iter().chain([&file]).flat_map(|file| text_field(PROTO_FILE, file));
        head.encode_to_vec().into_iter().chain(files).collect()
    }

    #[test]
    fn options_for_the_source_alone_go_and_all_others_stay() {
        let declarations = declared(options());
        let pair = [text_field(1, b"stays"), text_field(2, b"goes")].concat();
        let all = [text_field(51001, b"kept"), text_field(51002, b"gone"), text_field(51003, &pair)].concat();
        let left = [text_field(51001, b"kept"), text_field(51003, &text_field(1, b"stays"))].concat();
        let files = [declarations];
        assert_eq!(strip(request(&all, &files)).unwrap(), request(&left, &files));
    }

    #[test]
    fn without_such_options_not_a_byte_changes() {
        let files = [options().encode_to_vec()];
        let before = request(&text_field(51002, b"gone"), &files);
        assert_eq!(strip(before.clone()).unwrap(), before);
    }

    #[test]
    fn bytes_that_are_no_request_are_refused() {
        assert!(strip(vec![0x0a, 0xff]).is_err());
        assert!(strip(text_field(PROTO_FILE, &[0x0a, 0xff])).is_err());
    }
}
