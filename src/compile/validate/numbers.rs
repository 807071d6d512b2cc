//! Rules on reserved names and on ranges of numbers, which messages and enums share.

use std::collections::HashSet;

use super::super::elements::Element;
use super::Rules;

/// Ranges of one element, last number included.
pub(super) struct Ranges<'a> {
    /// What they are for: `reserved` or `extension`.
    pub(super) kind: &'static str,
    /// Field number of the list in the element's descriptor.
    pub(super) tag: i32,
    pub(super) ranges: &'a [(i32, i32)],
}

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
        let mut names = HashSet::new();
        for (index, name) in (0..).zip(reserved) {
            if !names.insert(name.as_str()) {
                self.refuse(element, &[tag, index], format!("name {name:?} is reserved twice"));
            }
        }
        for (index, name) in members.filter(|(_, name)| names.contains(name)) {
            let message = format!("{kind} {name} has a reserved name; choose another, or remove the reservation");
            self.refuse(element, &[member_tag, index, name_tag], message);
        }
    }
}

/// Ranges of one element, to look up many numbers in; those that overlap are refused elsewhere.
#[derive(Debug, Default)]
pub(super) struct Lookup(Vec<(i32, i32)>);

impl Lookup {
    pub(super) fn new(ranges: &[(i32, i32)]) -> Self {
        let mut ranges = ranges.to_vec();
        ranges.sort_unstable();
        Self(ranges)
    }

    /// The range that `number` is in.
    pub(super) fn containing(&self, number: i32) -> Option<(i32, i32)> {
        let after = self.0.partition_point(|(start, _)| *start <= number);
        let range = *self.0[..after].last()?;
        (number <= range.1).then_some(range)
    }

    /// The first range that shares a number with `range`.
    pub(super) fn meeting(&self, range: (i32, i32)) -> Option<(i32, i32)> {
        let from = self.0.partition_point(|(_, end)| *end < range.0);
        self.0.get(from).copied().filter(|(start, _)| *start <= range.1)
    }
}

/// A range as the source would write it.
pub(super) fn show((start, end): (i32, i32)) -> String {
    if start == end { start.to_string() } else { format!("{start} to {end}") }
}

/// Two ranges that share a number; the index is that of the one that is written later.
struct Overlap {
    index: i32,
    range: (i32, i32),
    other: (i32, i32),
}

/// The overlaps among `ranges`: one per range is enough.
fn overlaps(ranges: &[(i32, i32)]) -> Vec<Overlap> {
    let mut sorted: Vec<_> = (0..).zip(ranges.iter().copied()).filter(|(_, (start, end))| start <= end).collect();
    sorted.sort_by_key(|(index, range)| (*range, *index));
    let mut overlaps = Vec::new();
    let mut widest: Option<(i32, (i32, i32))> = None;
    for (index, range) in sorted {
        if let Some((before, other)) = widest.filter(|(_, other)| range.0 <= other.1) {
            let (range, other) = if index > before { (range, other) } else { (other, range) };
            overlaps.push(Overlap { index: index.max(before), range, other });
        }
        if widest.is_none_or(|(_, other)| range.1 > other.1) {
            widest = Some((index, range));
        }
    }
    overlaps
}
