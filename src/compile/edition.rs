//! Names the editions that are not supported, where the parser would only say that a word is unexpected, and the
//! features that only editions have.

use prost_types::UninterpretedOption;

use super::elements::elements;
use super::load::{Loaded, LoadedFile};
use super::tokens::{Kind, Token, Tokens};
use super::{CompileError, MAX_FINDINGS, Role, locate, refuse_any};
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

/// Refuses content that sets `features`, which have no meaning without an edition.
///
/// # Errors
/// When an option name starts with `features`.
pub(super) fn refuse_features(loaded: &Loaded<'_>) -> Result<(), CompileError> {
    let content = loaded.files.values().filter(|file| file.role == Role::Content);
    refuse_any(content.flat_map(features).collect())
}

fn features(file: &LoadedFile<'_>) -> Vec<Diagnostic> {
    let is_feature = |option: &UninterpretedOption| {
        option.name.first().is_some_and(|part| !part.is_extension && part.name_part == "features")
    };
    let mut findings = Vec::new();
    elements(&file.proto, |element| {
        let (tag, written) = element.node.options();
        if written.iter().any(is_feature) && findings.len() < MAX_FINDINGS {
            let message = "features need an edition, and editions are not supported yet; remove the option";
            findings.push(locate::finding(&file.proto, file.source, &element.inside(&[tag]), message));
        }
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::refusal;
    use super::*;

    #[test]
    fn features_are_refused() {
        let source = "syntax = \"proto3\"; message M {\n  option features.field_presence = EXPLICIT;\n}";
        assert!(refusal(&[("a.proto", source)]).starts_with("a.proto:2:3: features need an edition"));
    }

    #[test]
    fn an_edition_is_found_behind_comments() {
        let finding = refuse("a.proto", "// Licence\n\nedition = \"2023\";\n").unwrap();
        assert_eq!(finding.position, Some((3, 1)));
        assert!(finding.message.starts_with("edition \"2023\" is not supported yet"));
        assert_eq!(refuse("a.proto", "syntax = \"proto3\";\nmessage edition {}"), None);
    }
}
