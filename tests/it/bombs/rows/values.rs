//! Texts and numbers, in every spelling.

use super::super::row::Shape::{Long, Repeated};
use super::super::row::{DECLARATIONS, Row, TEXT};

fn text(value: String) -> String {
    format!("syntax = \"proto3\"; option java_package = {value};")
}

fn default(kind: &str, value: String) -> String {
    format!("syntax = \"proto2\"; message M {{ optional {kind} a = 1 [default = {value}]; }}")
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new("a text", Long, TEXT, 1_000_000, |count| text(format!("\"{}\"", "x".repeat(count)))),
        Row::new("a text of simple escapes", Long, TEXT, 200_000, |count| text(format!("\"{}\"", "\\n".repeat(count)))),
        Row::new("a text of Unicode escapes", Long, TEXT, 100_000, |count| {
            text(format!("\"{}\"", "\\u00e9".repeat(count)))
        }),
        Row::new("a text of escapes that are none", Long, DECLARATIONS, 50_000, |count| {
            text(format!("\"{}\"", "\\q ".repeat(count)))
        })
        .refused("invalid string escape"),
        Row::new("a text beyond ASCII", Long, TEXT, 1_000_000, |count| text(format!("\"{}\"", "é".repeat(count)))),
        Row::new("texts behind each other", Repeated, TEXT, 100_000, |count| text("\"x\" ".repeat(count))),
        Row::new("a text that does not end", Long, TEXT, 1_000_000, |count| text(format!("\"{}", "x".repeat(count))))
            .refused("unterminated string"),
        Row::new("a default text", Long, TEXT, 300_000, |count| {
            default("string", format!("\"{}\"", "\\001".repeat(count)))
        }),
        Row::new("a default of bytes", Long, TEXT, 300_000, |count| {
            default("bytes", format!("\"{}\"", "\\377".repeat(count)))
        }),
        Row::new("the digits of a number", Long, TEXT, 500_000, |count| default("int32", "1".repeat(count)))
            .refused("is out of range"),
        Row::new("the digits of a fraction", Long, TEXT, 500_000, |count| {
            default("double", format!("0.{}", "1".repeat(count)))
        }),
        Row::new("the digits of an exponent", Long, TEXT, 500_000, |count| {
            default("double", format!("1e{}", "1".repeat(count)))
        }),
        Row::new("a default of an enum", Long, TEXT, 1_000_000, |count| {
            format!(
                "syntax = \"proto2\"; enum E {{ A = 0; }} message M {{ optional E a = 1 [default = {}]; }}",
                "x".repeat(count)
            )
        })
        .refused("invalid default value"),
        Row::new("infinities", Repeated, DECLARATIONS, 5_000, |count| {
            format!(
                "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
                 extend google.protobuf.MessageOptions {{ repeated double o = 50000; }} message M {{ {} }}",
                "option (o) = -inf; option (o) = nan;".repeat(count)
            )
        }),
    ]
}
