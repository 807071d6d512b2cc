//! `local/protovalidate`: the messages of buffa's plugin, and in the same files the code that validates them, because a
//! trait can only be implemented in the crate of the types or in its own. The published plugin makes files of their own;
//! this one merges them.
//!
//! That generator is called as a library although it brings a parser of CEL, and all of it takes a fifth longer to compile
//! than `syn` does in the optimisation that the tests want. Nothing else makes Rust of CEL; a program would have to be
//! installed beside the registry; and the validator for prost, `prost-protovalidate` 0.6, needs `protoc` wherever a crate
//! that uses it is built.

use std::collections::HashMap;

use buffa_codegen::CodeGenConfig;
use buffa_codegen::context::CodeGenContext;
use buffa_codegen::generated::compiler::CodeGeneratorRequest;
use buffa_codegen::idents::rust_path_to_tokens;
use prost_types::compiler::code_generator_response::File;
use protoc_gen_protovalidate_buffa::emit::{self, Options};
use protoc_gen_protovalidate_buffa::scan::{self, FieldKind, FieldValidator, MessageValidators};

use super::buffa::{decode_0_9, v0_9};
use crate::generate::request::plugin_request::PluginRequest;

/// Answers a request.
pub(in crate::generate) fn execute(asked: &PluginRequest) -> Result<Vec<File>, String> {
    let mut config = v0_9::config(asked.options())?;
    if !config.generate_views {
        return Err("option views=false leaves out what validation code is made for; leave the option out".to_owned());
    }
    config.file_per_package = true;
    let request: CodeGeneratorRequest = decode_0_9(asked.encoded())?;
    let mut files = v0_9::generate(&request, &config)?;
    for (name, code) in validators(&request, asked.encoded(), &config)? {
        // Who asks for the code of imports gets none of the well-known types, which are in the runtime.
        if let Some(messages) = files.iter_mut().find(|file| file.name() == name) {
            messages.content.get_or_insert_default().push_str(&format!("\n{code}"));
        }
    }
    Ok(files)
}

/// The code for each package, by the file of its messages.
fn validators(
    request: &CodeGeneratorRequest,
    encoded: &[u8],
    config: &CodeGenConfig,
) -> Result<Vec<(String, String)>, String> {
    let mut messages = scan::gather(request).map_err(|e| format!("{e:#}"))?;
    let context = CodeGenContext::for_generate(&request.proto_file, &request.file_to_generate, config);
    let names = Placeholders::put(&mut messages, encoded)?;
    let options = Options { packaging: false, file_per_package: true, ..Options::default() };
    let made = emit::render_with_options(&messages, &options).map_err(|e| format!("{e:#}"))?;
    let packages: HashMap<String, &str> = messages
        .iter()
        .map(|message| (buffa_codegen::package_to_filename(&message.package), message.package.as_str()))
        .collect();
    let own = |file: buffa_codegen::generated::compiler::code_generator_response::File| {
        let name = file.name.unwrap_or_default().replace(".validate.rs", ".rs");
        let package = packages.get(&name).ok_or_else(|| format!("{name} is the file of no package"))?;
        let code = file.content.unwrap_or_default();
        // The code stands in the module of the messages, so nothing is above it.
        let code = code.strip_prefix("use super::*;\n").unwrap_or(&code);
        Ok((name, names.replace(code, &context, package)?))
    };
    made.into_iter().map(own).collect()
}

/// Words that stand for types while code is generated. The generator derives paths from the names of types, and knows
/// neither other crates nor which modules buffa gives other names; buffa itself knows.
struct Placeholders {
    word: String,
    /// The types, each at the number that stands after its word.
    types: Vec<Named>,
}

struct Named {
    full_name: String,
    /// Whether its path is written after that of its package, as messages' is: their views stand elsewhere in it.
    is_inside: bool,
}

impl Placeholders {
    /// Gives the types in `messages` such names. No text of the request holds the word.
    fn put(messages: &mut [MessageValidators], encoded: &[u8]) -> Result<Self, String> {
        let is_free = |word: &String| !encoded.windows(word.len()).any(|window| window == word.as_bytes());
        let word = (0..u32::MAX).map(|n| format!("Qx{n}Type")).find(is_free).ok_or("every word is a name")?;
        let mut names = Self { word, types: Vec::new() };
        let mut own = HashMap::new();
        for message in messages.iter_mut() {
            let dot = if message.package.is_empty() { "" } else { "." };
            let name = format!("{}{dot}{}", message.package, names.add(&message.proto_name, true));
            own.insert(std::mem::replace(&mut message.proto_name, name.clone()), name);
        }
        for message in messages {
            let oneofs = message.oneof_rules.iter_mut().flat_map(|oneof| &mut oneof.fields);
            for FieldValidator { field_type, .. } in message.field_rules.iter_mut().chain(oneofs) {
                names.put_into(field_type, &own);
            }
        }
        Ok(names)
    }

