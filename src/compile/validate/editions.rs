//! Rules on what only editions have: features, and types that other files cannot use.
//!
//! Which elements take which features is what `descriptor.proto` says in `targets`; where `protoc` and `buf` differ
//! beyond that, the rules are `buf`'s.

use prost_types::descriptor_proto::ReservedRange;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto};

use super::rules::Rules;
use crate::compile::findings::OptionPart;
use crate::compile::source::edition::features::{self, FeatureSet, IMPLICIT, LEGACY_REQUIRED, PACKED};
use crate::compile::source::edition::supported::{Edition, Visibility};
use crate::compile::visit::elements::{Element, Node};
use crate::compile::visit::message_at::message_at;
use crate::model::LARGEST_FIELD_NUMBER;

const EXTENDEE: i32 = 2;
const TYPE: i32 = 5;
const TYPE_NAME: i32 = 6;
const INPUT_TYPE: i32 = 2;
const OUTPUT_TYPE: i32 = 3;
const FIELD_OPTIONS: i32 = 8;

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>) {
    match element.node {
        Node::Field(field) => {
            check_reference(rules, element, TYPE_NAME, field.type_name());
            check_reference(rules, element, EXTENDEE, field.extendee());
        }
        Node::Method(method) => check_method(rules, element, method),
        _ => {}
    }
    if rules.file.edition.is_none() {
        return;
    }
    if let Node::Field(field) = element.node {
        check_kind(rules, element, field);
    }
    check_export(rules, element);
    let Some(own) = rules.file.facts.features.get(element.path).cloned() else { return };
    check_values(rules, element, &own);
    match element.node {
        Node::File(_) if own.field_presence == Some(LEGACY_REQUIRED) => {
            let message = "feature field_presence = LEGACY_REQUIRED cannot be set for a whole file; remove it";
            rules.refuse_value(element, &feature_path(element, "field_presence"), message);
        }
        // There they mean nothing, and `buf` lets them be.
        Node::File(_) | Node::Service(_) | Node::Method(_) | Node::Range(_) => {}
        Node::Field(field) => check_field(rules, element, field, &own),
        Node::Enum(_) => {
            refuse_set(rules, element, &FeatureSet { enum_type: None, json_format: None, ..of_any(&own) });
        }
        Node::Message(_) => refuse_set(rules, element, &FeatureSet { json_format: None, ..of_any(&own) }),
        Node::Oneof(_) => refuse_set(rules, element, &of_any(&own)),
        _ => {
            let limits = own.enforce_proto_limits;
            refuse_set(rules, element, &FeatureSet { enforce_proto_limits: limits, ..of_any(&own) });
        }
    }
}

/// `features` without those that every kind of element can set.
fn of_any(features: &FeatureSet) -> FeatureSet {
    FeatureSet { enforce_naming_style: None, enforce_proto_limits: None, ..features.clone() }
}

/// Features must be known to the edition, and say something.
fn check_values(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, own: &FeatureSet) {
    for (name, value) in named(own) {
        if value == Some(0) {
            let path = feature_path(element, name);
            rules.refuse_value(element, &path, format!("feature {name} is set to no known value"));
        }
    }
    let edition = rules.file.edition.as_ref().map(|it| it.edition);
    let later = [
        ("enforce_naming_style", own.enforce_naming_style, Edition::E2024),
        ("default_symbol_visibility", own.default_symbol_visibility, Edition::E2024),
        ("enforce_proto_limits", own.enforce_proto_limits, Edition::E2026),
    ];
    for (name, value, introduced) in later {
        if value.is_some() && edition < Some(introduced) {
            let year = if introduced == Edition::E2024 { 2024 } else { 2026 };
            let message = format!("feature {name} is not there before edition {year}; remove it");
            rules.refuse_option(element, &feature_path(element, name), OptionPart::First, message);
        }
    }
}

/// Where visibility is STRICT, a nested type cannot be exported, except an enum of a message that holds nothing but
/// enums.
fn check_export(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>) {
    let Some(editioned) = &rules.file.edition else { return };
    let is_inside = element.path.len() > 2;
    if !is_inside || editioned.visibility.get(element.path) != Some(&Visibility::Export) {
        return;
    }
    if !features::resolved(editioned.edition, &rules.file.facts.features, element.path).is_strict() {
        return;
    }
    let name = element.name;
    match element.node {
        Node::Message(_) => {
            let message =
                format!("{name} cannot be exported: with strict visibility, messages inside others are local");
            rules.refuse(element, &[], message);
        }
        Node::Enum(_) if !is_namespace(&rules.file.proto, &element.path[..element.path.len() - 2]) => {
            let message = format!(
                "{name} cannot be exported: with strict visibility, the message around it has to \
                 `reserved 1 to max;`, so that it is a namespace and nothing else"
            );
            rules.refuse(element, &[], message);
        }
        _ => {}
    }
}

