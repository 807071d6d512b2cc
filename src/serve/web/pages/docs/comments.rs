//! Comments of declarations, by their place in the file.

use std::cell::Cell;
use std::collections::HashMap;

use prost_types::SourceCodeInfo;

use crate::serve::web::markdown;

/// Field numbers of `descriptor.proto`, which make up the paths of places.
pub(super) const MESSAGE: i32 = 4;
pub(super) const ENUM: i32 = 5;
pub(super) const SERVICE: i32 = 6;
pub(super) const FIELD: i32 = 2;
pub(super) const NESTED_MESSAGE: i32 = 3;
pub(super) const NESTED_ENUM: i32 = 4;
pub(super) const VALUE: i32 = 2;
pub(super) const METHOD: i32 = 2;
pub(super) const ONEOF: i32 = 8;
const PACKAGE: i32 = 2;

/// Most bytes of comments on a page; of what is longer the beginning is shown, and the source is a link away.
pub(super) const ROOM: usize = 256 << 10;

/// Text and line of every place of one file that has them.
pub(super) struct Comments<'a> {
    places: HashMap<&'a [i32], (&'a str, &'a str, i32)>,
    /// How many bytes of comments the page has room for.
    room: &'a Cell<usize>,
}

impl<'a> Comments<'a> {
    pub(super) fn new(info: &'a SourceCodeInfo, room: &'a Cell<usize>) -> Self {
        let places = info.location.iter().map(|place| {
            let line = place.span.first().copied().unwrap_or(0) + 1;
            (place.path.as_slice(), (place.leading_comments(), place.trailing_comments(), line))
        });
        Self { places: places.collect(), room }
    }

    /// The comment at a place as HTML: what stands above the declaration, else what stands behind it.
    pub(super) fn at(&self, path: &[i32]) -> String {
        let Some((leading, trailing, _)) = self.places.get(path) else { return String::new() };
        let text = if leading.trim().is_empty() { trailing } else { leading };
        if text.trim().is_empty() {
            return String::new();
        }
        let room = self.room.get();
        self.room.set(room.saturating_sub(text.len()));
        markdown::comment(&without_margin(text), room)
    }

    /// The line that a declaration starts at.
    pub(super) fn line(&self, path: &[i32]) -> i32 {
        self.places.get(path).map_or(1, |(_, _, line)| *line)
    }

    /// What stands above the `package` statement.
    pub(super) fn package(&self) -> String {
        self.at(&[PACKAGE])
    }
}

/// Takes away the space that nearly all comments have behind their slashes; more of it would be code in Markdown.
fn without_margin(text: &str) -> String {
    let lines = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
