//! Messages, enums, services, extensions, and what is in them.

use super::super::row::Shape::{Deep, Long, Product, Repeated, Wide};
use super::super::row::{DECLARATIONS, NESTED, Row, TEXT, each, list, number};

fn proto3(source: String) -> String {
    format!("syntax = \"proto3\"; {source}")
}

fn proto2(source: String) -> String {
    format!("syntax = \"proto2\"; {source}")
}

fn message(members: String) -> String {
    proto3(format!("message M {{ {members} }}"))
}

/// `inside` in as many levels as may be.
fn nested(open: &str, inside: &str) -> String {
    format!("{}{inside}{}", open.repeat(28), "}".repeat(28))
}

pub(super) fn rows() -> Vec<Row> {
    [members(), numbers(), enums(), services(), extensions(), editions(), names()].into_iter().flatten().collect()
}

fn members() -> Vec<Row> {
    let field = |at: usize| format!("M f{at} = {};", number(at));
    let optional = |at: usize| format!("optional M f{at} = {};", number(at));
    vec![
        Row::new("messages", Wide, DECLARATIONS, 20_000, |count| {
            proto3(each(count, |at| format!("message M{at} {{}}")))
        }),
        Row::new("messages in a message", Wide, DECLARATIONS, 10_000, |count| {
            message(each(count, |at| format!("message M{at} {{}}")))
        }),
        Row::new("messages in each other", Deep, NESTED, 150, |count| {
            proto3(each(count, |at| format!("message M{at} {{ {} }}", nested("message A{", "int32 a = 1;"))))
        }),
        Row::new("fields of a message", Wide, DECLARATIONS, 20_000, move |count| message(each(count, field))),
        Row::new("fields with a label", Wide, DECLARATIONS, 10_000, move |count| message(each(count, optional))),
        Row::new("fields far inside", Product, NESTED, 10_000, move |count| {
            proto3(nested("message M{", &each(count, field)))
        }),
        Row::new("fields in a line with a tab", Product, DECLARATIONS, 10_000, move |count| {
            message(format!("\t{}", each(count, field)))
        }),
        Row::new("members of a oneof", Wide, DECLARATIONS, 10_000, move |count| {
            message(format!("oneof o {{ M f = 1; {} }}", each(count, field)))
        }),
        Row::new("oneofs", Wide, DECLARATIONS, 10_000, |count| {
            message(each(count, |at| format!("oneof o{at} {{ M f{at} = {}; }}", number(at))))
        }),
        Row::new("oneofs that make room for names", Product, TEXT, 1_000, |count| {
            let names = each(count, |at| format!("int32 {}_a = {};", "X".repeat(at), number(at)));
            message(format!("optional int32 a = 1; {names}"))
        }),
        Row::new("maps", Wide, DECLARATIONS, 10_000, |count| {
            message(each(count, |at| format!("map<int32, M> f{at} = {};", number(at))))
        }),
        Row::new("groups", Wide, DECLARATIONS, 10_000, |count| {
            proto2(format!(
                "message M {{ {} }}",
                each(count, |at| format!("optional group G{at} = {} {{}}", number(at)))
            ))
        }),
        Row::new("groups in each other", Deep, NESTED, 150, |count| {
            proto2(each(count, |at| format!("message M{at} {{ {} }}", nested("optional group G = 1 {", ""))))
        }),
        Row::new("defaults", Wide, DECLARATIONS, 5_000, |count| {
            let field = |at: usize| format!("optional double f{at} = {} [default = 1e308];", number(at));
            proto2(format!("message M {{ {} }}", each(count, field)))
        }),
        Row::new("JSON names", Wide, DECLARATIONS, 5_000, |count| {
            message(each(count, |at| format!("M f{at} = {} [json_name = \"b{at}\"];", number(at))))
        }),
    ]
}

