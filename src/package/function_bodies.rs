//! Rust text without what functions do. Most of generated code is that, and reading it takes the most time; but no name
//! that others see is declared there.

use crate::model::rust_tokens::{Kind, Token, Tokens};

/// `text` with nothing between the brackets of its functions.
pub(super) fn without_function_bodies(text: &str) -> String {
    let mut short = String::with_capacity(text.len() / 2);
    let (mut copied, mut tokens) = (0, Tokens::new(text).peekable());
    while let Some(Token { kind, place }) = tokens.next() {
        let is_name = |next: &Token| next.kind == Kind::Ident;
        // Not the type of a function, which has no name.
        if kind != Kind::Ident || &text[place] != "fn" || !tokens.peek().is_some_and(is_name) {
            continue;
        }
        let Some(open) = body(text, &mut tokens) else { continue };
        if let Some(close) = end(text, &mut tokens) {
            short.push_str(&text[copied..open]);
            copied = close;
        }
    }
    short + &text[copied..]
}

/// Where the body of a function begins, if it has one.
fn body(text: &str, tokens: &mut impl Iterator<Item = Token>) -> Option<usize> {
    let mut depth = 0_usize;
    for Token { place, .. } in tokens.filter(|token| token.kind == Kind::Punct) {
        match &text[place.clone()] {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "{" if depth == 0 => return Some(place.end),
            ";" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Where the bracket is that closes an open one.
fn end(text: &str, tokens: &mut impl Iterator<Item = Token>) -> Option<usize> {
    let mut depth = 1_usize;
    for Token { place, .. } in tokens.filter(|token| token.kind == Kind::Punct) {
        match &text[place.clone()] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(place.start);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_left_out_and_nothing_else_is() {
        for (text, short) in [
            ("fn a() { if x { y } } struct A { b: u8 }", "fn a() {} struct A { b: u8 }"),
            (
                "impl A { pub fn a(x: [u8; 3]) -> B where C: D { \"}\"; '{'; } // }\n fn b() {} }",
                "impl A { pub fn a(x: [u8; 3]) -> B where C: D {} // }\n fn b() {} }",
            ),
            ("trait A { fn a(); fn b() { fn c() {} } }", "trait A { fn a(); fn b() {} }"),
            ("const A: fn(u8) -> B = C { d: 1 };", "const A: fn(u8) -> B = C { d: 1 };"),
            ("fn a() { never closed", "fn a() { never closed"),
        ] {
            assert_eq!(without_function_bodies(text), short);
        }
    }
}
