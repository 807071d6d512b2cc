//! Refuses `extend` blocks that hold nothing: the parser leaves no trace of them.

use super::lexer::{Token, TokenKind, Tokens};
use crate::compile::findings::MAX_FINDINGS;
use crate::model::Diagnostic;

/// Checks `source`.
///
/// # Errors
/// The blocks that declare no extension.
pub(in crate::compile) fn check(path: &str, source: &str) -> Result<(), Vec<Diagnostic>> {
    if !source.contains("extend") {
        return Ok(());
    }
    let finding = |offset| Diagnostic::at_offset(path, source, offset, "this `extend` declares nothing; remove it");
    let findings: Vec<_> = empty_blocks(source).into_iter().take(MAX_FINDINGS).map(finding).collect();
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Where the blocks begin.
fn empty_blocks(source: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut state = State::Begin;
    for Token { offset, kind } in Tokens::new(source) {
        state = match (state, kind) {
            (State::Begin, TokenKind::Word("extend")) => State::Keyword(offset),
            (State::Keyword(start) | State::Name(start), TokenKind::Word(_) | TokenKind::Mark(b'.')) => {
                State::Name(start)
            }
            (State::Name(start), TokenKind::Mark(b'{')) => State::Inside(start),
            (State::Inside(start), TokenKind::Mark(b';')) => State::Inside(start),
            (State::Inside(start), TokenKind::Mark(b'}')) => {
                found.push(start);
                State::Begin
            }
            (State::Inside(_), TokenKind::Word("extend")) => State::Keyword(offset),
            (_, TokenKind::Mark(b';' | b'{' | b'}')) => State::Begin,
            _ => State::Other,
        };
    }
    found
}

/// Where in a statement the tokens are.
#[derive(Clone, Copy)]
enum State {
    Begin,
    /// Behind the keyword at this offset.
    Keyword(usize),
    Name(usize),
    /// In the braces, where nothing has been declared yet.
    Inside(usize),
    Other,
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::refusal;

    #[test]
    fn blocks_that_declare_nothing_are_refused() {
        for block in ["extend M {}", "extend .a.M { ; }", "message N { extend M {} }"] {
            let source = format!("syntax = \"proto2\"; package a; message M {{ extensions 5; }}\n{block}");
            let text = refusal(&[("a.proto", &source)]);
            let column = block.find("extend").unwrap() + 1;
            assert!(text.starts_with(&format!("a.proto:2:{column}: this `extend` declares nothing")), "{text}");
        }
    }

    #[test]
    fn other_braces_may_be_empty() {
        let source = "syntax = \"proto2\"; message extend { extensions 5; optional extend extend = 1; }
            extend extend { optional group G = 5 {} } message M { extend extend { optional M m = 6; } oneof o { extend x = 1; } }";
        let text = refusal(&[("a.proto", source)]);
        assert!(!text.contains("declares nothing"), "{text}");
    }
}
