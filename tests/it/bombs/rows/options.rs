//! Options: simple ones and custom ones, their names, and values with fields.

use super::super::row::Shape::{Deep, Large, Long, Product, Repeated, Wide};
use super::super::row::{Cost, DECLARATIONS, Files, Row, TEXT, each, list, number};

/// A message that is an option of everything, and can hold itself.
const OPTION: &str = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
    message O {
      optional O o = 1; repeated O all = 2; optional string text = 3; repeated int32 list = 4; map<int32, int32> map = 5;
      repeated double ratios = 6; repeated string texts = 7; extensions 100 to max;
    }\n";

/// Numbers that are short as they are written, and hundreds of digits as the parser writes them.
const NUMBERS: Cost = Cost { memory: 800, micros: 30 };

fn option(of: &str, source: &str) -> String {
    let numbers = "optional O o = 50000; repeated int32 list = 50001; repeated O all = 50002;";
    format!("{OPTION} extend google.protobuf.{of}Options {{ {numbers} }} {source}")
}

fn of_message(options: &str) -> String {
    option("Message", &format!("message M {{ {options} }}"))
}

fn value(inside: &str) -> String {
    of_message(&format!("option (o) = {{ {inside} }};"))
}

pub(super) fn rows() -> Vec<Row> {
    [simple(), custom(), aggregates(), lookups()].into_iter().flatten().collect()
}

fn simple() -> Vec<Row> {
    let deprecated = "[deprecated = true]";
    vec![
        Row::new("every option that there is", Wide, DECLARATIONS, 300, every_option),
        Row::new("entries of an option that there is", Repeated, DECLARATIONS, 5_000, |count| {
            let one = |at: usize| format!("edition_defaults = {{ edition: EDITION_2023 value: \"{at}\" }}");
            format!("syntax = \"proto2\"; message M {{ optional int32 a = 1 [{}]; }}", list(count, one))
        }),
        Row::new("options of fields", Wide, DECLARATIONS, 5_000, move |count| {
            let field = |at: usize| format!("M f{at} = {} {deprecated};", number(at));
            format!("syntax = \"proto3\"; message M {{ {} }}", each(count, field))
        }),
        Row::new("options of values", Wide, DECLARATIONS, 5_000, move |count| {
            let value = |at: usize| format!("V{at} = {at} {deprecated};");
            format!("syntax = \"proto3\"; enum E {{ {} }}", each(count, value))
        }),
        Row::new("options of methods", Wide, DECLARATIONS, 5_000, |count| {
            let method = |at: usize| format!("rpc R{at}(M) returns (M) {{ option deprecated = true; }}");
            format!("syntax = \"proto3\"; message M {{}} service S {{ {} }}", each(count, method))
        }),
        Row::new("options of a file that are none", Wide, DECLARATIONS, 10_000, |count| {
            format!("syntax = \"proto3\"; {}", each(count, |at| format!("option a{at} = 1;")))
        })
        .refused("option field 'a0' is not defined"),
    ]
}

/// Elements of all kinds, each with every option that it can have.
fn every_option(count: usize) -> String {
    let field = "deprecated = true, debug_redact = true, retention = RETENTION_SOURCE, targets = TARGET_TYPE_FIELD, \
        targets = TARGET_TYPE_FILE, edition_defaults = { edition: EDITION_2023 value: \"x\" }, \
        edition_defaults = { edition: EDITION_2024 value: \"y\" }, weak = false, lazy = false, unverified_lazy = false, \
        feature_support = { edition_introduced: EDITION_2023 edition_deprecated: EDITION_2024 \
        deprecation_warning: \"x\" edition_removed: EDITION_2024 removal_error: \"y\" }";
    let range = "verification = DECLARATION, declaration = { number: 5 full_name: \".a.b\" type: \"int32\" reserved: false \
        repeated: true }, declaration = { number: 6 reserved: true }";
    let one = |at: usize| {
        format!(
            "message M{at} {{
               option deprecated = true; option no_standard_descriptor_accessor = true;
               option message_set_wire_format = false; option deprecated_legacy_json_field_conflicts = true;
               extensions 5 to 9 [{range}];
               repeated int64 a = 1 [{field}, packed = true, jstype = JS_STRING];
               optional string b = 2 [ctype = CORD];
               optional string c = 3 [default = \"x\", json_name = \"see\"];
             }}
             enum E{at} {{
               option allow_alias = true; option deprecated = true; option deprecated_legacy_json_field_conflicts = true;
               A{at} = 0 [deprecated = true, debug_redact = true, feature_support = {{ edition_introduced: EDITION_2023 }}];
               B{at} = 0;
             }}
             service S{at} {{
               option deprecated = true;
               rpc R(M{at}) returns (M{at}) {{ option deprecated = true; option idempotency_level = IDEMPOTENT; }}
             }}"
        )
    };
    let file = "option java_package = \"x\"; option java_outer_classname = \"x\"; option java_multiple_files = true;
        option java_generate_equals_and_hash = true; option java_string_check_utf8 = true; option optimize_for = SPEED;
        option go_package = \"x\"; option cc_generic_services = true; option java_generic_services = true;
        option py_generic_services = true; option deprecated = true; option cc_enable_arenas = true;
        option objc_class_prefix = \"x\"; option csharp_namespace = \"x\"; option swift_prefix = \"x\";
        option php_class_prefix = \"x\"; option php_namespace = \"x\"; option php_metadata_namespace = \"x\";
        option ruby_package = \"x\";";
    format!("syntax = \"proto2\"; {file} {}", each(count, one))
}