fn numbers() -> Vec<Row> {
    vec![
        Row::new("reserved names", Wide, DECLARATIONS, 20_000, |count| {
            message(format!("reserved {};", list(count, |at| format!("\"a{at}\""))))
        }),
        Row::new("reserved ranges", Wide, DECLARATIONS, 5_000, |count| {
            message(format!("reserved {};", list(count, |at| (2 * at + 1).to_string())))
        }),
        Row::new("reserved ranges, too many", Wide, DECLARATIONS, 20_000, |count| {
            message(format!("reserved {};", list(count, |at| (20_001 + 2 * at).to_string())))
        })
        .refused("message M has 20000 ranges; at most 5000 are supported"),
        Row::new("reserved ranges times extension ranges", Product, DECLARATIONS, 12, |count| {
            let reserved = list(2_500, |at| (2 * at + 1).to_string());
            let extensions = list(2_500, |at| (2 * at + 2).to_string());
            let message = |at| format!("message M{at} {{ reserved {reserved}; extensions {extensions}; }}");
            proto2(each(count, message))
        }),
    ]
}

fn enums() -> Vec<Row> {
    let value = |at: usize| format!("V{at} = {at};");
    vec![
        Row::new("enums", Wide, DECLARATIONS, 10_000, |count| {
            proto3(each(count, |at| format!("enum E{at} {{ V{at} = 0; }}")))
        }),
        Row::new("enums in a message", Wide, DECLARATIONS, 5_000, |count| {
            message(each(count, |at| format!("enum E{at} {{ V{at} = 0; }}")))
        }),
        Row::new("values of an enum", Wide, DECLARATIONS, 20_000, move |count| {
            proto3(format!("enum E {{ {} }}", each(count, value)))
        }),
        Row::new("values of an enum, too many", Wide, DECLARATIONS, 60_000, move |count| {
            proto3(format!("enum E {{ {} }}", each(count, value)))
        })
        .refused("enum E has 60000 values; at most 50000 are supported"),
        Row::new("values that are one", Repeated, DECLARATIONS, 20_000, |count| {
            proto3(format!(
                "enum E {{ option allow_alias = true; V = 0; {} }}",
                each(count, |at| format!("V{at} = 0;"))
            ))
        }),
        Row::new("values downwards, as an option", Wide, DECLARATIONS, 20_000, |count| {
            let values = each(count, |at| format!("V{at} = -{at};"));
            proto2(format!(
                "import \"google/protobuf/descriptor.proto\"; enum E {{ {values} }}
                 extend google.protobuf.MessageOptions {{ optional E e = 50000; }} message M {{ option (e) = V1; }}"
            ))
        }),
        Row::new("reserved of an enum", Wide, DECLARATIONS, 5_000, |count| {
            let (names, ranges) = (list(count, |at| format!("\"a{at}\"")), list(count, |at| (2 * at + 2).to_string()));
            proto3(format!("enum E {{ V = 0; reserved {names}; reserved {ranges}; }}"))
        }),
    ]
}

fn services() -> Vec<Row> {
    let method = |at: usize| format!("rpc R{at}(M) returns (M);");
    vec![
        Row::new("services", Wide, DECLARATIONS, 2_000, |count| {
            proto3(format!("message M {{}} {}", each(count, |at| format!("service S{at} {{ rpc R(M) returns (M); }}"))))
        }),
        Row::new("services, too many", Wide, DECLARATIONS, 4_000, |count| {
            proto3(format!("message M {{}} {}", each(count, |at| format!("service S{at} {{ rpc R(M) returns (M); }}"))))
        })
        .refused("the file has 4000 services; at most 2000 are supported"),
        Row::new("methods", Wide, DECLARATIONS, 10_000, move |count| {
            proto3(format!("message M {{}} service S {{ {} }}", each(count, method)))
        }),
        Row::new("methods, too many", Wide, DECLARATIONS, 20_000, move |count| {
            proto3(format!("message M {{}} service S {{ {} }}", each(count, method)))
        })
        .refused("have 20000 methods; at most 10000 are supported in one file"),
        Row::new("streams", Wide, DECLARATIONS, 5_000, |count| {
            let method = |at: usize| format!("rpc R{at}(stream M) returns (stream M) {{}}");
            proto3(format!("message M {{}} service S {{ {} }}", each(count, method)))
        }),
    ]
}

