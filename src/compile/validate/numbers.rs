//! Rules on reserved names and on ranges of numbers, which messages and enums share.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::ranges::{Overlap, Ranges, overlaps, show};
use super::rules::Rules;
use crate::compile::visit::elements::Element;

impl Rules<'_, '_> {
    /// Ranges must go upwards and not meet each other.
    pub(super) fn check_ranges(&mut self, element: &Element<'_, '_>, list: &Ranges<'_>) {
        let kind = list.kind;
        for (index, (start, end)) in (0..).zip(list.ranges) {
            if start > end {
                let message = format!("{kind} range {start} to {end} ends before it starts; swap the numbers");
                self.refuse(element, &[list.tag, index], message);
            }
        }
        for Overlap { index, range, other } in overlaps(list.ranges) {
            let (range, other) = (show(range), show(other));
            self.refuse(element, &[list.tag, index], format!("{kind} range {range} overlaps {kind} range {other}"));
        }
    }

    /// Reserved names must differ, and no member may have one. `members` are names with their paths.
    pub(super) fn check_names<'m>(
        &mut self,
        element: &Element<'_, '_>,
        (tag, reserved): (i32, &[String]),
        kind: &str,
        members: impl Iterator<Item = (i32, &'m str)>,
        (member_tag, name_tag): (i32, i32),
    ) {
        let mut names = HashMap::new();
        for (index, name) in (0..).zip(reserved) {
            match names.entry(name.as_str()) {
                Entry::Vacant(vacant) => drop(vacant.insert(index)),
                Entry::Occupied(first) => {
                    self.refuse(element, &[tag, *first.get()], format!("name {name:?} is reserved twice"));
                }
            }
        }
        for (index, name) in members.filter(|(_, name)| names.contains_key(name)) {
            let message = format!("{kind} {name} has a reserved name; choose another, or remove the reservation");
            self.refuse(element, &[member_tag, index, name_tag], message);
        }
    }
}