/// Whether the message at `path` can have no field.
fn is_namespace(file: &FileDescriptorProto, path: &[i32]) -> bool {
    let is_all = |range: &ReservedRange| range.start() == 1 && range.end() > LARGEST_FIELD_NUMBER;
    // Any other range would overlap this one.
    message_at(file, path).and_then(|message| message.reserved_range.first()).is_some_and(is_all)
}

fn check_method(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, method: &MethodDescriptorProto) {
    check_reference(rules, element, INPUT_TYPE, method.input_type());
    check_reference(rules, element, OUTPUT_TYPE, method.output_type());
}

/// A type of another file must be meant for others, and be imported for more than options.
fn check_reference(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, tag: i32, name: &str) {
    let Some(home) = rules.homes.get(name) else { return };
    let file = &rules.file.proto;
    if home.file == file.name() {
        return;
    }
    let name = name.trim_start_matches('.');
    if home.hidden {
        let message = format!("{name} is local to {}; write `export` before its declaration to use it here", home.file);
        rules.refuse(element, &[tag], message);
    } else if rules.is_for_options(home.file) {
        let message =
            format!("{} is imported for options only; remove `option` from its import to use {name}", home.file);
        rules.refuse(element, &[tag], message);
    }
}

/// What earlier syntaxes had and editions say otherwise.
fn check_kind(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    if field.r#type() == Type::Group {
        let message = "groups are not allowed in an edition; use a field of a message with \
                       features.message_encoding = DELIMITED";
        rules.refuse(element, &[], message);
    }
    if field.options.as_ref().is_some_and(|options| options.packed.is_some()) {
        let message = "packed is no option in an edition; set features.repeated_field_encoding instead";
        rules.refuse(element, &[FIELD_OPTIONS, 2], message);
    }
}

