//! Declarations of which buffa makes code that does not compile.

use prost_types::FieldDescriptorProto;

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::generate::request::Request;
use crate::model::{DeclaredKind, DescriptorFile, declared_types, is_map_entry};

/// Messages of `google.protobuf` that buffa-types 0.8 and 0.9 have without JSON.
const WITHOUT_JSON: [&str; 9] = [
    ".google.protobuf.Api",
    ".google.protobuf.Enum",
    ".google.protobuf.EnumValue",
    ".google.protobuf.Field",
    ".google.protobuf.Method",
    ".google.protobuf.Mixin",
    ".google.protobuf.Option",
    ".google.protobuf.SourceContext",
    ".google.protobuf.Type",
];

/// Checks the module that `request` asks for.
pub(super) fn check(style: ExternPathStyle, request: &Request<'_>) -> Result<(), GenerateError> {
    if style.is_stubs() {
        return Ok(());
    }
    let json = request.options.iter().any(|option| option == "json=true");
    if json { request.descriptors.of_module(request.module).try_for_each(check_json) } else { Ok(()) }
}

fn check_json(file: &DescriptorFile) -> Result<(), GenerateError> {
    for declared in declared_types(&file.proto) {
        let DeclaredKind::Message(message) = declared.kind else { continue };
        let entries = message.nested_type.iter().filter(|nested| is_map_entry(nested));
        let mut fields = message.field.iter().chain(entries.flat_map(|entry| &entry.field));
        if let Some(field) = fields.find(|field| is_without_json(field)) {
            return Err(GenerateError::NoJson {
                file: file.proto.name().into(),
                message: declared.full_name(file.proto.package())[1..].to_owned(),
                held: field.type_name()[1..].to_owned(),
            });
        }
    }
    Ok(())
}

fn is_without_json(field: &FieldDescriptorProto) -> bool {
    WITHOUT_JSON.contains(&field.type_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn messages_that_have_no_json_are_named() {
        let api =
            "package p; import \"google/protobuf/api.proto\"; message M { map<string, google.protobuf.Api> a = 1; }";
        let (descriptors, module) = (set(&[("acme/app", "a.proto", api)]), module("acme/app"));
        let refused = |options: &[String]| {
            let request = Request { descriptors: &descriptors, module: &module, externs: &[], options };
            check(ExternPathStyle::BuffaMessages, &request).err().map(|e| e.to_string())
        };
        assert_eq!(
            refused(&["json=true".to_owned()]).unwrap(),
            "file a.proto: message p.M holds google.protobuf.Api, for which buffa has no JSON; use another plugin for \
             this module"
        );
        assert_eq!(refused(&[]), None);
    }
}
