//! Line numbers for messages about a TOML file.

use std::ops::Range;

/// The line, from 1, in which `span` starts.
pub(super) fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let end = span.map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
}
