//! A source with line numbers: marked, or as it is where marks would make the page too large.

use crate::model::is_direction_control;
use crate::serve::web::highlight;
use crate::serve::web::highlight::span::Span;

/// The most bytes of HTML of a source that is marked.
const MAX_MARKED: usize = 3 << 19;

/// Lines of a source.
pub(in crate::serve::web) struct SourceView {
    /// The number of the first line.
    pub first: usize,
    /// The lines as HTML.
    pub lines: Vec<String>,
    /// What stands beside the first lines; empty if nothing stands beside any.
    pub notes: Vec<Option<LineNote>>,
    /// Whether characters that turn the direction of text are written out in it.
    pub turns: bool,
}

/// What stands beside a line.
pub(in crate::serve::web) struct LineNote {
    pub text: String,
    pub title: String,
    pub href: String,
}

impl SourceView {
    /// The lines of `text`, of which the first has this number.
    pub(in crate::serve::web) fn new(text: &str, spans: &[Span], first: usize) -> Self {
        let marked = highlight::lines(text, spans, MAX_MARKED);
        let lines = marked.or_else(|| highlight::lines(text, &[], usize::MAX)).unwrap_or_default();
        Self { first, lines, notes: vec![], turns: text.contains(is_direction_control) }
    }

    /// What stands beside the line with this place.
    pub(in crate::serve::web) fn note(&self, at: usize) -> Option<&LineNote> {
        self.notes.get(at)?.as_ref()
    }
}
