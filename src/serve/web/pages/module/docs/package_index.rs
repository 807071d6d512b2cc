//! The declarations of a package by name: the index beside a small package, and pages of names for a large one.

use crate::model::{DeclaredKind, DescriptorFile, DescriptorSet, ModuleName, declared_types};

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
}

impl DeclarationKind {
    /// The plural, for headings.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Service => "Services",
            Self::Message => "Messages",
            Self::Enum => "Enums",
        }
    }
}

/// A declaration by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Symbol {
    pub kind: DeclarationKind,
    /// Its name below the package: `Pet.Kind`.
    pub name: String,
}

/// The declarations of a package: services, messages, enums, each in the order of the files.
pub(super) struct Contents {
    pub symbols: Vec<Symbol>,
    /// Whether they are too large for one page.
    pub large: bool,
}

impl Contents {
    pub(super) fn new(descriptors: &DescriptorSet, module: &ModuleName, package: &str) -> Self {
        let (mut symbols, mut bytes) = (vec![], 0);
        for file in descriptors.of_module(module).filter(|file| file.proto.package() == package) {
            let services = file.proto.service.iter();
            symbols
                .extend(services.map(|service| Symbol { kind: DeclarationKind::Service, name: service.name().into() }));
            for declared in declared_types(&file.proto) {
                let kind = match declared.kind {
                    DeclaredKind::Message(_) => DeclarationKind::Message,
                    DeclaredKind::Enum(_) => DeclarationKind::Enum,
                };
                let name = [&declared.parents[..], &[declared.name]].concat().join(".");
                symbols.push(Symbol { kind, name });
            }
            bytes += weight(file);
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

/// The estimated bytes of the parts of a file's declarations and of all comments.
fn weight(file: &DescriptorFile) -> usize {
    let methods: usize = file.proto.service.iter().map(|service| service.method.len()).sum();
    let parts = declared_types(&file.proto).into_iter().map(|declared| match declared.kind {
        DeclaredKind::Message(message) => message.field.len() + message.oneof_decl.len(),
        DeclaredKind::Enum(declared) => declared.value.len(),
    });
    let parts = methods + parts.sum::<usize>();
    let places = file.source_info().location;
    let comments = places.iter().map(|place| place.leading_comments().len().max(place.trailing_comments().len()));
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
    fn many_declarations_or_long_comments_are_too_much_for_one_page() {
        assert!(!contents("package p; message M { string a = 1; }").large);
        assert!(contents(&format!("package p;\n// {}\nmessage M {{}}", "long ".repeat(10_000))).large);
        let many: String = (0..60).map(|at| format!("message M{at} {{}} ")).collect();
        assert!(contents(&format!("package p; {many}")).large);
    }
}
