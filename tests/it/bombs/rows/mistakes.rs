//! Mistakes, of which only the first are reported, and sources that nest too deep.

use super::super::row::Shape::{Deep, Long, Repeated, Wide};
use super::super::row::{Cost, DECLARATIONS, Row, TEXT, each, number};

/// The parser keeps every token that is none, with its place.
const NOISE: Cost = Cost { memory: 400, micros: 5 };

fn message(members: String) -> String {
    format!("syntax = \"proto3\"; message M {{ {members} }}")
}

pub(super) fn rows() -> Vec<Row> {
    [mistakes(), noise(), depth()].into_iter().flatten().collect()
}

fn mistakes() -> Vec<Row> {
    vec![
        Row::new("types that are none", Wide, DECLARATIONS, 10_000, |count| {
            message(each(count, |at| format!("X f{at} = {};", number(at))))
        })
        .refused("name 'X' is not defined"),
        Row::new("numbers used again", Repeated, DECLARATIONS, 20_000, |count| {
            message(each(count, |at| format!("int32 f{at} = 1;")))
        })
        .refused("field number '1' is already used"),
        Row::new("numbers that are none", Repeated, DECLARATIONS, 20_000, |count| {
            message(each(count, |at| format!("int32 f{at} = 0;")))
        })
        .refused("message numbers must be between"),
        Row::new("names used again", Repeated, DECLARATIONS, 10_000, |count| "message M {}".repeat(count))
            .refused("name 'M' is defined twice"),
        Row::new("names reserved again", Repeated, DECLARATIONS, 20_000, |count| {
            message("reserved \"a\";".repeat(count))
        })
        .refused("name \"a\" is reserved twice"),
        Row::new("labels that are none", Repeated, DECLARATIONS, 20_000, |count| {
            format!("edition = \"2023\"; message M {{ {} }}", "optional A a = 1;".repeat(count))
        })
        .refused("`optional` is not"),
        Row::new("required fields", Wide, DECLARATIONS, 10_000, |count| {
            message(each(count, |at| format!("required int32 f{at} = {};", number(at))))
        })
        .refused("required fields are not allowed in proto3"),
        Row::new("names out of style", Wide, DECLARATIONS, 10_000, |count| {
            format!("edition = \"2024\"; {}", each(count, |at| format!("message m_{at} {{}}")))
        })
        .refused("is not in PascalCase"),
        Row::new("features that do not fit", Wide, DECLARATIONS, 5_000, |count| {
            let one = |at: usize| format!("message M{at} {{ option features.field_presence = IMPLICIT; }}");
            format!("edition = \"2023\"; {}", each(count, one))
        })
        .refused("feature field_presence cannot be set"),
    ]
}

fn noise() -> Vec<Row> {
    vec![
        Row::new("characters that are none", Repeated, NOISE, 200_000, |count| message("\u{1}".repeat(count)))
            .refused("invalid token"),
        Row::new("characters beyond ASCII", Repeated, NOISE, 200_000, |count| message("é".repeat(count)))
            .refused("invalid token"),
        Row::new("words", Repeated, TEXT, 500_000, |count| format!("syntax = \"proto3\"; {}", "a ".repeat(count)))
            .refused("expected"),
        Row::new("statements that break off", Repeated, DECLARATIONS, 50_000, |count| "message 1;".repeat(count))
            .refused("expected"),
        Row::new("braces that close nothing", Repeated, TEXT, 500_000, |count| "} ".repeat(count)).refused("expected"),
        Row::new("one word", Long, TEXT, 1_000_000, |count| "a".repeat(count)).refused("expected"),
    ]
}

/// What opens and closes around what.
fn depth() -> Vec<Row> {
    fn deep(name: &'static str, around: fn(String) -> String, open: &'static str, close: &'static str) -> Row {
        let source = move |count: usize| around(format!("{}{}", open.repeat(count), close.repeat(count)));
        Row::new(name, Deep, TEXT, 50_000, source)
            .refused("more than the limit of 31; the server's --max-nesting changes the limit")
    }
    fn option(value: String) -> String {
        format!("syntax = \"proto2\"; option (o) = {{ {value} }};")
    }
    vec![
        deep("messages without end", |source| format!("syntax = \"proto3\"; {source}"), "message M {", "}"),
        deep(
            "messages of an edition without end",
            |source| format!("edition = \"2024\"; {source}"),
            "message M {",
            "}",
        ),
        deep(
            "groups without end",
            |source| format!("syntax = \"proto2\"; message M {{ {source} }}"),
            "optional group G = 1 {",
            "}",
        ),
        deep("values without end", option, "o {", "}"),
        deep("values in angles without end", option, "o <", ">"),
        deep("lists without end", option, "[", "]"),
        deep("maps without end", |source| message(format!("{source} a = 1;")), "map<int32, ", ">"),
        deep("what never closes", |source| format!("syntax = \"proto3\"; {source}"), "message M {", ""),
    ]
}
