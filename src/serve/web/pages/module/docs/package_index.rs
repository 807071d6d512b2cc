//! The declarations of a package by name: the index beside a small package, and pages of names for a large one.

use std::collections::HashMap;

use prost_types::{DescriptorProto, FileDescriptorProto, SourceCodeInfo};

use crate::model::{DeclaredKind, DescriptorFile, DescriptorSet, ModuleName, declared_types, is_map_entry};
use crate::serve::web::page::excerpt::{beginning, excerpt};

use super::builder::{below, named};
use super::comments;

/// The most bytes of a declaration's first sentence.
const SUMMARY: usize = 80;

/// The largest estimate of a package page, in bytes. A larger package has a page for each declaration.
const SHOWN_TOGETHER: usize = 36_000;

/// The estimated bytes of a declaration on a page, without its comment.
const DECLARATION: usize = 750;

/// The estimated bytes of a field, a value or a method.
const PART: usize = 480;

/// The kinds of declarations, in the order of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DeclarationKind {
    Service,
    Message,
    Enum,
    Extension,
}

impl DeclarationKind {
    /// The plural, for headings.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Service => "Services",
            Self::Message => "Messages",
            Self::Enum => "Enums",
            Self::Extension => "Extensions",
        }
    }
}

/// A declaration by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Symbol {
    pub kind: DeclarationKind,
    /// Its name below the package: `Pet.Kind`.
    pub name: String,
    /// The first sentence of its comment.
    pub summary: String,
}

/// The declarations of a package: services, messages, enums, extensions, each in the order of the files.
pub(super) struct Contents {
    pub symbols: Vec<Symbol>,
    /// Whether they are too large for one page.
    pub large: bool,
}

impl Contents {
    pub(super) fn new(descriptors: &DescriptorSet, module: &ModuleName, package: &str) -> Self {
        let (mut symbols, mut bytes) = (vec![], 0);
        for file in descriptors.of_module(module).filter(|file| file.proto.package() == package) {
            let info = file.source_info();
            let mut collected = Collected { comments: leading_comments(&info), symbols: &mut symbols };
            collected.file(&file.proto);
            bytes += weight(file, &info);
        }
        symbols.sort_by_key(|symbol| symbol.kind);
        let large = bytes + DECLARATION * symbols.len() > SHOWN_TOGETHER;
        Self { symbols, large }
    }

    /// The declaration that `asked` names, or of which `asked` names a part.
    pub(super) fn find(&self, asked: &str) -> Option<&Symbol> {
        let holds = |symbol: &&Symbol| {
            asked.strip_prefix(symbol.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.symbols.iter().filter(holds).max_by_key(|symbol| symbol.name.len())
    }

    /// The declarations around `shown`, `shown` itself, and the declarations inside it.
    pub(super) fn family(&self, shown: &str) -> Vec<&Symbol> {
        let inside = |outer: &str, name: &str| name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
        let related = |name: &str| name == shown || inside(name, shown) || inside(shown, name);
        self.symbols.iter().filter(|symbol| related(&symbol.name)).collect()
    }
}

/// Collects the declarations of a file.
struct Collected<'a> {
    comments: HashMap<&'a [i32], &'a str>,
    symbols: &'a mut Vec<Symbol>,
}

impl Collected<'_> {
    fn add(&mut self, kind: DeclarationKind, name: String, path: &[i32]) {
        let summary = self.comments.get(path).map_or_else(String::new, |comment| first_sentence(comment));
        self.symbols.push(Symbol { kind, name, summary });
    }

    fn file(&mut self, file: &FileDescriptorProto) {
        for (at, service) in file.service.iter().enumerate() {
            self.add(DeclarationKind::Service, service.name().into(), &below(&[], comments::SERVICE, at));
        }
        for (at, message) in file.message_type.iter().enumerate() {
            self.message(message, &[], &below(&[], comments::MESSAGE, at));
        }
        for (at, declared) in file.enum_type.iter().enumerate() {
            self.add(DeclarationKind::Enum, declared.name().into(), &below(&[], comments::ENUM, at));
        }
        for (at, extension) in file.extension.iter().enumerate() {
            self.add(DeclarationKind::Extension, extension.name().into(), &below(&[], comments::EXTENSION, at));
        }
    }

