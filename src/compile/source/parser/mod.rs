//! A recursive-descent parser: the tokens of one source become a descriptor with the places of its elements.
//!
//! Each file here holds the productions of one construct. A statement that cannot be read is reported and skipped, so
//! that one run finds all that is wrong. The recursion is over messages and message literals, both of which
//! are bounded.

mod cursor;
mod enumeration;
mod extension;
mod field;
mod file;
mod locations;
mod message;
mod number;
mod oneof;
mod option;
mod range;
mod recovery;
mod service;
#[cfg(test)]
mod tests;

pub(in crate::compile) use field::entry_name as map_entry_name;
pub(in crate::compile) use number::{KEPT, is_value};
pub(in crate::compile) use option::AGGREGATE_VALUE;

use std::collections::BTreeMap;

use prost_types::source_code_info::Location;
use prost_types::{FileDescriptorProto, SourceCodeInfo};

use super::edition::Editioned;
use super::edition::supported::{Edition, Visibility};
use super::lexer::{Token, Tokens};
use super::line_starts::LineStarts;
use crate::model::Diagnostic;
use crate::model::wire_format::Splice;

/// Why a production was not read; what was found instead is noted.
#[derive(Debug)]
struct Unreadable;

type Parse<T> = Result<T, Unreadable>;

/// The language that a source declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Proto2,
    Proto3,
    Edition(Edition),
}

/// A parsed source.
pub(in crate::compile) struct Parsed {
    pub(in crate::compile) proto: FileDescriptorProto,
    /// Edition, visibility and option imports, which the descriptor cannot hold, if it declares an edition.
    pub(in crate::compile) edition: Option<Editioned>,
    /// The texts of fields that are no UTF-8, which the descriptor cannot hold.
    pub(in crate::compile) raw_texts: Vec<Splice>,
}

/// Parses `source`, the file `path`.
///
/// # Errors
/// All that is wrong with it.
pub(in crate::compile) fn parse(path: &str, source: &str) -> Result<Parsed, Vec<Diagnostic>> {
    let mut parser = Parser {
        source,
        tokens: Tokens::new(source).collect(),
        at: 0,
        dialect: Dialect::Proto2,
        path: Vec::new(),
        lines: LineStarts::of(source),
        locations: Vec::new(),
        visibility: BTreeMap::new(),
        option_imports: 0,
        raw_texts: Vec::new(),
        findings: Vec::new(),
    };
    let mut proto = parser.file();
    if !parser.findings.is_empty() {
        let finding = |(offset, message)| Diagnostic::at_offset(path, source, offset, message);
        parser.findings.sort_by_key(|(offset, _)| *offset);
        return Err(parser.findings.into_iter().map(finding).collect());
    }
    proto.name = Some(path.to_owned());
    proto.source_code_info = Some(SourceCodeInfo { location: parser.locations });
    let Parser { dialect, visibility, option_imports, raw_texts, .. } = parser;
    let edition = match dialect {
        Dialect::Edition(edition) => Some(Editioned { edition, visibility, option_imports }),
        Dialect::Proto2 | Dialect::Proto3 => None,
    };
    Ok(Parsed { proto, edition, raw_texts })
}

/// An index as paths hold it.
fn index(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

/// The state of one run.
struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token<'s>>,
    /// The index of the next token.
    at: usize,
    dialect: Dialect,
    /// The way to the element that the tokens are in, as `SourceCodeInfo.Location.path` has it.
    path: Vec<i32>,
    lines: LineStarts,
    locations: Vec<Location>,
    /// The types that say who may use them, by path.
    visibility: BTreeMap<Vec<i32>, Visibility>,
    option_imports: usize,
    raw_texts: Vec<Splice>,
    /// What is wrong, by offset.
    findings: Vec<(usize, String)>,
}