fn check_field(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto, own: &FeatureSet) {
    let is_message = field.r#type() == Type::Message;
    let map = if is_message { rules.map(field.type_name()) } else { None };
    let is_repeated = field.label() == Label::Repeated;
    let tag = if field.type_name.is_some() { TYPE_NAME } else { TYPE };
    let is_text = |kind| kind == Type::String;
    let unpackable = matches!(field.r#type(), Type::String | Type::Bytes | Type::Message | Type::Group);
    let presence = match own.field_presence {
        None => None,
        Some(_) if field.oneof_index.is_some() => Some("a member of a oneof"),
        Some(_) if field.extendee.is_some() => Some("an extension"),
        Some(_) if is_repeated => Some("a repeated field"),
        Some(IMPLICIT) if is_message => Some("a field of message type"),
        Some(_) => None,
    };
    if let Some(what) = presence {
        refuse_for(rules, element, &[], "field_presence", what);
    }
    match own.repeated_field_encoding {
        Some(_) if !is_repeated || map.is_some() => {
            refuse_for(rules, element, &[], "repeated_field_encoding", "a field that is not repeated")
        }
        Some(PACKED) if unpackable => {
            let message = "feature repeated_field_encoding = PACKED cannot be set for such a type; remove it";
            rules.refuse(element, &[tag], message);
        }
        _ => {}
    }
    if own.utf8_validation.is_some() && !is_text(field.r#type()) && !map.is_some_and(|map| map.has_text) {
        refuse_for(rules, element, &[tag], "utf8_validation", "a field that is not a string");
    }
    if own.message_encoding.is_some() && (!is_message || map.is_some()) {
        refuse_for(rules, element, &[tag], "message_encoding", "a field that does not hold a message");
    }
    let others = FeatureSet {
        enum_type: own.enum_type,
        json_format: own.json_format,
        default_symbol_visibility: own.default_symbol_visibility,
        ..FeatureSet::default()
    };
    refuse_set(rules, element, &others);
}

/// Refuses all features that are set in `features`, because they are none of the element's.
fn refuse_set(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, features: &FeatureSet) {
    for (name, value) in named(features) {
        if value.is_some() {
            refuse_target(rules, element, name);
        }
    }
}

/// Refuses a feature that is none of the element's.
fn refuse_target(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, feature: &str) {
    let message = format!("feature {feature} cannot be set for such an element; remove it");
    rules.refuse_option(element, &feature_path(element, feature), OptionPart::Last, message);
}

/// Refuses a feature that does not fit `what` the field is, at a `part` of it.
fn refuse_for(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, part: &[i32], feature: &str, what: &str) {
    rules.refuse(element, part, format!("feature {feature} cannot be set for {what}; remove it"));
}

/// Where `feature` of an element is set, from the element on.
fn feature_path(element: &Element<'_, '_>, feature: &str) -> Vec<i32> {
    let number = (1..).zip(named(&FeatureSet::default())).find(|(_, (known, _))| *known == feature);
    let (tag, _) = element.node.options();
    vec![tag, element.node.features_tag().cast_signed(), number.map_or(0, |(number, _)| number)]
}

fn named(features: &FeatureSet) -> [(&'static str, Option<i32>); 9] {
    [
        ("field_presence", features.field_presence),
        ("enum_type", features.enum_type),
        ("repeated_field_encoding", features.repeated_field_encoding),
        ("utf8_validation", features.utf8_validation),
        ("message_encoding", features.message_encoding),
        ("json_format", features.json_format),
        ("enforce_naming_style", features.enforce_naming_style),
        ("default_symbol_visibility", features.default_symbol_visibility),
        ("enforce_proto_limits", features.enforce_proto_limits),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::refusal;

    fn edition(year: u32, source: &str) -> String {
        refusal(&[("a.proto", &format!("edition = \"{year}\"; package a; {source}"))])
    }

    #[test]
    fn features_that_do_not_fit_are_refused() {
        for (source, expected) in [
            (
                "message M { M a = 1 [features.field_presence = IMPLICIT]; }",
                "feature field_presence cannot be set for a field of message",
            ),
            (
                "message M { repeated int32 a = 1 [features.field_presence = IMPLICIT]; }",
                "feature field_presence cannot be set for a repeated",
            ),
            (
                "message M { oneof x { int32 a = 1 [features.field_presence = IMPLICIT]; } }",
                "feature field_presence cannot be set for a member",
            ),
            (
                "message M { extensions 5; } extend M { int32 a = 5 [features.field_presence = EXPLICIT]; }",
                "feature field_presence cannot be set for an ext",
            ),
            (
                "message M { int32 a = 1 [features.repeated_field_encoding = PACKED]; }",
                "feature repeated_field_encoding cannot",
            ),
            (
                "message M { repeated string a = 1 [features.repeated_field_encoding = PACKED]; }",
                "feature repeated_field_encoding = PACKED cannot",
            ),
            ("message M { int32 a = 1 [features.utf8_validation = NONE]; }", "feature utf8_validation cannot"),
            ("message M { int32 a = 1 [features.message_encoding = DELIMITED]; }", "feature message_encoding cannot"),
            (
                "message M { map<string, M> a = 1 [features.message_encoding = DELIMITED]; }",
                "feature message_encoding cannot",
            ),
            (
                "message M { option features.field_presence = IMPLICIT; }",
                "feature field_presence cannot be set for such",
            ),
            ("option features.json_format = JSON_FORMAT_UNKNOWN;", "feature json_format is set to no known value"),
            ("option features.field_presence = LEGACY_REQUIRED;", "feature field_presence = LEGACY_REQUIRED cannot"),
            (
                "message m { option features.enforce_naming_style = STYLE_LEGACY; }",
                "feature enforce_naming_style is not",
            ),
            (
                "message M { map<int32, M> a = 1 [features.utf8_validation = NONE]; }",
                "feature utf8_validation cannot be set for a field that is not",
            ),
            (
                "message M { map<int32, M> a = 1 [features.repeated_field_encoding = EXPANDED]; }",
                "feature repeated_field_encoding cannot be set for a field that is not",
            ),
            (
                "message M { int32 a = 1 [features.field_presence = FIELD_PRESENCE_UNKNOWN]; }",
                "feature field_presence is set to no known value",
            ),
            ("message M { repeated int32 a = 1 [packed = true]; }", "packed is no option"),
            ("message M { optional group A = 1 {} }", "`optional` is not allowed"),
            ("message M { repeated group A = 1 {} }", "groups are not allowed"),
            ("enum E { A = 1; }", "the first value of open enum E must be 0"),
            (
                "enum E { option features.enum_type = CLOSED; A = 1; } message M { E e = 1 [features.field_presence = IMPLICIT]; }",
                "closed enum a.E cannot be used",
            ),
            ("message M { int32 a_b = 1; int32 aB = 2; }", "a field with JSON name 'aB' is already"),
        ] {
            let text = edition(2023, source);
            assert!(
                text.split_once(": ").is_some_and(|(_, message)| message.starts_with(expected)),
                "{source}\n{text}"
            );
        }
    }

    #[test]
    fn features_that_fit_are_accepted() {
        for source in [
            "option features.field_presence = IMPLICIT; message M { int32 a = 1 [default = 3]; M m = 2; }",
            "message M { repeated string a = 1 [features.repeated_field_encoding = EXPANDED]; }",
            "message M { map<string, string> a = 1 [features.utf8_validation = NONE]; }",
            "message M { repeated M a = 1 [features.message_encoding = DELIMITED]; }",
            "message M { M a = 1 [features.field_presence = LEGACY_REQUIRED]; extensions 5 to 9; }",
            "enum E { option features.enum_type = CLOSED; A = 1; } message M { E e = 1; }",
            "option features.field_presence = IMPLICIT; enum E { option features.enum_type = CLOSED; A = 0; }
             message M { repeated E a = 1; map<int32, E> b = 2; oneof o { E c = 3; } }",
            "service S { option features.enum_type = OPEN; }",
            "message M { int32 a = 1 [features = { field_presence: IMPLICIT }]; }",
            "message M { option features.json_format = LEGACY_BEST_EFFORT; int32 a_b = 1; int32 aB = 2; }",
            "message M { extensions 4 to max; option message_set_wire_format = true; }",
            "import \"google/protobuf/go_features.proto\"; option features.(pb.go).api_level = API_OPAQUE;",
        ] {
            assert_eq!(edition(2023, source), "", "{source}");
        }
    }

    #[test]
    fn strict_visibility_keeps_what_is_inside_messages() {
        let strict =
            |source: &str| edition(2024, &format!("option features.default_symbol_visibility = STRICT;\n{source}"));
        assert!(strict("message M { export message N {} }").contains("a.M.N cannot be exported: with strict"));
        let inside = |reserved: &str| strict(&format!("local message M {{ export enum E {{ E_A = 0; }} {reserved} }}"));
        assert!(inside("reserved 1 to 5;").contains("the message around it has to `reserved 1 to max;`"));
        assert_eq!(inside("reserved 1 to max;"), "");
        let deep = |first: &str, second: &str| {
            let space = |name: &str, reserved: &str| {
                format!("local message {name} {{ export enum E {{ E_A = 0; }} {reserved} }}")
            };
            let (first, second) = (space("First", first), space("Second", second));
            strict(&format!("message Before {{}} message M {{ message Before {{}} {first} {second} }}"))
        };
        assert_eq!(deep("reserved 1 to max;", "reserved 1 to max;"), "");
        assert!(deep("reserved 1 to max;", "").contains("a.M.Second.E cannot be exported"));
        assert!(deep("", "reserved 1 to max;").contains("a.M.First.E cannot be exported"));
    }

    #[test]
    fn types_that_are_not_exported_stay_in_their_file() {
        let user =
            |name: &str| format!("edition = \"2024\"; package a; import \"b.proto\"; message M {{ {name} x = 1; }}");
        let other = "edition = \"2024\"; package a; local message L {} message O { message I {} export message E {} }";
        let used = |name: &str| refusal(&[("a.proto", &user(name)), ("b.proto", other)]);
        assert!(used("L").starts_with("a.proto:1:60: a.L is local to b.proto; write `export`"), "{}", used("L"));
        assert!(used("O.I").starts_with("a.proto:1:60: a.O.I is local to b.proto"), "{}", used("O.I"));
        assert_eq!(used("O.E"), "");
        let source = "edition = \"2024\"; import option \"b.proto\"; message M { a.O x = 1; }";
        let text = refusal(&[("a.proto", source), ("b.proto", other)]);
        assert!(text.contains("b.proto is imported for options only; remove `option`"), "{text}");
    }
}
