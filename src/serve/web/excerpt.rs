//! Texts that users wrote, as much of them as a page shows.

use std::borrow::Cow;

/// Longest message about what went wrong that a page shows, in bytes.
pub(super) const MESSAGE: usize = 4000;

/// The text, or of one that is longer than `most` bytes its beginning and a sign that there is more. Where it is cut the
/// page has a link to all of it.
pub(super) fn excerpt(text: &str, most: usize) -> Cow<'_, str> {
    let beginning = beginning(text, most);
    if beginning.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(format!("{beginning}…")) }
}

/// At most the first `most` bytes.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_ends_at_a_character_and_says_so() {
        assert_eq!(excerpt("short", 5), "short");
        assert_eq!(excerpt("äöü", 3), "ä…");
        assert_eq!(excerpt("x", 0), "…");
        assert_eq!(excerpt("", 0), "");
    }
}