fn extensions() -> Vec<Row> {
    let extension = |at: usize| format!("optional M f{at} = {};", number(at));
    let base = "message M { extensions 1 to max; }";
    vec![
        Row::new("extensions", Wide, DECLARATIONS, 10_000, move |count| {
            proto2(format!("{base} extend M {{ {} }}", each(count, extension)))
        }),
        Row::new("extensions in a message", Wide, DECLARATIONS, 5_000, move |count| {
            proto2(format!("{base} message N {{ extend M {{ {} }} }}", each(count, extension)))
        }),
        Row::new("blocks of extensions", Wide, DECLARATIONS, 5_000, move |count| {
            proto2(format!("{base} {}", each(count, |at| format!("extend M {{ {} }}", extension(at)))))
        }),
        Row::new("extensions times the name of what they extend", Product, DECLARATIONS, 1_000, move |count| {
            proto2(format!("{base} extend {}M {{ {} }}", "a.".repeat(count), each(count, extension)))
        })
        .refused("what is extended has 2002 bytes; at most 1024 are supported"),
        Row::new("extension ranges", Wide, DECLARATIONS, 5_000, |count| {
            proto2(format!("message M {{ extensions {}; }}", list(count, |at| (2 * at + 1).to_string())))
        }),
        Row::new("extension ranges times their options", Product, DECLARATIONS, 1_000, |count| {
            let ranges = list(count, |at| (2 * at + 1).to_string());
            let one = |at: usize| {
                format!("declaration = {{ number: {} full_name: \".a.b{at}\" type: \"int32\" }}", 2 * at + 1)
            };
            proto2(format!("message M {{ extensions {ranges} [{}]; }}", list(count, one)))
        })
        .refused("these 1000 extension ranges have options of"),
        Row::new("declarations of one range", Wide, DECLARATIONS, 5_000, |count| {
            let one = |at: usize| {
                format!(
                    "declaration = {{ number: {} full_name: \".a.b{at}\" type: \".a.T{at}\" reserved: true }}",
                    at + 1
                )
            };
            proto2(format!("message M {{ extensions 1 to max [{}]; }}", list(count, one)))
        }),
        Row::new("extension ranges times extensions, as options", Product, DECLARATIONS, 4_900, |count| {
            let ranges = list(count.min(4_900), |at| (2 * at + 1).to_string());
            let own = each(count, |at| format!("optional int32 f{at} = {};", number(at)));
            proto2(format!(
                "import \"google/protobuf/descriptor.proto\"; message M {{ extensions {ranges}; {own} }}
                 extend google.protobuf.MessageOptions {{ optional M m = 50000; }} message X {{ option (m) = {{}}; }}"
            ))
        }),
    ]
}

fn editions() -> Vec<Row> {
    let field = |at: usize| format!("M f{at} = {};", number(at));
    vec![
        Row::new("fields of an edition", Wide, DECLARATIONS, 10_000, move |count| {
            format!("edition = \"2023\"; message M {{ {} }}", each(count, field))
        }),
        Row::new("reserved names of an edition", Wide, DECLARATIONS, 10_000, |count| {
            format!("edition = \"2023\"; message M {{ reserved {}; }}", list(count, |at| format!("a{at}")))
        }),
        Row::new("features of fields", Wide, DECLARATIONS, 5_000, |count| {
            let field = |at: usize| format!("int32 f{at} = {} [features.field_presence = IMPLICIT];", number(at));
            format!("edition = \"2023\"; message M {{ {} }}", each(count, field))
        }),
        Row::new("features of everything", Wide, DECLARATIONS, 1_000, features),
        Row::new("visibility", Wide, DECLARATIONS, 5_000, |count| {
            let both = |at: usize| format!("local message M{at} {{}} export enum E{at} {{ E{at}_V = 0; }}");
            format!("edition = \"2024\"; option features.enforce_naming_style = STYLE_LEGACY; {}", each(count, both))
        }),
        Row::new("exported enums times reserved ranges", Product, DECLARATIONS, 4_900, |count| {
            let ranges = list(count.min(4_900), |at| (2 * at + 1).to_string());
            let enums = each(count, |at| format!("export enum E{at} {{ E{at}_V = 0; }}"));
            format!(
                "edition = \"2024\"; option features.default_symbol_visibility = STRICT;
                 option features.enforce_naming_style = STYLE_LEGACY; message M {{ reserved {ranges}; {enums} }}"
            )
        })
        .refused("cannot be exported"),
    ]
}

