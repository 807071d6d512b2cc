//! Source locations as `protoc` gives them: in the order in which elements begin, with tabs as wide as eight columns.

use prost_types::SourceCodeInfo;

/// Width of a tab: <https://protobuf.com/docs/descriptors#source-code-info>.
const TAB: i32 = 8;

/// Brings the locations of `source` into `protoc`'s form.
pub(super) fn arrange(info: &mut SourceCodeInfo, source: &str) {
    // An element begins where its first part begins, and stands before it.
    info.location.sort_by(|a, b| {
        let begin = |span: &[i32]| (span.first().copied(), span.get(1).copied());
        let key = |l: &prost_types::source_code_info::Location| (begin(&l.span), l.path.len());
        key(a).cmp(&key(b))
    });
    if !source.contains('\t') {
        return;
    }
    let lines: Vec<&str> = source.split('\n').collect();
    for location in &mut info.location {
        match &mut location.span[..] {
            [line, start, end] => {
                *start = widened(&lines, *line, *start);
                *end = widened(&lines, *line, *end);
            }
            [line, start, last, end] => {
                *start = widened(&lines, *line, *start);
                *end = widened(&lines, *last, *end);
            }
            _ => {}
        }
    }
}

/// `column`, in bytes, as it is when tabs reach to the next multiple of [`TAB`].
fn widened(lines: &[&str], line: i32, column: i32) -> i32 {
    let line = usize::try_from(line).ok().and_then(|line| lines.get(line)).copied().unwrap_or_default();
    let bytes = usize::try_from(column).unwrap_or(0);
    let before = line.as_bytes().iter().take(bytes);
    before.fold(0, |at, byte| if *byte == b'\t' { at + TAB - at % TAB } else { at + 1 })
}
