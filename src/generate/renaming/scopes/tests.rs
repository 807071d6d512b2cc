use super::*;

const TEXT: &str = "
use outer::{A, b::C as D};
/// enum Not {}
#[derive(Clone)]
pub struct Box<T> { pub Vec: Option<T>, x: fn() -> u8 }
pub enum Kind { #[prost(message, tag = \"1\")] Some(Box<u8>), None }
pub mod client {
    use tonic::codegen::*;
    pub trait Save: Send + std::marker::Sync + 'static { fn save(&self, r: impl Into<String>); type Stream; }
    pub trait SaveExt: Save { fn save(self) {} }
    impl<T: Save, F> Clone for SaveClient<T> where T: Copy {
        fn clone(&self) -> Self { struct Inner; enum Field { One } std::mem::take(&mut self.x) }
    }
}
";

fn names<'t>(scopes: &Scopes<'t>, tokens: impl Iterator<Item = usize>) -> Vec<&'t str> {
    tokens.map(|token| scopes.word(token)).collect()
}

#[test]
fn declarations_are_known_by_their_modules() {
    let scopes = read(TEXT, &str::to_owned);
    let declared = |at: usize| {
        let mut names: Vec<_> = scopes.modules[at].types.keys().copied().collect();
        names.sort_unstable();
        names
    };
    assert_eq!(declared(0), ["A", "Box", "D", "Kind", "client"]);
    assert_eq!(declared(1), ["Save", "SaveExt"]);
    assert_eq!(scopes.modules[1].globs, ["tonic::codegen"]);
    let mut locals: Vec<_> = scopes.locals.iter().copied().collect();
    locals.sort_unstable();
    assert_eq!(locals, ["F", "Field", "Inner", "T"]);
}

#[test]
fn names_of_fields_variants_and_macros_begin_no_path() {
    let scopes = read(TEXT, &str::to_owned);
    let starts = names(&scopes, scopes.starts.iter().map(|start| start.token));
    for name in ["outer", "tonic", "Option", "Box", "Into", "Clone", "SaveClient", "Copy", "std", "Send", "String"] {
        assert!(starts.contains(&name), "{name} in {starts:?}");
    }
    for name in ["Vec", "Some", "None", "message", "One", "codegen", "mem", "Not"] {
        assert!(!starts.contains(&name), "{name} in {starts:?}");
    }
    assert_eq!(names(&scopes, scopes.code_texts.iter().copied()), ["\"1\""]);
}

#[test]
fn what_stands_twice_in_one_place_is_found() {
    let scopes = read(TEXT, &str::to_owned);
    assert_eq!(scopes.doubles.len(), 1, "the call of a trait and the one above it");
    let twice = read(
        "struct A; mod m { struct A; } mod n { struct A; trait A {} } impl X { fn f() {} fn f() {} }",
        &str::to_owned,
    );
    assert_eq!(twice.doubles.len(), 2);
    let restored = |name: &str| name.trim_end_matches('x').to_owned();
    assert_eq!(read("struct A; struct Ax;", &restored).doubles.len(), 1);
}
