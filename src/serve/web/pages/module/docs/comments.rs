//! Comments of declarations, by their place in the file.

use std::cell::Cell;
use std::collections::HashMap;

use prost_types::SourceCodeInfo;

use crate::serve::web::markdown;

use super::types::Types;

/// Field numbers of `descriptor.proto`, for the paths of places.
pub(super) const MESSAGE: i32 = 4;
pub(super) const ENUM: i32 = 5;
pub(super) const SERVICE: i32 = 6;
pub(super) const EXTENSION: i32 = 7;
pub(super) const FIELD: i32 = 2;
pub(super) const NESTED_MESSAGE: i32 = 3;
pub(super) const NESTED_ENUM: i32 = 4;
pub(super) const NESTED_EXTENSION: i32 = 6;
pub(super) const VALUE: i32 = 2;
pub(super) const METHOD: i32 = 2;
pub(super) const ONEOF: i32 = 8;
const PACKAGE: i32 = 2;

/// The most bytes of comments on a page. Only the beginning of longer comments is shown, with a link to the source.
pub(super) const ROOM: usize = 256 << 10;

/// The comments and lines of the places in one file.
pub(super) struct Comments<'a> {
    places: HashMap<&'a [i32], (&'a str, &'a str, i32)>,
    /// The remaining bytes of comments on the page.
    room: &'a Cell<usize>,
    /// The types that comments can refer to, as in `[Pet][acme.v1.Pet]`.
    types: &'a Types<'a>,
}

impl<'a> Comments<'a> {
    pub(super) fn new(info: &'a SourceCodeInfo, room: &'a Cell<usize>, types: &'a Types<'a>) -> Self {
        let places = info.location.iter().map(|place| {
            let line = place.span.first().copied().unwrap_or(0) + 1;
            (place.path.as_slice(), (place.leading_comments(), place.trailing_comments(), line))
        });
        Self { places: places.collect(), room, types }
    }

    /// The comment of a place as HTML: the one above the declaration, else the one after it.
    pub(super) fn at(&self, path: &[i32]) -> String {
        let Some((leading, trailing, _)) = self.places.get(path) else { return String::new() };
        let text = if leading.trim().is_empty() { trailing } else { leading };
        if text.trim().is_empty() {
            return String::new();
        }
        let room = self.room.get();
        self.room.set(room.saturating_sub(text.len()));
        markdown::comment(&without_margin(text), room, &|name| self.types.reference(name))
    }

    /// The line that a declaration starts at.
    pub(super) fn line(&self, path: &[i32]) -> i32 {
        self.places.get(path).map_or(1, |(_, _, line)| *line)
    }

    /// The comment above the `package` statement.
    pub(super) fn package(&self) -> String {
        self.at(&[PACKAGE])
    }
}

/// Removes the space that nearly all comments have after their slashes. Markdown would take several spaces as code.
fn without_margin(text: &str) -> String {
    let lines = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
