//! Where types are declared, for the rules of editions on who may use them.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::compile::link::LinkedFile;
use crate::compile::source::edition::features;
use crate::compile::source::edition::supported::{Edition, Visibility};
use crate::compile::visit::elements::{Element, Node, elements};

/// Where a type is declared.
pub(super) struct Home<'l> {
    /// The path of the file.
    pub(super) file: &'l str,
    /// Whether no other file may use it.
    pub(super) hidden: bool,
}

/// All types by full name with leading dot; nothing when no file restricts their use, which is from 2024 on.
pub(super) fn homes<'l>(linked: &'l [LinkedFile<'_>]) -> HashMap<String, Home<'l>> {
    let restricts = |file: &LinkedFile<'_>| file.edition.as_ref().is_some_and(|it| it.edition >= Edition::E2024);
    if !linked.iter().any(restricts) {
        return HashMap::new();
    }
    linked.par_iter().flat_map_iter(types_of).collect()
}

fn types_of<'l>(file: &'l LinkedFile<'_>) -> Vec<(String, Home<'l>)> {
    let mut types = Vec::new();
    elements(&file.proto, |element| {
        if matches!(element.node, Node::Message(_) | Node::Enum(_)) {
            let home = Home { file: file.proto.name(), hidden: is_hidden(file, &element) };
            types.push((format!(".{}", element.name), home));
        }
    });
    types
}

fn is_hidden(file: &LinkedFile<'_>, element: &Element<'_, '_>) -> bool {
    let Some(editioned) = &file.edition else { return false };
    match editioned.visibility.get(element.path) {
        Some(visibility) => *visibility == Visibility::Local,
        None => {
            let features = features::resolved(editioned.edition, &file.facts.features, element.path);
            !features::is_exported(&features, element.path.len() == 2)
        }
    }
}
