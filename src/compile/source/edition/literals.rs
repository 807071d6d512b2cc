//! Finds the few values that every syntax can write and the parser cannot read.

use super::edits::Edits;
use crate::compile::source::lexer::{Token, TokenKind, Tokens};

/// Larger than any number: the parser reads it as infinity.
const INFINITE: &str = "1e999";

/// Notes in `edits` how `source` has to be written for the parser.
pub(super) fn find(source: &str, edits: &mut Edits) {
    if !["inf", "nan", "extensions"].iter().any(|word| source.contains(word)) {
        return;
    }
    let mut last: [Option<Token<'_>>; 3] = [None; 3];
    let mut in_ranges = false;
    for token in Tokens::new(source) {
        match token.kind {
            TokenKind::Word("extensions") => in_ranges = begins_statement(last[2]),
            TokenKind::Mark(b';' | b'{' | b'}') => in_ranges = false,
            TokenKind::Mark(b'[') if in_ranges => single_range(last, edits),
            TokenKind::Word(word @ ("inf" | "nan")) => negative(last, token, word, edits),
            _ => {}
        }
        last = [last[1], last[2], Some(token)];
    }
}

fn begins_statement(before: Option<Token<'_>>) -> bool {
    before.is_none_or(|token| matches!(token.kind, TokenKind::Mark(b';' | b'{' | b'}')))
}

/// Of `-inf` as the value of an option the parser says that it may not be negative. In defaults it knows it.
fn negative(last: [Option<Token<'_>>; 3], token: Token<'_>, word: &str, edits: &mut Edits) {
    let [
        Some(name),
        Some(Token { kind: TokenKind::Mark(b'='), .. }),
        Some(Token { offset, kind: TokenKind::Mark(b'-') }),
    ] = last
    else {
        return;
    };
    match word {
        _ if name.kind == TokenKind::Word("default") => {}
        "inf" => edits.replace(token.offset, word.len(), INFINITE),
        // Which of the many nans it is, nobody can tell.
        _ => edits.replace(offset, 1, " "),
    }
}

/// Of `extensions 5 [...]` the parser does not expect the options, but those of `extensions 5 to max [...]`.
fn single_range(last: [Option<Token<'_>>; 3], edits: &mut Edits) {
    let [_, Some(before), Some(Token { offset, kind: TokenKind::Word(number) })] = last else { return };
    let is_single = matches!(before.kind, TokenKind::Word("extensions") | TokenKind::Mark(b','));
    if is_single && number.starts_with(|first: char| first.is_ascii_digit()) {
        edits.insert(offset + number.len(), format!(" to {number}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_the_parser_reads_them() {
        for (source, expected) in [
            ("option (a) = -inf;", "option (a) = -1e999;"),
            ("int32 a = 1 [default = -inf, (b) = - inf];", "int32 a = 1 [default = -inf, (b) = - 1e999];"),
            ("option (a) = -nan;", "option (a) =  nan;"),
            ("extensions 5 [(a) = 1];", "extensions 5 to 5 [(a) = 1];"),
            ("extensions 1 to 2, 5 [(a) = [1]];", "extensions 1 to 2, 5 to 5 [(a) = [1]];"),
            ("extensions 5 to 9 [(a) = 1];", "extensions 5 to 9 [(a) = 1];"),
            ("int32 extensions = 5 [(a) = 1];", "int32 extensions = 5 [(a) = 1];"),
            ("option (a) = { x: -inf }; // = -inf", "option (a) = { x: -inf }; // = -inf"),
        ] {
            let mut edits = Edits::default();
            find(source, &mut edits);
            assert_eq!(edits.apply(source), expected);
        }
    }
}
