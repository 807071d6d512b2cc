//! Escapes values in pages: markup, invisible characters, and characters that change the direction of text.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

use crate::model::{is_hidden, is_joiner};

/// The escaper of all templates (`assets/askama.toml`).
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::serve::web) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut out: W, mut text: &str) -> fmt::Result {
        while let Some((at, hidden)) = text.char_indices().find(|(_, c)| is_replaced(*c)) {
            Html.write_escaped_str(&mut out, &text[..at])?;
            write!(out, "{}", hidden.escape_unicode())?;
            text = &text[at + hidden.len_utf8()..];
        }
        Html.write_escaped_str(&mut out, text)
    }
}

/// Whether a character is replaced. Joiners stay, because some scripts need them; line breaks and tabs stay too.
fn is_replaced(c: char) -> bool {
    !c.is_ascii_graphic() && c != ' ' && is_hidden(c) && !is_joiner(c) && !matches!(c, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_be_seen_is_written_out() {
        let escaped = |text: &str| {
            let mut out = String::new();
            Visible.write_escaped_str(&mut out, text).unwrap();
            out
        };
        assert_eq!(escaped("a\u{202e}<b>\n"), "a\\u{202e}&#60;b&#62;\n");
        assert_eq!(escaped("\u{feff}x\u{0}"), "\\u{feff}x\\u{0}");
        assert_eq!(escaped("gr\u{fc}n \u{1f469}\u{200d}\u{1f4bb}"), "gr\u{fc}n \u{1f469}\u{200d}\u{1f4bb}");
    }
}
