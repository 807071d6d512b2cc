//! One option: its name leads to a field, which its value is read into.

use prost_types::UninterpretedOption;
use prost_types::uninterpreted_option::NamePart;

use super::context::Context;
use super::literal::{LiteralPlace, LiteralReader};
use super::misfit::Misfit;
use super::scalar::Place;
use super::schema::{Cardinality, FieldType, MessageType};
use super::value::{MessageValue, Value};
use crate::compile::names::symbols::ExpectedSymbol;
use crate::compile::source::written_option::{WrittenOption, WrittenPart};

/// What an option sets.
pub(super) struct Setting {
    /// The path of that.
    pub(super) path: Vec<i32>,
    /// The fields that it sets inside a single message, if it sets one.
    pub(super) literal: Option<Vec<LiteralPlace>>,
}

/// An option of an element.
pub(super) struct OptionReader<'o, 's, 't> {
    pub(super) context: &'o Context<'s>,
    pub(super) option: &'o UninterpretedOption,
    pub(super) written: WrittenOption<'t>,
}

impl<'s> OptionReader<'_, 's, '_> {
    /// Sets what the option names in `options`.
    pub(super) fn set(mut self, options: &mut MessageValue<'s>) -> Result<Setting, Misfit> {
        let Some(last) = self.option.name.len().checked_sub(1) else {
            return Err(Misfit::at(self.start(), "the option has no name"));
        };
        let (mut message, mut path) = (options, Vec::new());
        for index in 0..last {
            let field = self.field(message.of, index)?;
            path.push(field.number());
            message = self.inside(message, field, index)?;
        }
        let field = self.field(message.of, last)?;
        path.push(field.number());
        let is_single = self.context.schema.cardinality(field) == Cardinality::Single;
        if is_single && (message.is_set(field) || message.is_other_member_set(field)) {
            return Err(self.already_set(message, field, last));
        }
        let literal = self.set_value(message, field, &mut path)?;
        Ok(Setting { path, literal })
    }

    /// The field of `of` that part `index` of the name means.
    fn field(&self, of: MessageType<'s>, index: usize) -> Result<FieldType<'s>, Misfit> {
        let (part, at) = (&self.option.name[index], self.place(index));
        let field = if part.is_extension {
            self.extension(of, &part.name_part, at)?
        } else {
            let missing = || Misfit::at(at.dot, format!("option field '{}' is not defined", self.name(index)));
            self.context.schema.field(of, &part.name_part).ok_or_else(missing)?
        };
        self.context.check_edition(of, field).map_err(|why| Misfit::at(self.start(), why))?;
        self.context.check_target(of, field).map_err(|why| Misfit::at(at.start, why))?;
        Ok(field)
    }

    /// The extension of `of` that `name` means, or the field: `buf` takes that in parentheses by its full name too.
    fn extension(&self, of: MessageType<'s>, name: &str, at: WrittenPart) -> Result<FieldType<'s>, Misfit> {
        let context = self.context;
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
                let (expected, actual) = (of.name, message.name);
                let why = format!("expected an extension to type '{expected}', but '{name}' is a field of '{actual}'");
                Err(Misfit::at(at.start, why))
            }
            None => Err(Misfit::at(at.name, why)),
        }
    }

    /// The message in `field`, which part `index` of the name leads into.
    fn inside<'m>(
        &self,
        message: &'m mut MessageValue<'s>,
        field: FieldType<'s>,
        index: usize,
    ) -> Result<&'m mut MessageValue<'s>, Misfit> {
        let cannot = || {
            let kind = self.context.type_words(field);
            let message = format!("cannot set field for option '{}' value of type '{kind}'", self.name(index));
            Misfit::at(self.place(index + 1).name, message)
        };
        let is_single = self.context.schema.cardinality(field) == Cardinality::Single;
        let of = self.context.schema.message_of(field).filter(|_| is_single).ok_or_else(cannot)?;
        if message.is_other_member_set(field) {
            return Err(self.already_set(message, field, index));
        }
        message.message_mut(field, of).ok_or_else(cannot)
    }

    /// Reads the value into `field`, and adds to `path` its index in a list. The answer is what a literal sets.
    fn set_value(
        &mut self,
        message: &mut MessageValue<'s>,
        field: FieldType<'s>,
        path: &mut Vec<i32>,
    ) -> Result<Option<Vec<LiteralPlace>>, Misfit> {
        let cardinality = self.context.schema.cardinality(field);
        let (value, literal) = match self.context.schema.message_of(field) {
            Some(of) => self.literal(of, field, cardinality == Cardinality::Single)?,
            None => (self.scalar(field)?, None),
        };
        let index = message.put(field, cardinality, value);
        path.extend((cardinality == Cardinality::List).then_some(index));
        Ok(literal)
    }

    fn scalar(&mut self, field: FieldType<'s>) -> Result<Value<'s>, Misfit> {
        let value = &mut self.written.value;
        if value.is_mark(b'{') {
            return Err(self.context.mismatch(field, value.offset(), value));
        }
        self.context.scalar(value, field, Place::Option)
    }

    /// Reads a message of type `of`, and where the fields of a single one stand.
    fn literal(
        &mut self,
        of: MessageType<'s>,
        field: FieldType<'s>,
        is_single: bool,
    ) -> Result<(Value<'s>, Option<Vec<LiteralPlace>>), Misfit> {
        let tokens = &mut self.written.value;
        if !tokens.is_mark(b'{') {
            return Err(self.context.mismatch(field, tokens.offset(), tokens));
        }
        let mut message = MessageValue::new(of);
        let mut reader = LiteralReader { context: self.context, tokens, places: Vec::new() };
        reader.message(&mut message, is_single.then_some(&[][..]))?;
        let places = reader.places;
        Ok((Value::Message(message), is_single.then_some(places)))
    }

    fn already_set(&self, message: &MessageValue<'_>, field: FieldType<'_>, index: usize) -> Misfit {
        let text = match field.oneof().filter(|_| message.is_other_member_set(field)) {
            Some(oneof) => format!("oneof '{}' has already been set", message.of.oneof_name(oneof)),
            None => format!("option field '{}' has already been set", self.name(index)),
        };
        Misfit::at(self.start(), text)
    }

    /// Where the name begins.
    fn start(&self) -> usize {
        self.place(0).start
    }

    fn place(&self, index: usize) -> WrittenPart {
        self.written.parts.get(index).copied().unwrap_or_default()
    }

    /// The name up to part `index`, as sources write it.
    fn name(&self, index: usize) -> String {
        let part = |part: &NamePart| {
            if part.is_extension { format!("({})", part.name_part) } else { part.name_part.clone() }
        };
        self.option.name.iter().take(index + 1).map(part).collect::<Vec<_>>().join(".")
    }
}
