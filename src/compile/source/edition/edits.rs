//! Small changes within lines of a source, and the way back from the changed text to the written one.

use std::borrow::Cow;

/// Changes to one source. No change holds or takes the end of a line.
#[derive(Debug, Default)]
pub(super) struct Edits {
    edits: Vec<Edit>,
}

#[derive(Debug)]
struct Edit {
    /// Offset in the written source.
    written: usize,
    /// How much of it goes.
    taken: usize,
    /// What comes instead.
    text: Cow<'static, str>,
    /// Offset in the changed source, once that is made.
    changed: usize,
}

impl Edits {
    /// Puts `text` before what stands at `offset`.
    pub(super) fn insert(&mut self, offset: usize, text: impl Into<Cow<'static, str>>) {
        self.replace(offset, 0, text);
    }

    /// Puts `text` in the place of `length` bytes.
    pub(super) fn replace(&mut self, offset: usize, length: usize, text: impl Into<Cow<'static, str>>) {
        self.edits.push(Edit { written: offset, taken: length, text: text.into(), changed: 0 });
    }

    /// Whether nothing is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// `source` with all changes.
    pub(super) fn apply(&mut self, source: &str) -> String {
        self.edits.sort_by_key(|edit| edit.written);
        let mut changed = String::with_capacity(source.len() + self.edits.len() * 10);
        let mut at = 0;
        for edit in &mut self.edits {
            changed.push_str(source.get(at..edit.written).unwrap_or_default());
            edit.changed = changed.len();
            changed.push_str(&edit.text);
            at = edit.written + edit.taken;
        }
        changed.push_str(source.get(at..).unwrap_or_default());
        changed
    }

    /// The offset in the written source that `offset` in the changed one stands for.
    pub(super) fn written_offset(&self, offset: usize) -> usize {
        let behind = self.edits.partition_point(|edit| edit.changed <= offset);
        let Some(edit) = behind.checked_sub(1).and_then(|last| self.edits.get(last)) else { return offset };
        let inside = offset - edit.changed;
        match inside.checked_sub(edit.text.len()) {
            Some(beyond) => edit.written + edit.taken + beyond,
            None => edit.written + inside.min(edit.taken),
        }
    }

    /// The way back for spans, from `changed` to `written`.
    pub(super) fn places(&self, changed: &str, written: &str) -> Places<'_> {
        Places { edits: self, changed: line_starts(changed), written: line_starts(written) }
    }
}

/// Leads spans, which count lines and columns, back to the written source.
pub(super) struct Places<'e> {
    edits: &'e Edits,
    changed: Vec<usize>,
    written: Vec<usize>,
}

impl Places<'_> {
    /// Makes `span`, of the changed source, one of the written source.
    pub(super) fn restore(&self, span: &mut [i32]) {
        match span {
            [line, start, end] => {
                *start = self.column(*line, *start);
                *end = self.column(*line, *end);
            }
            [line, start, last, end] => {
                *start = self.column(*line, *start);
                *end = self.column(*last, *end);
            }
            _ => {}
        }
    }

    fn column(&self, line: i32, column: i32) -> i32 {
        let restored = || {
            let line = usize::try_from(line).ok()?;
            let offset = self.changed.get(line)? + usize::try_from(column).ok()?;
            i32::try_from(self.edits.written_offset(offset).checked_sub(*self.written.get(line)?)?).ok()
        };
        restored().unwrap_or(column)
    }

    /// Where a restored `span` begins in the written source.
    pub(super) fn offset(&self, span: &[i32]) -> Option<usize> {
        let [line, column, ..] = *span else { return None };
        Some(self.written.get(usize::try_from(line).ok()?)? + usize::try_from(column).ok()?)
    }
}

/// Whether `span` holds nothing.
pub(super) fn is_empty(span: &[i32]) -> bool {
    matches!(span, [_, start, end] if start == end)
}

fn line_starts(source: &str) -> Vec<usize> {
    let behind = source.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(behind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_spans_lead_back() {
        let written = "ab cd\nef gh";
        let mut edits = Edits::default();
        edits.insert(9, "XX ");
        edits.replace(3, 2, "longer");
        let changed = edits.apply(written);
        assert_eq!(changed, "ab longer\nef XX gh");
        let offsets: Vec<_> = [0, 3, 6, 9, 13, 15, 16, 17].map(|at| edits.written_offset(at)).into();
        assert_eq!(offsets, [0, 3, 5, 5, 9, 9, 9, 10]);
        let places = edits.places(&changed, written);
        let mut span = [0, 3, 1, 8];
        places.restore(&mut span);
        assert_eq!((span, places.offset(&span)), ([0, 3, 1, 5], Some(3)));
        let mut label = [1, 3, 5];
        places.restore(&mut label);
        assert!(is_empty(&label), "{label:?}");
    }
}
