//! Declarations of which buffa makes code that does not compile.

use std::collections::BTreeSet;

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::generate::request::Request;
use crate::generate::request::own_well_known::{has_json, is_without_json};
use crate::model::{DeclaredKind, DescriptorFile, WELL_KNOWN_PACKAGE, declared_types, is_map_entry};

/// Checks the module that `request` asks for.
pub(super) fn check(style: ExternPathStyle, request: &Request<'_>) -> Result<(), GenerateError> {
    if style.is_stubs() || !has_json(style, request.options) {
        return Ok(());
    }
    let without_json = without_json(request);
    request.descriptors.of_module(request.module).try_for_each(|file| check_json(file, &without_json))
}

/// The messages of the runtime that have no JSON there, by full name: those that the module has no copies of.
fn without_json(request: &Request<'_>) -> BTreeSet<String> {
    let left = request.descriptors.files.iter().filter(|file| !file.is_of(request.module) && is_without_json(file));
    let types = left.flat_map(|file| declared_types(&file.proto));
    let messages = types.filter(|declared| matches!(declared.kind, DeclaredKind::Message(_)));
    messages.map(|declared| declared.full_name(WELL_KNOWN_PACKAGE)).collect()
}

fn check_json(file: &DescriptorFile, without_json: &BTreeSet<String>) -> Result<(), GenerateError> {
    for declared in declared_types(&file.proto) {
        let DeclaredKind::Message(message) = declared.kind else { continue };
        let entries = message.nested_type.iter().filter(|nested| is_map_entry(nested));
        let mut fields = message.field.iter().chain(entries.flat_map(|entry| &entry.field));
        if let Some(field) = fields.find(|field| without_json.contains(field.type_name())) {
            return Err(GenerateError::NoJson {
                file: file.proto.name().into(),
                message: declared.full_name(file.proto.package())[1..].to_owned(),
                held: field.type_name()[1..].to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    #[test]
    fn messages_that_have_no_json_and_no_copy_are_named() {
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
