//! One source becomes one unlinked descriptor, or the parser's findings at their places.

use super::parser;
use crate::model::{Diagnostic, LimitExceeded};

pub(in crate::compile) use super::parser::Parsed;

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

/// Parses `source`, which was surveyed ([`crate::compile::resources::memory_estimate`]): that bounds the parser.
///
/// # Errors
/// When it is not valid Protobuf.
pub(in crate::compile) fn parse(path: &str, source: &str) -> Result<Parsed, ParseFailure> {
    parser::parse(path, source).map_err(ParseFailure::Invalid)
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
        assert!(
            found[0].starts_with("a.proto:2:11: expected '}', but reached end of file, in the block that begins here"),
            "{found:?}"
        );
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
