//! Sources and what becomes of them, construct by construct.

use prost_types::source_code_info::Location;

use super::{Parsed, parse};

#[track_caller]
fn parsed(source: &str) -> Parsed {
    parse("a.proto", source).unwrap_or_else(|findings| panic!("{source}: {findings:?}"))
}

/// Line, column and message of all that is wrong.
fn findings(source: &str) -> Vec<String> {
    let findings = parse("a.proto", source).err().unwrap_or_default();
    let one = |finding: crate::model::Diagnostic| {
        let (line, column) = finding.position.unwrap_or_default();
        format!("{line}:{column} {}", finding.message)
    };
    findings.into_iter().map(one).collect()
}

fn locations(source: &str) -> Vec<Location> {
    parsed(source).proto.source_code_info.unwrap_or_default().location
}

#[test]
fn every_broken_statement_is_reported() {
    let source = "syntax = \"proto3\";
import 1;
option = 2;
message A { int32 a 1; string = 2; bool c = 3 int32 d = 4; }
message B { option (o) = { a 1 { b: 2 } }; int32 = 1;
  oneof o { optional int32 c = 3; } }
enum C { X 0; Y = \"1\"; }
service D { rpc A(B) (C); rpc E() returns (B); }
messag F { int32 a = 1; }
message G { int32 a = 0; }
message H {";
    let found = findings(source);
    let places: Vec<_> = found.iter().filter_map(|finding| finding.split(' ').next()).collect();
    assert_eq!(
        places,
        [
            "2:8", "3:1", "4:21", "4:24", "4:47", "5:28", "5:44", "6:13", "7:12", "7:19", "8:18", "8:32", "9:1",
            "10:23", "11:11"
        ],
        "{found:#?}"
    );
}

#[test]
fn a_missing_semicolon_hides_no_statement() {
    let found = findings("syntax = \"proto3\"; message M {\n  int32 a = 1\n  int32 b 2;\n}");
    assert_eq!(found, ["3:3 expected ';', but found 'int32'", "3:11 expected '=', but found '2'"]);
}

#[test]
fn what_stands_where_it_may_not_is_named() {
    for (source, expected) in [
        ("message M { int32 a = 1; }", "1:13 fields must have a label with proto2 syntax"),
        ("message M { optional map<int32, int32> a = 1; }", "1:13 map fields cannot have labels"),
        ("message M { map<float, int32> a = 1; }", "1:17 a map field key type must be"),
        ("message M { oneof o { map<int32, int32> a = 1; } }", "1:23 map fields are not allowed in a oneof"),
        ("message M { oneof o { } }", "1:13 a oneof must have at least one field"),
        ("message M { repeated int32 a = 1 [default = 1]; }", "1:22 repeated fields may not have default values"),
        ("message M { optional int32 a = 1 [default = 2147483648]; }", "1:45 expected value to be a signed 32-bit"),
        ("message M { optional bool a = 1 [default = 1]; }", "1:44 expected value to be either 'true' or 'false'"),
        ("message M { optional int32 a = 1 [deprecated = -true]; }", "1:48 only numbers may be negative"),
        ("extend M { required int32 a = 1; }", "1:12 extension fields may not be required"),
        ("extend M { }", "1:1 this `extend` declares nothing"),
        ("package a; package b;", "1:12 multiple package names specified"),
        ("import \"a//b\";", "1:1 invalid import"),
        ("import \"../b\";", "1:8 invalid import"),
        ("enum E { A = 2147483648; }", "1:14 enum numbers must be between"),
        ("message M { reserved 1, \"a\"; }", "1:25 expected an integer"),
        ("message M { extensions 600000000; }", "1:24 message numbers must be between 1 and 536870911"),
        ("option a = \"\\q\";", "1:13 invalid string escape"),
        ("option a = 1.5f;", "1:15 invalid number '1.5f'"),
        ("option a = { b: [1, 2,] };", "1:22 a list does not end with ','"),
        ("option a = { b [1] };", "1:17 expected a message, because there is no ':' before the list"),
        ("/* a", "1:1 unterminated block comment"),
        ("syntax = \"proto3\"; message M { required int32 a = 1; }", "1:32 required fields are not allowed in proto3"),
        ("edition = \"2023\"; message M { reserved \"a\"; }", "1:40 reserved names have no quotes in an edition"),
        ("edition = \"2024\"; import option \"a\"; import \"b\";", "1:38 this import stands behind an `import option`"),
    ] {
        let found = findings(source);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{source}: {found:?}");
    }
}

#[test]
fn messages_nest_as_deep_as_descriptors_can_be_read() {
    let nested = |levels: usize| format!("{}{}", "message M { ".repeat(levels), "}".repeat(levels));
    assert_eq!(findings(&nested(31)), [""; 0]);
    assert!(findings(&nested(32))[0].contains("reached maximum recursion limit for nested messages"));
    assert!(!findings(&format!("option a = {};", "{ a ".repeat(100_000))).is_empty());
}

#[test]
fn keywords_are_names_where_nothing_else_can_be_meant() {
    let source = "syntax = \"proto3\"; message M {
        message x = 1; enum y = 2; optional optional z = 3; repeated repeated w = 4; map v = 5; group u = 6;
        option.A t = 7; reserved s = 8; stream r = 9; .oneof q = 10; }";
    let fields = &parsed(source).proto.message_type[0].field;
    let types: Vec<_> = fields.iter().map(|field| field.type_name()).collect();
    assert_eq!(
        types,
        ["message", "enum", "optional", "repeated", "map", "group", "option.A", "reserved", "stream", ".oneof"]
    );
}

#[test]
fn keywords_before_a_dot_begin_names_unless_braces_follow() {
    let source = "syntax = \"proto2\"; message M {
        extend .a.M { optional int32 x = 1; } optional extend.M y = 2; repeated reserved.M z = 3; extensions 4 to 9; }";
    let message = &parsed(source).proto.message_type[0];
    assert_eq!(message.extension[0].extendee(), ".a.M");
    let source =
        "syntax = \"proto3\"; message M { extend.M a = 1; .extend.M b = 2; reserved.M c = 3; extensions.M d = 4; }";
    let fields = &parsed(source).proto.message_type[0].field;
    let types: Vec<_> = fields.iter().map(|field| field.type_name()).collect();
    assert_eq!(types, ["extend.M", ".extend.M", "reserved.M", "extensions.M"]);
}

