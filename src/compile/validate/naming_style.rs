//! The style that edition 2024 asks of names, unless `features.enforce_naming_style` turns it off.
//!
//! <https://protobuf.dev/editions/features/#enforce_naming>

use super::rules::Rules;
use crate::compile::source::edition::features::{of_member, resolved};
use crate::compile::visit::elements::{Element, Node};
use crate::compile::visit::tag;
use crate::model::is_map_entry;

/// `name` of every element but files, which have `package` in its place.
const NAME: i32 = 1;
const PACKAGE: i32 = 2;

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>) {
    let Some((what, name, style)) = styled(element) else { return };
    if style.fits(name) || !is_styled(rules, element) {
        return;
    }
    let tag = if matches!(element.node, Node::File(_)) { PACKAGE } else { NAME };
    let message = format!(
        "{what} {name} is not in {}, which edition 2024 asks for; rename it, or set \
         features.enforce_naming_style = STYLE_LEGACY",
        style.words()
    );
    rules.refuse(element, &[tag], message);
}

fn is_styled(rules: &Rules<'_, '_>, element: &Element<'_, '_>) -> bool {
    let Some(editioned) = &rules.file.edition else { return false };
    let written = &rules.file.facts.features;
    let oneof = match element.node {
        Node::Field(field) => field.oneof_index,
        _ => None,
    };
    let around = &element.path[..element.path.len().saturating_sub(2)];
    let features = match oneof {
        Some(index) => {
            of_member(editioned.edition, written, element.path, &[around, &[tag::MESSAGE_ONEOF, index]].concat())
        }
        None => resolved(editioned.edition, written, element.path),
    };
    features.is_styled()
}

/// What is named, how, and how it should be.
fn styled<'f>(element: &Element<'_, 'f>) -> Option<(&'static str, &'f str, Style)> {
    match element.node {
        Node::File(item) => Some(("package", item.package(), Style::Package)),
        // The parser names it after its field.
        Node::Message(item) if is_map_entry(item) => None,
        Node::Message(item) => Some(("message", item.name(), Style::Type)),
        Node::Field(item) if item.extendee.is_some() => Some(("extension", item.name(), Style::Member)),
        Node::Field(item) => Some(("field", item.name(), Style::Member)),
        Node::Oneof(item) => Some(("oneof", item.name(), Style::Member)),
        Node::Enum(item) => Some(("enum", item.name(), Style::Type)),
        Node::Value(item) => Some(("enum value", item.name(), Style::Value)),
        Node::Service(item) => Some(("service", item.name(), Style::Type)),
        Node::Method(item) => Some(("method", item.name(), Style::Type)),
        Node::Range(_) => None,
    }
}

#[derive(Clone, Copy)]
enum Style {
    Package,
    Type,
    Member,
    Value,
}

impl Style {
    fn fits(self, name: &str) -> bool {
        match self {
            Self::Package => name.is_empty() || name.split('.').all(|part| is_snake(part, u8::is_ascii_lowercase)),
            Self::Type => {
                name.starts_with(|first: char| first.is_ascii_uppercase())
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            Self::Member => is_snake(name, u8::is_ascii_lowercase),
            Self::Value => is_snake(name, u8::is_ascii_uppercase),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Package => "lower_snake_case between dots",
            Self::Type => "PascalCase",
            Self::Member => "lower_snake_case",
            Self::Value => "UPPER_SNAKE_CASE",
        }
    }
}

/// Words between single underscores; each begins with a letter.
fn is_snake(name: &str, is_letter: fn(&u8) -> bool) -> bool {
    let is_word = |word: &str| {
        word.as_bytes().first().is_some_and(is_letter)
            && word.bytes().all(|byte| is_letter(&byte) || byte.is_ascii_digit())
    };
    name.split('_').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::refusal;

    #[test]
    fn edition_2024_asks_for_style() {
        for (source, expected) in [
            ("message pet {}", "message pet is not in PascalCase"),
            ("message My_Pet {}", "message My_Pet"),
            ("message M { int32 petName = 1; }", "field petName is not in lower_snake_case"),
            ("message M { int32 a_1 = 1; }", "field a_1"),
            ("message M { int32 a__b = 1; }", "field a__b"),
            ("message M { map<string, int32> petNames = 1; }", "field petNames"),
            ("message M { oneof petKind { int32 a = 1; } }", "oneof petKind"),
            ("message M { extensions 5; } extend M { int32 petName = 5; }", "extension petName"),
            ("enum Kind { KindA = 0; }", "enum value KindA is not in UPPER_SNAKE_CASE"),
            ("message M {} service Pets { rpc get(M) returns (M); }", "method get is not in PascalCase"),
        ] {
            let text = refusal(&[("a.proto", &format!("edition = \"2024\"; package acme_pets.v1; {source}"))]);
            assert!(text.split_once(": ").is_some_and(|(_, text)| text.starts_with(expected)), "{source}: {text}");
        }
        assert!(
            refusal(&[("a.proto", "edition = \"2024\"; package acmePets;")]).contains("package acmePets is not in")
        );
    }

    #[test]
    fn style_is_a_feature() {
        for source in [
            "edition = \"2023\"; message pet { int32 petName = 1; }",
            "edition = \"2024\"; message PET2 { int32 a1_b2 = 1; } enum E { E_A1 = 0; }",
            "edition = \"2024\"; option features.enforce_naming_style = STYLE_LEGACY; message pet { int32 petName = 1; }",
            "edition = \"2024\"; message M { int32 petName = 1 [features.enforce_naming_style = STYLE_LEGACY]; }",
        ] {
            assert_eq!(refusal(&[("a.proto", source)]), "", "{source}");
        }
    }
}
