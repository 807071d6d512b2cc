//! What is marked in each language, and that no text costs more than its length.

use super::span::Class;
use super::*;
use crate::serve::web::fuzzing;

/// The marked parts, each after the letter of its class.
fn marked(name: &str, text: &str) -> Vec<String> {
    let spans = match name {
        "proto" => proto::read(text).spans,
        name => languages::scan(language(name).unwrap(), text),
    };
    spans.into_iter().map(|span| format!("{} {}", span.class.letter(), &text[span.range])).collect()
}

#[test]
fn keywords_of_protobuf_are_marked_by_their_place() {
    let source = "syntax = \"proto3\"; package a.message; import public \"b.proto\";\n\
        message message { optional string message = 1 [(my.opt).x = true, deprecated = false]; // said\n\
        map<string, .a.B> to = 2; repeated rpc.Kind rpc = 3; reserved 4 to max; oneof one { int32 x = 5; } }\n\
        enum E { option allow_alias = true; true = 0x1F; }\n\
        service S { rpc Get(stream A) returns (stream) { option (h) = { get: \"/\" ok: true }; } }\n\
        extend google.protobuf.FieldOptions { optional group G = 1 { bool b = 1; } }";
    let expected = "k syntax|s \"proto3\"|k package|d a|d message|k import|k public|s \"b.proto\"|k message|d message|\
        k optional|k string|m 1|t my.opt|k true|k false|c // said|k map|k string|t .a.B|m 2|k repeated|t rpc.Kind|m 3|\
        k reserved|m 4|k to|k max|k oneof|d one|k int32|m 5|k enum|d E|k option|k true|m 0x1F|\
        k service|d S|k rpc|d Get|k stream|t A|k returns|t stream|k option|t h|s \"/\"|k true|\
        k extend|t google.protobuf.FieldOptions|k optional|k group|d G|m 1|k bool|d b|m 1";
    let found = marked("proto", source).join("|");
    assert_eq!(found, expected.replace("k bool|d b", "k bool"));
}

#[test]
fn names_of_protobuf_know_their_scope_and_their_line() {
    let source =
        "package p.v1;\nmessage A { message B { C c = 1; } rpc x = 2; }\nservice S { rpc M(A.B) returns (.p.v1.A); }";
    let read = proto::read(source);
    let names: Vec<_> = read.references.iter().map(|found| format!("{}: {}", found.scope, found.name)).collect();
    assert_eq!(names, ["p.v1.A.B: C", "p.v1: A.B", "p.v1: .p.v1.A"].map(|name| name.to_owned()));
    let outline: Vec<_> = read.outline.iter().map(|found| (found.kind, found.name, found.depth)).collect();
    assert_eq!(outline, [("message", "A", 0), ("message", "B", 1), ("service", "S", 0)]);
    for reference in &read.references {
        assert_eq!(&source[read.spans[reference.span].range.clone()], reference.name);
    }
}

#[test]
fn the_other_languages_are_marked_by_their_tables() {
    for (name, text, expected) in [
        (
            "rust",
            "#[derive(Debug)]\npub fn f<'a>(x: &'a Pet) { println!(r#\"\"\"#); let c = '\\''; /* a /* b */ */ 'x' 1.5; r#type }",
            "t #[derive(Debug)]|k pub|k fn|t 'a|t 'a|t Pet|d println|s r#\"\"\"#|k let|s '\\''|c /* a /* b */ */|s 'x'|m 1.5",
        ),
        (
            "toml",
            "[a.b] # why\nkey = 'it' # \"x\"\nn-n = { version = \"1\", on = true }",
            "t [a.b]|c # why|d key|s 'it'|c # \"x\"|d n-n|d version|s \"1\"|d on|k true",
        ),
        (
            "sh",
            "cargo add --registry buf \"a$b\" # note\necho it's | FOO=$1 grep $BAR ${X}/y",
            "d cargo|t --registry|s \"a$b\"|c # note|d echo|t $1|d grep|t $BAR|t ${X}",
        ),
        ("json", "{\"a\": [1, \"b\", null]}", "d \"a\"|m 1|s \"b\"|k null"),
        ("yaml", "name: localhost:8780/acme/pets", "d name"),
        ("yaml", "version: v2\ndeps: # it's\n  - 'x'", "d version|d deps|c # it's|s 'x'"),
    ] {
        assert_eq!(marked(name, text).join("|"), expected, "{name}");
    }
}

/// Parts of texts that mean something in one of the languages.
const PARTS: [&str; 48] = [
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "\n",
    "r#\"",
    "\"#",
    "#",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "&",
    "\\",
    "message ",
    "enum ",
    "service ",
    "rpc ",
    "returns ",
    "stream ",
    "option ",
    "optional ",
    "map<",
    "import ",
    "package ",
    "a.b",
    ".",
    ",",
    ";",
    "=",
    "1.5e",
    "0x",
    "a",
    " ",
    "\u{202e}",
    "é",
    "$",
    "${",
    "-",
    "true",
    "group ",
    "extend ",
    "reserved 1 to max",
];

#[test]
fn what_is_marked_is_escaped_and_nothing_is_lost_or_added() {
    fuzzing::source(b"message <b> { \"</span><script>\" } // <img src=x onerror=1>\n<A>&'\"");
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..5_000 {
        let text: String = (0..random.usize(1..30)).map(|_| PARTS[random.usize(..PARTS.len())]).collect();
        fuzzing::source(text.as_bytes());
    }
    assert_eq!(code("cobol", "x", usize::MAX), None);
    assert_eq!(code("json", "1 1 1 1", 20), None, "it grows too much");
}

#[test]
fn lines_end_what_spans_them_and_begin_it_again() {
    let text = "/* a\r\n\n b */ message M {\n}";
    let found = lines(text, &proto::read(text).spans, usize::MAX).unwrap();
    assert_eq!(
        found,
        [
            "<span class=c>/* a</span>",
            "",
            "<span class=c> b */</span> <span class=k>message</span> <span class=d>M</span> {",
            "}"
        ]
    );
    assert_eq!(lines("", &[], usize::MAX).unwrap(), [""; 0]);
}

#[test]
fn what_never_ends_is_marked_to_its_end_in_one_pass() {
    let units = [
        "\"",
        "'",
        "/*",
        "r#\"\n",
        "#[",
        "$",
        "a ",
        "1 ",
        "(",
        "[",
        "{",
        "}",
        "message a {",
        "a.",
        "#\n",
        "'''\n",
        "\\",
        "optional ",
        "option a = {",
        "map<",
        "rpc a(",
        "/",
        "-",
        "a: ",
        "\"\n",
    ];
    for unit in units {
        // A text that is looked through again for each unit would take hours.
        let text = unit.repeat((128 << 10) / unit.len());
        for name in ["proto", "rust", "toml", "sh", "json", "yaml"] {
            let html = code(name, &text, usize::MAX).unwrap();
            let longest = format!("<span class={}></span>", Class::Name.letter()).len() + "&#34;".len();
            assert!(html.len() <= longest * text.len(), "{name} {unit:?}");
        }
    }
}
