//! Notes where elements stand in the source, with their comments.

use prost_types::source_code_info::Location;

use super::Parser;
use crate::compile::source::comments::{Around, GapComments, attribute};
use crate::compile::source::lexer::TokenKind;

/// Most bytes of comments that declarations of several extension ranges repeat for all of them together.
const MAX_REPEATED: usize = 1 << 20;

impl Parser<'_> {
    /// Notes the place of what is at `inside` of the current element: from `start` to the last token that was taken.
    pub(super) fn locate(&mut self, inside: &[i32], start: usize) {
        self.locate_range(inside, start, self.last_end());
    }

    pub(super) fn locate_range(&mut self, inside: &[i32], start: usize, end: usize) {
        let location = self.location(inside, start, end);
        self.locations.push(location);
    }

    /// The same with the comments of an element that begins with the token `first`, an index, and ends with the last
    /// token that was taken. Comments after the brace at `opening`, another index, are those of a block.
    pub(super) fn locate_with_comments(&mut self, inside: &[i32], first: usize, opening: Option<usize>) {
        let start = self.tokens.get(first).map_or(0, |token| token.offset);
        self.locate_from(inside, start, first, opening);
    }

    /// The same for an element whose place begins at `start`, while its comments stand before the token `first`.
    pub(super) fn locate_from(&mut self, inside: &[i32], start: usize, first: usize, opening: Option<usize>) {
        let mut location = self.location(inside, start, self.last_end());
        let before = self.comments_before(first);
        location.leading_comments = before.leading;
        location.leading_detached_comments = before.detached;
        location.trailing_comments = self.comments_before(opening.map_or(self.at, |opening| opening + 1)).trailing;
        self.locations.push(location);
    }

    /// Notes the place that was noted last again, `times` times.
    pub(super) fn locate_again(&mut self, times: usize) {
        let Some(mut last) = self.locations.last().cloned() else { return };
        let own = last.leading_comments.iter().chain(&last.trailing_comments);
        let bytes: usize = own.chain(&last.leading_detached_comments).map(String::len).sum();
        if bytes.saturating_mul(times) > MAX_REPEATED {
            (last.leading_comments, last.trailing_comments) = (None, None);
            last.leading_detached_comments.clear();
        }
        self.locations.extend(std::iter::repeat_n(last, times));
    }

    fn location(&self, inside: &[i32], start: usize, end: usize) -> Location {
        let span = self.lines.span(start, end);
        Location { path: [&self.path[..], inside].concat(), span, ..Location::default() }
    }

    /// The comments between the token `index` and the one before it.
    fn comments_before(&self, index: usize) -> GapComments {
        // Behind the last token nothing is attributed.
        let Some(token) = self.tokens.get(index) else { return GapComments::default() };
        let previous = index.checked_sub(1).and_then(|previous| self.tokens.get(previous));
        let gap = self.source.get(previous.map_or(0, |previous| previous.end)..token.offset).unwrap_or_default();
        let around = Around {
            has_previous: previous.is_some(),
            opens: previous.is_some_and(|token| matches!(token.kind, TokenKind::Mark(b'(' | b'[' | b'{'))),
            closes: matches!(token.kind, TokenKind::Mark(b')' | b']' | b'}')),
        };
        attribute(gap, around)
    }
}
