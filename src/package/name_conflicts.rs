//! Finds declarations that Protobuf keeps apart and Rust does not: `Pet` and the package `pet` both need a module
//! `pet` beside each other, `petName` and `pet_name` are one field. Such code would not compile, and only its
//! author can choose other names, so it is refused when it is pushed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use rayon::prelude::*;

use crate::model::{
    Declared, DeclaredKind, DescriptorSet, ModuleName, declared_types, is_map_entry, rust_module, rust_modules,
    rust_oneofs, rust_type, written_oneof,
};

/// Most segments of a package's name; each is a module inside the one before.
const SEGMENTS: usize = 64;

/// A declaration, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its kind: `message`, `package`, `field` …
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
        /// The later one.
        second: Box<Declaration>,
        /// Their common kind in Rust: `the module`, `the type`, `the field`, `the variant`.
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
    let files: Vec<_> = descriptors.of_module(module).map(|file| &file.proto).collect();
    let declared: Vec<_> = files.par_iter().map(|file| (&***file, declared_types(file))).collect();
    let found: Vec<_> =
        declared.par_iter().map(|(file, types)| (names_of(file, types), check_members(file, types))).collect();
    let mut taken = Taken::default();
    for (names, members) in found {
        names?.into_iter().try_for_each(|name| taken.add(name))?;
        members?;
    }
    Ok(())
}

/// Where a name comes from. Most clash with none, so it becomes a [`Declaration`] only when it does.
#[derive(Clone, Copy)]
struct Origin<'a> {
    file: &'a FileDescriptorProto,
    /// The message or enum; the package if there is none.
    declared: Option<&'a Declared<'a>>,
    /// The kind of the member of the message, and its name.
    member: Option<(&'static str, &'a str)>,
}

impl<'a> Origin<'a> {
    fn package(file: &'a FileDescriptorProto) -> Self {
        Self { file, declared: None, member: None }
    }

    fn declared(file: &'a FileDescriptorProto, declared: &'a Declared<'a>) -> Self {
        Self { file, declared: Some(declared), member: None }
    }

    fn member(self, kind: &'static str, name: &'a str) -> Self {
        Self { member: Some((kind, name)), ..self }
    }

    fn is_package(&self) -> bool {
        self.declared.is_none()
    }

    fn declaration(&self) -> Box<Declaration> {
        let (package, file) = (self.file.package(), self.file.name().to_owned());
        let Some(declared) = self.declared else {
            return Box::new(Declaration { kind: "package", name: package.to_owned(), file });
        };
        let name = declared.full_name(package)[1..].to_owned();
        Box::new(match self.member {
            Some((kind, member)) => Declaration { kind, name: format!("{name}.{member}"), file },
            None => Declaration { kind: declared.kind.word(), name, file },
        })
    }
}

/// A name that a declaration needs.
struct Name<'a> {
    what: &'static str,
    /// With the modules around it.
    path: String,
    origin: Origin<'a>,
}

impl<'a> Name<'a> {
    /// The name `rust` in `place`, a path of modules.
    fn new(place: &str, what: &'static str, rust: String, origin: Origin<'a>) -> Result<Self, Clash> {
        if rust.is_empty() {
            return Err(Clash::NoName(origin.declaration()));
        }
        let path = if place.is_empty() { rust } else { [place, "::", &rust].concat() };
        Ok(Self { what, path, origin })
    }
}

/// The used names, by kind and path.
#[derive(Default)]
struct Taken<'a>(HashMap<(&'static str, String), Origin<'a>>);

impl<'a> Taken<'a> {
    fn add(&mut self, name: Name<'a>) -> Result<(), Clash> {
        let Name { what, path, origin } = name;
        match self.0.entry((what, path)) {
            Entry::Vacant(free) => _ = free.insert(origin),
            // Two packages may share modules: prost merges packages that differ only in case.
            Entry::Occupied(first) if first.get().is_package() && origin.is_package() => {}
            Entry::Occupied(first) => {
                let rust = first.key().1.clone();
                let (first, second) = (first.get().declaration(), origin.declaration());
                return Err(Clash::Same { first, second, what, rust });
            }
        }
        Ok(())
    }
}

