//! Refuses options that may not be written where they are, whatever their value: by name, before they are interpreted.

use prost_types::UninterpretedOption;
use rayon::prelude::*;

use super::interpret_element::UNINTERPRETED;
use crate::compile::error::CompileError;
use crate::compile::findings::{self, MAX_FINDINGS, OptionPart, refuse_any};
use crate::compile::imports::loaded::{Loaded, LoadedFile};
use crate::compile::input::Role;
use crate::compile::source::edition::supported::Edition;
use crate::compile::visit::elements::{Node, elements};
use crate::model::Diagnostic;

/// Checks all content files.
///
/// # Errors
/// When an option may not be there; at most [`MAX_FINDINGS`] findings a file.
pub(in crate::compile) fn check(loaded: &Loaded<'_>) -> Result<(), CompileError> {
    let is_fresh = |file: &&LoadedFile<'_>| file.role == Role::Content && file.earlier.is_none();
    let files: Vec<_> = loaded.files.values().filter(is_fresh).collect();
    refuse_any(files.into_par_iter().flat_map_iter(findings).collect())
}

fn findings(file: &LoadedFile<'_>) -> Vec<Diagnostic> {
    let edition = file.edition.as_ref().map(|editioned| editioned.edition);
    let mut findings = Vec::new();
    elements(&file.proto, |element| {
        let (tag, written) = element.node.options();
        for (index, option) in (0..).zip(written) {
            let Some(message) = misplaced(edition, &element.node, option) else { continue };
            if findings.len() < MAX_FINDINGS {
                let path = element.inside(&[tag, UNINTERPRETED, index]);
                findings.push(findings::at_option(&file.proto, file.source, &path, OptionPart::First, message));
            }
        }
    });
    findings
}

/// Why `option` of `node` may not be in a file of `edition`.
fn misplaced(edition: Option<Edition>, node: &Node<'_>, option: &UninterpretedOption) -> Option<String> {
    let first = option.name.first().filter(|part| !part.is_extension)?;
    let name = first.name_part.as_str();
    match name {
        "uninterpreted_option" => Some("uninterpreted_option cannot be set; it is for compilers only".into()),
        "features" if edition.is_none() && !(has_no_features(node) && is_empty(option)) => {
            Some("features need an edition; declare `edition = \"2023\";` instead of a syntax, or remove them".into())
        }
        "java_string_check_utf8" if edition.is_some() => {
            Some(format!("{name} is no option in an edition; set features.(pb.java).utf8_validation instead"))
        }
        "java_multiple_files" if edition >= Some(Edition::E2024) => {
            Some(format!("{name} is no option from edition 2024 on; set features.(pb.java).nest_in_file_class instead"))
        }
        "ctype" if edition >= Some(Edition::E2024) => {
            Some(format!("{name} is no option from edition 2024 on; set features.(pb.cpp).string_type instead"))
        }
        "cc_enable_arenas" if edition >= Some(Edition::E2026) => {
            Some(format!("{name} is no option from edition 2026 on; remove it"))
        }
        _ => None,
    }
}

/// Whether there is no feature that could be set for `node`. `buf` lets such an element say that it sets none.
fn has_no_features(node: &Node<'_>) -> bool {
    matches!(node, Node::Range(_) | Node::Service(_) | Node::Method(_))
}

/// Whether the value of `option` is a message in which nothing is set.
fn is_empty(option: &UninterpretedOption) -> bool {
    option.name.len() == 1 && option.aggregate_value.as_ref().is_some_and(|value| value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use crate::compile::testing::refusal;

    #[test]
    fn options_that_may_not_be_there_are_refused() {
        for (source, expected) in [
            (
                "syntax = \"proto3\"; message M {\n  option features.field_presence = EXPLICIT;\n}",
                "2:10: features need an",
            ),
            ("edition = \"2023\";\noption java_string_check_utf8 = true;", "2:8: java_string_check_utf8 is no option"),
            ("edition = \"2024\";\noption java_multiple_files = false;", "2:8: java_multiple_files is no option from"),
            ("edition = \"2024\"; message M {\nstring a = 1 [ctype = CORD]; }", "2:15: ctype is no option from"),
            ("syntax = \"proto2\"; message M {\n  option features = {};\n}", "2:10: features need an"),
            ("syntax = \"proto3\";\noption uninterpreted_option = {};", "2:8: uninterpreted_option cannot be set"),
        ] {
            let text = refusal(&[("a.proto", source)]);
            assert!(text.starts_with(&format!("a.proto:{expected}")), "{source}: {text}");
        }
    }

    #[test]
    fn options_that_may_be_there_are_not() {
        for source in [
            "edition = \"2023\"; option java_multiple_files = true; message M { string a = 1 [ctype = CORD]; }",
            "syntax = \"proto2\"; message M { extensions 1 [features = {}]; }",
            "syntax = \"proto3\"; service S { option features = {}; }",
            "syntax = \"proto3\"; message M { M a = 1 [unverified_lazy = true]; int32 b = 2 [unverified_lazy = false]; }",
        ] {
            assert_eq!(refusal(&[("a.proto", source)]), "", "{source}");
        }
    }
}
