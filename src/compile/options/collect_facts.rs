//! Reads what declarations say in options of their own about other options.

use std::sync::Arc;

use prost::Message as _;
use prost_types::UninterpretedOption;

use super::facts::{Facts, RangeFacts, Usage, ValueUsage};
use super::interpret_element::{self, FileReader, OptionOffsets};
use super::schema::Schema;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::Symbols;
use crate::compile::source::edition::features;
use crate::compile::visit::elements::{Element, Node, elements};

/// What file `index` says; `schema` need not know the facts of any file.
pub(super) fn collect(symbols: &Symbols, schema: &Schema<'_>, index: usize, file: &LoadedFile<'_>) -> Arc<Facts> {
    if let Some(earlier) = file.earlier {
        return Arc::clone(&earlier.facts);
    }
    let mut facts = Facts::default();
    let offsets = OptionOffsets::new(file);
    let reader = FileReader { schema, names: FileScope::new(symbols, index), file, offsets };
    let is_edition = file.edition.is_some();
    elements(&file.proto, |element| {
        let is_fact = |option: &UninterpretedOption| says_fact(option, is_edition);
        if !element.node.options().1.iter().any(is_fact) {
            return;
        }
        // What does not fit is refused when all options are interpreted.
        let Some(found) = interpret_element::element(&reader, &element, is_fact) else { return };
        add(&mut facts, &element, &found.encoded);
    });
    Arc::new(facts)
}

fn add(facts: &mut Facts, element: &Element<'_, '_>, options: &[u8]) {
    if let Ok(Some(features)) = features::of_options(options, element.node.features_tag()) {
        facts.features.insert(element.path.to_vec(), features);
    }
    let usage = match element.node {
        Node::Field(_) => Usage::decode(options).ok(),
        Node::Value(_) => ValueUsage::decode(options).ok().map(|it| Usage { support: it.support, ..Usage::default() }),
        _ => None,
    };
    if let Some(usage) = usage.filter(|usage| *usage != Usage::default()) {
        facts.usage.insert(element.path.to_vec(), usage);
    }
    if let Node::Range(_) = element.node
        && let Ok(range) = RangeFacts::decode(options)
    {
        facts.ranges.insert(element.path.to_vec(), range);
    }
}

fn says_fact(option: &UninterpretedOption, is_edition: bool) -> bool {
    let first = option.name.first().filter(|part| !part.is_extension);
    match first.map(|part| part.name_part.as_str()) {
        Some("features") => is_edition,
        Some("targets" | "feature_support" | "unverified_lazy" | "declaration" | "verification") => true,
        _ => false,
    }
}
