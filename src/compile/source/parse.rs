//! One source becomes one unlinked descriptor, or the parser's findings at their places.

use miette::Diagnostic as _;
use prost_types::FileDescriptorProto;

use super::edition::{self, Editioned};
use super::{empty_extend, float_defaults, parser_fixups, string_literal_limit};
use crate::compile::findings::MAX_FINDINGS;
use crate::model::{Diagnostic, LimitExceeded};

/// Why a source was not parsed.
#[derive(Debug)]
pub(in crate::compile) enum ParseFailure {
    Invalid(Vec<Diagnostic>),
    Limit(LimitExceeded),
}

/// `bytes` as text, without the byte-order mark that some editors write.
///
/// # Errors
/// When they are not UTF-8; snapshots are checked for that, so it is a finding about the whole file.
pub(in crate::compile) fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, ParseFailure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map_err(|_| ParseFailure::Invalid(vec![Diagnostic::in_file(path, "is not UTF-8; save it as UTF-8")]))
}

/// A parsed source.
pub(in crate::compile) struct Parsed {
    pub(in crate::compile) proto: FileDescriptorProto,
    /// Edition, visibility and option imports, which the descriptor cannot hold, if it declares an edition.
    pub(in crate::compile) edition: Option<Editioned>,
}

/// Parses `source`, which was surveyed ([`crate::compile::memory::estimate`]): that protects the parser.
///
/// # Errors
/// When it is not valid Protobuf.
pub(in crate::compile) fn parse(path: &str, source: &str) -> Result<Parsed, ParseFailure> {
    string_literal_limit::check(path, source).map_err(ParseFailure::Invalid)?;
    let rewritten = edition::rewrite(path, source).map_err(ParseFailure::Invalid)?;
    let shown = rewritten.as_ref().map_or(source, |rewritten| &rewritten.source);
    let written = |offset| rewritten.as_ref().map_or(offset, |rewritten| rewritten.written_offset(offset));
    let parsed = protox_parse::parse(path, shown);
    let mut proto = parsed.map_err(|error| ParseFailure::Invalid(findings(path, source, &error, written)))?;
    let edition = rewritten.and_then(|rewritten| rewritten.restore(&mut proto, source));
    empty_extend::check(path, source).map_err(ParseFailure::Invalid)?;
    float_defaults::rewrite(&mut proto);
    parser_fixups::bodies(&mut proto, source);
    parser_fixups::oneofs(&mut proto);
    Ok(Parsed { proto, edition })
}

/// The findings in `error`; `written` leads an offset of the parser's back to `source`.
fn findings(
    path: &str,
    source: &str,
    error: &protox_parse::ParseError,
    written: impl Fn(usize) -> usize,
) -> Vec<Diagnostic> {
    let first = std::iter::once(error as &dyn miette::Diagnostic);
    let all = first.chain(error.related().into_iter().flatten());
    all.take(MAX_FINDINGS).map(|error| finding(path, source, error, &written)).collect()
}

fn finding(path: &str, source: &str, error: &dyn miette::Diagnostic, written: &impl Fn(usize) -> usize) -> Diagnostic {
    let mut message = error.to_string();
    if let Some(help) = error.help() {
        message = format!("{message}; {help}");
    }
    // Of two places, the second is the one that is too much. Without a place the source ended too early.
    let offset =
        error.labels().and_then(Iterator::last).map_or(source.trim_end().len(), |label| written(label.offset()));
    Diagnostic::at_offset(path, source, offset, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(source: &str) -> Vec<String> {
        match parse("a.proto", source) {
            Err(ParseFailure::Invalid(findings)) => findings.iter().map(|f| format!("{f}")).collect(),
            Err(other) => panic!("expected findings, got {other:?}"),
            Ok(_) => panic!("expected findings"),
        }
    }

    #[test]
    fn a_finding_points_at_the_token() {
        let found = messages("syntax = \"proto3\";\nmessage A {\n  string name 1;\n}\n");
        assert_eq!(found, ["a.proto:3:15: expected '=', but found '1'\n    string name 1;\n                ^"]);
    }

    #[test]
    fn a_source_that_ends_early_is_pointed_at_its_end() {
        let found = messages("syntax = \"proto3\";\nmessage A {\n");
        assert!(found[0].starts_with("a.proto:2:12: expected"), "{found:?}");
    }

    #[test]
    fn all_findings_of_a_source_are_reported() {
        let found = messages("syntax = \"proto3\"; message A { required int32 a = 0; int32 b = 0; }");
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(text("a.proto", b"\xef\xbb\xbfsyntax").unwrap(), "syntax");
    }
}
