//! What the real `buf` accepts we accept, and what it refuses we refuse: a table of verdicts, each given by both.

use crate::support::{Buf, Module, Registry};

/// Sources with what our refusal says; nothing where both accept. A line `--- PATH` begins another file.
const TABLE: &[(&str, &str)] = &[
    // Editions.
    ("edition = \"2023\"; message M { int32 a = 1; }", ""),
    ("edition = '2024'; message M { int32 a = 1; }", ""),
    ("\u{feff}edition = \"2023\"; message M { int32 a = 1; }", ""),
    ("\u{feff}syntax = \"proto3\"; message M { int32 a = 1; }", ""),
    ("\u{feff}\u{feff}syntax = \"proto3\";", "invalid token"),
    ("edition = \"2022\";", "edition \"2022\" is not supported; editions 2023, 2024 and 2026 are"),
    ("edition = \"2025\";", "edition \"2025\" is not supported"),
    ("edition = \"proto3\";", "edition \"proto3\" is not supported"),
    ("edition = \"\";", "edition \"\" is not supported"),
    ("edition = 2023;", "an edition is a text in quotes"),
    ("edition = \"2023\"; syntax = \"proto3\";", "expected"),
    ("syntax = \"proto3\"; edition = \"2023\";", "expected"),
    ("syntax = \"editions\";", "unknown syntax 'editions'"),
    ("syntax = \"proto4\";", "unknown syntax 'proto4'"),
    // Style.
    ("edition = \"2024\"; message pet {}", "message pet is not in PascalCase"),
    ("edition = \"2024\"; message Pet_ {}", "message Pet_ is not in PascalCase"),
    ("edition = \"2024\"; message PET2 {}", ""),
    ("edition = \"2024\"; message M { int32 petName = 1; }", "field petName is not in lower_snake_case"),
    ("edition = \"2024\"; message M { int32 a_1 = 1; }", "field a_1 is not in lower_snake_case"),
    ("edition = \"2024\"; message M { int32 a1 = 1; }", ""),
    ("edition = \"2024\"; message M { map<string, int32> petNames = 1; }", "field petNames is not in lower_snake_case"),
    ("edition = \"2024\"; message M { oneof petKind { int32 a = 1; } }", "oneof petKind is not in lower_snake_case"),
    ("edition = \"2024\"; enum Kind { KindA = 0; }", "enum value KindA is not in UPPER_SNAKE_CASE"),
    ("edition = \"2024\"; enum Kind { A = 0; }", ""),
    ("edition = \"2024\"; message M {} service S { rpc get(M) returns (M); }", "method get is not in PascalCase"),
    ("edition = \"2024\"; package acme.petShop;", "package acme.petShop is not in lower_snake_case"),
    ("edition = \"2024\"; package acme_pets.v1;", ""),
    ("edition = \"2024\"; option features.enforce_naming_style = STYLE_LEGACY; message pet {}", ""),
    ("edition = \"2024\"; message M { int32 petName = 1 [features.enforce_naming_style = STYLE_LEGACY]; }", ""),
    ("edition = \"2024\"; enum Kind { a = 0 [features.enforce_naming_style = STYLE_LEGACY]; }", ""),
    ("edition = \"2023\"; message pet { int32 petName = 1; }", ""),
    ("edition = \"2023\"; option features.enforce_naming_style = STYLE_LEGACY;", "is not there before edition 2024"),
    // Options that an edition does not have.
    ("edition = \"2024\"; option java_multiple_files = true;", "java_multiple_files is no option from edition 2024 on"),
    ("edition = \"2023\"; option java_multiple_files = true;", ""),
    ("edition = \"2024\"; message M { string a = 1 [ctype = CORD]; }", "ctype is no option from edition 2024 on"),
    ("edition = \"2023\"; message M { string a = 1 [ctype = CORD]; }", ""),
    ("edition = \"2023\"; message M { int32 a = 1 [ctype = CORD]; }", "field a cannot have a ctype"),
    ("edition = \"2023\"; option java_string_check_utf8 = true;", "java_string_check_utf8 is no option in an edition"),
    ("edition = \"2023\"; message M { repeated int32 a = 1 [packed = true]; }", "packed is no option in an edition"),
    ("syntax = \"proto3\"; option uninterpreted_option = {};", "uninterpreted_option cannot be set"),
    // Empty blocks.
    ("syntax = \"proto2\"; message M { extensions 5; } extend M {}", "this `extend` declares nothing"),
    ("syntax = \"proto2\"; message M { extensions 5; extend M {;} }", "this `extend` declares nothing"),
    ("edition = \"2023\"; message M { extensions 5; } extend M {}", "this `extend` declares nothing"),
    ("syntax = \"proto3\"; message M { oneof o {} }", "a oneof must have at least one field"),
    ("syntax = \"proto3\"; enum E {}", "enum E has no values"),
    ("syntax = \"proto3\"; service S {}", ""),
    // Lazy.
    ("syntax = \"proto3\"; message M { int32 a = 1 [unverified_lazy = true]; }", "field a cannot be lazy"),
    ("syntax = \"proto3\"; message M { M a = 1 [unverified_lazy = true]; }", ""),
    ("syntax = \"proto3\"; message M { int32 a = 1 [unverified_lazy = false]; }", ""),
    ("syntax = \"proto3\"; message M { string a = 1 [lazy = true]; }", "field a cannot be lazy"),
    ("syntax = \"proto3\"; message M { map<string, M> a = 1 [lazy = true]; }", ""),
    // Message sets.
    ("syntax = \"proto2\"; message S { option message_set_wire_format = true; extensions 4 to max; }", ""),
    (
        "syntax = \"proto2\"; message S { option message_set_wire_format = true; extensions 4 to max; } message M {} \
         extend S { repeated M a = 5; }",
        "must be an optional message",
    ),
    ("syntax = \"proto2\"; message S { extensions 4 to max; } extend S { optional int32 a = 536870911; }", ""),
    ("syntax = \"proto2\"; message S { extensions 4 to max; } extend S { optional int32 a = 536870912; }", "536870911"),
    ("syntax = \"proto2\"; message S { extensions 5 [(o) = 1]; }", "name 'o' is not defined"),
    (
        "syntax = \"proto2\"; message S { extensions 5 [declaration = { number: 5 full_name: \".S.x\" type: \"int32\" }]; }",
        "",
    ),
    // Values.
    ("DOUBLE option (d) = -inf;", ""),
    ("DOUBLE option (d) = inf;", ""),
    ("DOUBLE option (d) = nan;", ""),
    ("DOUBLE option (d) = - inf;", ""),
    ("DOUBLE option (d) = infinity;", "expected a value of type 'double'"),
    ("syntax = \"proto2\"; message M { optional double a = 1 [default = -inf]; }", ""),
    ("syntax = \"proto2\"; message M { optional int32 a = 1 [default = -inf]; }", "expected value to be an integer"),
    // Imports for options.
    ("edition = \"2024\"; import option \"b.proto\"; option (b.o) = \"x\";\nNOTES", ""),
    ("edition = \"2024\"; import option \"b.proto\";\nNOTES", ""),
    ("edition = \"2024\"; import option \"b.proto\"; message M { b.B x = 1; }\nNOTES", "is imported for options only"),
    ("edition = \"2024\"; import option \"b.proto\"; import \"c.proto\";\nNOTES\n--- c.proto\n", "stands behind"),
    ("edition = \"2023\"; import option \"b.proto\";\nNOTES", "expected"),
    ("edition = \"2024\"; import option public \"b.proto\";\nNOTES", "takes no other modifier"),
    ("edition = \"2024\"; import option \"b.proto\"; import option \"b.proto\";\nNOTES", "is there twice"),
    ("edition = \"2024\"; import \"b.proto\"; import option \"b.proto\";\nNOTES", "is there twice"),
    ("edition = \"2024\"; import weak \"b.proto\";\nNOTES", "weak imports are not allowed"),
    ("edition = \"2024\"; import option \"b.proto\";", "was not found"),
    // Visibility.
    (
        "edition = \"2024\"; import \"b.proto\"; message M { T x = 1; }\n--- b.proto\nedition = \"2024\"; message T {}",
        "",
    ),
    (
        "edition = \"2024\"; import \"b.proto\"; message M { T x = 1; }\n--- b.proto\nedition = \"2024\"; local message T {}",
        "T is local to b.proto",
    ),
    (
        "syntax = \"proto3\"; import \"b.proto\"; message M { T.N x = 1; }\n--- b.proto\nedition = \"2024\"; message T { message N {} }",
        "T.N is local to b.proto",
    ),
    (
        "edition = \"2024\"; import \"b.proto\"; message M { T.N x = 1; }\n--- b.proto\nedition = \"2024\"; option features.default_symbol_visibility = EXPORT_ALL; message T { message N {} }",
        "",
    ),
    (
        "edition = \"2024\"; import \"b.proto\"; message M { T x = 1; }\n--- b.proto\nedition = \"2024\"; option features.default_symbol_visibility = LOCAL_ALL; message T {}",
        "T is local to b.proto",
    ),
    (
        "edition = \"2024\"; import \"b.proto\"; message M { T x = 1; }\n--- b.proto\nedition = \"2024\"; option features.default_symbol_visibility = STRICT; message T {}",
        "T is local to b.proto",
    ),
    (
        "edition = \"2024\"; option features.default_symbol_visibility = STRICT; message T { export message N {} }",
        "cannot be exported: with strict visibility",
    ),
    ("edition = \"2024\"; message M {} export service S {}", "expected"),
    ("edition = \"2023\"; export message M {}", "expected"),
    ("edition = \"2023\"; message local {} message M { local x = 1; local local = 2; }", ""),
    // Features where they are not at home.
    ("edition = \"2023\"; message M { option features.field_presence = IMPLICIT; }", "feature field_presence cannot"),
    ("edition = \"2023\"; option features.field_presence = LEGACY_REQUIRED;", "cannot be set for a whole file"),
    ("edition = \"2023\"; option features.enum_type = ENUM_TYPE_UNKNOWN;", "is set to no known value"),
    ("edition = \"2023\"; option features.enum_type = NOPE;", "expected a value of type"),
    ("edition = \"2023\"; option features.nope = 1;", "is not defined"),
    ("edition = \"2023\"; enum E { A = 0 [features.enum_type = OPEN]; }", "feature enum_type cannot"),
    (
        "edition = \"2023\"; message M { oneof o { option features.enum_type = OPEN; int32 a = 1; } }",
        "enum_type cannot",
    ),
    ("edition = \"2023\"; service S { option features.enum_type = OPEN; }", ""),
    ("edition = \"2023\"; message M { int32 a = 1 [features.repeated_field_encoding = PACKED]; }", "cannot be set"),
    ("edition = \"2023\"; message M { map<int32, int32> a = 1 [features.utf8_validation = NONE]; }", "cannot be set"),
    ("edition = \"2023\"; message M { map<string, int32> a = 1 [features.utf8_validation = NONE]; }", ""),
    (
        "edition = \"2023\"; message M { map<int32, M> a = 1 [features.repeated_field_encoding = EXPANDED]; }",
        "cannot be",
    ),
    ("edition = \"2023\"; message M { map<int32, M> a = 1 [features.message_encoding = DELIMITED]; }", "cannot be set"),
    (
        "edition = \"2023\"; option features.field_presence = IMPLICIT; enum E { option features.enum_type = CLOSED; \
         A = 0; } message M { repeated E a = 1; map<int32, E> b = 2; oneof o { E c = 3; } }",
        "",
    ),
    (
        "edition = \"2023\"; enum E { option features.enum_type = CLOSED; A = 0; } \
         message M { E a = 1 [features.field_presence = IMPLICIT]; }",
        "closed enum E cannot be used",
    ),
    ("syntax = \"proto3\"; option features.enum_type = OPEN;", "features need an edition"),
    // Names.
    ("edition = \"2023\"; message M { reserved message, to, max; }", ""),
    ("edition = \"2023\"; message M { reserved \"a\"; }", "reserved names have no quotes"),
    ("edition = \"2023\"; message M { reserved a; int32 a = 1; }", "field a has a reserved name"),
    ("syntax = \"proto3\"; message M { reserved a; }", "expected"),
    ("syntax = \"proto3\"; message M { reserved \"a b\"; }", "invalid identifier"),
    ("syntax = \"proto3\"; message M { int32 message = 1; int32 to = 2; int32 edition = 3; int32 export = 4; }", ""),
    (
        "syntax = \"proto3\"; message Get {} service S { rpc Get(Get) returns (Get); }",
        "is a method here, not a message type",
    ),
    ("syntax = \"proto3\"; message Get {} service S { rpc Get(.Get) returns (.Get); }", ""),
    ("syntax = \"proto3\"; message M { message message {} message x = 1; }", ""),
    ("syntax = \"proto3\"; message M { message enum {} enum x = 1; message optional {} optional y = 2; }", ""),
    ("syntax = \"proto2\"; enum E { option = 0; reserved = 1; }", ""),
    ("syntax = \"proto3\"; message M { message group {} group x = 1; repeated group y = 2; }", ""),
    ("syntax = \"proto2\"; message M { optional group lower = 1 {} }", "invalid group name"),
    ("syntax = \"proto3\"; message stream {} service S { rpc A(stream) returns (stream stream); }", ""),
    ("syntax = \"proto3\"; message M { reserved \"_x\", \"y_\"; }", ""),
    ("edition = \"2023\"; message M { reserved _x; }", ""),
    ("edition = \"2023\"; enum E { A = 0; reserved _B; }", ""),
    ("syntax = \"proto2\"; message M { reserved \"1\"; }", "invalid identifier"),
    ("syntax = \"proto2\"; message M { reserved 1, \"a\"; }", "expected an integer"),
    // Texts and comments.
    ("syntax = \"proto3\"; /* /* */", ""),
    ("syntax = \"proto3\"; /* /* */ */", "expected"),
    ("syntax = \"proto3\"; // \u{e9}\n", ""),
    ("syntax = \"proto3\"; # no comment", "expected"),
    ("syntax = \"proto3\"; option java_package = \"a\" 'b'\n\"c\";", ""),
    ("syntax = \"proto3\"; option java_package = \"\\a\\1\\123\\xA\\u00e9\\U0001F600\\?\";", ""),
    ("syntax = \"proto3\"; option java_package = \"\\q\";", "invalid string escape"),
    ("syntax = \"proto3\"; option java_package = \"\\ud800\";", "invalid string escape"),
    ("syntax = \"proto3\"; option java_package = \"a", "unterminated string"),
    ("syntax = \"proto3\"; /* a", "unterminated block comment"),
    ("syntax = \"proto2\"; message M { optional bytes a = 1 [default = \"\\xff\"]; }", ""),
    // Texts that are no UTF-8: no generator can read them, but it is Protobuf.
    ("syntax = \"proto2\"; message M { optional string a = 1 [default = \"\\xff\"]; }", ""),
    ("syntax = \"proto2\"; option java_package = \"\\xff\";", ""),
    ("syntax = \"proto3\"; message M { string s = 1 [json_name = \"\\xff\"]; }", ""),
    ("edition = \"2023\"; option go_package = \"\\377\";", ""),
    // Numbers.
    ("syntax = \"proto2\"; message M { optional double a = 1 [default = 18446744073709551616]; }", ""),
    ("syntax = \"proto2\"; message M { optional double a = 1 [default = 1e999]; }", ""),
    ("syntax = \"proto2\"; message M { optional int32 a = 1 [default = 1e3]; }", ""),
    ("syntax = \"proto2\"; message M { optional uint64 a = 1 [default = 18446744073709551616]; }", "out of range"),
    ("syntax = \"proto2\"; message M { optional int64 a = 1 [default = -9223372036854775808]; }", ""),
    ("syntax = \"proto2\"; message M { optional double a = 1 [default = 1.5f]; }", "invalid number"),
    ("syntax = \"proto2\"; message M { optional double a = 1 [default = 08]; }", "invalid number"),
    ("syntax = \"proto2\"; message M { optional double a = 1 [default = 1_000]; }", "invalid number"),
    ("syntax = \"proto2\"; message M { reserved 1to 5; }", "invalid number"),
    ("DOUBLE option (d) = 18446744073709551616;", ""),
    ("DOUBLE option (d) = 1e999;", ""),
    ("DOUBLE option (d) = -18446744073709551616;", ""),
    (
        "syntax = \"proto2\"; message S { option message_set_wire_format = true; extensions 4 to max; } message M {} \
         extend S { optional M a = 2147483646; }",
        "",
    ),
    ("syntax = \"proto2\"; message S { option message_set_wire_format = true; extensions 4 to 2147483646; }", ""),
    ("syntax = \"proto2\"; message S { extensions 4 to 2147483646; }", "must be between 1 and 536870911"),
    // The rest.
    (
        "syntax = \"proto3\"; import \"b.proto\";\n--- b.proto\noption optimize_for = LITE_RUNTIME;",
        "is for LITE_RUNTIME",
    ),
];

