//! Interprets the options of all files: what is written becomes encoded options messages. Nothing is changed here; see
//! [`super::apply`].

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use prost_types::{SourceCodeInfo, UninterpretedOption};
use rayon::prelude::*;

use super::context::Context;
use super::facts::{self, Facts, OptionTarget};
use super::line_starts::LineStarts;
use super::literal::LiteralPlace;
use super::misfit::Misfit;
use super::option::OptionReader;
use super::schema::Schema;
use super::value::{MessageValue, Order};
use crate::compile::deadline::Deadline;
use crate::compile::findings::MAX_FINDINGS;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::Symbols;
use crate::compile::source::written_option::WrittenOption;
use crate::compile::visit::elements::{Element, elements};
use crate::model::Diagnostic;

/// `uninterpreted_option` in every options message.
pub(in crate::compile) const UNINTERPRETED: i32 = 999;

/// What the options of a file mean.
#[derive(Default)]
pub(in crate::compile) struct Interpreted {
    /// Encoded options messages, by their path.
    pub(super) messages: HashMap<Vec<i32>, Vec<u8>>,
    /// From the path at which the parser left an option to what it sets.
    pub(super) settings: HashMap<Vec<i32>, Setting>,
    pub(in crate::compile) facts: Arc<Facts>,
    pub(in crate::compile) findings: Vec<Diagnostic>,
}

/// What an option sets.
pub(super) struct Setting {
    /// The path of that.
    pub(super) path: Vec<i32>,
    /// The fields that it sets inside a single message, if it sets one.
    pub(super) literal: Option<Vec<LiteralPlace>>,
}

/// The options of one element.
pub(super) struct ElementOptions {
    pub(super) encoded: Vec<u8>,
    /// By the index of the option.
    settings: Vec<(i32, Setting)>,
    misfits: Vec<Misfit>,
}

/// Interprets the options of all `files` that are not taken from an earlier compilation.
pub(in crate::compile) fn interpret(
    symbols: &Symbols,
    files: &[LoadedFile<'_>],
    deadline: &Deadline,
) -> Vec<Interpreted> {
    let without_facts = Schema::new(symbols, files, &[]);
    let facts = |(index, file)| Facts::of(symbols, &without_facts, index, file);
    let facts: Vec<_> = files.par_iter().enumerate().map(facts).collect();
    let schema = Schema::new(symbols, files, &facts);
    let one = |(index, file): (usize, &LoadedFile<'_>)| match file.earlier {
        Some(_) => Interpreted::default(),
        None => interpret_file(symbols, &schema, index, file, deadline),
    };
    let mut interpreted: Vec<_> = files.par_iter().enumerate().map(one).collect();
    drop(schema);
    interpreted.iter_mut().zip(facts).for_each(|(file, facts)| file.facts = Arc::new(facts));
    interpreted
}

fn interpret_file(
    symbols: &Symbols,
    schema: &Schema<'_>,
    index: usize,
    file: &LoadedFile<'_>,
    deadline: &Deadline,
) -> Interpreted {
    let offsets = OptionOffsets::new(file);
    let reader = FileReader { schema, names: FileScope::new(symbols, index), file, offsets };
    let (mut interpreted, mut misfits) = (Interpreted::default(), Vec::new());
    elements(&file.proto, |element| {
        if deadline.is_over() {
            return;
        }
        let Some(found) = self::element(&reader, &element, |_| true) else { return };
        let path = element.inside(&[element.node.options().0]);
        let start = reader.offsets.of(&[&path[..], &[UNINTERPRETED, 0]].concat());
        let mut places = Vec::new();
        for (number, setting) in found.settings {
            places.extend(setting.literal.clone().unwrap_or_default());
            let from = [&path[..], &[UNINTERPRETED, number]].concat();
            let to = [&path[..], &setting.path].concat();
            interpreted.settings.insert(from, Setting { path: to, ..setting });
        }
        misfits.extend(schema.fault_at(index, element.path).map(|(number, why)| {
            let place = places.into_iter().find(|place| place.path == [number]);
            Misfit::at(place.map_or(start, |place| place.start), why)
        }));
        misfits.extend(found.misfits);
        interpreted.messages.insert(path, found.encoded);
    });
    misfits.sort_by_key(|misfit| misfit.offset);
    misfits.truncate(MAX_FINDINGS);
    let finding = |misfit: Misfit| Diagnostic::at_offset(file.proto.name(), file.source, misfit.offset, misfit.message);
    interpreted.findings = misfits.into_iter().map(finding).collect();
    interpreted
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

    fn of(&self, path: &[i32]) -> usize {
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
        scope: element.name,
        target: OptionTarget::of(&element.node),
        edition: facts::edition_of(file),
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
