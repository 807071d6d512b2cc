//! Interprets the options of all files: what is written becomes encoded options messages. Nothing is changed here; see
//! [`super::apply`].

use std::collections::HashMap;
use std::sync::Arc;

use prost_types::uninterpreted_option::NamePart;
use prost_types::{SourceCodeInfo, UninterpretedOption};
use rayon::prelude::*;

use super::context::Context;
use super::facts::{self, Facts, OptionTarget};
use super::line_starts::LineStarts;
use super::literal::{LiteralPlace, LiteralReader};
use super::misfit::Misfit;
use super::scalar::Place;
use super::schema::{Cardinality, FieldType, MessageType, Schema};
use super::value::{MessageValue, Order, Value};
use crate::compile::deadline::Deadline;
use crate::compile::findings::MAX_FINDINGS;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::{ExpectedSymbol, Symbols};
use crate::compile::source::written_option::{WrittenOption, WrittenPart};
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
    let names = FileScope::new(symbols, index);
    let offsets = OptionOffsets::new(file);
    let (mut interpreted, mut misfits) = (Interpreted::default(), Vec::new());
    elements(&file.proto, |element| {
        if deadline.is_over() {
            return;
        }
        let Some(found) = self::element(schema, &names, file, &offsets, &element, |_| true) else { return };
        let path = element.inside(&[element.node.options().0]);
        let start = offsets.of(&[&path[..], &[UNINTERPRETED, 0]].concat());
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
    spans: HashMap<&'f [i32], &'f [i32]>,
    lines: LineStarts,
}

impl<'f> OptionOffsets<'f> {
    pub(super) fn new(file: &'f LoadedFile<'_>) -> Self {
        let locations = file.proto.source_code_info.iter().flat_map(|info: &SourceCodeInfo| &info.location);
        let options = locations.filter(|location| matches!(location.path[..], [.., UNINTERPRETED, _]));
        let spans: HashMap<_, _> = options.map(|location| (&location.path[..], &location.span[..])).collect();
        let lines = if spans.is_empty() { LineStarts::of("") } else { LineStarts::of(file.source) };
        Self { spans, lines }
    }

    fn of(&self, path: &[i32]) -> usize {
        self.spans.get(path).and_then(|span| self.lines.offset(span)).unwrap_or(0)
    }
}

/// Interprets the options of `element` that are `wanted`; nothing when there are none.
pub(super) fn element(
    schema: &Schema<'_>,
    names: &FileScope<'_>,
    file: &LoadedFile<'_>,
    offsets: &OptionOffsets<'_>,
    element: &Element<'_, '_>,
    wanted: impl Fn(&UninterpretedOption) -> bool,
) -> Option<ElementOptions> {
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
        match set(&context, &mut message, option, WrittenOption::read(file.source, offset(*number))) {
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

/// Sets what `option` names in `options`.
fn set<'s>(
    context: &Context<'s>,
    options: &mut MessageValue<'s>,
    option: &UninterpretedOption,
    written: WrittenOption<'_>,
) -> Result<Setting, Misfit> {
    let start = written.parts.first().map_or(0, |part| part.start);
    let Some((_, way)) = option.name.split_last() else {
        return Err(Misfit::at(start, "the option has no name"));
    };
    let (mut message, mut path) = (options, Vec::new());
    for index in 0..way.len() {
        let field = named(context, message.of, option, &written, index)?;
        path.push(field.number());
        message = inside(context, message, field, &Step { option, written: &written, index })?;
    }
    let field = named(context, message.of, option, &written, way.len())?;
    path.push(field.number());
    let single = context.schema.cardinality(field) == Cardinality::Single;
    if single && (message.is_set(field) || message.is_other_member_set(field)) {
        return Err(Misfit::at(start, already_set(message, field, &words(&option.name))));
    }
    let literal = set_value(context, message, field, written, &mut path)?;
    Ok(Setting { path, literal })
}

/// A part of an option's name that is not the last.
struct Step<'o, 't> {
    option: &'o UninterpretedOption,
    written: &'o WrittenOption<'t>,
    index: usize,
}

/// The message in `field`, which the name of an option leads through.
fn inside<'m, 's>(
    context: &Context<'s>,
    message: &'m mut MessageValue<'s>,
    field: FieldType<'s>,
    step: &Step<'_, '_>,
) -> Result<&'m mut MessageValue<'s>, Misfit> {
    let name = words(&step.option.name[..=step.index]);
    let next = step.written.parts.get(step.index + 1).map_or(0, |part| part.name);
    let of = context.schema.message_of(field);
    let is_single = context.schema.cardinality(field) == Cardinality::Single;
    let Some(of) = of.filter(|_| is_single) else {
        let kind = context.type_words(field);
        return Err(Misfit::at(next, format!("cannot set field for option '{name}' value of type '{kind}'")));
    };
    if message.is_other_member_set(field) {
        let start = step.written.parts.first().map_or(0, |part| part.start);
        return Err(Misfit::at(start, already_set(message, field, &name)));
    }
    let missing = || Misfit::at(next, format!("cannot set field for option '{name}'"));
    message.message_mut(field, of).ok_or_else(missing)
}

fn already_set(message: &MessageValue<'_>, field: FieldType<'_>, name: &str) -> String {
    match field.oneof().filter(|_| message.is_other_member_set(field)) {
        Some(oneof) => format!("oneof '{}' has already been set", message.of.oneof_name(oneof)),
        None => format!("option field '{name}' has already been set"),
    }
}

/// Reads the value of an option into `field`, and adds to `path` its index in a list. The answer is what a literal sets.
fn set_value<'s>(
    context: &Context<'s>,
    message: &mut MessageValue<'s>,
    field: FieldType<'s>,
    mut written: WrittenOption<'_>,
    path: &mut Vec<i32>,
) -> Result<Option<Vec<LiteralPlace>>, Misfit> {
    let cardinality = context.schema.cardinality(field);
    let offset = written.value.offset();
    let Some(of) = context.schema.message_of(field) else {
        if written.value.is_mark(b'{') {
            return Err(context.mismatch(field, offset, &written.value));
        }
        let value = context.scalar(&mut written.value, field, Place::Option)?;
        let index = message.put(field, cardinality, value);
        path.extend((cardinality == Cardinality::List).then_some(index));
        return Ok(None);
    };
    if !written.value.is_mark(b'{') {
        return Err(context.mismatch(field, offset, &written.value));
    }
    let mut value = MessageValue::new(of);
    let mut reader = LiteralReader { context, tokens: &mut written.value, places: Vec::new() };
    let is_single = cardinality == Cardinality::Single;
    reader.message(&mut value, is_single.then_some(&[][..]))?;
    let places = reader.places;
    let index = message.put(field, cardinality, Value::Message(value));
    path.extend((cardinality == Cardinality::List).then_some(index));
    Ok(is_single.then_some(places))
}

/// The field of `of` that part `index` of the name of `option` means.
fn named<'s>(
    context: &Context<'s>,
    of: MessageType<'s>,
    option: &UninterpretedOption,
    written: &WrittenOption<'_>,
    index: usize,
) -> Result<FieldType<'s>, Misfit> {
    let part = &option.name[index];
    let at = written.parts.get(index).copied().unwrap_or_default();
    let field = if part.is_extension {
        extension(context, of, &part.name_part, at)?
    } else {
        let missing = || Misfit::at(at.dot, format!("option field '{}' is not defined", words(&option.name[..=index])));
        context.schema.field(of, &part.name_part).ok_or_else(missing)?
    };
    context.check_use(of, field).map_err(|why| Misfit::at(at.start, why))?;
    Ok(field)
}

