//! Fills in what the parser leaves out.
//!
//! `protoc` gives every method with a body options, even when the body is empty: generators that embed descriptors
//! show it. And the pool that interprets options decides how a repeated field is encoded before it looks at the options
//! of that field, so `packed` has to be interpreted for it.

use std::collections::HashSet;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FieldOptions, FileDescriptorProto, MethodDescriptorProto, MethodOptions,
};

use crate::compile::visit::elements::fields_mut;

/// `FileDescriptorProto.service` and `ServiceDescriptorProto.method`.
const SERVICE: i32 = 6;
const METHOD: i32 = 2;

/// Gives options to methods of `file` with an empty body; `source` is its text.
pub(in crate::compile) fn bodies(file: &mut FileDescriptorProto, source: &str) {
    let Some(info) = &file.source_code_info else { return };
    if file.service.is_empty() {
        return;
    }
    let lines: Vec<&str> = source.split('\n').collect();
    for location in &info.location {
        let [SERVICE, service, METHOD, method] = location.path[..] else { continue };
        let found = method_mut(&mut file.service, service, method);
        if let Some(method) = found.filter(|_| ends_with_brace(&lines, &location.span)) {
            method.options.get_or_insert_with(MethodOptions::default);
        }
    }
}

fn method_mut(
    services: &mut [prost_types::ServiceDescriptorProto],
    service: i32,
    method: i32,
) -> Option<&mut MethodDescriptorProto> {
    let service = services.get_mut(usize::try_from(service).ok()?)?;
    service.method.get_mut(usize::try_from(method).ok()?)
}

fn ends_with_brace(lines: &[&str], span: &[i32]) -> bool {
    let end = match *span {
        [line, _, column] | [_, _, line, column] => (usize::try_from(line), usize::try_from(column)),
        _ => return false,
    };
    let (Ok(line), Ok(column)) = end else { return false };
    lines.get(line).and_then(|line| line.get(..column)).is_some_and(|text| text.ends_with('}'))
}

/// Interprets `packed` of all repeated fields and extensions of `file`; says that they are packed when that is what
/// they are `by_default`.
pub(in crate::compile) fn packed(file: &mut FileDescriptorProto, by_default: bool) {
    fields_mut(file, &mut |field: &mut FieldDescriptorProto| {
        if field.label() != Label::Repeated {
            return;
        }
        if let Some(options) = &mut field.options {
            interpret_packed(options);
        }
        if by_default && is_number(field) {
            field.options.get_or_insert_default().packed.get_or_insert(true);
        }
    });
}

fn is_number(field: &FieldDescriptorProto) -> bool {
    !matches!(field.r#type(), Type::String | Type::Bytes | Type::Message | Type::Group)
}

/// Renames oneofs that stand for one `optional` field of proto3 and have the name of another element, as `protoc` does.
pub(in crate::compile) fn oneofs(file: &mut FileDescriptorProto) {
    file.message_type.iter_mut().for_each(message_oneofs);
}

fn message_oneofs(message: &mut DescriptorProto) {
    message.nested_type.iter_mut().for_each(message_oneofs);
    let optional = message.field.iter().filter(|field| field.proto3_optional());
    let stand_ins: HashSet<i32> = optional.filter_map(|field| field.oneof_index).collect();
    if stand_ins.is_empty() {
        return;
    }
    let mut taken: HashSet<String> = message.field.iter().map(|field| field.name().to_owned()).collect();
    for (index, oneof) in (0..).zip(&mut message.oneof_decl) {
        let mut name = oneof.name().to_owned();
        while stand_ins.contains(&index) && taken.contains(&name) {
            name.insert(0, 'X');
        }
        taken.insert(name.clone());
        oneof.name = Some(name);
    }
}

fn interpret_packed(options: &mut FieldOptions) {
    let written = &mut options.uninterpreted_option;
    let is_packed = |name: &[prost_types::uninterpreted_option::NamePart]| matches!(name, [part] if !part.is_extension && part.name_part == "packed");
    let Some(at) = written.iter().position(|option| is_packed(&option.name)) else { return };
    let value = match written[at].identifier_value.as_deref() {
        Some("true") => true,
        Some("false") => false,
        // Refused where the options of the file are interpreted.
        _ => return,
    };
    written.remove(at);
    options.packed = Some(value);
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::compile_files;

    #[test]
    fn a_method_with_an_empty_body_has_options() {
        let source = "syntax = \"proto3\"; message M {}\nservice S { rpc A(M) returns (M); rpc B(M) returns (M) { } }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let methods = &compiled.descriptors.files[0].proto.service[0].method;
        assert!(methods[0].options.is_none() && methods[1].options.is_some());
    }

    #[test]
    fn oneofs_of_optional_fields_make_room_for_other_names() {
        let source = "syntax = \"proto3\"; message M { optional int32 a = 1; int32 _a = 2; optional int32 b = 3; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let oneofs = &compiled.descriptors.files[0].proto.message_type[0].oneof_decl;
        assert_eq!(oneofs.iter().map(|oneof| oneof.name()).collect::<Vec<_>>(), ["X_a", "_b"]);
    }

    #[test]
    fn options_that_are_not_packed_are_encoded_one_by_one() {
        let source = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";
            extend google.protobuf.FieldOptions { repeated int32 many = 1052 [packed = false]; }
            message M { int32 a = 1 [(many) = 2, (many) = 3]; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let encoded = &compiled.descriptors.file("a.proto").unwrap().encoded;
        assert!(encoded.windows(6).any(|bytes| bytes == [0xe0, 0x41, 2, 0xe0, 0x41, 3]));
    }
}
