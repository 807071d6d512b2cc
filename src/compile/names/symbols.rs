//! Every name that files can refer to, and the rules by which they find each other.
//!
//! Fields, oneofs and methods are not among them: nothing refers to those by name. That they do not clash with
//! anything is checked inside their message or service, where alone they could.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use prost_types::FileDescriptorProto;
use rayon::prelude::*;

use super::duplicate_members;
use crate::compile::error::CompileError;
use crate::compile::findings::{self, MAX_FINDINGS, refuse_any};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::imports::visibility;
use crate::compile::visit::elements::{Element, Node, elements};
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
        matches!(self, Self::Package | Self::Message | Self::Enum | Self::Service)
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
    /// Per file: the files that it may refer to, itself included, in ascending order.
    visible: Vec<Vec<usize>>,
    files: Vec<FileNames>,
}

#[derive(Debug)]
struct FileNames {
    path: String,
    package: String,
}

impl Symbols {
    /// The names in `files`.
    ///
    /// # Errors
    /// When a name is declared twice, or public imports multiply too far.
    pub(in crate::compile) fn new(files: &[LoadedFile<'_>]) -> Result<Self, CompileError> {
        let declared: Vec<_> =
            files.par_iter().map(|file| (declared(&file.proto), duplicate_members::within(file))).collect();
        let mut names = HashMap::with_capacity(declared.iter().map(|(names, _)| names.len()).sum());
        let mut findings = Vec::new();
        for (index, (declared, clashes)) in declared.into_iter().enumerate() {
            findings.extend(clashes);
            for (name, kind) in declared {
                let Some(other) = insert(&mut names, name.clone(), Symbol { file: index, kind }) else { continue };
                if findings.len() < MAX_FINDINGS {
                    findings.push(declared_twice(files, index, other.file, &name));
                }
            }
        }
        refuse_any(findings)?;
        let of = |file: &LoadedFile<'_>| FileNames {
            path: file.proto.name().to_owned(),
            package: file.proto.package().to_owned(),
        };
        Ok(Self { names, visible: visibility::visible(files)?, files: files.iter().map(of).collect() })
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

/// Keeps the first declaration of a name; says which one when this is another.
fn insert(names: &mut HashMap<Box<str>, Symbol>, name: Box<str>, symbol: Symbol) -> Option<Symbol> {
    match names.entry(name) {
        Entry::Vacant(place) => {
            place.insert(symbol);
            None
        }
        Entry::Occupied(other) => {
            let other = *other.get();
            (other.kind != SymbolKind::Package || symbol.kind != SymbolKind::Package).then_some(other)
        }
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
    let mut path = vec![PACKAGE];
    elements(&file.proto, |element| {
        if element.name == name && kind_of(&element).is_some() {
            path = element.inside(&[NAME]);
        }
    });
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
        assert!(text.starts_with("b.proto:2:9: name 'a.b' is already defined in file 'a.proto'"), "{text}");
    }

    #[test]
    fn values_of_enums_stand_beside_them() {
        let text = refusal(&[("a.proto", "enum A { X = 0; }\nenum B { X = 0; }")]);
        assert!(text.starts_with("a.proto:2:10: name 'X' is defined twice"), "{text}");
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
