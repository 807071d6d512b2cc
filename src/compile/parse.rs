//! One source becomes one unlinked descriptor, or the parser's findings at their places.

use miette::Diagnostic as _;
use prost_types::FileDescriptorProto;

use super::{MAX_FINDINGS, defaults, depth, edition, settle};
use crate::model::{Diagnostic, LimitExceeded, Limits};

/// Why a source was not parsed.
#[derive(Debug)]
pub(super) enum ParseFailure {
    Invalid(Vec<Diagnostic>),
    Limit(LimitExceeded),
}

/// `bytes` as text, without the byte-order mark that some editors write.
///
/// # Errors
/// When they are not UTF-8; snapshots are checked for that, so it is a finding about the whole file.
pub(super) fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, ParseFailure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map_err(|_| ParseFailure::Invalid(vec![Diagnostic::in_file(path, "is not UTF-8; save it as UTF-8")]))
}

/// Parses `source`, after the checks that protect the parser.
///
/// # Errors
/// When it nests too deep or is not valid Protobuf.
pub(super) fn parse(path: &str, source: &str, limits: &Limits) -> Result<FileDescriptorProto, ParseFailure> {
    depth::check(path, source, limits).map_err(ParseFailure::Limit)?;
    if let Some(finding) = edition::refuse(path, source) {
        return Err(ParseFailure::Invalid(vec![finding]));
    }
    let parsed = protox_parse::parse(path, source);
    let mut proto = parsed.map_err(|error| ParseFailure::Invalid(findings(path, source, &error)))?;
    defaults::rewrite(&mut proto);
    settle::bodies(&mut proto, source);
    Ok(proto)
}

fn findings(path: &str, source: &str, error: &protox_parse::ParseError) -> Vec<Diagnostic> {
    let first = std::iter::once(error as &dyn miette::Diagnostic);
    let all = first.chain(error.related().into_iter().flatten());
    all.take(MAX_FINDINGS).map(|error| finding(path, source, error)).collect()
}

fn finding(path: &str, source: &str, error: &dyn miette::Diagnostic) -> Diagnostic {
    let mut message = error.to_string();
    if let Some(help) = error.help() {
        message = format!("{message}; {help}");
    }
    // Of two places, the second is the one that is too much. Without a place the source ended too early.
    let offset = error.labels().and_then(Iterator::last).map_or(source.trim_end().len(), |label| label.offset());
    Diagnostic::at_offset(path, source, offset, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(source: &str) -> Vec<String> {
        match parse("a.proto", source, &Limits::default()) {
            Err(ParseFailure::Invalid(findings)) => findings.iter().map(|f| format!("{f}")).collect(),
            other => panic!("expected findings, got {other:?}"),
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
