//! Resolves the references of one file: types of fields, what extensions extend, what methods take and give.

use prost_types::field_descriptor_proto::Type;
use prost_types::{FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto};

use super::file_scope::FileScope;
use super::symbols::{ExpectedSymbol, SymbolKind, Symbols};
use crate::compile::findings::{self, MAX_FINDINGS};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::visit::elements_mut::{Change, ElementPath, change};
use crate::compile::visit::message_at::map_of_entry;
use crate::compile::visit::tag;
use crate::model::Diagnostic;

const EXTENDEE: i32 = 2;
const TYPE_NAME: i32 = 6;
const INPUT_TYPE: i32 = 2;
const OUTPUT_TYPE: i32 = 3;

/// Resolves `file`, which has the given index, and gives every field its JSON name. The findings are its references
/// that lead nowhere.
pub(in crate::compile) fn resolve(symbols: &Symbols, index: usize, file: &mut LoadedFile<'_>) -> Vec<Diagnostic> {
    let proto = file.proto.to_mut();
    let info = proto.source_code_info.take();
    let names = FileScope::new(symbols, index);
    let mut pass = Resolve { names, findings: Vec::new() };
    change(proto, &mut pass);
    let findings = pass.findings;
    proto.source_code_info = info;
    let finding = |(path, message): (Vec<i32>, String)| match map_of_value(proto, &path) {
        Some(map) => findings::at_map_value(proto, file.source, &map, message),
        None => findings::at_element(proto, file.source, &path, message),
    };
    findings.into_iter().map(finding).collect()
}

/// The path of the map field's type, if `path` is that of the type of a map entry's value: nobody wrote the entry.
fn map_of_value(file: &FileDescriptorProto, path: &[i32]) -> Option<Vec<i32>> {
    let (entry, [tag::MESSAGE_FIELD, _, TYPE_NAME]) = path.split_last_chunk()? else { return None };
    Some([&map_of_entry(file, entry)?[..], &[TYPE_NAME]].concat())
}

struct Resolve<'r> {
    names: FileScope<'r>,
    /// By the path of what is wrong.
    findings: Vec<(Vec<i32>, String)>,
}

impl Resolve<'_> {
    /// Makes `name` a full name with leading dot, and says what it stands for.
    fn name(&mut self, at: &ElementPath, tag: i32, name: &mut String, expected: ExpectedSymbol) -> Option<SymbolKind> {
        match self.names.resolve(&at.name, name, expected) {
            Ok((full, symbol)) => {
                *name = [".", &full].concat();
                Some(symbol.kind)
            }
            Err(message) => {
                if self.findings.len() < MAX_FINDINGS {
                    self.findings.push(([&at.path[..], &[tag]].concat(), message));
                }
                None
            }
        }
    }
}

impl Change for Resolve<'_> {
    fn field(&mut self, at: &ElementPath, field: &mut FieldDescriptorProto) {
        if let Some(extendee) = &mut field.extendee {
            self.name(at, EXTENDEE, extendee, ExpectedSymbol::Message);
        }
        let is_group = field.r#type() == Type::Group;
        if let Some(name) = &mut field.type_name {
            let kind = self.name(at, TYPE_NAME, name, ExpectedSymbol::FieldType);
            let found = if kind == Some(SymbolKind::Enum) { Type::Enum } else { Type::Message };
            if !is_group {
                field.set_type(found);
            }
        }
        if field.json_name.is_none() {
            field.json_name = Some(json_name(field.name()));
        }
    }

    fn method(&mut self, at: &ElementPath, method: &mut MethodDescriptorProto) {
        if let Some(input) = &mut method.input_type {
            self.name(at, INPUT_TYPE, input, ExpectedSymbol::Message);
        }
        if let Some(output) = &mut method.output_type {
            self.name(at, OUTPUT_TYPE, output, ExpectedSymbol::Message);
        }
    }
}

/// `name` in lower camel case: without underscores, the letter after each in upper case.
pub(in crate::compile) fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut after_underscore = false;
    for character in name.chars() {
        if character != '_' {
            json.push(if after_underscore { character.to_ascii_uppercase() } else { character });
        }
        after_underscore = character == '_';
    }
    json
}

#[cfg(test)]
mod tests {
    use super::json_name;
    use crate::compile::testing::{compile_files, refusal};

    #[test]
    fn every_name_that_is_not_defined_is_pointed_at() {
        let text = refusal(&[("a.proto", "syntax = \"proto3\";\nmessage M {\n  Pet a = 1;\n  Dog b = 2;\n}\n")]);
        assert_eq!(
            text,
            "a.proto:3:3: name 'Pet' is not defined\n    Pet a = 1;\n    ^\n\
             a.proto:4:3: name 'Dog' is not defined\n    Dog b = 2;\n    ^"
        );
    }

    #[test]
    fn references_are_full_names_with_the_kind_of_what_they_name() {
        let source =
            "package p; enum E { A = 0; } message M { optional E e = 1; optional group G = 2 {} extensions 9; }
            extend M { optional M m = 9; } service S { rpc Call(M) returns (M.G); }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let file = &compiled.descriptors.files[0].proto;
        let shape = |field: &prost_types::FieldDescriptorProto| format!("{} {:?}", field.type_name(), field.r#type());
        let fields: Vec<_> = file.message_type[0].field.iter().map(shape).collect();
        assert_eq!(fields, [".p.E Enum", ".p.M.G Group"]);
        assert_eq!((file.extension[0].extendee(), file.extension[0].json_name()), (".p.M", "m"));
        let method = &file.service[0].method[0];
        assert_eq!((method.input_type(), method.output_type()), (".p.M", ".p.M.G"));
    }

    #[test]
    fn json_names_are_in_camel_case() {
        for (name, json) in [("one_two", "oneTwo"), ("_a__b_", "AB"), ("a_1b", "a1b"), ("Ab", "Ab")] {
            assert_eq!(json_name(name), json);
        }
    }
}