#[test]
fn groups_maps_and_optional_fields_bring_what_belongs_to_them() {
    let source = "message M { optional group Item = 1 { optional int32 a = 1; } map<string, M> my_map = 2; }";
    let message = &parsed(source).proto.message_type[0];
    let names: Vec<_> = message.nested_type.iter().map(|nested| nested.name()).collect();
    assert_eq!((names, message.field[0].name()), (vec!["Item", "MyMapEntry"], "item"));

    let source = "syntax = \"proto3\"; message M { optional int32 a = 1; int32 _a = 2; optional int32 _b = 3; }";
    let message = &parsed(source).proto.message_type[0];
    let oneofs: Vec<_> = message.oneof_decl.iter().map(|oneof| oneof.name()).collect();
    assert_eq!((oneofs, message.field[2].oneof_index), (vec!["X_a", "X_b"], Some(1)));
}

#[test]
fn values_are_kept_for_the_interpreter() {
    let source =
        "option a.(b.c) = -5; option d = -inf; option e = { x: 1, y <z: 'q' \"r\">, [a.b/c.D] { } }; option f = 1e400;";
    let options = parsed(source).proto.options.unwrap_or_default().uninterpreted_option;
    let name: Vec<_> = options[0].name.iter().map(|part| (part.name_part.as_str(), part.is_extension)).collect();
    assert_eq!((name, options[0].negative_int_value), (vec![("a", false), ("b.c", true)], Some(-5)));
    assert_eq!(options[1].double_value, Some(f64::NEG_INFINITY));
    assert_eq!(options[2].aggregate_value(), "x : 1 , y < z : 'q' \"r\" > , [ a . b / c . D ] { }");
    assert_eq!(options[3].double_value, Some(f64::INFINITY));
}

#[test]
fn message_sets_have_larger_numbers() {
    let source = "message S { extensions 4 to max; option message_set_wire_format = true; }";
    assert_eq!(parsed(source).proto.message_type[0].extension_range[0].end, Some(i32::MAX));
    let source = "message M { extensions 4 to max; reserved 1 to 3; } enum E { A = 1; reserved 5 to max; }";
    let file = parsed(source).proto;
    let (message, item) = (&file.message_type[0], &file.enum_type[0]);
    assert_eq!((message.extension_range[0].end, message.reserved_range[0].end), (Some(536_870_912), Some(4)));
    assert_eq!(item.reserved_range[0].end, Some(i32::MAX));
}

#[test]
fn elements_have_their_places_and_comments() {
    let source =
        "// Apart.\n\n// Leads.\nmessage M { // Trails.\n  reserved 1, 5 to 9;\n  int32 a = 2 [default = 1];\n}";
    let source = source.replace("int32 a", "optional int32 a");
    let found = locations(&source);
    let at = |path: &[i32]| found.iter().find(|location| location.path == path).unwrap();
    let message = at(&[4, 0]);
    assert_eq!(message.span, [3, 0, 6, 1]);
    assert_eq!((message.leading_comments(), message.trailing_comments()), (" Leads.\n", " Trails."));
    assert_eq!(message.leading_detached_comments, [" Apart.\n"]);
    for (path, span) in [
        (&[][..], &[3, 0, 6, 1][..]),
        (&[4, 0, 9], &[4, 2, 21]),
        (&[4, 0, 9, 1], &[4, 14, 20]),
        (&[4, 0, 9, 1, 2], &[4, 19, 20]),
        (&[4, 0, 2, 0, 4], &[5, 2, 10]),
        (&[4, 0, 2, 0, 7], &[5, 24, 35]),
    ] {
        assert_eq!(at(path).span, span, "{path:?}");
    }
    assert!(!found.iter().any(|location| location.path == [4, 0, 2, 0, 8]), "a default is no option");
}
