//! Types of `google.protobuf` that a plugin refers to and its runtime does not have.

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::generate::request::Request;
use crate::generate::request::own_well_known::is_in_runtime;
use crate::model::{DeclaredKind, DescriptorFile, DescriptorSet, Plugin, declared_types, is_well_known_package};

/// Declarations of `descriptor.proto` that are newer than prost-types 0.12 to 0.14, with all inside them.
const NEWER_THAN_PROST: [&str; 11] = [
    "Edition",
    "ExtensionRangeOptions.Declaration",
    "ExtensionRangeOptions.VerificationState",
    "FeatureSet",
    "FeatureSetDefaults",
    "FieldOptions.EditionDefault",
    "FieldOptions.FeatureSupport",
    "FieldOptions.OptionRetention",
    "FieldOptions.OptionTargetType",
    "GeneratedCodeInfo.Annotation.Semantic",
    "SymbolVisibility",
];

/// Files whose types are in a crate of buffa's that not all versions of its plugins depend on.
const DESCRIPTORS: [&str; 2] = ["google/protobuf/descriptor.proto", "google/protobuf/compiler/plugin.proto"];

/// Checks the module that `request` asks for.
pub(super) fn check(plugin: &Plugin, style: ExternPathStyle, request: &Request<'_>) -> Result<(), GenerateError> {
    let library = match style {
        ExternPathStyle::Messages | ExternPathStyle::Stubs => "prost-types",
        ExternPathStyle::Types => "pbjson-types",
        ExternPathStyle::BuffaMessages | ExternPathStyle::BuffaStubs => {
            if plugin.runtime.iter().any(|runtime| runtime.name == "buffa-descriptor") {
                return Ok(());
            }
            "buffa-types"
        }
    };
    // Of these files no code is made.
    let is_made = |file: &&DescriptorFile| style.is_buffa() || !is_well_known_package(file.proto.package());
    for file in request.descriptors.of_module(request.module).filter(is_made) {
        let mut references = if style.is_stubs() { calls(file) } else { fields(file) };
        references.retain(|(_, held)| held.starts_with(".google.protobuf."));
        let missing = references.into_iter().find(|(_, held)| is_missing(style, request.descriptors, held));
        if let Some((holder, held)) = missing {
            let (file, held) = (file.proto.name().into(), held[1..].into());
            return Err(GenerateError::NoRuntimeType { file, holder, held, library });
        }
    }
    Ok(())
}

/// The messages with the types of their fields.
fn fields(file: &DescriptorFile) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for declared in declared_types(&file.proto) {
        let DeclaredKind::Message(message) = declared.kind else { continue };
        let inside = message.field.iter().chain(message.nested_type.iter().flat_map(|nested| &nested.field));
        let held = inside.filter_map(|field| field.type_name.as_deref()).filter(|held| held.starts_with(".google."));
        let name = || format!("message {}", &declared.full_name(file.proto.package())[1..]);
        found.extend(held.map(|held| (name(), held)));
    }
    found
}

/// The calls with what they are sent and send back.
fn calls(file: &DescriptorFile) -> Vec<(String, &str)> {
    let calls = file.proto.service.iter().flat_map(|service| service.method.iter().map(move |call| (service, call)));
    let types = calls.flat_map(|(service, call)| {
        let name = format!("call {} of service {}", call.name(), service.name());
        [(name.clone(), call.input_type()), (name, call.output_type())]
    });
    types.collect()
}

fn is_missing(style: ExternPathStyle, descriptors: &DescriptorSet, held: &str) -> bool {
    let name = held.strip_prefix(".google.protobuf.").unwrap_or_default();
    let is_in = |of: &&str| name.strip_prefix(*of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    match style {
        ExternPathStyle::Types => is_in(&"compiler") || is_a_modules(descriptors, held),
        ExternPathStyle::BuffaMessages | ExternPathStyle::BuffaStubs => {
            let files = DESCRIPTORS.iter().filter_map(|path| descriptors.file(path));
            let mut types = files.flat_map(|file| {
                declared_types(&file.proto).into_iter().map(move |of| of.full_name(file.proto.package()))
            });
            types.any(|full| full == held)
        }
        _ => NEWER_THAN_PROST.iter().any(is_in) || is_a_modules(descriptors, held),
    }
}

/// Whether a module has put the type `held` into the package of well-known types.
fn is_a_modules(descriptors: &DescriptorSet, held: &str) -> bool {
    let of_modules = |file: &&DescriptorFile| is_well_known_package(file.proto.package()) && !is_in_runtime(file);
    descriptors.files.iter().filter(of_modules).any(|file| {
        declared_types(&file.proto).into_iter().any(|declared| declared.full_name(file.proto.package()) == held)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Catalogue;
    use crate::generate::embedded::style_of;
    use crate::model::testing::{module, set};

    fn refused(plugin: &str, declarations: &str) -> Option<String> {
        let catalogue = Catalogue::embedded().unwrap();
        let plugin = catalogue.find(&plugin.parse().unwrap()).unwrap();
        let source = format!(
            "syntax = \"proto2\"; package p; import \"google/protobuf/descriptor.proto\"; import \"google/protobuf/own.proto\"; {declarations}"
        );
        let own = "package google.protobuf; message Own {}";
        let files = [("acme/app", "google/protobuf/own.proto", own), ("acme/app", "a.proto", &source)];
        let (descriptors, module) = (set(&files), module("acme/app"));
        let request = Request { descriptors: &descriptors, module: &module, externs: &[], options: &[] };
        check(plugin, style_of(plugin), &request).err().map(|error| error.to_string())
    }

    #[test]
    fn types_that_no_runtime_has_are_named() {
        let held = "message M { repeated google.protobuf.FeatureSet s = 1; }";
        assert_eq!(
            refused("community/neoeinstein-prost", held).unwrap(),
            "file a.proto: message p.M refers to google.protobuf.FeatureSet, which prost-types does not have; leave it \
             out, or use another plugin"
        );
        assert_eq!(refused("local/prost-serde", held), None);
        let held = "message M { optional google.protobuf.Own o = 1; }";
        assert!(
            refused("local/prost-serde", held).unwrap().contains("p.M refers to google.protobuf.Own, which pbjson")
        );
        assert!(refused("community/neoeinstein-prost", held).is_some());
        let call = "message M {} service S { rpc R(M) returns (google.protobuf.FileOptions); }";
        assert!(refused("connectrpc/rust", call).unwrap().contains("call R of service S refers to"));
        assert_eq!(refused("community/neoeinstein-tonic", call), None);
        assert_eq!(
            refused("community/neoeinstein-prost", "message M { optional google.protobuf.FileOptions o = 1; }"),
            None
        );
        let held = "message M { optional google.protobuf.FileOptions o = 1; }";
        assert_eq!(refused("anthropics/buffa:v0.6.0", held), None);
        assert!(refused("anthropics/buffa:v0.5.2", held).unwrap().contains("which buffa-types does not have"));
    }
}
