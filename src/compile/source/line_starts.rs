//! Lines of a source: from the line and column of a place to its offset, and back. Both count from 0, columns in bytes.

/// The offsets at which the lines of a source begin.
pub(in crate::compile) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(in crate::compile) fn of(source: &str) -> Self {
        Self(std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// Where a span begins, in bytes.
    pub(in crate::compile) fn offset(&self, span: &[i32]) -> Option<usize> {
        let [line, column, ..] = *span else { return None };
        Some(self.0.get(usize::try_from(line).ok()?)? + usize::try_from(column).ok()?)
    }

    /// The span between two offsets.
    pub(in crate::compile) fn span(&self, start: usize, end: usize) -> Vec<i32> {
        let ((line, column), (last, behind)) = (self.position(start), self.position(end));
        if line == last { vec![line, column, behind] } else { vec![line, column, last, behind] }
    }

    fn position(&self, offset: usize) -> (i32, i32) {
        let line = self.0.partition_point(|start| *start <= offset).saturating_sub(1);
        let column = offset - self.0.get(line).copied().unwrap_or(0);
        (i32::try_from(line).unwrap_or(i32::MAX), i32::try_from(column).unwrap_or(i32::MAX))
    }
}
