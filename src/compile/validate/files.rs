//! Rules on files as a whole.

use prost_types::FileDescriptorProto;

use super::rules::{Rules, is_lite};
use crate::compile::visit::elements::Element;

/// `FileDescriptorProto.dependency`.
const DEPENDENCY: i32 = 3;

/// The full runtime cannot work with messages that were made for the lite one.
pub(super) fn check(rules: &mut Rules<'_, '_>, element: &Element<'_, '_>, file: &FileDescriptorProto) {
    if is_lite(file) {
        return;
    }
    for (index, path) in (0..).zip(&file.dependency) {
        if rules.lite.contains(path.as_str()) {
            let message = format!("{path} is for LITE_RUNTIME, so only files that are too can import it");
            rules.refuse(element, &[DEPENDENCY, index], message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::refusal;

    #[test]
    fn lite_files_are_imported_by_lite_files_only() {
        let lite = "option optimize_for = LITE_RUNTIME;";
        let text = refusal(&[("a.proto", "syntax = \"proto3\";\nimport \"b.proto\";"), ("b.proto", lite)]);
        assert!(text.starts_with("a.proto:2:1: b.proto is for LITE_RUNTIME"), "{text}");
        let importing = format!("import \"b.proto\"; {lite}");
        assert_eq!(refusal(&[("a.proto", &importing), ("b.proto", lite)]), "");
    }
}