/// Where `buf` 1.75 goes further than `protoc` does: it accepts this and we refuse it.
const ONLY_BUF: &[(&str, &str)] = &[("edition = \"2024\"; export local message M {}", "expected")];

/// The rows that the compiler's own test checks too: verdict and place, with a slash between those of `buf` and ours.
const ROWS: &str = include_str!("../../../fixtures/verdicts/rows.tsv");
const TYPES: &str = include_str!("../../../fixtures/verdicts/types.proto");

const DOUBLE: &str = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\"; \
                      extend google.protobuf.FileOptions { optional double d = 50000; }";

const NOTES: &str = "--- b.proto\nedition = \"2024\"; package b; import \"google/protobuf/descriptor.proto\";
    message B {} extend google.protobuf.FileOptions { string o = 50000; }";

/// The files that a row stands for, by path.
fn files(row: &str) -> Vec<(String, String)> {
    let text = row.replace("DOUBLE", DOUBLE).replace("NOTES", NOTES);
    let mut parts = text.split("--- ");
    let first = ("a.proto".to_owned(), parts.next().unwrap().to_owned());
    let others = parts.map(|part| part.split_once('\n').unwrap()).map(|(path, text)| (path.into(), text.into()));
    std::iter::once(first).chain(others).collect()
}

/// Whether `buf` accepts a row.
fn buf_accepts(buf: &Buf, at: usize, row: &str) -> bool {
    for (path, text) in files(row) {
        buf.write(&format!("{at}/{path}"), &text);
    }
    buf.run(["build", &at.to_string()]).succeeded()
}

