//! Moves the places of options from where they are written to what they set.
//!
//! The parser files option number `i` of an element under `uninterpreted_option[i]`. `protoc` files it under the
//! fields that its name leads through, for instance `options.deprecated`, and an entry of a repeated field under its
//! index. Only the places are moved here; the values are the linker's work.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};
use prost_types::uninterpreted_option::NamePart;
use prost_types::{FileDescriptorProto, SourceCodeInfo, UninterpretedOption};

use super::elements::{Node, elements};

/// `uninterpreted_option` in every options message.
const UNINTERPRETED: i32 = 999;

/// The options of one element, as they are written.
#[derive(Debug)]
pub(super) struct Written {
    /// Path of the options message.
    path: Vec<i32>,
    /// The options message, `google.protobuf.…Options`.
    message: &'static str,
    /// Full name of the element: extension names are looked up from here.
    scope: String,
    names: Vec<Vec<NamePart>>,
}

/// All options in `file`, before linking.
pub(super) fn written(file: &FileDescriptorProto) -> Vec<Written> {
    let mut all = Vec::new();
    elements(file, |element| {
        let (message, tag, options) = options_of(&element.node);
        if options.is_empty() {
            return;
        }
        let mut path = element.path.to_vec();
        path.push(tag);
        let names = options.iter().map(|option| option.name.clone()).collect();
        all.push(Written { path, message, scope: element.name.to_owned(), names });
    });
    all
}

/// The options message of an element, its field number, and what it holds.
pub(super) fn options_of<'f>(node: &Node<'f>) -> (&'static str, i32, &'f [UninterpretedOption]) {
    macro_rules! options {
        ($item:ident, $tag:literal, $message:literal) => {{
            let options = $item.options.as_ref();
            ($message, $tag, options.map_or(&[][..], |options| &options.uninterpreted_option))
        }};
    }
    match node {
        Node::File(item) => options!(item, 8, "google.protobuf.FileOptions"),
        Node::Message(item) => options!(item, 7, "google.protobuf.MessageOptions"),
        Node::Field(item) => options!(item, 8, "google.protobuf.FieldOptions"),
        Node::Oneof(item) => options!(item, 2, "google.protobuf.OneofOptions"),
        Node::Range(item) => options!(item, 3, "google.protobuf.ExtensionRangeOptions"),
        Node::Enum(item) => options!(item, 3, "google.protobuf.EnumOptions"),
        Node::Value(item) => options!(item, 3, "google.protobuf.EnumValueOptions"),
        Node::Service(item) => options!(item, 3, "google.protobuf.ServiceOptions"),
        Node::Method(item) => options!(item, 4, "google.protobuf.MethodOptions"),
    }
}

/// Gives the options in `info` the paths that they have after linking.
pub(super) fn place(pool: &DescriptorPool, written: &[Written], info: &mut SourceCodeInfo) {
    let mut moves: HashMap<Vec<i32>, Vec<i32>> = HashMap::new();
    for options in written {
        let mut entries: HashMap<Vec<i32>, i32> = HashMap::new();
        for (index, name) in (0..).zip(&options.names) {
            let Some((mut to, repeated)) = resolve(pool, options, name) else { continue };
            if repeated {
                let entry = entries.entry(to.clone()).or_default();
                to.push(*entry);
                *entry += 1;
            }
            let mut from = options.path.clone();
            from.extend([UNINTERPRETED, index]);
            moves.insert(from, to);
        }
    }
    for location in &mut info.location {
        let Some(at) = location.path.iter().position(|part| *part == UNINTERPRETED) else { continue };
        if let Some(to) = location.path.get(..at + 2).and_then(|from| moves.get(from)) {
            location.path.splice(..at + 2, to.iter().copied());
        }
    }
}

/// The path that an option name leads along, and whether a repeated field is at its end.
fn resolve(pool: &DescriptorPool, options: &Written, name: &[NamePart]) -> Option<(Vec<i32>, bool)> {
    let find = |pool: &DescriptorPool| pool.get_message_by_name(options.message);
    let mut message = find(pool).or_else(|| find(&DescriptorPool::global()))?;
    let mut path = options.path.clone();
    let mut repeated = false;
    for part in name {
        let (number, kind, is_list) = step(pool, &message, &options.scope, part)?;
        path.push(number);
        repeated = is_list;
        if let Kind::Message(inner) = kind {
            message = inner;
        }
    }
    Some((path, repeated))
}

fn step(pool: &DescriptorPool, message: &MessageDescriptor, scope: &str, part: &NamePart) -> Option<(i32, Kind, bool)> {
    if !part.is_extension {
        let field = message.get_field_by_name(&part.name_part)?;
        return Some((i32::try_from(field.number()).ok()?, field.kind(), field.is_list()));
    }
    candidates(scope, &part.name_part).find_map(|name| {
        let extension = pool.get_extension_by_name(&name).filter(|found| found.containing_message() == *message)?;
        Some((i32::try_from(extension.number()).ok()?, extension.kind(), extension.is_list()))
    })
}

/// The full names that `name` can mean in `scope`, innermost first.
fn candidates<'a>(scope: &'a str, name: &'a str) -> Box<dyn Iterator<Item = String> + 'a> {
    if let Some(full) = name.strip_prefix('.') {
        return Box::new(std::iter::once(full.to_owned()));
    }
    let outer = scope.rmatch_indices('.').map(|(at, _)| &scope[..at]);
    let scopes = std::iter::once(scope).chain(outer).filter(|scope| !scope.is_empty());
    Box::new(scopes.map(move |scope| format!("{scope}.{name}")).chain(std::iter::once(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::super::testing::compile_files;

    #[test]
    fn options_are_placed_at_what_they_set() {
        let source = "syntax = \"proto2\"; package a.b; import \"google/protobuf/descriptor.proto\";
            message Note { optional string text = 1; repeated int32 list = 2; }
            extend google.protobuf.MessageOptions { optional Note note = 50000; repeated string tag = 50001; }
            message M {
              option deprecated = true;
              option (note).text = \"x\";
              option (b.note).list = 1;
              option (.a.b.note).list = 2;
              option (tag) = \"first\";
              option (tag) = \"second\";
            }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let info = compiled.descriptors.file("a.proto").unwrap().proto.source_code_info.clone().unwrap();
        let paths: Vec<&[i32]> = info.location.iter().map(|location| &location.path[..]).collect();
        for set in [&[3][..], &[50000, 1], &[50000, 2, 0], &[50000, 2, 1], &[50001, 0], &[50001, 1]] {
            assert!(paths.contains(&&[&[4, 1, 7], set].concat()[..]), "{set:?} is not in {paths:?}");
        }
        assert!(!paths.iter().any(|path| path.contains(&super::UNINTERPRETED)));
    }
}
