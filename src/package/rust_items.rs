//! What the crate has to know of a generated text: that it is Rust, that no name is declared twice, and its first type.
//!
//! The tree of a text takes thirty times its memory. So a large text is taken apart at the ends of its items, and each
//! run of items has a tree of its own for a moment.

use std::ops::Range;

use syn::Item;

use super::duplicates::Names;
use crate::model::rust_tokens::{Kind, Token, Tokens};

/// A text counts as large from this many bytes: then runs of items are as long as that.
const LARGE: usize = 256 << 10;

/// Most modules in modules that are taken apart; what lies deeper is read at once.
const DEPTH: usize = 8;

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether it begins with attributes of the module that it is put into.
    pub has_inner_attributes: bool,
    /// A name that is declared twice.
    pub twice: Option<String>,
    /// The path of the first public type.
    pub first_type: Option<Vec<String>>,
}

/// Reads `text`.
///
/// # Errors
/// When it is not Rust.
pub(super) fn read(text: &str) -> Result<Facts, syn::Error> {
    if text.len() > LARGE
        && let Ok(facts) = read_runs(text, LARGE, 0)
    {
        return Ok(facts);
    }
    read_whole(text)
}

fn read_whole(text: &str) -> Result<Facts, syn::Error> {
    let mut reading = Reading::default();
    reading.add(&syn::parse_file(text)?);
    Ok(reading.facts)
}

/// Reads `text` in runs of `most` bytes, or of one item.
fn read_runs(text: &str, most: usize, depth: usize) -> Result<Facts, syn::Error> {
    let mut reading = Reading::default();
    let mut run = 0..0;
    for item in items(text) {
        let is_large = item.range.len() > most;
        if run.len() + item.range.len() > most || is_large {
            reading.add(&syn::parse_file(&text[run.clone()])?);
            run = item.range.start..item.range.start;
        }
        match item.module.filter(|_| is_large && depth < DEPTH) {
            Some(inside) => {
                let head = [&text[item.range.start..inside.start], "}"].concat();
                reading.add_module(&syn::parse_file(&head)?, read_runs(&text[inside], most, depth + 1)?);
                run = item.range.end..item.range.end;
            }
            None => run.end = item.range.end,
        }
    }
    let rest = run.start..text.len();
    reading.add(&syn::parse_file(&text[rest])?);
    Ok(reading.facts)
}

/// What is known of the items read so far.
#[derive(Default)]
struct Reading {
    names: Names,
    facts: Facts,
    is_begun: bool,
}

impl Reading {
    fn add(&mut self, file: &syn::File) {
        self.facts.has_inner_attributes |= !self.is_begun && !file.attrs.is_empty();
        self.is_begun |= !file.items.is_empty();
        for item in &file.items {
            let twice = self.names.add(item);
            self.facts.twice = self.facts.twice.take().or(twice);
            self.facts.first_type = self.facts.first_type.take().or_else(|| first_type(item));
        }
    }

    /// Adds a module that was read without its content, and its content.
    fn add_module(&mut self, head: &syn::File, inside: Facts) {
        self.add(head);
        self.facts.twice = self.facts.twice.take().or(inside.twice);
        let name = head.items.iter().find_map(|item| match item {
            Item::Mod(module) => public(&module.vis, &module.ident),
            _ => None,
        });
        let path = name.zip(inside.first_type).map(|(mut path, inside)| {
            path.extend(inside);
            path
        });
        self.facts.first_type = self.facts.first_type.take().or(path);
    }
}

fn first_type(item: &Item) -> Option<Vec<String>> {
    match item {
        Item::Struct(item) => public(&item.vis, &item.ident),
        Item::Enum(item) => public(&item.vis, &item.ident),
        Item::Mod(item) => {
            let mut path = public(&item.vis, &item.ident)?;
            path.extend(item.content.as_ref()?.1.iter().find_map(first_type)?);
            Some(path)
        }
        _ => None,
    }
}

fn public(visibility: &syn::Visibility, name: &syn::Ident) -> Option<Vec<String>> {
    matches!(visibility, syn::Visibility::Public(_)).then(|| vec![name.to_string()])
}

/// An item of a text, as brackets and semicolons show it.
struct Found {
    range: Range<usize>,
    /// What stands between the brackets of a module.
    module: Option<Range<usize>>,
}

