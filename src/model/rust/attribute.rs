//! Attributes of Rust that users have put before generated types and fields.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The maximal nesting of brackets: later parsers of the code recurse.
const DEPTH: usize = 32;

/// Checks that `text` consists of attributes without macros: a macro, as in `#[doc = include_str!("…")]`, would read
/// files and variables wherever the crate is built or checked.
///
/// # Errors
/// In words about `text`, without its beginning.
pub fn check_attributes(text: &str) -> Result<(), String> {
    let other = || "is not an attribute of Rust; write it like #[derive(Eq)]".to_owned();
    let tokens: TokenStream = text.parse().map_err(|error| format!("is not an attribute of Rust: {error}"))?;
    let mut tokens = tokens.into_iter().peekable();
    if tokens.peek().is_none() {
        return Err(other());
    }
    while let Some(token) = tokens.next() {
        match (token, tokens.next()) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(group)))
                if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
            {
                check_attribute(group.stream())?;
            }
            _ => return Err(other()),
        }
    }
    Ok(())
}

/// Checks the tokens between `#[` and `]`: a path, and optionally a group in brackets, or `=` and a literal.
fn check_attribute(tokens: TokenStream) -> Result<(), String> {
    let is = |token: Option<&TokenTree>, wanted| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == wanted);
    let mut tokens: &[TokenTree] = &tokens.into_iter().collect::<Vec<_>>();
    loop {
        let [TokenTree::Ident(_), rest @ ..] = tokens else {
            return Err("has an attribute without a name; write it like #[derive(Eq)]".to_owned());
        };
        if !(is(rest.first(), ':') && is(rest.get(1), ':')) {
            tokens = rest;
            break;
        }
        tokens = &rest[2..];
    }
    match tokens {
        [] => Ok(()),
        [TokenTree::Punct(equals), TokenTree::Literal(_)] if equals.as_char() == '=' => Ok(()),
        [TokenTree::Group(group)] => check_inside(group.stream(), 0),
        _ => Err("has an attribute with a value that is not a literal; write it like #[doc = \"text\"]".to_owned()),
    }
}

fn check_inside(tokens: TokenStream, depth: usize) -> Result<(), String> {
    if depth == DEPTH {
        return Err(format!("has more than {DEPTH} brackets in brackets"));
    }
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is_call = |three: &[TokenTree]| match three {
        [TokenTree::Ident(_), TokenTree::Punct(mark), TokenTree::Group(_)] => mark.as_char() == '!',
        _ => false,
    };
    if tokens.windows(3).any(is_call) {
        return Err("calls a macro, which would read files and variables where the crate is built; write out what it \
                    would give"
            .to_owned());
    }
    tokens.into_iter().try_for_each(|token| match token {
        TokenTree::Group(group) => check_inside(group.stream(), depth + 1),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_comments_are_accepted() {
        for good in [
            "#[derive(Eq, Hash)]",
            "#[derive(Eq)] #[must_use]\n#[serde(rename = \"a!(b)\")]",
            "#[a::b]",
            "/// A comment.",
            "#[doc = r\"\\\"]",
            "#[cfg_attr(not(x), allow(y))]",
            "#[check(!a, b != c)]",
        ] {
            assert_eq!(check_attributes(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn whatever_else_is_refused() {
        let deep = format!("#[a{}{}]", "(".repeat(40), ")".repeat(40));
        for bad in [
            "",
            " ",
            "struct A;",
            "#[a] struct A;",
            "#![a]",
            "#[]",
            "#[\"a\"]",
            "#(a)",
            "#[a",
            "#[a = b]",
            "#[a = -1]",
            "#[doc = include_str!(\"/etc/passwd\")]",
            "#[cfg_attr(all(), doc = include!(\"/etc/passwd\"))]",
            "#[cfg_attr(all(), doc = std::env ! [\"HOME\"])]",
            deep.as_str(),
        ] {
            assert!(check_attributes(bad).is_err(), "{bad}");
        }
        // So deep that nothing that recurses could read it.
        assert!(check_attributes(&format!("#[a = {}0]", "(".repeat(100_000))).is_err());
        assert!(check_attributes(&format!("#[a = {}0{}]", "(".repeat(100_000), ")".repeat(100_000))).is_err());
        assert!(check_attributes(&format!("#[a = {}0]", "!".repeat(100_000))).is_err());
    }
}