fn custom() -> Vec<Row> {
    let of_each = |of: &'static str, element: fn(usize) -> String, around: fn(String) -> String| {
        move |count: usize| option(of, &around(each(count, element)))
    };
    let in_message = |members: String| format!("message M {{ {members} }}");
    vec![
        Row::new(
            "custom options of fields",
            Wide,
            DECLARATIONS,
            3_000,
            of_each(
                "Field",
                |at| format!("optional M f{at} = {} [(o).text = \"x\", (list) = 1, (list) = 2];", number(at)),
                in_message,
            ),
        ),
        Row::new(
            "custom options of oneofs",
            Wide,
            DECLARATIONS,
            3_000,
            of_each(
                "Oneof",
                |at| format!("oneof o{at} {{ option (o).text = \"x\"; M f{at} = {}; }}", number(at)),
                in_message,
            ),
        ),
        Row::new(
            "custom options of values",
            Wide,
            DECLARATIONS,
            3_000,
            of_each(
                "EnumValue",
                |at| format!("V{at} = {at} [(o).text = \"x\"];"),
                |values| format!("enum E {{ {values} }}"),
            ),
        ),
        Row::new(
            "custom options of ranges",
            Wide,
            DECLARATIONS,
            2_000,
            of_each("ExtensionRange", |at| format!("extensions {} [(o).text = \"x\"];", 2 * at + 1), in_message),
        ),
        Row::new("entries of one option", Repeated, DECLARATIONS, 10_000, |count| {
            of_message(&each(count, |at| format!("option (list) = {at};")))
        }),
        Row::new("entries inside one option", Repeated, DECLARATIONS, 5_000, |count| {
            of_message(&each(count, |at| format!("option (o).o.o.list = {at};")))
        }),
        Row::new("values with fields of one option", Repeated, DECLARATIONS, 5_000, |count| {
            of_message(&each(count, |at| format!("option (all) = {{ list: {at} }};")))
        }),
        Row::new("the name of an option", Deep, DECLARATIONS, 20_000, |count| {
            of_message(&format!("option (o){}.text = \"x\";", ".o".repeat(count)))
        })
        .refused("levels, more than the limit of 31; the server's --max-nesting changes the limit"),
        Row::new("the name of an extension", Long, DECLARATIONS, 100_000, |count| {
            of_message(&format!("option ({}o) = 1;", "a.".repeat(count)))
        })
        .refused("is not defined"),
        Row::new("extensions that are none", Wide, DECLARATIONS, 5_000, |count| {
            of_message(&each(count, |at| format!("option (a.b{at}) = 1;")))
        })
        .refused("name 'a.b0' is not defined"),
    ]
}

