//! Enums and their values.

use std::collections::{BTreeMap, BTreeSet};

use super::ranges::{covers, merged, of_enum, text};
use super::{Check, Place};
use crate::breaking::rule::Rule;
use crate::breaking::schema::descriptor::Enum;
use crate::breaking::schema::element::EnumElement;
use crate::breaking::schema::features::{ALLOW, CLOSED};

/// The names of each number: with `allow_alias` there may be several.
fn by_number(declared: &Enum) -> BTreeMap<i32, BTreeSet<&str>> {
    let mut found: BTreeMap<i32, BTreeSet<&str>> = BTreeMap::new();
    for value in &declared.values {
        found.entry(value.number).or_default().insert(&value.name);
    }
    found
}

fn joined(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

impl Check<'_> {
    pub(super) fn enums(&mut self) {
        let (old, new) = (self.old, self.new);
        for (name, before) in &old.enums {
            let Some(after) = new.enums.get(name) else { continue };
            self.values(before, after);
            self.reserved(before, after);
            self.enum_features(before, after);
        }
    }

    fn values(&mut self, old: &EnumElement<'_>, new: &EnumElement<'_>) {
        let (place, name) = (Place::both(old.at.file, new.at.file), &new.full_name);
        let (before, after) = (by_number(old.at.declared), by_number(new.at.declared));
        let numbers = merged(of_enum(&new.at.declared.reserved_ranges));
        let reserved: BTreeSet<_> = new.at.declared.reserved_names.iter().map(String::as_str).collect();
        for (number, names) in &before {
            let all = || joined(names);
            if let Some(kept) = after.get(number) {
                if !names.is_subset(kept) {
                    let message = || format!("value {number} of enum {name} is {} now, not {}", joined(kept), all());
                    self.add(Rule::EnumValueSameName, place, message);
                }
                continue;
            }
            self.add(Rule::EnumValueNoDelete, place, || {
                format!("value {} = {number} of enum {name} was deleted", all())
            });
            if !covers(&numbers, ((*number).into(), (*number).into())) {
                self.add(Rule::EnumValueNoDeleteUnlessNumberReserved, place, || {
                    format!("value {} = {number} of enum {name} was deleted, and its number is not reserved", all())
                });
            }
            if !names.is_subset(&reserved) {
                self.add(Rule::EnumValueNoDeleteUnlessNameReserved, place, || {
                    format!("value {} = {number} of enum {name} was deleted, and its name is not reserved", all())
                });
            }
        }
    }

    fn reserved(&mut self, old: &EnumElement<'_>, new: &EnumElement<'_>) {
        let (rule, name) = (Rule::ReservedEnumNoDelete, &new.full_name);
        let place = Place::both(old.at.file, new.at.file);
        let kept = merged(of_enum(&new.at.declared.reserved_ranges));
        for range in of_enum(&old.at.declared.reserved_ranges).into_iter().filter(|range| !covers(&kept, *range)) {
            self.add(rule, place, || format!("reserved range {} of enum {name} was deleted", text(range)));
        }
        let kept: BTreeSet<_> = new.at.declared.reserved_names.iter().collect();
        for reserved in old.at.declared.reserved_names.iter().filter(|reserved| !kept.contains(reserved)) {
            self.add(rule, place, || format!("reserved name {reserved:?} of enum {name} was deleted"));
        }
    }

    fn enum_features(&mut self, old: &EnumElement<'_>, new: &EnumElement<'_>) {
        let (place, name) = (Place::both(old.at.file, new.at.file), &new.full_name);
        let (before, after) = (old.at.features, new.at.features);
        if (before.enum_type == CLOSED) != (after.enum_type == CLOSED) {
            let word = |kind| if kind == CLOSED { "closed" } else { "open" };
            let message =
                || format!("enum {name} was {}, and is {} now", word(before.enum_type), word(after.enum_type));
            self.add(Rule::EnumSameType, place, message);
        }
        if before.json_format == ALLOW && after.json_format != ALLOW {
            let message = || format!("enum {name} has no guaranteed JSON any more (json_format)");
            self.add(Rule::EnumSameJsonFormat, place, message);
        }
    }
}
