//! Names the editions that are not supported, where the parser would only say that a word is unexpected.

use super::tokens::{Kind, Token, Tokens};
use crate::model::Diagnostic;

/// A finding when `source` declares an edition instead of a syntax.
pub(super) fn refuse(path: &str, source: &str) -> Option<Diagnostic> {
    let mut tokens = Tokens::new(source);
    let Token { offset, kind: Kind::Word("edition") } = tokens.next()? else { return None };
    let Kind::Mark(b'=') = tokens.next()?.kind else { return None };
    let Kind::Text(edition) = tokens.next()?.kind else { return None };
    let message = format!(
        "edition {edition:?} is not supported yet; use `syntax = \"proto3\";` or `syntax = \"proto2\";` instead"
    );
    Some(Diagnostic::at_offset(path, source, offset, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_found_behind_comments() {
        let finding = refuse("a.proto", "// Licence\n\nedition = \"2023\";\n").unwrap();
        assert_eq!(finding.position, Some((3, 1)));
        assert!(finding.message.starts_with("edition \"2023\" is not supported yet"));
        assert_eq!(refuse("a.proto", "syntax = \"proto3\";\nmessage edition {}"), None);
    }
}
