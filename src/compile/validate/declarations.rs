//! Rules on extension ranges that say which extensions there are: `extensions 4 to 9 [declaration = { … }]`.

use prost_types::FieldDescriptorProto;
use prost_types::descriptor_proto::ExtensionRange;
use prost_types::field_descriptor_proto::{Label, Type};

use super::rules::{DeclaredExtensions, Rules};
use crate::compile::findings::OptionPart;
use crate::compile::link::LinkedFile;
use crate::compile::options::facts::{ExtensionDeclaration, RangeFacts};
use crate::compile::visit::elements::{Element, Node, elements};

const NAME: i32 = 1;
const NUMBER: i32 = 3;
/// `ExtensionRange.options`, and fields of those.
const OPTIONS: i32 = 3;
const DECLARATION: i32 = 2;
const VERIFICATION: i32 = 3;
/// `ExtensionRangeOptions.VerificationState`.
const BY_DECLARATION: i32 = 0;
const UNVERIFIED: i32 = 1;

/// The types that are no messages or enums.
const SCALARS: [(&str, Type); 15] = [
    ("double", Type::Double),
    ("float", Type::Float),
    ("int64", Type::Int64),
    ("uint64", Type::Uint64),
    ("int32", Type::Int32),
    ("fixed64", Type::Fixed64),
    ("fixed32", Type::Fixed32),
    ("bool", Type::Bool),
    ("string", Type::String),
    ("bytes", Type::Bytes),
    ("uint32", Type::Uint32),
    ("sfixed32", Type::Sfixed32),
    ("sfixed64", Type::Sfixed64),
    ("sint32", Type::Sint32),
    ("sint64", Type::Sint64),
];

/// The extensions that all files declare in advance.
pub(super) fn declared<'l>(linked: &'l [LinkedFile<'_>]) -> DeclaredExtensions<'l> {
    let mut declared = DeclaredExtensions::new();
    for file in linked.iter().filter(|file| !file.facts.ranges.is_empty()) {
        elements(&file.proto, |element| {
            let range = matches!(element.node, Node::Range(_)).then(|| file.facts.ranges.get(element.path)).flatten();
            for declaration in range.iter().flat_map(|range| &range.declarations) {
                let of_message = declared.entry(format!(".{}", element.name)).or_default();
                of_message.insert(declaration.number(), declaration);
            }
        });
    }
    declared
}

/// Checks what an extension range of a message declares.
pub(super) fn check_range(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, range: &ExtensionRange) {
    let file = rules.file;
    let Some(facts) = file.facts.ranges.get(element.path) else { return };
    if facts.declarations.is_empty() {
        if facts.verification == Some(BY_DECLARATION) {
            let message = "this range asks for declarations of its extensions, but has none";
            rules.refuse_value(element, &[OPTIONS, VERIFICATION], message);
        }
        return;
    }
    if facts.verification == Some(UNVERIFIED) {
        let message = "a range with declarations cannot be UNVERIFIED; remove one of the two";
        rules.refuse_option(element, &[OPTIONS, DECLARATION, 0], OptionPart::First, message);
    }
    if shares_options(rules, element, facts, 1) || shares_options(rules, element, facts, -1) {
        // Once for all ranges of the statement: with its last one.
        if !shares_options(rules, element, facts, 1) {
            let message = "declarations belong to one range; write an `extensions` statement for each range";
            rules.refuse_option(element, &[OPTIONS, DECLARATION, 0], OptionPart::First, message);
        }
        return;
    }
    for (index, declaration) in (0..).zip(&facts.declarations) {
        if let Some((field, message)) = fault(range, declaration) {
            rules.refuse_in_literal(element, &[OPTIONS, DECLARATION, index], field, message);
        }
    }
}

/// Whether the range `step` beside that of `element` has the same options: they were written for both.
fn shares_options(rules: &Rules<'_, '_>, element: &Element<'_, '_>, facts: &RangeFacts, step: i32) -> bool {
    let Some((index, message)) = element.path.split_last() else { return false };
    let beside = [message, &[index.saturating_add(step)]].concat();
    rules.is_same_place(&element.inside(&[OPTIONS]), &[&beside[..], &[OPTIONS]].concat())
        && rules.file.facts.ranges.get(&beside) == Some(facts)
}

/// What is wrong with `declaration`, and the name of the field at fault; nothing for the declaration as a whole.
fn fault(range: &ExtensionRange, declaration: &ExtensionDeclaration) -> Option<(&'static str, String)> {
    let missing = |field: &str| Some(("", format!("the declaration of an extension needs a {field}")));
    let Some(number) = declaration.number else { return missing("number") };
    if !(range.start()..range.end()).contains(&number) {
        return Some(("number", format!("number {number} is not in the extension range")));
    }
    if declaration.reserved && declaration.full_name.is_none() && declaration.r#type.is_none() {
        return None;
    }
    let Some(name) = &declaration.full_name else { return missing("full_name") };
    if !is_full_name(name) {
        return Some(("full_name", format!("{name:?} is no full name; it begins with a dot")));
    }
    let Some(kind) = &declaration.r#type else { return missing("type") };
    let is_type = SCALARS.iter().any(|(scalar, _)| scalar == kind) || is_full_name(kind);
    let message = || format!("{kind:?} is neither a scalar type nor a full name, which begins with a dot");
    (!is_type).then(|| ("type", message()))
}

fn is_full_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    name.strip_prefix('.').is_some_and(|name| name.split('.').all(is_part))
}

