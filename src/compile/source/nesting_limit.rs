//! Refuses sources that nest too deep, before the parser sees them.
//!
//! Parser and interpreter recurse per level of an option value. A stack overflow ends the process and cannot be caught, so this
//! check comes first and needs no recursion of its own.

use super::lexer::{Token, TokenKind};
use crate::model::{Diagnostic, LimitExceeded, Limits};

/// Most levels that are let through, whatever the limits say: what the stack of a compiling thread carries.
pub(in crate::compile) const MAX_LEVELS: u64 = 1_000;

/// How deep a source nests braces, brackets, angles and parentheses, token by token.
pub(in crate::compile) struct Depth<'s> {
    path: &'s str,
    source: &'s str,
    limits: Limits,
    /// The marks that close what is open.
    open: Vec<u8>,
}

impl<'s> Depth<'s> {
    pub(in crate::compile) fn new(path: &'s str, source: &'s str, limits: &Limits) -> Self {
        let limits = Limits { nesting: limits.nesting.min(MAX_LEVELS), ..*limits };
        Self { path, source, limits, open: Vec::new() }
    }

    /// How many levels are open.
    pub(in crate::compile) fn levels(&self) -> u64 {
        self.open.len() as u64
    }

    /// Takes the next token.
    ///
    /// # Errors
    /// When it is deeper than the limit; the error names file, line and column.
    pub(in crate::compile) fn see(&mut self, token: &Token<'_>) -> Result<(), LimitExceeded> {
        let TokenKind::Mark(mark) = token.kind else { return Ok(()) };
        match closing(mark) {
            Some(close) => self.open.push(close),
            // A closer without its opener is an error of syntax; the parser words it.
            None if self.open.last() == Some(&mark) => drop(self.open.pop()),
            None => return Ok(()),
        }
        if self.levels() <= self.limits.nesting {
            return Ok(());
        }
        let place = place(self.path, self.source, token.offset);
        self.limits.check_nesting(format!("{place}: the nesting"), self.levels())
    }
}

/// The mark that closes what `mark` opens.
fn closing(mark: u8) -> Option<u8> {
    match mark {
        b'{' => Some(b'}'),
        b'[' => Some(b']'),
        b'(' => Some(b')'),
        b'<' => Some(b'>'),
        _ => None,
    }
}

fn place(path: &str, source: &str, offset: usize) -> String {
    let (line, column) = Diagnostic::at_offset(path, source, offset, "").position.unwrap_or((1, 1));
    format!("{path}:{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::source::lexer::Tokens;

    fn check_at(nesting: u64, source: &str) -> Result<(), LimitExceeded> {
        let mut depth = Depth::new("a.proto", source, &Limits { nesting, ..Limits::default() });
        Tokens::new(source).try_for_each(|token| depth.see(&token))
    }

    #[test]
    fn the_refusal_names_place_limit_and_flag() {
        let error = check_at(2, "message A {\n  option (x) = { a: [\n").unwrap_err().to_string();
        assert_eq!(
            error,
            "a.proto:2:21: the nesting is 3 levels, more than the limit of 2; the server's --max-nesting changes the limit"
        );
    }

    #[test]
    fn only_what_is_open_at_once_counts() {
        assert!(check_at(2, &"message A { map<string, string> a = 1; } ".repeat(100)).is_ok());
        assert!(check_at(2, "// {{{\n/* {{{ */ option a = \"{{{\";").is_ok());
    }

    #[test]
    fn closers_of_another_kind_do_not_lower_the_depth() {
        assert!(check_at(2, "{ > { > {").is_err());
    }

    #[test]
    fn a_bomb_is_refused_whatever_the_limits_say() {
        let bomb = format!("option (x) = {}", "{a:".repeat(100_000));
        assert_eq!(check_at(u64::MAX, &bomb).unwrap_err().limit, MAX_LEVELS);
    }
}
