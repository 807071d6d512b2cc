//! Every name that files can refer to, and the rules by which they find each other.
//!
//! Fields, oneofs and methods are not among them: nothing refers to those by name. That they do not clash with
//! anything is checked inside their message or service, where alone they could; that one of them hides an outer name
//! there is known by [`Members`].

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use prost_types::FileDescriptorProto;
use rayon::prelude::*;

use super::duplicate_members;
use super::members::Members;
use crate::compile::error::CompileError;
use crate::compile::findings::{self, MAX_FINDINGS, refuse_any};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::imports::visibility;
use crate::compile::visit::elements::{Element, Node, elements};
use crate::compile::visit::message_at::map_of_entry;
use crate::model::Diagnostic;

/// `FileDescriptorProto.package`.
const PACKAGE: i32 = 2;
/// `name` of messages, fields, enums, values and services.
const NAME: i32 = 1;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compile) enum SymbolKind {
    Package,
    Message,
    Enum,
    Value,
    Service,
    Extension,
}

impl SymbolKind {
    /// Whether other names can begin with this one.
    pub(in crate::compile) fn is_scope(self) -> bool {
        matches!(self, Self::Package | Self::Message)
    }
}

/// What a reference needs to find.
#[derive(Debug, Clone, Copy)]
pub(in crate::compile) enum ExpectedSymbol {
    Message,
    Extension,
    FieldType,
}

impl ExpectedSymbol {
    pub(in crate::compile) fn is(self, kind: SymbolKind) -> bool {
        match self {
            Self::Message => kind == SymbolKind::Message,
            Self::Extension => kind == SymbolKind::Extension,
            Self::FieldType => matches!(kind, SymbolKind::Message | SymbolKind::Enum),
        }
    }

    /// Whether the search goes on in the scope around one that has the name as something else.
    pub(in crate::compile) fn passes_over_others(self) -> bool {
        matches!(self, Self::FieldType)
    }

    pub(in crate::compile) fn description(self) -> &'static str {
        match self {
            Self::Message => "a message type",
            Self::Extension => "an extension",
            Self::FieldType => "a message or enum type",
        }
    }
}

/// Where a name is declared. A package is declared by many files; the first one is named here.
#[derive(Debug, Clone, Copy)]
pub(in crate::compile) struct Symbol {
    /// Index of the file.
    pub(in crate::compile) file: usize,
    pub(in crate::compile) kind: SymbolKind,
}

/// All names, and which files see each other. Files are known by their index.
#[derive(Debug)]
pub(in crate::compile) struct Symbols {
    names: HashMap<Box<str>, Symbol>,
    /// The packages among them that are declarations, too, of a file that no file sees together with the package.
    shared_with_packages: HashSet<Box<str>>,
    /// Per file: the files that it may refer to, itself included, in ascending order.
    visible: Vec<Vec<usize>>,
    files: Vec<FileNames>,
}

#[derive(Debug)]
struct FileNames {
    path: String,
    package: String,
    members: Members,
}

impl Symbols {
    /// The names in `files`.
    ///
    /// # Errors
    /// When a name is declared twice, or public imports multiply too far.
    pub(in crate::compile) fn new(files: &[LoadedFile<'_>]) -> Result<Self, CompileError> {
        let declared: Vec<_> =
            files.par_iter().map(|file| (declared(&file.proto), duplicate_members::within(file))).collect();
        let of = |file: &LoadedFile<'_>| FileNames {
            path: file.proto.name().to_owned(),
            package: file.proto.package().to_owned(),
            members: Members::of(&file.proto),
        };
        let mut symbols = Self {
            names: HashMap::with_capacity(declared.iter().map(|(names, _)| names.len()).sum()),
            shared_with_packages: HashSet::new(),
            visible: visibility::visible(files)?,
            files: files.par_iter().map(of).collect(),
        };
        let mut findings = Vec::new();
        for (index, (declared, clashes)) in declared.into_iter().enumerate() {
            findings.extend(clashes);
            for (name, kind) in declared {
                let symbol = Symbol { file: index, kind };
                let Some(other) = symbols.insert(name.clone(), symbol) else { continue };
                if findings.len() < MAX_FINDINGS {
                    findings.push(declared_twice(files, index, other.file, &name));
                }
            }
        }
        refuse_any(findings)?;
        Ok(symbols)
    }

    /// Keeps the first declaration of a name; says which one when this is another that cannot stand beside it.
    fn insert(&mut self, name: Box<str>, symbol: Symbol) -> Option<Symbol> {
        let other = match self.names.entry(name.clone()) {
            Entry::Vacant(place) => {
                place.insert(symbol);
                return None;
            }
            Entry::Occupied(other) => *other.get(),
        };
        match (other.kind, symbol.kind) {
            (SymbolKind::Package, SymbolKind::Package) => None,
            (SymbolKind::Package, _) if !self.meets_package(symbol.file, &name) => {
                self.names.insert(name.clone(), symbol);
                self.shared_with_packages.insert(name);
                None
            }
            (_, SymbolKind::Package) if !self.meets_package(other.file, &name) => {
                self.shared_with_packages.insert(name);
                None
            }
            _ => Some(other),
        }
    }

