//! Source locations as `protoc` gives them: in the order in which elements begin, with tabs as wide as eight columns.

use std::collections::HashMap;

use prost_types::SourceCodeInfo;
use prost_types::source_code_info::Location;

/// `FieldDescriptorProto.extendee`.
const EXTENDEE: i32 = 2;

/// Width of a tab: <https://protobuf.com/docs/descriptors#source-code-info>.
const TAB: i32 = 8;

/// Brings the locations of `source` into `protoc`'s form.
pub(in crate::compile) fn arrange(info: &mut SourceCodeInfo, source: &str) {
    let extensions = extension_begins(info);
    // An element begins where its first part begins, and stands before it.
    info.location.sort_by_cached_key(|location| (begin(location, &extensions), location.path.len()));
    if source.contains('\t') {
        widen(info, source);
    }
}

/// Line and column.
type Begin = (i32, i32);

/// Where the extensions of a file begin, by path.
fn extension_begins(info: &SourceCodeInfo) -> HashMap<Vec<i32>, Begin> {
    let is_extension = |path: &[i32]| matches!(path, [7, _] | [4, _, .., 6, _]);
    let found = info.location.iter().filter(|location| is_extension(&location.path));
    found.map(|location| (location.path.clone(), span_begin(location))).collect()
}

/// Where `location` takes its place: an extendee is written before all the extensions in its braces, but comes inside
/// each.
fn begin(location: &Location, extensions: &HashMap<Vec<i32>, Begin>) -> Begin {
    let own = span_begin(location);
    let [around @ .., EXTENDEE] = &location.path[..] else { return own };
    extensions.get(around).map_or(own, |extension| own.max(*extension))
}

fn span_begin(location: &Location) -> Begin {
    match location.span[..] {
        [line, column, ..] => (line, column),
        _ => (0, 0),
    }
}

fn widen(info: &mut SourceCodeInfo, source: &str) {
    let tabs = Tabs::of(source);
    for location in &mut info.location {
        match &mut location.span[..] {
            [line, start, end] => {
                *start = tabs.widened(*line, *start);
                *end = tabs.widened(*line, *end);
            }
            [line, start, last, end] => {
                *start = tabs.widened(*line, *start);
                *end = tabs.widened(*last, *end);
            }
            _ => {}
        }
    }
}

/// The tabs of a source: many elements may stand in one line, so none is counted twice.
struct Tabs {
    /// Where lines begin.
    lines: Vec<i32>,
    /// Per tab: the offset behind it, and the column there.
    behind: Vec<(i32, i32)>,
}

impl Tabs {
    /// The parser takes no source whose offsets do not fit.
    fn of(source: &str) -> Self {
        let mut tabs = Self { lines: vec![0], behind: Vec::new() };
        let mut column = 0;
        for (offset, byte) in (1..).zip(source.bytes()) {
            match byte {
                b'\n' => {
                    tabs.lines.push(offset);
                    column = 0;
                }
                b'\t' => {
                    column += TAB - column % TAB;
                    tabs.behind.push((offset, column));
                }
                _ => column += 1,
            }
        }
        tabs
    }

    /// `column`, in bytes, as it is when tabs reach to the next multiple of [`TAB`].
    fn widened(&self, line: i32, column: i32) -> i32 {
        let Some(begin) = usize::try_from(line).ok().and_then(|line| self.lines.get(line)) else { return column };
        let offset = begin + column;
        let before = self.behind.partition_point(|(behind, _)| *behind <= offset);
        match self.behind[..before].last() {
            Some((behind, wide)) if behind > begin => wide + offset - behind,
            _ => column,
        }
    }
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
    fn tabs_are_eight_columns_wide() {
        let spans = spans("message M {\n\toptional\tint32 a = 1;\n}");
        assert!(spans.contains(&(vec![4, 0, 2, 0, 4], vec![1, 8, 16])), "{spans:?}");
        assert!(spans.contains(&(vec![4, 0, 2, 0, 5], vec![1, 24, 29])), "{spans:?}");
    }

    #[test]
    fn locations_stand_in_the_order_of_the_source() {
        let spans = spans("message M { extensions 1 to 9; }\nextend M { optional int32 a = 1; optional int32 b = 2; }");
        let paths: Vec<_> = spans.into_iter().map(|(path, _)| path).filter(|path| path.first() == Some(&7)).collect();
        let expected: [&[i32]; 13] = [
            &[7],
            &[7, 0],
            &[7, 0, 2],
            &[7, 0, 4],
            &[7, 0, 5],
            &[7, 0, 1],
            &[7, 0, 3],
            &[7, 1],
            &[7, 1, 2],
            &[7, 1, 4],
            &[7, 1, 5],
            &[7, 1, 1],
            &[7, 1, 3],
        ];
        assert_eq!(paths, expected);
    }
}
