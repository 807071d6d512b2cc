//! Source locations as `buf` gives them: in the order in which elements begin, with columns as a terminal counts them.

use prost_types::SourceCodeInfo;
use unicode_width::UnicodeWidthStr;

/// Width of a tab.
const TAB: i32 = 4;

/// Brings the locations of `source` into `buf`'s form.
pub(in crate::compile) fn arrange(info: &mut SourceCodeInfo, source: &str) {
    if source.contains('\t') || !source.is_ascii() {
        widen(info, source);
    }
    // The whole file stands first, whatever is before its first token.
    info.location.sort_by(|one, other| (!one.path.is_empty(), &one.span).cmp(&(!other.path.is_empty(), &other.span)));
}

fn widen(info: &mut SourceCodeInfo, source: &str) {
    let columns = Columns::of(source);
    for location in &mut info.location {
        match &mut location.span[..] {
            [line, start, end] => {
                *start = columns.widened(*line, *start);
                *end = columns.widened(*line, *end);
            }
            [line, start, last, end] => {
                *start = columns.widened(*line, *start);
                *end = columns.widened(*last, *end);
            }
            _ => {}
        }
    }
}

/// The lines of a source that hold more than one byte a column.
struct Columns {
    /// Per line: nothing when its columns are its bytes.
    lines: Vec<Option<Wide>>,
}

/// A line with the columns after its tabs and after characters beyond ASCII: many elements may stand in one line, so
/// nothing is counted twice.
struct Wide {
    /// Offset and column.
    behind: Vec<(i32, i32)>,
}

impl Columns {
    fn of(source: &str) -> Self {
        let wide = |line: &str| (line.contains('\t') || !line.is_ascii()).then(|| Wide::of(line));
        Self { lines: source.split('\n').map(wide).collect() }
    }

    /// `column`, in bytes, as a terminal counts it.
    fn widened(&self, line: i32, column: i32) -> i32 {
        let line = usize::try_from(line).ok().and_then(|line| self.lines.get(line)?.as_ref());
        line.map_or(column, |line| line.column(column))
    }
}

impl Wide {
    fn of(text: &str) -> Self {
        let mut behind = Vec::new();
        let (mut offset, mut column) = (0, 0);
        // Between tabs, and between plain characters and others.
        for part in text.split_inclusive('\t') {
            for run in runs(part.trim_end_matches('\t')) {
                (offset, column) = (offset + length(run), column + width(run));
                behind.push((offset, column));
            }
            if part.ends_with('\t') {
                (offset, column) = (offset + 1, column + TAB - column % TAB);
                behind.push((offset, column));
            }
        }
        Self { behind }
    }

    /// The column of `offset`, which no other character than plain ones divide from the last entry before it.
    fn column(&self, offset: i32) -> i32 {
        let before = self.behind.partition_point(|(behind, _)| *behind <= offset);
        let (start, column) = before.checked_sub(1).and_then(|at| self.behind.get(at)).copied().unwrap_or((0, 0));
        column + offset - start
    }
}

/// `text` in parts that are ASCII or hold none of it.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_ascii = rest.chars().next()?.is_ascii();
        let end = rest.find(|next: char| next.is_ascii() != is_ascii).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some(run)
    })
}

fn length(text: &str) -> i32 {
    i32::try_from(text.len()).unwrap_or(i32::MAX)
}

fn width(text: &str) -> i32 {
    i32::try_from(text.width()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::compile_files;

    fn spans(source: &str) -> Vec<(Vec<i32>, Vec<i32>)> {
        let compiled = compile_files(&[("a.proto", source)]).unwrap();
        let info = compiled.descriptors.files[0].source_info();
        info.location.into_iter().map(|location| (location.path, location.span)).collect()
    }

    #[test]
    fn columns_are_those_of_a_terminal() {
        let spans = spans("message M {\n\toptional\tint32 a = 1;\n/* é日本 */ optional int32 b = 2;\n}");
        assert!(spans.contains(&(vec![4, 0, 2, 0, 4], vec![1, 4, 12])), "{spans:?}");
        assert!(spans.contains(&(vec![4, 0, 2, 0, 5], vec![1, 16, 21])), "{spans:?}");
        assert!(spans.contains(&(vec![4, 0, 2, 1, 4], vec![2, 12, 20])), "{spans:?}");
    }

    #[test]
    fn locations_stand_in_the_order_of_the_source() {
        let spans = spans("message M { extensions 1 to 9; }\nextend M { optional int32 a = 1; optional int32 b = 2; }");
        let paths: Vec<_> = spans.into_iter().map(|(path, _)| path).filter(|path| path.first() == Some(&7)).collect();
        let expected: [&[i32]; 13] = [
            &[7],
            &[7, 0, 2],
            &[7, 1, 2],
            &[7, 0, 4],
            &[7, 0],
            &[7, 0, 5],
            &[7, 0, 1],
            &[7, 0, 3],
            &[7, 1, 4],
            &[7, 1],
            &[7, 1, 5],
            &[7, 1, 1],
            &[7, 1, 3],
        ];
        assert_eq!(paths, expected);
    }
}
