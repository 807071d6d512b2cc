//! Finds declarations that Protobuf keeps apart and Rust does not: `Pet` and the package `pet` both need a module
//! `pet` beside each other, `petName` and `pet_name` are one field. Such code would not compile, and only its
//! author can choose other names, so it is refused when it is pushed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use prost_types::{DescriptorProto, FieldDescriptorProto};
use rayon::prelude::*;

use crate::model::{
    Declared, DeclaredKind, DescriptorFile, DescriptorSet, ModuleName, declared_types, is_map_entry, rust_module,
    rust_modules, rust_oneofs, rust_type,
};

/// Most segments of a package's name; each is a module inside the one before.
const SEGMENTS: usize = 64;

/// A declaration, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// What it is: `message`, `package`, `field` …
    pub kind: &'static str,
    /// Its full name.
    pub name: String,
    /// The file that declares it.
    pub file: String,
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.kind, self.name, self.file)
    }
}

/// Declarations that cannot stand side by side in Rust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// Two declarations need the same name in the same place.
    #[error("{first} and {second} would both be {what} {rust} in Rust; rename one of them")]
    Same {
        /// The declaration that comes first.
        first: Box<Declaration>,
        /// The one that comes later.
        second: Box<Declaration>,
        /// What they would be: `the module`, `the type`, `the field`, `the variant`.
        what: &'static str,
        /// The name that both need.
        rust: String,
    },
    /// A name that nothing is left of: underscores alone.
    #[error("{0} has no name in Rust, because nothing but underscores is in it; rename it")]
    NoName(Box<Declaration>),
    /// A package inside a package inside a package …
    #[error("{0} has more than {SEGMENTS} segments; use a shorter name")]
    TooDeep(Box<Declaration>),
}

/// Checks that the declarations of `module` can all be named in Rust.
///
/// # Errors
/// With the first pair, in the order of the files, that cannot.
pub fn check_clashes(descriptors: &DescriptorSet, module: &ModuleName) -> Result<(), Clash> {
    let files: Vec<_> = descriptors.of_module(module).collect();
    let found: Vec<_> = files.par_iter().map(|file| (names_of(file), check_members(file))).collect();
    let mut taken = Taken::default();
    for (names, members) in found {
        names?.into_iter().try_for_each(|name| taken.add(name))?;
        members?;
    }
    Ok(())
}

/// A name that a declaration needs.
struct Name {
    what: &'static str,
    /// With the modules around it.
    path: String,
    declaration: Declaration,
}

impl Name {
    /// The name `rust` in `place`, a path of modules.
    fn new(place: &str, what: &'static str, rust: &str, declaration: Declaration) -> Result<Self, Clash> {
        if rust.is_empty() {
            return Err(Clash::NoName(Box::new(declaration)));
        }
        let path = if place.is_empty() { rust.to_owned() } else { [place, "::", rust].concat() };
        Ok(Self { what, path, declaration })
    }
}

