//! Where an element of a descriptor stands in its source.
//!
//! Elements are named as in `SourceCodeInfo.Location.path`: field numbers and indices of `descriptor.proto`. Looking
//! one up walks over all locations: this serves findings, which are few.

use prost_types::{FileDescriptorProto, SourceCodeInfo};

use crate::model::Diagnostic;

/// A finding at the element `path` of `file`, or at the nearest element around it that has a place.
pub(super) fn finding(
    file: &FileDescriptorProto,
    source: &str,
    path: &[i32],
    message: impl Into<String>,
) -> Diagnostic {
    finding_in(file.name(), file.source_code_info.as_ref(), source, path, message)
}

/// The same, for a file of which only name and locations are at hand.
pub(super) fn finding_in(
    name: &str,
    info: Option<&SourceCodeInfo>,
    source: &str,
    path: &[i32],
    message: impl Into<String>,
) -> Diagnostic {
    let span = info.and_then(|info| nearest(info, path));
    match span {
        Some((line, column)) => at_bytes(name, source, line, column, message),
        None => Diagnostic::in_file(name, message),
    }
}

/// A finding at `line` and `column` as spans count them: from 0, in bytes.
pub(super) fn at_bytes(path: &str, source: &str, line: usize, column: usize, message: impl Into<String>) -> Diagnostic {
    let text = source.split('\n').nth(line).unwrap_or_default();
    let characters = text.char_indices().take_while(|(at, _)| *at < column).count();
    Diagnostic::at(path, source, line + 1, characters + 1, message)
}

/// Where the element `path` begins, or the nearest one around it.
fn nearest(info: &SourceCodeInfo, path: &[i32]) -> Option<(usize, usize)> {
    let mut nearest: Option<(usize, i32, i32)> = None;
    for location in info.location.iter().filter(|location| path.starts_with(&location.path)) {
        let [line, column, ..] = location.span[..] else { continue };
        if nearest.is_none_or(|(length, ..)| location.path.len() > length) {
            nearest = Some((location.path.len(), line, column));
        }
    }
    let (_, line, column) = nearest?;
    Some((usize::try_from(line).ok()?, usize::try_from(column).ok()?))
}