/// The items of a text. Where an end is seen too early, what is read is not Rust, and the text is read as a whole.
fn items(text: &str) -> impl Iterator<Item = Found> {
    let mut tokens = Tokens::new(text).peekable();
    let mut start = 0;
    std::iter::from_fn(move || {
        let (mut depth, mut open, mut is_module, mut last) = (0_usize, None, false, "");
        while let Some(Token { kind, place }) = tokens.next() {
            let word = &text[place.clone()];
            let mut is_end = false;
            match (kind, word) {
                (Kind::Punct, "{" | "(" | "[") => {
                    if word == "{" && depth == 0 && open.is_none() {
                        open = Some(place.end);
                    }
                    depth += 1;
                }
                (Kind::Punct, "}" | ")" | "]") => {
                    depth = depth.saturating_sub(1);
                    is_end = word == "}" && depth == 0;
                }
                (Kind::Punct, ";") => is_end = depth == 0,
                (Kind::Ident, _) if depth == 0 && open.is_none() => {
                    is_module = last == "mod";
                    last = word;
                }
                (Kind::Punct, _) if depth == 0 && open.is_none() => is_module = false,
                _ => {}
            }
            // An expression may go on behind a bracket.
            let goes_on = |next: &Token| match next.kind {
                Kind::Ident => matches!(&text[next.place.clone()], "else" | "as"),
                Kind::Comment => false,
                Kind::Punct => &text[next.place.clone()] != "#",
                Kind::Text | Kind::Other | Kind::Colons => true,
            };
            if is_end && !(word == "}" && tokens.peek().is_some_and(goes_on)) {
                let range = start..place.end;
                start = place.end;
                let inside = open.filter(|_| is_module && word == "}").map(|open| open..place.start);
                return Some(Found { range, module: inside });
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "// A comment.\n\n#[derive(Debug)]\nstruct Private { a: [u8; 3] }\nimpl Private { fn a() { if true {} else {} } }\n\
        use a::{b, c};\nconst X: u8 = if true { 1 } else { 2 };\nconst Y: A = A { a: [1; 3] };\n\
        pub mod outer {\n    use super::*;\n    /// };\n    pub enum Inner { A, B }\n    pub mod inner { pub struct Deep; }\n}\n\
        pub struct Last(u8);\n// }\n";

    #[test]
    fn a_text_in_runs_is_what_it_is_as_a_whole() {
        let whole = read_whole(TEXT).unwrap();
        assert_eq!(whole.first_type, Some(vec!["outer".to_owned(), "Inner".to_owned()]));
        for most in [1, 20, 60, 1000] {
            assert_eq!(read_runs(TEXT, most, 0).unwrap(), whole, "{most}");
        }
        assert_eq!(items(TEXT).count(), 7);
    }

    #[test]
    fn the_first_type_is_found_in_modules_too() {
        let facts = read("const X: u8 = 1; struct Hidden; pub mod a_client { pub struct AClient<T>(T); }").unwrap();
        assert_eq!(facts.first_type.unwrap(), ["a_client", "AClient"]);
    }

    #[test]
    fn names_that_are_there_twice_are_found_across_runs() {
        for text in [
            format!("{TEXT}struct Last;"),
            TEXT.replace("pub mod inner {", "pub mod Inner {"),
            format!("{TEXT}mod outer {{}}"),
        ] {
            let whole = read_whole(&text).unwrap();
            assert!(whole.twice.is_some(), "{text}");
            assert_eq!(read_runs(&text, 1, 0).unwrap().twice, whole.twice, "{text}");
        }
    }

    #[test]
    fn attributes_of_the_whole_are_seen_and_what_is_no_rust_is_refused() {
        assert!(read_runs("#![allow(x)]\nstruct A;\nstruct B;", 1, 0).unwrap().has_inner_attributes);
        assert!(!read_runs("struct A;\nmod b { #![allow(x)] struct B; }", 1, 0).unwrap().has_inner_attributes);
        for bad in ["struct A; struct", "mod m { struct }", "fn a() { ", "struct A; }"] {
            assert!(read_runs(bad, 1, 0).is_err(), "{bad}");
        }
        let far = format!("{}struct", "struct A {}\n".repeat(LARGE / 8));
        assert_eq!(read(&far).unwrap_err().to_string(), syn::parse_file(&far).unwrap_err().to_string());
    }
}