/// The types and modules that `file` needs.
fn names_of<'a>(file: &'a FileDescriptorProto, types: &'a [Declared<'a>]) -> Result<Vec<Name<'a>>, Clash> {
    let package_modules = rust_modules(file.package());
    let mut names = package_names(&package_modules, file)?;
    for declared in types {
        let mut place = package_modules.clone();
        place.extend(declared.parents.iter().map(|parent| rust_module(parent)));
        let place = place.join("::");
        let origin = Origin::declared(file, declared);
        names.push(Name::new(&place, "the type", rust_type(declared.name), origin)?);
        if let DeclaredKind::Message(message) = declared.kind {
            add_inner_types(&place, message, origin, &mut names)?;
        }
    }
    Ok(names)
}

/// A package is a module in each package around it.
fn package_names<'a>(modules: &[String], file: &'a FileDescriptorProto) -> Result<Vec<Name<'a>>, Clash> {
    let origin = Origin::package(file);
    if modules.iter().any(String::is_empty) {
        return Err(Clash::NoName(origin.declaration()));
    }
    if modules.len() > SEGMENTS {
        return Err(Clash::TooDeep(origin.declaration()));
    }
    let ends = (0..modules.len()).rev();
    ends.map(|end| Name::new(&modules[..end].join("::"), "the module", modules[end].clone(), origin)).collect()
}

/// The module that stands beside the type of `message`, and the types of its oneofs in it.
fn add_inner_types<'a>(
    place: &str,
    message: &'a DescriptorProto,
    origin: Origin<'a>,
    names: &mut Vec<Name<'a>>,
) -> Result<(), Clash> {
    let module = rust_module(message.name());
    let inner = if place.is_empty() { module.clone() } else { [place, "::", &module].concat() };
    if has_module(message) {
        names.push(Name::new(place, "the module", module, origin)?);
    }
    let oneofs = message.oneof_decl.iter().zip(rust_oneofs(message)).zip(members(message));
    for ((oneof, rust), _) in oneofs.filter(|(_, members)| !members.is_empty()) {
        names.push(Name::new(&inner, "the type", rust, origin.member("oneof", oneof.name()))?);
    }
    Ok(())
}

/// Checks the fields and oneofs of every message in `file`. They share no namespace with members of other messages,
/// even in a shared module.
fn check_members(file: &FileDescriptorProto, types: &[Declared<'_>]) -> Result<(), Clash> {
    for declared in types {
        if let DeclaredKind::Message(message) = declared.kind {
            check_fields(message, Origin::declared(file, declared))?;
        }
    }
    Ok(())
}

fn check_fields(message: &DescriptorProto, origin: Origin<'_>) -> Result<(), Clash> {
    let mut fields = Taken::default();
    for field in message.field.iter().filter(|field| written_oneof(field).is_none()) {
        fields.add(Name::new("", "the field", rust_module(field.name()), origin.member("field", field.name()))?)?;
    }
    for (oneof, members) in message.oneof_decl.iter().zip(members(message)) {
        let mut variants = Taken::default();
        for field in members {
            let origin = origin.member("field", field.name());
            variants.add(Name::new("", "the variant", rust_type(field.name()), origin)?)?;
        }
        if !variants.0.is_empty() {
            let origin = origin.member("oneof", oneof.name());
            fields.add(Name::new("", "the field", rust_module(oneof.name()), origin)?)?;
        }
    }
    Ok(())
}

/// The fields in each oneof.
fn members(message: &DescriptorProto) -> Vec<Vec<&FieldDescriptorProto>> {
    let mut members = vec![Vec::new(); message.oneof_decl.len()];
    for field in &message.field {
        if let Some(oneof) = written_oneof(field).and_then(|index| members.get_mut(index)) {
            oneof.push(field);
        }
    }
    members
}

/// Whether prost makes a module for the declarations inside `message`.
fn has_module(message: &DescriptorProto) -> bool {
    !message.enum_type.is_empty()
        || message.nested_type.iter().any(|nested| !is_map_entry(nested))
        || message.field.iter().any(|field| written_oneof(field).is_some())
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
