//! Members of one message or service that share a name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use prost_types::{DescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};

use crate::compile::findings::{self, MAX_FINDINGS};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::visit::elements::{Element, Node, elements};
use crate::compile::visit::message_at::map_of_entry;
use crate::model::Diagnostic;

const FIELD: i32 = 2;
const NESTED: i32 = 3;
const ENUM: i32 = 4;
const EXTENSION: i32 = 6;
const ONEOF: i32 = 8;
const VALUE: i32 = 2;
const METHOD: i32 = 2;
const NAME: i32 = 1;

/// Findings for fields, oneofs and methods of `file` that are named like another member.
pub(in crate::compile) fn within(file: &LoadedFile<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    elements(&file.proto, |element| {
        let clash = match element.node {
            Node::Message(message) => clash_in_message(message),
            Node::Service(service) => clash_in_service(service),
            _ => None,
        };
        if let Some((path, name)) = clash.filter(|_| findings.len() < MAX_FINDINGS) {
            findings.push(finding(file, &element, &path, name));
        }
    });
    findings
}

fn finding(file: &LoadedFile<'_>, element: &Element<'_, '_>, path: &[i32], name: &str) -> Diagnostic {
    let message = format!("name '{}.{name}' is defined twice", element.name);
    let path = element.inside(path);
    // The entry of a map stands where the map does.
    let map = path.split_last().and_then(|(_, declared)| map_of_entry(&file.proto, declared));
    findings::at_element(&file.proto, file.source, &map.unwrap_or(path), message)
}

type Clash<'m> = Option<(Vec<i32>, &'m str)>;

/// The first of two members of one name, at least one of which is a field or a oneof; in the order of `buf`.
fn clash_in_message(message: &DescriptorProto) -> Clash<'_> {
    let nested = (0..).zip(&message.nested_type).map(|(index, item)| (vec![NESTED, index, NAME], item.name()));
    let enums = (0..).zip(&message.enum_type).map(|(index, item)| (vec![ENUM, index, NAME], item.name()));
    let fields = (0..).zip(&message.field).map(|(index, item)| (vec![FIELD, index, NAME], item.name()));
    let oneofs = (0..).zip(&message.oneof_decl).map(|(index, item)| (vec![ONEOF, index, NAME], item.name()));
    let values = (0..).zip(&message.enum_type).flat_map(|(outer, item)| {
        (0..).zip(&item.value).map(move |(index, value)| (vec![ENUM, outer, VALUE, index, NAME], value.name()))
    });
    let extensions = (0..).zip(&message.extension).map(|(index, item)| (vec![EXTENSION, index, NAME], item.name()));
    let is_own = |path: &[i32]| matches!(path, [FIELD | ONEOF, ..]);
    let mut names: HashMap<&str, Vec<i32>> = HashMap::new();
    for (path, name) in nested.chain(enums).chain(fields).chain(oneofs).chain(values).chain(extensions) {
        match names.entry(name) {
            Entry::Vacant(vacant) => drop(vacant.insert(path)),
            // The others are names that files refer to, and known as such.
            Entry::Occupied(first) if is_own(&path) || is_own(first.get()) => return Some((first.remove(), name)),
            Entry::Occupied(_) => {}
        }
    }
    None
}

fn clash_in_service(service: &ServiceDescriptorProto) -> Clash<'_> {
    let mut names = HashMap::new();
    let methods = (0..).zip(service.method.iter().map(MethodDescriptorProto::name));
    let first = |(index, name)| names.insert(name, index).map(|first| (first, name));
    methods.into_iter().find_map(first).map(|(index, name)| (vec![METHOD, index, NAME], name))
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::refusal;

    #[test]
    fn members_of_one_name_are_refused() {
        for (source, expected) in [
            ("message M { int32 a = 1; int32 a = 2; }", "2:19: name 'M.a' is defined twice"),
            ("message M { oneof a { int32 b = 1; } int32 a = 2; }", "2:44: name 'M.a' is defined twice"),
            ("message M { oneof o { int32 a = 1; } oneof o { int32 b = 2; } }", "2:19: name 'M.o' is defined twice"),
            ("message M { map<int32, int32> a = 1; message AEntry {} }", "2:13: name 'M.AEntry' is defined twice"),
            ("message M { message N {} int32 N = 2; }", "2:21: name 'M.N' is defined twice"),
            ("message M { enum E { a = 0; } int32 a = 2; }", "2:37: name 'M.a' is defined twice"),
            ("message M {} service S { rpc A(M) returns (M); rpc A(M) returns (M); }", "2:30: name 'S.A' is"),
        ] {
            let text = refusal(&[("a.proto", &format!("syntax = \"proto3\";\n{source}"))]);
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{source}: {text}");
        }
    }
}