/// Checks an extension against what its message declares of it.
pub(super) fn check_extension(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, field: &FieldDescriptorProto) {
    let declared = rules.declared_extensions.get(field.extendee());
    let Some(declaration) = declared.and_then(|declared| declared.get(&field.number())).copied() else { return };
    let message = field.extendee().trim_start_matches('.');
    if declaration.reserved {
        let text = format!("message {message} reserves the extension number {}", field.number());
        return rules.refuse(element, &[NUMBER], text);
    }
    let name = declaration.full_name().trim_start_matches('.');
    if element.name != name {
        let text = format!("message {message} declares {name} as its extension {}", field.number());
        return rules.refuse(element, &[NAME], text);
    }
    let scalar = SCALARS.iter().find(|(_, kind)| *kind == field.r#type()).map(|(name, _)| *name);
    let kind = if field.type_name.is_some() { field.type_name() } else { scalar.unwrap_or_default() };
    let is_repeated = field.label() == Label::Repeated;
    if kind != declaration.r#type() || is_repeated != declaration.repeated {
        let label = if declaration.repeated { "repeated " } else { "" };
        let text = format!("message {message} declares {name} as {label}{}", declaration.r#type());
        rules.refuse(element, &[], text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::refusal;

    const DECLARED: &str = "number: 4 full_name: \".p.x\" type: \"int32\"";

    /// What is said of a range with `options`, and of an extension of it.
    fn with(options: &str, extension: &str) -> String {
        let source = format!(
            "syntax = \"proto2\"; package p;\nmessage M {{ extensions 4 to 9 [{options}]; }}\nextend M {{ {extension} }}"
        );
        refusal(&[("a.proto", &source)])
    }

    #[test]
    fn declarations_are_whole() {
        for (declaration, expected) in [
            ("number: 4", "2:46: the declaration of an extension needs a full_name"),
            ("full_name: \".p.x\" type: \"int32\"", "2:46: the declaration of an extension needs a number"),
            ("number: 4 reserved: true type: \"int32\"", "2:46: the declaration of an extension needs a full_name"),
            ("number: 4 full_name: \".p.x\"", "2:46: the declaration of an extension needs a type"),
            ("number: 3 full_name: \".p.x\" type: \"int32\"", "2:56: number 3 is not in the extension range"),
            ("number: 4 full_name: \"p.x\" type: \"int32\"", "2:69: \"p.x\" is no full name"),
            ("number: 4 full_name: \".p.1x\" type: \"int32\"", "2:69: \".p.1x\" is no full name"),
            ("number: 4 full_name: \".p.x\" type: \"foo\"", "2:82: \"foo\" is neither a scalar type"),
            ("number: 4 reserved: true", ""),
            (DECLARED, ""),
            ("number: 4 full_name: \".p.x\" type: \".q.Nowhere\"", ""),
        ] {
            let text = with(&format!("declaration = {{ {declaration} }}"), "optional int32 y = 5;");
            let expected = if expected.is_empty() { String::new() } else { format!("a.proto:{expected}") };
            assert!(text.starts_with(&expected) && text.is_empty() == expected.is_empty(), "{declaration}: {text}");
        }
    }

    #[test]
    fn ranges_are_verified_by_declarations_or_not() {
        let declaration = format!("declaration = {{ {DECLARED} }}");
        for (options, expected) in [
            ("verification = DECLARATION".to_owned(), "2:47: this range asks for declarations"),
            (
                format!("{declaration}, verification = UNVERIFIED"),
                "2:32: a range with declarations cannot be UNVERIFIED",
            ),
            (
                format!("verification = UNVERIFIED, {declaration}"),
                "2:59: a range with declarations cannot be UNVERIFIED",
            ),
        ] {
            let text = with(&options, "optional int32 y = 5;");
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{options}: {text}");
        }
        assert_eq!(with("verification = UNVERIFIED", "optional int32 y = 5;"), "");
        assert_eq!(with(&format!("{declaration}, verification = DECLARATION"), "optional int32 x = 4;"), "");
        let two = format!("syntax = \"proto2\"; message M {{ extensions 4, 6 [{declaration}]; }}");
        assert!(refusal(&[("a.proto", &two)]).contains("declarations belong to one range"));
        let apart = "syntax = \"proto2\"; message M { extensions 4 [declaration = { number: 4 reserved: true }];
            extensions 5 [declaration = { number: 5 reserved: true }]; }";
        assert_eq!(refusal(&[("a.proto", apart)]), "");
    }

    #[test]
    fn extensions_are_as_declared() {
        for (declaration, extension, expected) in [
            (DECLARED, "optional int32 x = 4;", ""),
            (DECLARED, "optional int32 y = 4;", "3:27: message p.M declares p.x as its extension 4"),
            (DECLARED, "optional int64 x = 4;", "3:12: message p.M declares p.x as int32"),
            (DECLARED, "repeated int32 x = 4;", "3:12: message p.M declares p.x as int32"),
            ("number: 4 full_name: \".p.x\" type: \".p.M\"", "optional M x = 4;", ""),
            (
                "number: 4 full_name: \".p.x\" type: \".p.N\"",
                "optional M x = 4;",
                "3:12: message p.M declares p.x as .p.N",
            ),
            ("number: 4 reserved: true", "optional int32 x = 4;", "3:31: message p.M reserves the extension number 4"),
        ] {
            let text = with(&format!("declaration = {{ {declaration} }}"), extension);
            let expected = if expected.is_empty() { String::new() } else { format!("a.proto:{expected}") };
            assert!(text.starts_with(&expected) && text.is_empty() == expected.is_empty(), "{extension}: {text}");
        }
    }
}
