//! `lib.rs`: the generated files as a tree of modules.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::features::FeatureGates;
use super::generated_source::Source;

/// Allows all lints in the crate, because generated code is not written for lints. Cargo silences most of them for
/// crates from registries; this is for crates that are unpacked or path dependencies.
const ALLOW: &str = "#![allow(warnings, missing_docs, clippy::all, clippy::pedantic, rustdoc::all)]\n\
                     #![allow(text_direction_codepoint_in_comment, text_direction_codepoint_in_literal)]\n";

/// A module: its included files, and its child modules.
#[derive(Default)]
struct Node<'a> {
    /// The file, and the feature that turns it on.
    include: Option<(String, Option<&'a str>)>,
    children: BTreeMap<&'a str, Node<'a>>,
}

/// The text of `lib.rs`. `title` becomes the crate's documentation; `limit` is how deep the compiler has to look.
pub(super) fn lib_rs(title: &str, limit: Option<usize>, sources: &[&Source], gates: &FeatureGates) -> String {
    let mut root = Node::default();
    for source in sources {
        let node = source.modules.iter().fold(&mut root, |node, name| node.children.entry(name).or_default());
        node.include = Some((source.name(), gates.feature(&source.unit)));
    }
    let limit = limit.map(|limit| format!("#![recursion_limit = \"{limit}\"]\n")).unwrap_or_default();
    let mut text = format!("//! {title}\n\n{ALLOW}{limit}\n");
    write_include(&root, "", &mut text);
    write_children(&root, "", &mut text);
    text
}

fn write_children(node: &Node<'_>, indent: &str, text: &mut String) {
    for (name, child) in &node.children {
        let leaf = child.children.is_empty();
        // A module that others stand in stays, whatever is turned on; only its own content is gated.
        if let (true, Some((_, Some(feature)))) = (leaf, &child.include) {
            let _ = writeln!(text, "{indent}#[cfg(feature = {feature:?})]");
        }
        let _ = writeln!(text, "{indent}pub mod {name} {{");
        let inner = format!("{indent}    ");
        if leaf {
            let ungated = child.include.as_ref().map(|(file, _)| (file.clone(), None));
            write_include(&Node { include: ungated, children: BTreeMap::new() }, &inner, text);
        } else {
            write_include(child, &inner, text);
            write_children(child, &inner, text);
        }
        let _ = writeln!(text, "{indent}}}");
    }
}

fn write_include(node: &Node<'_>, indent: &str, text: &mut String) {
    let Some((file, feature)) = &node.include else { return };
    if let Some(feature) = feature {
        let _ = writeln!(text, "{indent}#[cfg(feature = {feature:?})]");
    }
    let _ = writeln!(text, "{indent}include!({file:?});");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rust_modules;

    fn source(package: &str, submodule: Option<&str>, name: &str) -> Source {
        let unit = rust_modules(package);
        let modules = unit.iter().cloned().chain(submodule.map(str::to_owned)).collect();
        let (file, package, stem) = (name.to_owned(), package.to_owned(), name.trim_end_matches(".rs").to_owned());
        Source {
            file,
            package,
            unit,
            modules,
            stem,
            text: String::new().into(),
            descriptors: None,
            first_type: None,
            renamed: vec![],
        }
    }

    fn body(sources: &[Source], gates: &FeatureGates) -> String {
        let text = lib_rs("Title.", None, &sources.iter().collect::<Vec<_>>(), gates);
        text.strip_prefix(&format!("//! Title.\n\n{ALLOW}\n")).unwrap().to_owned()
    }

    #[test]
    fn parents_hold_their_own_file_and_their_children() {
        let sources = [source("", None, "_.rs"), source("a", None, "a.rs"), source("a.type.V1", None, "a.type.V1.rs")];
        let expected = "\
include!(\"_.rs\");
pub mod a {
    include!(\"a.rs\");
    pub mod r#type {
        pub mod v1 {
            include!(\"a.type.V1.rs\");
        }
    }
}
";
        assert_eq!(body(&sources, &FeatureGates::none()), expected);
        assert_eq!(body(&[], &FeatureGates::none()), "");
    }

    #[test]
    fn deep_types_get_a_limit_of_their_own() {
        let text = lib_rs("Title.", Some(256), &[], &FeatureGates::none());
        assert_eq!(text, format!("//! Title.\n\n{ALLOW}#![recursion_limit = \"256\"]\n\n"));
    }

    #[test]
    fn leaves_are_gated_as_modules_and_parents_by_their_content() {
        let sources = [
            source("a", Some("tonic"), "a.tonic.rs"),
            source("a.b", None, "a.b.rs"),
            source("a.b.c", None, "a.b.c.rs"),
        ];
        let expected = "\
pub mod a {
    pub mod b {
        #[cfg(feature = \"a.b\")]
        include!(\"a.b.rs\");
        #[cfg(feature = \"a.b.c\")]
        pub mod c {
            include!(\"a.b.c.rs\");
        }
    }
    #[cfg(feature = \"a\")]
    pub mod tonic {
        include!(\"a.tonic.rs\");
    }
}
";
        assert_eq!(body(&sources, &FeatureGates::of(&["a", "a.b", "a.b.c"])), expected);
    }
}
