//! Declarations on which pbjson-build panics, or of which it makes code that does not compile.

use std::collections::HashSet;

use prost_types::EnumValueDescriptorProto;

use crate::generate::error::GenerateError;
use crate::generate::request::Request;
use crate::model::{DeclaredKind, DescriptorFile, FileOrigin, declared_types, rust_type, rust_variant};

/// Checks the module that `request` asks for.
pub(super) fn check(request: &Request<'_>) -> Result<(), GenerateError> {
    let bare = |file: &&DescriptorFile| file.origin != FileOrigin::WellKnown && file.proto.package().is_empty();
    if let Some(file) = request.descriptors.files.iter().find(bare) {
        return Err(GenerateError::NoPackage { file: file.proto.name().into() });
    }
    for file in request.descriptors.of_module(request.module) {
        check_oneofs(file)?;
        check_values(file)?;
    }
    Ok(())
}

/// Refuses a value that becomes `Self` without the enum's name: pbjson-build does not add the underscore.
fn check_values(file: &DescriptorFile) -> Result<(), GenerateError> {
    for declared in declared_types(&file.proto) {
        let (path, name) = (file.proto.name(), declared.full_name(file.proto.package())[1..].to_owned());
        let rust_name = rust_type(declared.name);
        let DeclaredKind::Enum(declaration) = declared.kind else { continue };
        let is_self = |value: &&EnumValueDescriptorProto| rust_variant(&rust_name, value.name()) == "Self_";
        if let Some(value) = declaration.value.iter().find(is_self) {
            let name = format!("{} of {name}", value.name());
            return Err(GenerateError::Keyword { file: path.into(), kind: "value", name, keyword: "Self".into() });
        }
    }
    Ok(())
}

/// A oneof and a type of one name inside a message: the crate gives the oneof another name, and pbjson-build does
/// not know it.
fn check_oneofs(file: &DescriptorFile) -> Result<(), GenerateError> {
    for declared in declared_types(&file.proto) {
        let DeclaredKind::Message(message) = declared.kind else { continue };
        let messages = message.nested_type.iter().map(|nested| nested.name());
        let inner: HashSet<_> = messages.chain(message.enum_type.iter().map(|e| e.name())).map(rust_type).collect();
        if let Some(oneof) = message.oneof_decl.iter().find(|oneof| inner.contains(&rust_type(oneof.name()))) {
            return Err(GenerateError::Oneof {
                file: file.proto.name().into(),
                message: declared.full_name(file.proto.package())[1..].to_owned(),
                oneof: oneof.name().into(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    fn refused(source: &str) -> Option<String> {
        let (descriptors, module) = (set(&[("acme/app", "a.proto", source)]), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        check(&request).err().map(|e| e.to_string())
    }

    #[test]
    fn what_pbjson_cannot_do_is_named() {
        assert_eq!(
            refused("message M {}").unwrap(),
            "file a.proto has no package, and code for JSON needs one; add a package, or use \
             community/neoeinstein-prost"
        );
        assert_eq!(
            refused("package p; message M { enum Kind { K = 0; } oneof kind { int32 x = 1; } }").unwrap(),
            "file a.proto: oneof kind of message p.M has the name of a type beside it, and no code for JSON can be made \
             of that; rename one of them, or use community/neoeinstein-prost"
        );
        assert_eq!(refused("package p; message M { oneof kind { int32 x = 1; } }"), None);
    }
}