/// Elements of all kinds, each with every feature that it can have.
fn features(count: usize) -> String {
    let style = "features.enforce_naming_style = STYLE_LEGACY";
    let one = |at: usize| {
        format!(
            "message M{at} {{ option features.json_format = ALLOW; extensions 5 [{style}];
               oneof o {{ option {style}; int32 a = 1; }} string b = 2 [features.utf8_validation = NONE]; }}
             enum E{at} {{ option features.enum_type = OPEN; V{at} = 0 [{style}]; }}
             service S{at} {{ option {style}; rpc R(M{at}) returns (M{at}) {{ option {style}; }} }}"
        )
    };
    let file = "option features.field_presence = IMPLICIT; option features.enum_type = CLOSED;
        option features.repeated_field_encoding = EXPANDED; option features.utf8_validation = NONE;
        option features.message_encoding = DELIMITED; option features.json_format = LEGACY_BEST_EFFORT;
        option features.default_symbol_visibility = EXPORT_ALL;";
    format!("edition = \"2024\"; {file} option {style}; {}", each(count, one))
}

fn names() -> Vec<Row> {
    let long = |count: usize| "M".repeat(count);
    vec![
        Row::new("the name of a message", Long, TEXT, 1_000_000, move |count| {
            proto3(format!("message {} {{}}", long(count)))
        })
        .refused("the full name has 1000000 bytes; at most 1024 are supported"),
        Row::new("names as long as may be", Long, DECLARATIONS, 900, |count| {
            let name = |kind: &str, at: usize| format!("{kind}{at}{}", "x".repeat(count));
            let one = |at: usize| {
                let [m, e, s, x] = ["M", "E", "S", "x"].map(|kind| name(kind, at));
                format!(
                    "message {m} {{ extensions 5; optional {m} f = 1 [json_name = \"{x}\"]; }} enum {e} {{ V{at} = 0; }}
                     service {s} {{ rpc R({m}) returns ({m}); }} extend {m} {{ optional int32 x{at} = 5; }}"
                )
            };
            proto2(each(200, one))
        }),
        Row::new("the name of a field", Long, TEXT, 900, |count| {
            message(each(100, |at| {
                format!(
                    "int32 f{at}{0} = {1}; oneof o{at}{0} {{ M g{at} = {2}; }}",
                    "x".repeat(count),
                    at + 1,
                    at + 501
                )
            }))
        }),
        Row::new("the name of a value and a method", Long, TEXT, 900, |count| {
            let long = "x".repeat(count);
            let values = each(100, |at| format!("V{at}{long} = {at};"));
            let methods = each(100, |at| format!("rpc R{at}{long}(M) returns (M);"));
            proto3(format!(
                "enum E {{ {values} reserved \"a{long}\"; }} message M {{ reserved \"a{long}\"; }} service S {{ {methods} }}"
            ))
        }),
        Row::new("a package", Long, DECLARATIONS, 1_000, |count| {
            proto3(format!(
                "package {}; {}",
                "p".repeat(count.min(512)),
                each(count, |at| format!("message M{at} {{}}"))
            ))
        }),
        Row::new("the parts of a package", Deep, TEXT, 20_000, |count| {
            proto3(format!("package {}a;", "a.".repeat(count - 1)))
        })
        .refused("the package has 20000 parts; at most 101 are supported"),
        Row::new("references from far inside a package", Product, NESTED, 5_000, |count| {
            let package = vec!["a"; 60].join(".");
            let field = |at: usize| format!("M f{at} = {};", number(at));
            proto3(format!("package {package}; message M {{}} {}", nested("message A{", &each(count, field))))
        }),
        Row::new("a reference", Long, TEXT, 1_000_000, move |count| message(format!("{} f = 1;", long(count))))
            .refused("is not defined"),
    ]
}
