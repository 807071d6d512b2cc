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
    let span = info.and_then(|info| (0..=path.len()).rev().find_map(|length| span(info, &path[..length])));
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

fn span(info: &SourceCodeInfo, path: &[i32]) -> Option<(usize, usize)> {
    let location = info.location.iter().find(|location| location.path == path)?;
    let [line, column, ..] = location.span[..] else { return None };
    Some((usize::try_from(line).ok()?, usize::try_from(column).ok()?))
}
