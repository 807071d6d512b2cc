//! Ranges of numbers: which one holds a number, and which of them overlap.

/// Ranges of one element, last number included.
pub(super) struct Ranges<'a> {
    /// What they are for: `reserved` or `extension`.
    pub(super) kind: &'static str,
    /// Field number of the list in the element's descriptor.
    pub(super) tag: i32,
    pub(super) ranges: &'a [(i32, i32)],
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
pub(super) struct Overlap {
    pub(super) index: i32,
    pub(super) range: (i32, i32),
    pub(super) other: (i32, i32),
}

/// The overlaps among `ranges`: one per range is enough.
pub(super) fn overlaps(ranges: &[(i32, i32)]) -> Vec<Overlap> {
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
