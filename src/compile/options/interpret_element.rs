//! Interprets the options of one element.

use std::cell::OnceCell;
use std::collections::HashMap;

use prost_types::{SourceCodeInfo, UninterpretedOption};

use super::context::Context;
use super::facts::{OptionTarget, PROTO2, PROTO3};
use super::misfit::Misfit;
use super::option::{OptionReader, Setting};
use super::schema::Schema;
use super::value::{MessageValue, Order};
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::source::line_starts::LineStarts;
use crate::compile::source::written_option::WrittenOption;
use crate::compile::visit::elements::{Element, Node};

/// `uninterpreted_option` in every options message.
pub(in crate::compile) const UNINTERPRETED: i32 = 999;

/// The options of one element.
pub(super) struct ElementOptions {
    pub(super) encoded: Vec<u8>,
    /// By the index of the option.
    pub(super) settings: Vec<(i32, Setting)>,
    pub(super) misfits: Vec<Misfit>,
}

/// Where options begin in their source.
pub(super) struct OptionOffsets<'f> {
    file: &'f LoadedFile<'f>,
    /// Collected when the first one is asked for.
    offsets: OnceCell<HashMap<&'f [i32], usize>>,
}

impl<'f> OptionOffsets<'f> {
    pub(super) fn new(file: &'f LoadedFile<'_>) -> Self {
        Self { file, offsets: OnceCell::new() }
    }

    pub(super) fn of(&self, path: &[i32]) -> usize {
        self.offsets.get_or_init(|| self.collect()).get(path).copied().unwrap_or(0)
    }

    fn collect(&self) -> HashMap<&'f [i32], usize> {
        let lines = LineStarts::of(self.file.source);
        let locations = self.file.proto.source_code_info.iter().flat_map(|info: &SourceCodeInfo| &info.location);
        let options = locations.filter(|location| matches!(location.path[..], [.., UNINTERPRETED, _]));
        options.filter_map(|location| Some((&location.path[..], lines.offset(&location.span)?))).collect()
    }
}

/// A file whose options are interpreted.
pub(super) struct FileReader<'f> {
    pub(super) schema: &'f Schema<'f>,
    pub(super) names: FileScope<'f>,
    pub(super) file: &'f LoadedFile<'f>,
    pub(super) offsets: OptionOffsets<'f>,
}

/// Interprets the options of `element` that are `wanted`; nothing when there are none.
pub(super) fn element(
    reader: &FileReader<'_>,
    element: &Element<'_, '_>,
    wanted: impl Fn(&UninterpretedOption) -> bool,
) -> Option<ElementOptions> {
    let FileReader { schema, names, file, offsets } = reader;
    let (tag, written) = element.node.options();
    let options: Vec<_> = (0..).zip(written).filter(|(_, option)| wanted(option)).collect();
    if options.is_empty() {
        return None;
    }
    let context = Context {
        schema,
        names,
        source: file.source,
        scope: scope_of_options(element),
        target: OptionTarget::of(&element.node),
        edition: edition_of(file),
    };
    let mut message = MessageValue::new(schema.message(element.node.options_message())?);
    let (mut settings, mut misfits) = (Vec::new(), Vec::new());
    let offset = |number| offsets.of(&element.inside(&[tag, UNINTERPRETED, number]));
    for (number, option) in &options {
        let written = WrittenOption::read(file.source, offset(*number));
        match (OptionReader { context: &context, option, written }).set(&mut message) {
            Ok(setting) => settings.push((*number, setting)),
            Err(misfit) => misfits.push(misfit),
        }
    }
    if misfits.is_empty()
        && let Some(field) = message.missing_field(schema)
    {
        let first = options.first().map_or(0, |(number, _)| offset(*number));
        misfits.push(Misfit::at(first, format!("the options leave the required field '{field}' unset")));
    }
    Some(ElementOptions { encoded: message.encode(schema, Order::Canonical), settings, misfits })
}

/// Where the names in the options of `element` are looked for first, as `buf` has it: options of a message stand
/// outside it, and so do those of its oneofs and ranges.
fn scope_of_options<'e>(element: &Element<'e, '_>) -> &'e str {
    let around = |name: &'e str| name.rsplit_once('.').map_or("", |(around, _)| around);
    match element.node {
        Node::Message(_) | Node::Range(_) => around(element.name),
        Node::Oneof(_) => around(around(element.name)),
        _ => element.name,
    }
}

/// The edition of `file` as `google.protobuf.Edition` numbers it.
fn edition_of(file: &LoadedFile<'_>) -> i32 {
    match &file.edition {
        Some(editioned) => editioned.edition as i32,
        None if file.proto.syntax() == "proto3" => PROTO3,
        None => PROTO2,
    }
}
