//! Extension ranges of a single number that have options, as in `extensions 5 [declaration = {…}];`. The parser knows
//! options behind `5 to 5` only.

use super::edits::Edits;
use crate::compile::tokens::{Kind, Token, Tokens};

/// Gives such ranges in `source` an end.
pub(super) fn end_single_numbers(source: &str, edits: &mut Edits) {
    let mut tokens = Tokens::new(source);
    while let Some(token) = tokens.next() {
        if token.kind == Kind::Word("extensions") {
            end_ranges(&mut tokens, edits);
        }
    }
}

/// Reads the ranges of one statement. A field may be called `extensions` too: no number follows that.
fn end_ranges(tokens: &mut Tokens<'_>, edits: &mut Edits) {
    while let Some(Token { offset, kind: Kind::Word(number) }) = tokens.next() {
        if !number.starts_with(|first: char| first.is_ascii_digit()) {
            return;
        }
        match tokens.next().map(|token| token.kind) {
            Some(Kind::Mark(b'[')) => return edits.insert(offset + number.len(), format!(" to {number}")),
            Some(Kind::Word("to")) => {
                tokens.next();
                if tokens.next().is_none_or(|token| token.kind != Kind::Mark(b',')) {
                    return;
                }
            }
            Some(Kind::Mark(b',')) => {}
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_numbers_before_options_get_an_end() {
        for (written, shown) in [
            ("extensions 5 [a = 1];", "extensions 5 to 5 [a = 1];"),
            ("extensions 0x10[a = 1];", "extensions 0x10 to 0x10[a = 1];"),
            ("extensions 4, 5 to 9, 12 [a = 1];", "extensions 4, 5 to 9, 12 to 12 [a = 1];"),
            ("extensions 4, 5 to max [a = 1];", "extensions 4, 5 to max [a = 1];"),
            ("extensions 4, 5;", "extensions 4, 5;"),
            ("optional A extensions = 5 [a = 1];", "optional A extensions = 5 [a = 1];"),
            ("extensions", "extensions"),
        ] {
            let mut edits = Edits::default();
            end_single_numbers(written, &mut edits);
            assert_eq!(edits.apply(written), shown);
        }
    }
}