    fn put_into(&mut self, kind: &mut FieldKind, own: &HashMap<String, String>) {
        match kind {
            FieldKind::Enum { full_name } => *full_name = self.add(full_name, false),
            FieldKind::Message { full_name } => {
                if let Some(name) = own.get(full_name.trim_start_matches('.')) {
                    full_name.clone_from(name);
                }
            }
            FieldKind::Repeated(inner) | FieldKind::Optional(inner) | FieldKind::Wrapper(inner) => {
                self.put_into(inner, own);
            }
            FieldKind::Map { key, value } => {
                self.put_into(key, own);
                self.put_into(value, own);
            }
            _ => {}
        }
    }

    /// A word for the type called `full_name`.
    fn add(&mut self, full_name: &str, is_inside: bool) -> String {
        self.types.push(Named { full_name: format!(".{}", full_name.trim_start_matches('.')), is_inside });
        format!("{}{}x", self.word, self.types.len() - 1)
    }

    /// `code` for the module of `package`, with the paths of the types in it.
    fn replace(&self, code: &str, context: &CodeGenContext<'_>, package: &str) -> Result<String, String> {
        let mut pieces = code.split(self.word.as_str());
        let mut replaced = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (number, rest) = piece.split_once('x').unwrap_or((piece, ""));
            let named = number.parse::<usize>().ok().and_then(|number| self.types.get(number));
            let Named { full_name, is_inside } =
                named.ok_or_else(|| format!("{}{number} stands for no type", self.word))?;
            let path = context
                .rust_type_relative_split(full_name, package, 0)
                .ok_or_else(|| format!("{} has no path in Rust", &full_name[1..]))?;
            let whole = !is_inside && !path.to_package.is_empty();
            let outside = if whole { format!("{}::", path.to_package) } else { String::new() };
            let path = rust_path_to_tokens(&format!("{outside}{}", path.within_package));
            replaced += &path.to_string().replace(' ', "");
            replaced += rest;
        }
        Ok(replaced)
    }
}

#[cfg(test)]
mod tests {
    use crate::generate::{Catalogue, ExternCrate, Request, generate};
    use crate::model::testing::{module, set};

    /// As much of it as the test's rules need, with its numbers.
    const RULES: (&str, &str, &str) = (
        "bufbuild/protovalidate",
        "buf/validate/validate.proto",
        "syntax = \"proto2\"; package buf.validate; import \"google/protobuf/descriptor.proto\";
         extend google.protobuf.FieldOptions { optional FieldRules field = 1159; }
         message FieldRules { oneof type { StringRules string = 14; EnumRules enum = 16; } }
         message StringRules { optional uint64 min_len = 2; }
         message EnumRules { optional bool defined_only = 2; }",
    );

    #[test]
    fn code_stands_beside_its_messages_and_refers_to_types_where_buffa_has_them() {
        let colors = "package acme.type; message Outer { enum Color { NO = 0; } }";
        let pets =
            "syntax = \"proto3\"; package acme.pets; import \"colors.proto\"; import \"buf/validate/validate.proto\";
             message Type { message Cat {
               string name = 1 [(buf.validate.field).string.min_len = 2];
               acme.type.Outer.Color color = 2 [(buf.validate.field).enum.defined_only = true];
               Kind kind = 3 [(buf.validate.field).enum.defined_only = true];
             } } enum Kind { KIND_NO = 0; }";
        let files = [RULES, ("acme/colors", "colors.proto", colors), ("acme/pets", "pets.proto", pets)];
        let plugin = Catalogue::embedded().unwrap().find(&"local/protovalidate".parse().unwrap()).unwrap().clone();
        let (descriptors, pets) = (set(&files), module("acme/pets"));
        let externs = ["acme/colors", "bufbuild/protovalidate"].map(|name| ExternCrate {
            module: module(name),
            lib_name: name.replace('/', "_"),
            numbered: None,
        });
        let request = Request { descriptors: &descriptors, module: &pets, externs: &externs, options: &plugin.options };
        let made = generate(&plugin, &request).unwrap();
        let [file] = &made.files[..] else { panic!("{} files", made.files.len()) };
        let (name, code) = (&file.name, &file.content);
        assert_eq!(name, "acme.pets.rs");
        assert!(code.contains("pub struct Cat") && !code.contains("use super::*;\n#[allow"), "{code}");
        for expected in [
            "impl ::protovalidate_buffa::Validate for r#type::Cat {",
            "impl ::protovalidate_buffa::Validate for __buffa::view::r#type::CatView<'_> {",
            "<::acme_colors::acme::r#type::outer::Color as ::buffa::Enumeration>",
            "<Kind as ::buffa::Enumeration>",
            "string.min_len",
        ] {
            assert!(code.contains(expected), "no {expected} in {code}");
        }
    }
}
