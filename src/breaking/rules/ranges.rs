//! Ranges of numbers that must not get smaller.

use crate::breaking::schema::descriptor::Range;

/// The first and the last number of ranges.
pub(super) type Span = (i64, i64);

/// The ranges of a message: descriptors hold the number after the last.
pub(super) fn of_message(ranges: &[Range]) -> Vec<Span> {
    ranges.iter().map(|range| (i64::from(range.start), i64::from(range.end) - 1)).collect()
}

/// The ranges of an enum.
pub(super) fn of_enum(ranges: &[Range]) -> Vec<Span> {
    ranges.iter().map(|range| (i64::from(range.start), i64::from(range.end))).collect()
}

/// The same numbers as ranges that neither overlap nor touch, in order.
pub(super) fn merged(mut ranges: Vec<Span>) -> Vec<Span> {
    ranges.sort_unstable();
    let mut merged: Vec<Span> = vec![];
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if start <= last.1 + 1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// Whether all numbers of `span` are in `merged` ranges.
pub(super) fn covers(merged: &[Span], (start, end): Span) -> bool {
    let behind = merged.partition_point(|range| range.0 <= start);
    behind.checked_sub(1).and_then(|at| merged.get(at)).is_some_and(|range| range.1 >= end)
}

/// A range as sources write it.
pub(super) fn text((start, end): Span) -> String {
    if start == end { start.to_string() } else { format!("{start} to {end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_one() {
        let ranges = merged(vec![(5, 9), (1, 4), (20, 20)]);
        assert_eq!(ranges, [(1, 9), (20, 20)]);
        assert!(covers(&ranges, (3, 7)) && covers(&ranges, (20, 20)));
        assert!(!covers(&ranges, (9, 10)) && !covers(&ranges, (0, 1)) && !covers(&[], (1, 1)));
    }
}