    /// Whether any file sees both file `declaring` and one that declares the package `name`.
    fn meets_package(&self, declaring: usize, name: &str) -> bool {
        let packaged: Vec<_> = (0..self.files.len()).map(|file| self.declares_package(file, name)).collect();
        self.visible.iter().any(|seen| seen.binary_search(&declaring).is_ok() && seen.iter().any(|at| packaged[*at]))
    }

    /// The files that file `index` may refer to, itself included.
    pub(in crate::compile) fn visible_from(&self, index: usize) -> &[usize] {
        &self.visible[index]
    }

    /// The import path of file `index`.
    pub(in crate::compile) fn path(&self, index: usize) -> &str {
        &self.files[index].path
    }

    /// What a full name without leading dot stands for.
    pub(in crate::compile) fn get(&self, name: &str) -> Option<Symbol> {
        self.names.get(name).copied()
    }

    /// Whether `name` is that of a package.
    pub(in crate::compile) fn is_package(&self, name: &str) -> bool {
        let is_one = self.get(name).is_some_and(|symbol| symbol.kind == SymbolKind::Package);
        is_one || self.shared_with_packages.contains(name)
    }

    /// What the message or service `scope` of file `index` has of the name `name`, if that is a field, oneof or method.
    pub(in crate::compile) fn member(&self, index: usize, scope: &str, name: &str) -> Option<&'static str> {
        self.files[index].members.get(scope, name)
    }

    /// Whether file `from` may use the names of file `file`.
    pub(in crate::compile) fn is_seen(&self, from: usize, file: usize) -> bool {
        self.visible[from].binary_search(&file).is_ok()
    }

    /// Whether file `index` declares the package `name` or one inside it.
    pub(in crate::compile) fn declares_package(&self, index: usize, name: &str) -> bool {
        let package = self.files[index].package.strip_prefix(name);
        package.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// What `file` declares, packages first, in the order of the descriptor.
fn declared(file: &FileDescriptorProto) -> Vec<(Box<str>, SymbolKind)> {
    let package = file.package();
    let parts = package.match_indices('.').map(|(at, _)| &package[..at]);
    let parts = parts.chain((!package.is_empty()).then_some(package));
    let mut names: Vec<_> = parts.map(|part| (part.into(), SymbolKind::Package)).collect();
    elements(file, |element| {
        if let Some(kind) = kind_of(&element) {
            names.push((element.name.into(), kind));
        }
    });
    names
}

fn kind_of(element: &Element<'_, '_>) -> Option<SymbolKind> {
    match element.node {
        Node::Message(_) => Some(SymbolKind::Message),
        Node::Enum(_) => Some(SymbolKind::Enum),
        Node::Value(_) => Some(SymbolKind::Value),
        Node::Service(_) => Some(SymbolKind::Service),
        Node::Field(field) if field.extendee.is_some() => Some(SymbolKind::Extension),
        _ => None,
    }
}

fn declared_twice(files: &[LoadedFile<'_>], index: usize, other: usize, name: &str) -> Diagnostic {
    let file = &files[index];
    let mut declarations = Vec::new();
    elements(&file.proto, |element| {
        if element.name == name
            && let Some(kind) = kind_of(&element)
        {
            let map = map_of_entry(&file.proto, element.path);
            declarations.push((kind, map.unwrap_or_else(|| element.inside(&[NAME]))));
        }
    });
    // As `buf` has it, the first one of a file is pointed at, in the order of its kinds; services are the last kind.
    declarations.sort_by_key(|(kind, _)| *kind == SymbolKind::Service);
    let path = declarations.into_iter().next().map_or_else(|| vec![PACKAGE], |(_, path)| path);
    let message = if index == other {
        format!("name '{name}' is defined twice")
    } else {
        format!("name '{name}' is already defined in file '{}'", files[other].proto.name())
    };
    findings::at_element(&file.proto, file.source, &path, message)
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::{compile_files, refusal};

    #[test]
    fn a_name_in_two_files_names_both() {
        let text = refusal(&[("a.proto", "message M {}"), ("b.proto", "message M {}")]);
        assert!(text.starts_with("b.proto:1:9: name 'M' is already defined in file 'a.proto'"), "{text}");
        let text = refusal(&[("a.proto", "package a.b;"), ("b.proto", "package a;\nmessage b {}")]);
        assert!(text.is_empty(), "{text}");
    }

    #[test]
    fn a_declaration_named_as_a_package_is_refused_where_a_file_sees_both() {
        let package = "syntax = \"proto3\"; package a.b; message M {}";
        let message = "syntax = \"proto3\"; package a; message b { message N {} }";
        let files = [("a.proto", package), ("b.proto", message)];
        for imports in ["import \"a.proto\";", "import \"b.proto\";"] {
            let other = format!("syntax = \"proto3\"; package x; {imports} message X {{}}");
            assert_eq!(refusal(&[&files[..], &[("c.proto", &other)]].concat()), "");
        }
        let both = "syntax = \"proto3\"; package x; import \"a.proto\"; import \"b.proto\"; message X {}";
        let text = refusal(&[&files[..], &[("c.proto", both)]].concat());
        assert!(text.starts_with("b.proto:1:39: name 'a.b' is already defined in file 'a.proto'"), "{text}");

        let of_package = "syntax = \"proto3\"; package a.c; import \"a.proto\"; message X { b.M m = 1; }";
        let of_message = "syntax = \"proto3\"; package a.d; import \"b.proto\"; message X { b.N n = 1; }";
        let users = [("c.proto", of_package), ("d.proto", of_message)];
        let compiled = compile_files(&[&files[..], &users].concat()).unwrap();
        let type_of =
            |path: &str| compiled.descriptors.file(path).unwrap().proto.message_type[0].field[0].type_name().to_owned();
        assert_eq!((type_of("c.proto"), type_of("d.proto")), (".a.b.M".to_owned(), ".a.b.N".to_owned()));
    }

    #[test]
    fn what_is_extended_called_or_set_is_the_innermost_of_its_name_whatever_that_is() {
        for (source, expected) in [
            ("message B { extensions 1; }\nmessage M { extend B { optional int32 B = 1; } }", "3:20: 'M.B' is not a"),
            (
                "message B { extensions 1; }\nmessage M { required int32 B = 1; extend B { optional int32 x = 1; } }",
                "3:42: 'B' is a field here",
            ),
            ("message B {}\nservice S { rpc B(B) returns (.B); }", "3:19: 'B' is a method here"),
            (
                "message B { extensions 1; }\nmessage M { oneof B { int32 c = 1; } extend B { optional int32 x = 1; } }",
                "3:45: 'B' is a oneof here",
            ),
            (
                "message M { message B { message C {} } enum E { X = 0; } optional E.C c = 1; }",
                "2:67: name 'E.C' is not",
            ),
        ] {
            let text = refusal(&[("a.proto", &format!("syntax = \"proto2\";\n{source}"))]);
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{source}: {text}");
        }
        // What is no type hides no type.
        let source = "syntax = \"proto2\"; package p; message B { message C {} }
            message M { enum E { B = 0; } optional B b = 1; optional B.C c = 2; extensions 9; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let fields = &compiled.descriptors.files[0].proto.message_type[1].field;
        let types: Vec<_> = fields.iter().map(|field| field.type_name()).collect();
        assert_eq!(types, [".p.B", ".p.B.C"]);
    }

    #[test]
    fn values_of_enums_stand_beside_them() {
        let text = refusal(&[("a.proto", "enum A { X = 0; }\nenum B { X = 0; }")]);
        assert!(text.starts_with("a.proto:1:10: name 'X' is defined twice"), "{text}");
    }

    #[test]
    fn the_innermost_scope_comes_first() {
        let source = "syntax = \"proto3\"; package a.b; message M { message M {} M m = 1; b.M n = 2; .a.b.M o = 3; }";
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let fields = &compiled.descriptors.files[0].proto.message_type[0].field;
        let types: Vec<_> = fields.iter().map(|field| field.type_name()).collect();
        assert_eq!(types, [".a.b.M.M", ".a.b.M", ".a.b.M"]);

        let shadowed = "syntax = \"proto3\"; package a.b; message a {} message M {\n a.b.M m = 1; }";
        let text = refusal(&[("a.proto", shadowed)]);
        assert!(text.starts_with("a.proto:2:2: 'a.b.M' resolves to 'a.b.a.b.M', which is not defined"), "{text}");
    }

    #[test]
    fn a_package_that_is_not_imported_hides_nothing() {
        let compiled = compile_files(&[
            ("a.proto", "syntax = \"proto3\"; package a.b; import \"c.proto\"; message M { c.C m = 1; }"),
            ("c.proto", "package c; message C {}"),
            ("other.proto", "package a.c;"),
        ]);
        let compiled = compiled.unwrap();
        assert_eq!(compiled.descriptors.file("a.proto").unwrap().proto.message_type[0].field[0].type_name(), ".c.C");
    }

    #[test]
    fn what_is_found_must_be_of_the_needed_kind() {
        let source = "syntax = \"proto3\"; enum E { A = 0; } message M {}\nservice S { rpc C(M) returns (E); }";
        let text = refusal(&[("a.proto", source)]);
        assert!(text.starts_with("a.proto:2:31: 'E' is not a message type"), "{text}");
    }
}
