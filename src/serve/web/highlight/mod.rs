//! Source code as HTML in which keywords, strings, comments and names are marked: a few bytes for each, and nothing that
//! a browser runs. Time and memory are in proportion to the text.
//!
//! Protobuf is read with the compiler's own lexer, so what is marked is what the compiler reads. For the few other
//! languages of READMEs and pages a table of their comments, strings and keywords is enough: a library with their
//! grammars would take longer to build than the rest of the pages.

mod html;
mod languages;
pub(super) mod proto;
pub(super) mod span;

use html::write;
use languages::{Language, language};
use span::Span;

pub(super) use html::lines;

/// The text as HTML, marked as `name` calls its language. None for languages that are not known, and for texts that
/// would grow to more than `most` bytes.
pub(super) fn code(name: &str, text: &str, most: usize) -> Option<String> {
    let spans = match name.to_ascii_lowercase().as_str() {
        "proto" | "protobuf" | "proto3" | "proto2" => proto::read(text).spans,
        name => languages::scan(language(name)?, text),
    };
    write(text, &spans, most)
}

/// A line to copy into a shell, as HTML.
pub(super) fn shell(text: impl AsRef<str>) -> String {
    marked(&languages::SHELL, text.as_ref())
}

/// Lines of TOML, as HTML.
pub(super) fn toml(text: impl AsRef<str>) -> String {
    marked(&languages::TOML, text.as_ref())
}

/// Lines of YAML, as HTML.
pub(super) fn yaml(text: impl AsRef<str>) -> String {
    marked(&languages::YAML, text.as_ref())
}

/// Lines of Rust, as HTML.
pub(super) fn rust(text: impl AsRef<str>) -> String {
    marked(&languages::RUST, text.as_ref())
}

/// What is marked in a file with this name.
pub(super) fn spans_of_file(path: &str, text: &str) -> Vec<Span> {
    let ending = path.rsplit(['/', '.']).next().unwrap_or_default();
    language(&ending.to_ascii_lowercase()).map_or_else(Vec::new, |language| languages::scan(language, text))
}

/// Texts of our own pages are short.
fn marked(language: &Language, text: &str) -> String {
    write(text, &languages::scan(language, text), usize::MAX).unwrap_or_default()
}

#[cfg(test)]
mod tests;
