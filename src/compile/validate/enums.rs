//! Rules on enums.

use std::collections::{HashMap, HashSet};

use prost_types::{EnumDescriptorProto, EnumValueDescriptorProto};

use super::ranges::{Lookup, Ranges, show};
use super::rules::Rules;
use crate::compile::findings::OptionPart;
use crate::compile::visit::elements::Element;

const VALUE: i32 = 2;
const OPTIONS: i32 = 3;
const ALLOW_ALIAS: i32 = 2;
const RESERVED_RANGE: i32 = 4;
const RESERVED_NAME: i32 = 5;
const VALUE_NAME: i32 = 1;
const VALUE_NUMBER: i32 = 2;

pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, item: &EnumDescriptorProto) {
    check_zero(rules, element, item);
    check_alias(rules, element, item);
    check_prefixes(rules, element, item);
    let ranges: Vec<_> = item.reserved_range.iter().map(|range| (range.start(), range.end())).collect();
    rules.check_ranges(element, &Ranges { kind: "reserved", tag: RESERVED_RANGE, ranges: &ranges });
    check_numbers(rules, element, item, &Lookup::new(&ranges));
    let names = (0..).zip(item.value.iter().map(EnumValueDescriptorProto::name));
    let reserved = (RESERVED_NAME, &item.reserved_name[..]);
    rules.check_names(element, reserved, "enum value", names, (VALUE, VALUE_NAME));
}

fn check_numbers(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, item: &EnumDescriptorProto, reserved: &Lookup) {
    let allow_alias = item.options.as_ref().is_some_and(|options| options.allow_alias());
    let mut numbers = HashSet::new();
    for (index, value) in (0..).zip(&item.value) {
        let number = value.number();
        if !numbers.insert(number) && !allow_alias {
            let message = format!("enum number '{number}' has already been used; set allow_alias to use it twice");
            rules.refuse(element, &[VALUE, index, VALUE_NUMBER], message);
        }
        if let Some(range) = reserved.containing(number) {
            let message = format!("enum number '{number}' conflicts with reserved range '{}'", show(range));
            rules.refuse(element, &[VALUE, index, VALUE_NUMBER], message);
        }
    }
}

fn check_zero(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, item: &EnumDescriptorProto) {
    if item.value.is_empty() {
        rules.refuse(element, &[], format!("enum {} has no values; it must have at least one", item.name()));
    }
    if rules.is_open(element.path) && item.value.first().is_some_and(|value| value.number() != 0) {
        let message = format!("the first value of open enum {} must be 0", item.name());
        rules.refuse(element, &[VALUE, 0, VALUE_NUMBER], message);
    }
}

/// `allow_alias` must be of use.
fn check_alias(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, item: &EnumDescriptorProto) {
    let allowed = item.options.as_ref().is_some_and(|options| options.allow_alias());
    let numbers: HashSet<i32> = item.value.iter().map(EnumValueDescriptorProto::number).collect();
    if allowed && numbers.len() == item.value.len() {
        let message = format!("enum {} sets allow_alias, but no two of its values share a number", item.name());
        rules.refuse_option(element, &[OPTIONS, ALLOW_ALIAS], OptionPart::First, message);
    }
}

/// Values must differ when the enum's name is taken off them: many languages do that.
fn check_prefixes(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, item: &EnumDescriptorProto) {
    if rules.is_legacy_json(element.path) {
        return;
    }
    let prefix: String = item.name().chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    let mut seen: HashMap<String, &EnumValueDescriptorProto> = HashMap::new();
    for (index, value) in (0..).zip(&item.value) {
        let short = pascal_case(without_prefix(value.name(), &prefix));
        let Some(other) = seen.get(&short) else {
            seen.insert(short, value);
            continue;
        };
        if other.name() != value.name() && other.number() != value.number() {
            let message = format!(
                "enum values {} and {} are the same without case and the prefix {}; rename one",
                other.name(),
                value.name(),
                item.name()
            );
            rules.refuse(element, &[VALUE, index, VALUE_NAME], message);
        }
    }
}

/// `name` without `prefix`, underscores and case aside; the whole name when nothing else would be left.
fn without_prefix<'n>(name: &'n str, prefix: &str) -> &'n str {
    let mut wanted = prefix.chars();
    let mut rest = name;
    while !wanted.as_str().is_empty() {
        let mut characters = rest.chars();
        match characters.next() {
            Some('_') => {}
            Some(c) if Some(c.to_ascii_lowercase()) == wanted.next() => {}
            _ => return name,
        }
        rest = characters.as_str();
    }
    let rest = rest.trim_start_matches('_');
    if rest.is_empty() { name } else { rest }
}

fn pascal_case(name: &str) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    name.split('_').map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepted, refused};

    #[test]
    fn enums_that_protoc_refuses_are_refused() {
        refused(&[
            ("enum E { option allow_alias = true; A = 0; B = 1; }", "2:17: enum E sets allow_alias, but"),
            ("enum Pet { PET_CAT = 0; CAT = 1; }", "2:25: enum values PET_CAT and CAT are the same"),
            ("enum Pet { A_B = 0; AB = 1; PETA_B = 2; }", "2:29: enum values A_B and PETA_B are the same"),
            ("enum E { reserved 1; A = 0; B = 1; }", "2:33: enum number '1' conflicts with reserved range"),
            ("enum E { reserved 2 to max; A = 0; B = 3; }", "2:40: enum number '3' conflicts with reserved range"),
            ("enum E { reserved \"B\"; A = 0; B = 1; }", "2:31: enum value B has a reserved name"),
            ("enum E { reserved \"B\", \"B\"; A = 0; }", "2:19: name \"B\" is reserved twice"),
            ("enum E { reserved 1 to 3, 2; A = 0; }", "2:27: reserved range 2 overlaps reserved range 1 to 3"),
            ("enum E { A = 0; B = 0; }", "2:21: enum number '0' has already been used; set allow_alias"),
            ("enum E { A = 1; }", "2:14: the first value of open enum E must be 0"),
            ("enum E { reserved 3 to 1; A = 0; }", "2:19: reserved range 3 to 1 ends before it starts"),
        ]);
    }

    #[test]
    fn enums_that_protoc_accepts_are_accepted() {
        accepted(&[
            "enum E { option allow_alias = true; A = 0; B = 0; }",
            "enum Pet { option allow_alias = true; PET_CAT = 0; CAT = 0; }",
            "enum Pet { PET = 0; PET_CAT = 1; }",
            "enum E { reserved 1 to 3, 4, -2 to -1; reserved \"X\"; A = 0; }",
            "syntax = \"proto2\"; enum Pet { PET_CAT = 0; CAT = 1; }",
        ]);
    }
}