/// What we say of it; nothing when we accept it.
fn our_words(registry: &Registry, at: usize, row: &str) -> String {
    let module = Module::new(&format!("acme/m{at}"));
    let pushed =
        files(row).into_iter().fold(module, |module, (path, text)| module.file(&path, text)).try_push(registry);
    if pushed.succeeded() { String::new() } else { pushed.refused().stderr.clone() }
}

/// The rows on which a verdict is not as expected.
fn surprises(rows: &[(&str, &str)], buf_refuses: impl Fn(&str) -> bool) -> Vec<String> {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", ""));
    let buf = Buf::new(&registry).acme();
    let mut surprises = Vec::new();
    for (at, (row, expected)) in rows.iter().enumerate() {
        if buf_accepts(&buf, at, row) == buf_refuses(expected) {
            surprises.push(format!("{row}\n  buf does not judge this so any more"));
        }
        let said = our_words(&registry, at, row);
        if said.is_empty() != expected.is_empty() || !said.contains(expected) {
            surprises.push(format!("{row}\n  expected {expected:?}, got {said:?}"));
        }
    }
    surprises
}

#[test]
fn verdicts_are_those_of_buf() {
    let surprises = surprises(TABLE, |expected| !expected.is_empty());
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn what_only_buf_accepts_is_refused_in_words() {
    let surprises = surprises(ONLY_BUF, |_| false);
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// What `buf` says of `source`: `ok`, the place of the first finding in the first file, or `no`.
fn verdict_of_buf(buf: &Buf, at: usize, source: &str) -> String {
    let text = match source.starts_with("option") {
        true => format!("{TYPES}message M {{\n{source}\n}}"),
        false => source.to_owned(),
    };
    let mut parts = text.split("--- ");
    buf.write(&format!("row{at}/a.proto"), parts.next().unwrap());
    for (path, text) in parts.map(|part| part.split_once('\t').unwrap()) {
        buf.write(&format!("row{at}/{path}"), text);
    }
    let judged = buf.run(["build", &format!("row{at}")]);
    if judged.succeeded() {
        return "ok".into();
    }
    let place = judged.stderr.split("a.proto:").nth(1).and_then(|rest| {
        let mut numbers = rest.split(':');
        Some(format!("{}:{}", numbers.next()?, numbers.next()?))
    });
    place.unwrap_or_else(|| "no".into())
}

#[test]
fn the_compiler_s_table_is_what_buf_says() {
    let registry = Registry::with(|options| _ = options.flag("eager-plugins", ""));
    let buf = Buf::new(&registry).acme();
    let rows: Vec<_> = ROWS.lines().filter(|row| !row.starts_with('#')).enumerate().collect();
    let judge = |rows: &[(usize, &str)]| -> Vec<String> {
        let surprise = |(at, row): &(usize, &str)| {
            let (expected, source) = row.split_once('\t').unwrap();
            let expected = expected.split('/').next().unwrap();
            let found = verdict_of_buf(&buf, *at, source);
            (found != expected).then(|| format!("{source}\n  expected {expected}, buf says {found}"))
        };
        rows.iter().filter_map(surprise).collect()
    };
    let surprises: Vec<_> = std::thread::scope(|scope| {
        let judges: Vec<_> = rows.chunks(rows.len().div_ceil(4)).map(|rows| scope.spawn(|| judge(rows))).collect();
        judges.into_iter().flat_map(|judge| judge.join().unwrap()).collect()
    });
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
