//! Which packages the code of a package refers to. Only types count, not imports: a file that is imported for its
//! options alone leaves no trace in the code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use rayon::prelude::*;

use crate::model::{
    DeclaredKind, DescriptorFile, DescriptorSet, Family, FileOrigin, ModuleName, declared_types, is_map_entry,
    is_well_known_package, rust_modules,
};

/// A package of a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReferencedPackage<'a> {
    /// The module that holds it.
    pub module: &'a ModuleName,
    /// Its name.
    pub package: &'a str,
}

/// The kind of code in a crate, which decides the types that it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Messages: the types of their fields.
    Messages,
    /// Stubs: the types of requests and responses, and all messages of their own package, because users of a client
    /// need them.
    Stubs,
}

/// The packages that the code of each package of `module` refers to, by the package's Rust modules. Well-known
/// types do not count, but for those that a module has itself and `family` does not take from its runtime all the same:
/// they are in a crate that is always there.
pub(super) fn references<'a>(
    descriptors: &'a DescriptorSet,
    module: &'a ModuleName,
    family: Family,
    code: Code,
) -> BTreeMap<Vec<String>, BTreeSet<ReferencedPackage<'a>>> {
    let homes = homes(descriptors, family);
    let mut found: BTreeMap<Vec<String>, BTreeSet<ReferencedPackage<'a>>> = BTreeMap::new();
    for file in descriptors.of_module(module) {
        let package = file.proto.package();
        let targets = found.entry(rust_modules(package)).or_default();
        if code == Code::Stubs && !file.proto.service.is_empty() {
            targets.insert(ReferencedPackage { module, package });
        }
        let names = match code {
            Code::Messages => field_types(&file.proto, family),
            Code::Stubs => call_types(&file.proto),
        };
        targets.extend(names.into_iter().filter_map(|name| homes.get(name).cloned()));
    }
    found
}

/// Where each type stands, by its full name. A module has well-known types itself only in crates of buffa.
fn homes(descriptors: &DescriptorSet, family: Family) -> HashMap<String, ReferencedPackage<'_>> {
    let of = |file| homes_in(file, family);
    descriptors.files.par_iter().flat_map_iter(of).collect::<Vec<_>>().into_iter().collect()
}

fn homes_in(file: &DescriptorFile, family: Family) -> Vec<(String, ReferencedPackage<'_>)> {
    let package = file.proto.package();
    let FileOrigin::Module(module) = &file.origin else { return Vec::new() };
    if is_well_known_package(package) && family != Family::Buffa {
        return Vec::new();
    }
    let place =
        |declared: crate::model::Declared<'_>| (declared.full_name(package), ReferencedPackage { module, package });
    declared_types(&file.proto).into_iter().map(place).collect()
}

fn field_types(file: &FileDescriptorProto, family: Family) -> Vec<&str> {
    let mut names = extension_types(&file.extension, family);
    for declared in declared_types(file) {
        if let DeclaredKind::Message(message) = declared.kind {
            names.extend(own_field_types(message));
            names.extend(extension_types(&message.extension, family));
            let entries = message.nested_type.iter().filter(|nested| is_map_entry(nested));
            names.extend(entries.flat_map(own_field_types));
        }
    }
    names
}

/// prost makes nothing of extensions.
fn extension_types(extensions: &[FieldDescriptorProto], family: Family) -> Vec<&str> {
    let is_made = family == Family::Buffa;
    extensions.iter().filter(|_| is_made).filter_map(|extension| extension.type_name.as_deref()).collect()
}

fn own_field_types(message: &DescriptorProto) -> impl Iterator<Item = &str> {
    message.field.iter().filter_map(|field| field.type_name.as_deref())
}

fn call_types(file: &FileDescriptorProto) -> Vec<&str> {
    let methods = file.service.iter().flat_map(|service| &service.method);
    methods.flat_map(|method| [method.input_type(), method.output_type()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    const LIB: (&str, &str, &str) = ("acme/lib", "l.proto", "package lib.v1; message Money {} enum Kind { A = 0; }");
    const APP: (&str, &str, &str) = (
        "acme/app",
        "a.proto",
        "package app; import \"l.proto\"; import \"b.proto\"; import \"google/protobuf/timestamp.proto\";
         message A { map<string, lib.v1.Kind> kinds = 1; google.protobuf.Timestamp at = 2; }
         service S { rpc R(A) returns (other.B); }",
    );
    const OTHER: (&str, &str, &str) = ("acme/app", "b.proto", "package other; message B {}");

    fn of(code: Code) -> Vec<String> {
        let (descriptors, module) = (set(&[LIB, OTHER, APP]), module("acme/app"));
        let found = references(&descriptors, &module, Family::Prost, code);
        found[&rust_modules("app")].iter().map(|t| format!("{} {}", t.module, t.package)).collect()
    }

    #[test]
    fn messages_refer_to_the_types_of_their_fields() {
        assert_eq!(of(Code::Messages), ["acme/lib lib.v1"]);
    }

    #[test]
    fn what_buffa_makes_of_extensions_refers_to_their_types_and_so_do_types_of_another_modules_google_protobuf() {
        let app = "syntax = \"proto2\"; package app; import \"l.proto\"; import \"google/protobuf/own.proto\";
            message A { extensions 1 to 9; optional google.protobuf.Own own = 10; } extend A { optional lib.v1.Money m = 1; }";
        let own = ("acme/own", "google/protobuf/own.proto", "package google.protobuf; message Own {}");
        let (descriptors, module) = (set(&[LIB, own, ("acme/app", "a.proto", app)]), module("acme/app"));
        let of = |family| -> Vec<&str> {
            let found = references(&descriptors, &module, family, Code::Messages);
            found[&rust_modules("app")].iter().map(|target| target.package).collect()
        };
        assert_eq!(of(Family::Buffa), ["lib.v1", "google.protobuf"]);
        assert!(of(Family::Prost).is_empty());
    }

    #[test]
    fn stubs_refer_to_what_is_sent_and_to_their_own_package() {
        assert_eq!(of(Code::Stubs), ["acme/app app", "acme/app other"]);
    }
}
