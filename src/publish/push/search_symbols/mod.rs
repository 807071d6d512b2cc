//! The symbols of a module, for the search index: what it declares, what that holds, and how its comments begin.

mod catch_up;
mod comments;

use std::collections::BTreeSet;

use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::model::{DescriptorFile, DescriptorSet, ModuleName, declared_types, is_map_entry};
use crate::store::{IndexedSymbol, Symbol, SymbolDetail, SymbolKind};
use comments::Comments;

/// The most bytes of details of a module in the search index. Comments of its last files are left out first.
const MOST_DETAILS: usize = 16 << 20;

/// The most bytes of comments among them.
const MOST_COMMENTS: usize = 4 << 20;

/// Field numbers of `descriptor.proto`, for the paths of places.
const PACKAGE: i32 = 2;
const MESSAGE: i32 = 4;
const ENUM: i32 = 5;
const SERVICE: i32 = 6;
const EXTENSION: i32 = 7;
const PART: i32 = 2;
const NESTED_MESSAGE: i32 = 3;
const NESTED_ENUM: i32 = 4;
const NESTED_EXTENSION: i32 = 6;

/// The full names of the messages, enums and services of `module`.
pub(in crate::publish) fn type_names(descriptors: &DescriptorSet, module: &ModuleName) -> Vec<String> {
    let mut names = vec![];
    for file in descriptors.of_module(module) {
        let package = file.proto.package();
        let types = declared_types(&file.proto);
        names.extend(types.iter().map(|declared| declared.full_name(package)[1..].to_owned()));
        names.extend(file.proto.service.iter().map(|service| named(package, service.name())));
    }
    names
}

/// Packages, services, methods, messages, enums and extensions of `module`, with what they hold, within limits.
pub(in crate::publish) fn symbols(descriptors: &DescriptorSet, module: &ModuleName) -> Vec<IndexedSymbol> {
    let files: Vec<_> = descriptors.of_module(module).collect();
    let of_files: Vec<_> = files.par_iter().map(|file| FileSymbols::of(file)).collect();
    let (mut packages, mut left) = (BTreeSet::new(), DetailLimits { details: MOST_DETAILS, comments: MOST_COMMENTS });
    let mut found = vec![];
    for mut symbol in of_files.into_iter().flatten() {
        if symbol.symbol.kind == SymbolKind::Package && !packages.insert(symbol.symbol.name.clone()) {
            continue;
        }
        symbol.details.retain_mut(|detail| left.takes(detail));
        found.push(symbol);
    }
    found
}

fn named(around: &str, name: &str) -> String {
    if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") }
}

/// What is left of the limits of a module.
struct DetailLimits {
    details: usize,
    comments: usize,
}

impl DetailLimits {
    /// Whether the detail has its place; its comment is removed if that has none.
    fn takes(&mut self, detail: &mut SymbolDetail) -> bool {
        if detail.comment.len() > self.comments {
            detail.comment.clear();
        }
        let bytes = detail.name.len() + detail.comment.len();
        if bytes == 0 || bytes > self.details {
            return false;
        }
        self.comments -= detail.comment.len();
        self.details -= bytes;
        true
    }
}

/// The symbols of a file. The package is the first of them, so that it keeps the comment of its first file.
struct FileSymbols<'a> {
    package: &'a str,
    comments: Comments,
    found: Vec<IndexedSymbol>,
}

impl<'a> FileSymbols<'a> {
    fn of(file: &'a DescriptorFile) -> Vec<IndexedSymbol> {
        let package = file.proto.package();
        let mut symbols = Self { package, comments: Comments::of(&file.encoded), found: vec![] };
        if !package.is_empty() {
            symbols.add(SymbolKind::Package, package.to_owned(), &[PACKAGE], vec![]);
        }
        symbols.file(&file.proto);
        symbols.found
    }

    fn add(&mut self, kind: SymbolKind, name: String, path: &[i32], parts: Vec<SymbolDetail>) {
        let own = SymbolDetail { kind, name: String::new(), comment: self.comments.at(path) };
        let details = Some(own).filter(|own| !own.comment.is_empty()).into_iter().chain(parts).collect();
        self.found.push(IndexedSymbol { symbol: Symbol { kind, package: self.package.to_owned(), name }, details });
    }

    fn file(&mut self, file: &FileDescriptorProto) {
        for (at, message) in file.message_type.iter().enumerate() {
            self.message(message, self.package, &below(&[], MESSAGE, at));
        }
        for (at, declared) in file.enum_type.iter().enumerate() {
            self.enumeration(declared, self.package, &below(&[], ENUM, at));
        }
        self.extensions(&file.extension, self.package, (&[], EXTENSION));
        for (at, service) in file.service.iter().enumerate() {
            let (name, path) = (named(self.package, service.name()), below(&[], SERVICE, at));
            for (at, method) in service.method.iter().enumerate() {
                self.add(SymbolKind::Method, named(&name, method.name()), &below(&path, PART, at), vec![]);
            }
            self.add(SymbolKind::Service, name, &path, vec![]);
        }
    }

    /// Recursive, because the compiler limits the nesting of messages.
    fn message(&mut self, message: &DescriptorProto, around: &str, path: &[i32]) {
        if is_map_entry(message) {
            return;
        }
        let name = named(around, message.name());
        let names = message.field.iter().map(FieldDescriptorProto::name);
        let fields = self.parts(SymbolKind::Field, names, path);
        self.add(SymbolKind::Message, name.clone(), path, fields);
        for (at, nested) in message.nested_type.iter().enumerate() {
            self.message(nested, &name, &below(path, NESTED_MESSAGE, at));
        }
        for (at, declared) in message.enum_type.iter().enumerate() {
            self.enumeration(declared, &name, &below(path, NESTED_ENUM, at));
        }
        self.extensions(&message.extension, &name, (path, NESTED_EXTENSION));
    }

    fn enumeration(&mut self, declared: &EnumDescriptorProto, around: &str, path: &[i32]) {
        let values = self.parts(SymbolKind::Value, declared.value.iter().map(|value| value.name()), path);
        self.add(SymbolKind::Enum, named(around, declared.name()), path, values);
    }

    fn extensions(&mut self, extensions: &[FieldDescriptorProto], around: &str, (path, number): (&[i32], i32)) {
        for (at, extension) in extensions.iter().enumerate() {
            self.add(SymbolKind::Extension, named(around, extension.name()), &below(path, number, at), vec![]);
        }
    }

    fn parts<'p>(&self, kind: SymbolKind, names: impl Iterator<Item = &'p str>, path: &[i32]) -> Vec<SymbolDetail> {
        let part = |(at, name): (usize, &str)| SymbolDetail {
            kind,
            name: name.to_owned(),
            comment: self.comments.at(&below(path, PART, at)),
        };
        names.enumerate().map(part).collect()
    }
}

/// The path of part `at` in field `number` of the descriptor at `path`.
fn below(path: &[i32], number: i32, at: usize) -> Vec<i32> {
    [path, &[number, i32::try_from(at).unwrap_or(i32::MAX)]].concat()
}