    /// Recursive, because the compiler limits the nesting of messages.
    fn message(&mut self, message: &DescriptorProto, parents: &[&str], path: &[i32]) {
        if is_map_entry(message) {
            return;
        }
        self.add(DeclarationKind::Message, named(parents, message.name()), path);
        let inside = [parents, &[message.name()]].concat();
        for (at, nested) in message.nested_type.iter().enumerate() {
            self.message(nested, &inside, &below(path, comments::NESTED_MESSAGE, at));
        }
        for (at, nested) in message.enum_type.iter().enumerate() {
            let path = below(path, comments::NESTED_ENUM, at);
            self.add(DeclarationKind::Enum, named(&inside, nested.name()), &path);
        }
        for (at, nested) in message.extension.iter().enumerate() {
            let path = below(path, comments::NESTED_EXTENSION, at);
            self.add(DeclarationKind::Extension, named(&inside, nested.name()), &path);
        }
    }
}

fn leading_comments(info: &SourceCodeInfo) -> HashMap<&[i32], &str> {
    let commented = info.location.iter().filter(|place| !place.leading_comments().is_empty());
    commented.map(|place| (&place.path[..], place.leading_comments())).collect()
}

/// The first sentence of a comment, on one line and without the marks of code.
fn first_sentence(comment: &str) -> String {
    let paragraph = comment.trim().split("\n\n").next().unwrap_or_default();
    let mut sentence = String::new();
    for word in beginning(paragraph, 4 * SUMMARY).split_whitespace() {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.extend(word.chars().filter(|c| *c != '`'));
        if word.ends_with(['.', '!', '?']) || sentence.len() > SUMMARY {
            break;
        }
    }
    excerpt(&sentence, SUMMARY).into_owned()
}

/// The estimated bytes of the parts of a file's declarations and of all comments.
fn weight(file: &DescriptorFile, info: &SourceCodeInfo) -> usize {
    let methods: usize = file.proto.service.iter().map(|service| service.method.len()).sum();
    let parts = declared_types(&file.proto).into_iter().map(|declared| match declared.kind {
        DeclaredKind::Message(message) => message.field.len() + message.oneof_decl.len(),
        DeclaredKind::Enum(declared) => declared.value.len(),
    });
    let parts = methods + parts.sum::<usize>();
    let places = info.location.iter();
    let comments = places.map(|place| place.leading_comments().len().max(place.trailing_comments().len()));
    PART * parts + comments.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{module, set};

    fn contents(source: &str) -> Contents {
        Contents::new(&set(&[("acme/app", "a.proto", source)]), &module("acme/app"), "p")
    }

    #[test]
    fn what_was_asked_for_may_be_a_part_of_a_declaration() {
        let found = contents("package p; enum A { Z = 0; } message M { message N { string f = 1; } } message MN {}");
        let names: Vec<_> = found.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
        assert_eq!(names, ["M", "M.N", "MN", "A"]);
        for (asked, expected) in [("M.N.f", "M.N"), ("M.f", "M"), ("MN", "MN")] {
            assert_eq!(found.find(asked).unwrap().name, expected, "{asked}");
        }
        assert!(found.find("Mx").is_none() && found.find("").is_none());
        assert_eq!(found.family("M.N").iter().map(|symbol| symbol.name.as_str()).collect::<Vec<_>>(), ["M", "M.N"]);
    }

    #[test]
    fn a_declaration_is_summed_up_by_its_first_sentence() {
        let source = "syntax = \"proto2\"; package p;\n// A `pet`\n// as sold. More.\nmessage M {\n// No end\n\n// x\nenum E { Z = 0; }\n\
            // Told.\nextend M2 { optional int32 in = 1; } }\nmessage M2 { extensions 1 to 9; }\n\
            // Word after word after word after word after word after word after word after word after word\n\
            service S {}\nextend M2 { optional int32 out = 2; }";
        let found = contents(source);
        let said: Vec<_> = found.symbols.iter().map(|symbol| format!("{}: {}", symbol.name, symbol.summary)).collect();
        let long = "S: Word after word after word after word after word after word after word after wor…";
        assert_eq!(said, [long, "M: A pet as sold.", "M2: ", "M.E: x", "M.in: ", "out: "]);
    }

    #[test]
    fn many_declarations_or_long_comments_are_too_much_for_one_page() {
        assert!(!contents("package p; message M { string a = 1; }").large);
        assert!(contents(&format!("package p;\n// {}\nmessage M {{}}", "long ".repeat(10_000))).large);
        let many: String = (0..60).map(|at| format!("message M{at} {{}} ")).collect();
        assert!(contents(&format!("package p; {many}")).large);
    }
}