/// The names that are taken, by what is named and path.
#[derive(Default)]
struct Taken(HashMap<(&'static str, String), Declaration>);

impl Taken {
    fn add(&mut self, name: Name) -> Result<(), Clash> {
        let Name { what, path, declaration } = name;
        match self.0.entry((what, path)) {
            Entry::Vacant(free) => _ = free.insert(declaration),
            // Two packages may share modules: prost merges those that differ only in the case of their letters.
            Entry::Occupied(first) if first.get().kind == "package" && declaration.kind == "package" => {}
            Entry::Occupied(first) => {
                let rust = first.key().1.clone();
                let (first, second) = (Box::new(first.get().clone()), Box::new(declaration));
                return Err(Clash::Same { first, second, what, rust });
            }
        }
        Ok(())
    }
}

/// The types and modules that `file` needs.
fn names_of(file: &DescriptorFile) -> Result<Vec<Name>, Clash> {
    let package = file.proto.package();
    let package_modules = rust_modules(package);
    let mut names = package_names(&package_modules, package, file.proto.name())?;
    for declared in declared_types(&file.proto) {
        let mut place = package_modules.clone();
        place.extend(declared.parents.iter().map(|parent| rust_module(parent)));
        let place = place.join("::");
        let declaration = declaration(file, &declared);
        names.push(Name::new(&place, "the type", &rust_type(declared.name), declaration.clone())?);
        if let DeclaredKind::Message(message) = declared.kind {
            add_inner_types(&place, message, &declaration, &mut names)?;
        }
    }
    Ok(names)
}

/// A package is a module in each package around it.
fn package_names(modules: &[String], package: &str, file: &str) -> Result<Vec<Name>, Clash> {
    let declaration = Declaration { kind: "package", name: package.into(), file: file.into() };
    if modules.iter().any(String::is_empty) {
        return Err(Clash::NoName(Box::new(declaration)));
    }
    if modules.len() > SEGMENTS {
        return Err(Clash::TooDeep(Box::new(declaration)));
    }
    let ends = (0..modules.len()).rev();
    ends.map(|end| Name::new(&modules[..end].join("::"), "the module", &modules[end], declaration.clone())).collect()
}

/// The module that stands beside the type of `message`, and the types of its oneofs in it.
fn add_inner_types(
    place: &str,
    message: &DescriptorProto,
    declaration: &Declaration,
    names: &mut Vec<Name>,
) -> Result<(), Clash> {
    let module = rust_module(message.name());
    if has_module(message) {
        names.push(Name::new(place, "the module", &module, declaration.clone())?);
    }
    let inner = if place.is_empty() { module } else { [place, "::", &module].concat() };
    let oneofs = message.oneof_decl.iter().zip(rust_oneofs(message)).zip(members(message));
    for ((oneof, rust), _) in oneofs.filter(|(_, members)| !members.is_empty()) {
        let this = inside(declaration, "oneof", oneof.name());
        names.push(Name::new(&inner, "the type", &rust, this)?);
    }
    Ok(())
}

/// Checks the fields and oneofs of every message in `file`: they share a place with those of no other message, even
/// where the module is shared.
fn check_members(file: &DescriptorFile) -> Result<(), Clash> {
    for declared in declared_types(&file.proto) {
        if let DeclaredKind::Message(message) = declared.kind {
            check_fields(message, &declaration(file, &declared))?;
        }
    }
    Ok(())
}

fn check_fields(message: &DescriptorProto, declaration: &Declaration) -> Result<(), Clash> {
    let mut fields = Taken::default();
    let mut take = |rust: String, this| fields.add(Name::new("", "the field", &rust, this)?);
    for field in message.field.iter().filter(|field| real_oneof(field).is_none()) {
        take(rust_module(field.name()), inside(declaration, "field", field.name()))?;
    }
    for (oneof, members) in message.oneof_decl.iter().zip(members(message)) {
        let mut variants = Taken::default();
        for field in members {
            let this = inside(declaration, "field", field.name());
            variants.add(Name::new("", "the variant", &rust_type(field.name()), this)?)?;
        }
        if !variants.0.is_empty() {
            take(rust_module(oneof.name()), inside(declaration, "oneof", oneof.name()))?;
        }
    }
    Ok(())
}

fn declaration(file: &DescriptorFile, declared: &Declared<'_>) -> Declaration {
    let name = declared.full_name(file.proto.package())[1..].to_owned();
    Declaration { kind: declared.kind.word(), name, file: file.proto.name().into() }
}

fn inside(declaration: &Declaration, kind: &'static str, name: &str) -> Declaration {
    Declaration { kind, name: format!("{}.{name}", declaration.name), file: declaration.file.clone() }
}

/// The fields in each oneof.
fn members(message: &DescriptorProto) -> Vec<Vec<&FieldDescriptorProto>> {
    let mut members = vec![Vec::new(); message.oneof_decl.len()];
    for field in &message.field {
        if let Some(oneof) = real_oneof(field).and_then(|index| members.get_mut(index)) {
            oneof.push(field);
        }
    }
    members
}

/// Whether prost makes a module for what `message` holds.
fn has_module(message: &DescriptorProto) -> bool {
    !message.enum_type.is_empty()
        || message.nested_type.iter().any(|nested| !is_map_entry(nested))
        || message.field.iter().any(|field| real_oneof(field).is_some())
}

/// The oneof that `field` is in, by index; the one that stands for `optional` does not count.
fn real_oneof(field: &FieldDescriptorProto) -> Option<usize> {
    let index = field.oneof_index.filter(|_| !field.proto3_optional())?;
    usize::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    fn check(files: &[(&str, &str)]) -> Result<(), String> {
        let files: Vec<_> = files.iter().map(|(path, source)| ("acme/app", *path, *source)).collect();
        check_clashes(&set(&files), &module("acme/app")).map_err(|clash| clash.to_string())
    }

    #[test]
    fn a_message_and_a_package_that_need_one_module_are_both_named() {
        let error = check(&[
            ("a.proto", "package shop; message Cart { message Line {} }"),
            ("b.proto", "package shop.cart.v1; message X {}"),
        ]);
        assert_eq!(
            error.unwrap_err(),
            "message shop.Cart (a.proto) and package shop.cart.v1 (b.proto) would both be the module shop::cart \
             in Rust; rename one of them"
        );
    }

    #[test]
    fn a_message_without_inner_types_needs_no_module() {
        let cart = "package shop; message Cart { optional int32 a = 1; map<string, int32> b = 2; }";
        check(&[("a.proto", cart), ("b.proto", "package shop.cart; message X {}")]).unwrap();
        check(&[("a.proto", "package Shop.V1; message A {}"), ("b.proto", "package shop.v1; message B {}")]).unwrap();
    }

    #[test]
    fn every_other_pair_with_one_name_is_found() {
        for (source, what) in [
            ("package p; message FooBar {} message Foo_Bar {}", "the type p::FooBar"),
            (
                "package p; message A { message Kind {} message KindOneOf {} oneof kind { int32 x = 1; } }",
                "the type p::a::KindOneOf",
            ),
            (
                "syntax = \"proto2\"; package p; message A { optional int32 aB = 1; optional int32 a_b = 2 [json_name = \"x\"]; }",
                "the field a_b",
            ),
            (
                "syntax = \"proto2\"; package p; message A { oneof k { int32 a_b = 1; int32 A_b = 2 [json_name = \"x\"]; } }",
                "the variant AB",
            ),
            ("package p; message A { enum E { X = 0; } } message a { enum E { Y = 0; } }", "the type p::A"),
        ] {
            let error = check(&[("a.proto", source)]).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn names_without_a_rust_name_are_refused() {
        assert!(
            check(&[("a.proto", "package a._.b; message M {}")])
                .unwrap_err()
                .contains("package a._.b (a.proto) has no name")
        );
        assert!(check(&[("a.proto", "message __ {}")]).unwrap_err().contains("message __ (a.proto) has no name"));
        let deep = format!("package {}; message M {{}}", ["a"; 65].join("."));
        assert!(check(&[("a.proto", &deep)]).unwrap_err().contains("more than 64 segments"));
    }

    #[test]
    fn declarations_of_other_modules_do_not_matter() {
        let files = [
            ("acme/app", "a.proto", "package shop; message Cart { message Line {} }"),
            ("acme/lib", "b.proto", "package shop.cart; message X {}"),
        ];
        check_clashes(&set(&files), &module("acme/app")).unwrap();
    }
}
