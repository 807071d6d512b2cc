//! Finds a text that is not UTF-8. Sources may hold such texts as defaults, JSON names and options, and compilers take
//! them; plugins read no descriptor that has one.

use prost::Message;
use prost_types::{
    EnumOptions, EnumValueOptions, FieldOptions, FileOptions, MessageOptions, MethodOptions, OneofOptions,
    ServiceOptions,
};

use crate::generate::error::GenerateError;
use crate::model::wire_format::{Fields, last_text, name};
use crate::model::{DescriptorFile, DescriptorSet};

/// The number of a file's package.
const PACKAGE: u32 = 2;

/// A kind of declaration, as `descriptor.proto` numbers what is in it.
struct Kind {
    word: &'static str,
    /// The kinds of what it declares.
    inner: &'static [(u32, &'static Kind)],
    /// Its texts, but for names, which are letters.
    texts: &'static [(u32, &'static str)],
    options: u32,
    is_readable: fn(&[u8]) -> bool,
}

const FILE: Kind = Kind {
    word: "the file",
    inner: &[(4, &MESSAGE), (5, &ENUM), (6, &SERVICE), (7, &EXTENSION)],
    texts: &[],
    options: 8,
    is_readable: can_read::<FileOptions>,
};

static MESSAGE: Kind = Kind {
    word: "message",
    inner: &[(2, &FIELD), (3, &MESSAGE), (4, &ENUM), (6, &EXTENSION), (8, &ONEOF)],
    texts: &[(10, "a reserved name")],
    options: 7,
    is_readable: can_read::<MessageOptions>,
};

static FIELD: Kind = Kind {
    word: "field",
    inner: &[],
    texts: &[(7, "the default"), (10, "the JSON name")],
    options: 8,
    is_readable: can_read::<FieldOptions>,
};

static EXTENSION: Kind = Kind {
    word: "extension",
    inner: &[],
    texts: &[(7, "the default"), (10, "the JSON name")],
    options: 8,
    is_readable: can_read::<FieldOptions>,
};

static ONEOF: Kind = Kind { word: "oneof", inner: &[], texts: &[], options: 2, is_readable: can_read::<OneofOptions> };

static ENUM: Kind = Kind {
    word: "enum",
    inner: &[(2, &VALUE)],
    texts: &[(5, "a reserved name")],
    options: 3,
    is_readable: can_read::<EnumOptions>,
};

static VALUE: Kind =
    Kind { word: "value", inner: &[], texts: &[], options: 3, is_readable: can_read::<EnumValueOptions> };

static SERVICE: Kind =
    Kind { word: "service", inner: &[(2, &CALL)], texts: &[], options: 3, is_readable: can_read::<ServiceOptions> };

static CALL: Kind = Kind { word: "call", inner: &[], texts: &[], options: 4, is_readable: can_read::<MethodOptions> };

fn can_read<M: Message + Default>(encoded: &[u8]) -> bool {
    M::decode(encoded).is_ok()
}

/// `error` in the words of the source, if a text of `descriptors` is the reason.
pub(in crate::generate) fn said(error: GenerateError, descriptors: &DescriptorSet) -> GenerateError {
    if !matches!(error, GenerateError::Refused { .. } | GenerateError::Descriptor { .. }) {
        return error;
    }
    let found = descriptors.files.iter().find_map(|file| Some((file, text_of(file)?)));
    match found {
        Some((file, text)) => GenerateError::NotUtf8 { file: file.proto.name().into(), text },
        None => error,
    }
}

/// The first text of `file` that is not UTF-8, as it is called in the source.
fn text_of(file: &DescriptorFile) -> Option<String> {
    let scope = last_text(&file.encoded, PACKAGE).ok()?;
    text_in(&FILE, &file.encoded, std::str::from_utf8(scope).ok()?)
}

/// The same of a declaration whose content is `encoded`; what it declares is in `scope`.
fn text_in(kind: &Kind, encoded: &[u8], scope: &str) -> Option<String> {
    let of = if kind.word == FILE.word { kind.word.to_owned() } else { format!("{} {scope}", kind.word) };
    for field in Fields(encoded) {
        let field = field.ok()?;
        if let Some((_, inner)) = kind.inner.iter().find(|(number, _)| *number == field.number) {
            let name = String::from_utf8_lossy(name(field.content).ok()?);
            let inside = if scope.is_empty() { name.into_owned() } else { format!("{scope}.{name}") };
            if let Some(found) = text_in(inner, field.content, &inside) {
                return Some(found);
            }
        }
        let text = kind.texts.iter().find(|(number, _)| *number == field.number);
        if let Some((_, text)) = text.filter(|_| std::str::from_utf8(field.content).is_err()) {
            return Some(format!("{text} of {of}"));
        }
        if field.number == kind.options && !(kind.is_readable)(field.content) {
            return Some(format!("an option of {of}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::generate::{Catalogue, Request, generate};
    use crate::model::testing::{module, set};

    /// What every plugin says of a source in which `?` stands for a byte that is no UTF-8.
    fn refused(source: &str) -> String {
        let mut descriptors = set(&[("acme/app", "a.proto", &format!("syntax = \"proto2\"; package p; {source}"))]);
        for file in &mut descriptors.files {
            let encoded = file.encoded.iter().map(|byte| if *byte == b'?' { 0xff } else { *byte });
            file.encoded = encoded.collect::<Vec<_>>().into();
        }
        let (catalogue, app) = (Catalogue::embedded().unwrap(), module("acme/app"));
        let said = ["community/neoeinstein-prost", "local/prost-serde", "anthropics/buffa"].map(|plugin| {
            let plugin = catalogue.find(&plugin.parse().unwrap()).unwrap();
            let request = Request { descriptors: &descriptors, module: &app, externs: &[], options: &plugin.options };
            generate(plugin, &request).unwrap_err().to_string()
        });
        assert!(said.iter().all(|other| *other == said[0]), "{said:?}");
        said[0].clone()
    }

    #[test]
    fn a_text_that_is_no_utf_8_is_said_of_its_declaration() {
        let advice =
            "is not UTF-8, which no plugin can read; write other bytes, or make it bytes where that is possible";
        for (source, text) in [
            ("message M { message In { optional string s = 1 [default = \"?\"]; } }", "the default of field p.M.In.s"),
            ("message M { optional string s = 1 [json_name = \"a?\"]; }", "the JSON name of field p.M.s"),
            ("option java_package = \"?\";", "an option of the file"),
            (
                "message M { extensions 1; } extend M { optional string x = 1 [default = \"?\"]; }",
                "the default of extension p.x",
            ),
        ] {
            assert_eq!(refused(source), format!("file a.proto: {text} {advice}"));
        }
    }
}
