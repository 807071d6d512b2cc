//! A text buffer with a maximum length.

use std::fmt;

/// A text buffer that fails when a write would exceed its maximum, so that the writer stops.
pub(in crate::serve::web) struct Bounded {
    text: String,
    most: usize,
}

impl Bounded {
    /// A buffer of at most `most` bytes.
    pub(in crate::serve::web) fn new(most: usize) -> Self {
        Self { text: String::new(), most }
    }

    /// The text.
    pub(in crate::serve::web) fn into_text(self) -> String {
        self.text
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if more.len() > self.most - self.text.len() {
            return Err(fmt::Error);
        }
        self.text.push_str(more);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn writing_ends_where_the_room_does() {
        let mut text = Bounded::new(4);
        assert!(text.write_str("äb").is_ok() && text.write_str("cd").is_err() && text.write_str("c").is_ok());
        assert_eq!(text.into_text(), "äbc");
    }
}
