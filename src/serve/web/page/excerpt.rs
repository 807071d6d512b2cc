//! Excerpts of users' texts.

use std::borrow::Cow;

/// The most bytes of an error message that a page shows.
pub(in crate::serve::web) const MESSAGE: usize = 4000;

/// The text, or the beginning of a text longer than `most` bytes with a sign that there is more. The page must link to
/// the whole text.
pub(in crate::serve::web) fn excerpt(text: &str, most: usize) -> Cow<'_, str> {
    let beginning = beginning(text, most);
    if beginning.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(format!("{beginning}…")) }
}

/// The first `most` bytes at most.
pub(in crate::serve::web) fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// A message as a sentence. Messages start in lower case, because elsewhere they stand after a colon.
pub(in crate::serve::web) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
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

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("module a/b is unknown; did you mean a/c?"), "Module a/b is unknown; did you mean a/c?");
        assert_eq!(sentence("try again"), "Try again.");
        assert_eq!(sentence(""), ".");
    }
}
