//! Interprets `packed` before the other options.
//!
//! The pool that interprets options decides how a repeated field is encoded before it looks at the options of that
//! field, so `packed` has to be interpreted for it.

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{FieldDescriptorProto, FieldOptions, FileDescriptorProto};

use crate::compile::visit::elements::fields_mut;

/// Interprets `packed` of all repeated fields and extensions of `file`; says that they are packed when that is what
/// they are `by_default`.
pub(in crate::compile) fn interpret(file: &mut FileDescriptorProto, by_default: bool) {
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
    fn options_that_are_not_packed_are_encoded_one_by_one() {
        let source = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";
            extend google.protobuf.FieldOptions { repeated int32 many = 1052 [packed = false]; }
            message M { int32 a = 1 [(many) = 2, (many) = 3]; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let encoded = &compiled.descriptors.file("a.proto").unwrap().encoded;
        assert!(encoded.windows(6).any(|bytes| bytes == [0xe0, 0x41, 2, 0xe0, 0x41, 3]));
    }
}