/// The extension of `of` that `name` means, or the field: `buf` takes that in parentheses by its full name too.
fn extension<'s>(
    context: &Context<'s>,
    of: MessageType<'s>,
    name: &str,
    at: WrittenPart,
) -> Result<FieldType<'s>, Misfit> {
    let why = match context.resolve(name, ExpectedSymbol::Extension) {
        Ok(full) => return context.extension_of(of, &full).map_err(|why| Misfit::at(at.start, why)),
        Err(why) => why,
    };
    let Some((message, field)) = name.rsplit_once('.') else { return Err(Misfit::at(at.name, why)) };
    let message = context.resolve(message, ExpectedSymbol::Message).ok();
    let message = message.and_then(|message| context.schema.message(&message));
    match message.and_then(|message| Some((message, context.schema.field(message, field)?))) {
        Some((message, field)) if message.name == of.name => Ok(field),
        Some((message, _)) => {
            let why =
                format!("expected an extension to type '{}', but '{name}' is a field of '{}'", of.name, message.name);
            Err(Misfit::at(at.start, why))
        }
        None => Err(Misfit::at(at.name, why)),
    }
}

/// An option's name as sources write it.
fn words(name: &[NamePart]) -> String {
    let part = |part: &NamePart| {
        if part.is_extension { format!("({})", part.name_part) } else { part.name_part.clone() }
    };
    name.iter().map(part).collect::<Vec<_>>().join(".")
}
