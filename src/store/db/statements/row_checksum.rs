//! Checksums of rows. The checksum of a row detects a value that a failing disk changed; the sum of the checksums of a
//! list detects a lost row.

use std::iter::Sum;

use crate::model::Sha256Digest;

/// The checksum of a row, or the sum of the checksums of a list. It detects accidents, not forgeries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::store) struct RowChecksum(pub(in crate::store) i64);

impl RowChecksum {
    /// The first bytes of a digest of all columns, each with its length before it.
    pub(in crate::store) fn of(columns: &[&[u8]]) -> Self {
        let mut row = Vec::with_capacity(columns.iter().map(|column| 8 + column.len()).sum());
        for column in columns {
            row.extend_from_slice(&(column.len() as u64).to_le_bytes());
            row.extend_from_slice(column);
        }
        let [a, b, c, d, e, f, g, h, ..] = *Sha256Digest::of(&row).as_bytes();
        Self(i64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// The sum of a list in which a row with the checksum `before` became one with the checksum `after`.
    pub(in crate::store) fn replaced(self, before: Self, after: Self) -> Self {
        Self(self.0.wrapping_sub(before.0).wrapping_add(after.0))
    }
}

/// The sum does not depend on the order of the rows.
impl Sum for RowChecksum {
    fn sum<I: Iterator<Item = Self>>(rows: I) -> Self {
        Self(rows.fold(0, |sum, row| sum.wrapping_add(row.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_from_one_column_to_the_next_is_another_row() {
        assert_ne!(RowChecksum::of(&[b"ab", b"c"]), RowChecksum::of(&[b"a", b"bc"]));
        assert_ne!(RowChecksum::of(&[b"", b"a"]), RowChecksum::of(&[b"a", b""]));
    }

    #[test]
    fn a_sum_follows_its_rows() {
        let [a, b, c] = [b"a", b"b", b"c"].map(|column| RowChecksum::of(&[column]));
        let sum: RowChecksum = [a, b].into_iter().sum();
        assert_eq!(sum.replaced(a, c), [b, c].into_iter().sum::<RowChecksum>());
        assert_eq!(sum.replaced(RowChecksum::default(), c), [c, b, a].into_iter().sum::<RowChecksum>());
    }
}
