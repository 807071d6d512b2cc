//! Interprets the options of all files: what is written becomes encoded options messages. Nothing is changed here; see
//! [`super::apply`].

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::collect_facts;
use super::facts::Facts;
use super::interpret_element::{self, FileReader, OptionOffsets, UNINTERPRETED};
use super::misfit::Misfit;
use super::option::Setting;
use super::schema::Schema;
use crate::compile::findings::MAX_FINDINGS;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::Symbols;
use crate::compile::resources::deadline::Deadline;
use crate::compile::visit::elements::elements;
use crate::model::Diagnostic;

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

/// Interprets the options of all `files` that are not taken from an earlier compilation.
pub(in crate::compile) fn interpret(
    symbols: &Symbols,
    files: &[LoadedFile<'_>],
    deadline: &Deadline,
) -> Vec<Interpreted> {
    let without_facts = Schema::new(symbols, files, &[]);
    let facts = |(index, file)| collect_facts::collect(symbols, &without_facts, index, file);
    let facts: Vec<_> = files.par_iter().enumerate().map(facts).collect();
    let schema = Schema::new(symbols, files, &facts);
    let one = |(index, file): (usize, &LoadedFile<'_>)| match file.earlier {
        Some(_) => Interpreted::default(),
        None => interpret_file(symbols, &schema, index, file, deadline),
    };
    let mut interpreted: Vec<_> = files.par_iter().enumerate().map(one).collect();
    drop(schema);
    interpreted.iter_mut().zip(facts).for_each(|(file, facts)| file.facts = facts);
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
        let Some(found) = interpret_element::element(&reader, &element, |_| true) else { return };
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
