//! Refuses quoted texts that are too long for the parser, before it sees them.
//!
//! Its lexer recurses per character beyond ASCII, and a stack overflow ends the process: in unoptimised builds a text
//! of a megabyte is enough.

use super::lexer::{Token, TokenKind, Tokens};
use crate::model::Diagnostic;

/// Most bytes beyond ASCII of one quoted text: a quarter of what the stack of a compiling thread carries.
const MOST: usize = 256 << 10;

/// Checks the texts in `source`.
///
/// # Errors
/// The first that is too long.
pub(in crate::compile) fn check(path: &str, source: &str) -> Result<(), Vec<Diagnostic>> {
    if source.len() <= MOST || source.is_ascii() {
        return Ok(());
    }
    let found = Tokens::new(source).find_map(|Token { offset, kind }| {
        let TokenKind::Text(text) = kind else { return None };
        let bytes = text.bytes().filter(|byte| !byte.is_ascii()).count();
        (bytes > MOST).then_some((offset, bytes))
    });
    let Some((offset, bytes)) = found else { return Ok(()) };
    let message = format!(
        "this text has {bytes} bytes beyond ASCII; at most {MOST} are supported, so split it in several: quoted \
         texts that follow each other are one"
    );
    Err(vec![Diagnostic::at_offset(path, source, offset, message)])
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::refusal;

    #[test]
    fn a_long_text_beyond_ascii_is_refused_and_several_are_not() {
        let source = |text: &str| format!("syntax = \"proto3\";\noption java_package = {text};");
        let long = format!("\"{}\"", "é".repeat(1_000_000));
        let text = refusal(&[("a.proto", &source(&long))]);
        assert!(text.starts_with("a.proto:2:23: this text has 2000000 bytes beyond ASCII; at most 262144"), "{text}");
        let most = format!("\"{}\"", "é".repeat(131_072));
        assert_eq!(refusal(&[("a.proto", &source(&most))]), "");
        assert_eq!(refusal(&[("a.proto", &source(&format!("{most} {most} {most}")))]), "");
    }
}