fn aggregates() -> Vec<Row> {
    vec![
        Row::new("a list", Large, DECLARATIONS, 40_000, |count| {
            value(&format!("list: [{}]", list(count, |at| at.to_string())))
        }),
        Row::new("entries of a list", Repeated, DECLARATIONS, 20_000, |count| {
            value(&each(count, |at| format!("list: {at} ")))
        }),
        Row::new("messages of a list", Repeated, DECLARATIONS, 20_000, |count| {
            value(&each(count, |_| "all {}".into()))
        }),
        Row::new("messages in each other of a list", Deep, DECLARATIONS, 500, |count| {
            value(&format!("{}{}", "all {".repeat(25), "}".repeat(25)).repeat(count))
        }),
        Row::new("entries of a map", Wide, DECLARATIONS, 10_000, |count| {
            value(&each(count, |at| format!("map {{ key: {at} }} ")))
        }),
        Row::new("numbers of many digits", Repeated, NUMBERS, 10_000, |count| {
            value(&format!("ratios: [{}]", list(count, |_| "1e308".into())))
        }),
        Row::new("fractions of many digits", Repeated, NUMBERS, 10_000, |count| {
            value(&format!("ratios: [{}]", list(count, |_| "1e-308".into())))
        }),
        Row::new("texts of a list", Repeated, DECLARATIONS, 20_000, |count| {
            value(&format!("texts: [{}]", list(count, |_| "\"x\"".into())))
        }),
        Row::new("a text in pieces", Repeated, TEXT, 40_000, |count| {
            value(&format!("text: {}", "\"x\" ".repeat(count)))
        }),
        Row::new("a text of escapes", Long, TEXT, 50_000, |count| {
            value(&format!("text: \"{}\"", "\\x01".repeat(count)))
        }),
        Row::new("extensions in a value", Repeated, DECLARATIONS, 5_000, |count| {
            let extensions =
                format!("extend O {{ {} }}", each(100, |at| format!("repeated int32 e{at} = {};", 100 + at)));
            format!("{} {extensions}", value(&each(count, |at| format!("[e{}]: 1 ", at % 100))))
        }),
        Row::new("an Any in a value", Repeated, DECLARATIONS, 2_000, |count| {
            let any = "import \"google/protobuf/any.proto\"; message A { repeated google.protobuf.Any any = 1; }
                extend google.protobuf.MessageOptions { optional A a = 50009; }";
            let values = "any { [type.googleapis.com/O] { text: \"x\" } } ".repeat(count);
            format!("{OPTION} {any} message M {{ option (a) = {{ {values} }}; }}")
        }),
        Row::new("names in brackets that are none", Wide, DECLARATIONS, 10_000, |count| {
            value(&each(count, |at| format!("[a.b{at}]: 1 ")))
        })
        .refused("name 'a.b0' is not defined"),
    ]
}

/// Types that options ask for again and again.
fn lookups() -> Vec<Row> {
    vec![
        Row::new("members of a oneof times values", Product, DECLARATIONS, 10_000, |count| {
            let members = each(count, |at| format!("int32 f{at} = {};", number(at)));
            let one = format!(
                "message W {{ oneof o {{ {members} }} }} extend google.protobuf.MessageOptions {{ repeated W w = 50009; }}"
            );
            format!("{OPTION} {one} message M {{ {} }}", "option (w) = { f0: 1 };".repeat(count))
        }),
        Row::new("extensions of a message times uses", Product, DECLARATIONS, 15_000, |count| {
            let extensions = each(count, |at| format!("repeated int32 e{at} = {};", number(at)));
            format!("{} extend O {{ {extensions} }}", value(&each(count, |at| format!("[e{at}]: 1 "))))
        }),
        Row::new("options times their uses", Product, DECLARATIONS, 3_000, |count| {
            let extensions = each(count, |at| format!("optional int32 e{at} = {};", number(at)));
            let uses = each(count, |at| format!("option (e{at}) = 1;"));
            format!("{OPTION} extend google.protobuf.MessageOptions {{ {extensions} }} message M {{ {uses} }}")
        }),
        Row::of_files("files that see each other, with options", Product, DECLARATIONS, 300, publicly),
        Row::of_files("files of long paths that see each other, with options", Product, DECLARATIONS, 200, |count| {
            let long = |path: &str| format!("{}/{path}", vec!["d".repeat(200); 15].join("/"));
            let files = publicly(count).into_iter();
            files
                .map(|(path, text)| (long(&path), text.replace("public \"", &format!("public \"{}", long("")))))
                .collect()
        }),
    ]
}

/// A chain of public imports; each file declares an option and uses it.
fn publicly(count: usize) -> Files {
    let file = |at: usize| {
        let import = if at == 0 { String::new() } else { format!("import public \"f{}.proto\";", at - 1) };
        let text = format!(
            "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\"; {import}
             extend google.protobuf.MessageOptions {{ optional int32 o{at} = {}; }} message M{at} {{ option (o{at}) = 1; }}",
            50_000 + at
        );
        (format!("f{at}.proto"), text)
    };
    (0..count).map(file).collect()
}
