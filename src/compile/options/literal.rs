//! Message literals: the values of options that are messages, in the text format.
//!
//! The parser has seen that they are well formed; here they become values of the types that they are of. What `buf`
//! notes as places comes along: every field that is no single message, and those inside single messages.

use std::collections::{HashMap, HashSet};

use prost_types::field_descriptor_proto::{Label, Type};

use super::any::{self, Domain};
use super::context::Context;
use super::misfit::Misfit;
use super::scalar::Place;
use super::schema::{Cardinality, FieldType, MessageType};
use super::value::{MessageValue, Value};
use crate::compile::names::symbols::ExpectedSymbol;
use crate::compile::source::lexer::TokenKind;
use crate::compile::source::token_stream::TokenStream;

/// Where a field stands that a literal sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LiteralPlace {
    /// Numbers and indices from the message of the literal on.
    pub(super) path: Vec<i32>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Reads the literals of one option.
pub(super) struct LiteralReader<'r, 's, 't> {
    pub(super) context: &'r Context<'s>,
    pub(super) tokens: &'r mut TokenStream<'t>,
    pub(super) places: Vec<LiteralPlace>,
}

/// What was set in one pair of braces.
#[derive(Default)]
struct Seen {
    /// How often, by the number of the field.
    fields: HashMap<i32, i32>,
    oneofs: HashSet<i32>,
}

impl<'s> LiteralReader<'_, 's, '_> {
    /// Whether a message opens.
    pub(super) fn opens(&self) -> bool {
        self.tokens.is_mark(b'{') || self.tokens.is_mark(b'<')
    }

    fn closes(&self) -> bool {
        self.tokens.is_mark(b'}') || self.tokens.is_mark(b'>')
    }

    /// Reads a message from its opening to its end into `message`, whose fields are placed below `path` if there is one.
    pub(super) fn message(&mut self, message: &mut MessageValue<'s>, path: Option<&[i32]>) -> Result<(), Misfit> {
        self.tokens.skip();
        let mut seen = Seen::default();
        // Where a field was set, and whether an `Any` was expanded.
        let (mut plain, mut is_expanded) = (None, false);
        while !self.closes() {
            let start = self.tokens.offset();
            if self.tokens.peek().is_none() {
                return Ok(());
            }
            if is_expanded {
                return Err(Misfit::at(start, "an Any that is written as a message holds nothing else"));
            }
            is_expanded = self.field(message, &mut seen, path)?;
            if let Some(plain) = plain.filter(|_| is_expanded) {
                return Err(Misfit::at(plain, "an Any that is written as a message holds nothing else"));
            }
            plain = plain.or(Some(start));
            let _is_separated = self.tokens.take_mark(b',') || self.tokens.take_mark(b';');
        }
        self.tokens.skip();
        Ok(())
    }

    /// Reads one field; the answer is whether that was the content of an `Any`.
    fn field(&mut self, message: &mut MessageValue<'s>, seen: &mut Seen, path: Option<&[i32]>) -> Result<bool, Misfit> {
        let start = self.tokens.offset();
        let field = if self.tokens.take_mark(b'[') {
            let name_start = self.tokens.offset();
            let name = self.tokens.take_name(b"/]");
            if self.tokens.take_mark(b'/') {
                self.any(message, &Domain { start, name_start, name })?;
                return Ok(true);
            }
            self.tokens.skip();
            self.extension(message.of, &name).map_err(|why| Misfit::at(start, why))?
        } else {
            self.named_field(message.of, start)?
        };
        let usable = self.context.check_edition(message.of, field);
        usable.and_then(|()| self.context.check_target(message.of, field)).map_err(|why| Misfit::at(start, why))?;
        let index = self.count(message.of, seen, field, start)?;
        self.tokens.take_mark(b':');
        let path = path.map(|path| [path, &[field.number()]].concat());
        if self.context.schema.cardinality(field) == Cardinality::Single {
            self.single_value(message, field, start, path)?;
        } else {
            self.values(message, field)?;
            self.place(path.as_deref(), Some(index), start);
        }
        Ok(false)
    }

    /// Reads the name of a type and the message that `any` holds.
    fn any(&mut self, any: &mut MessageValue<'s>, domain: &Domain) -> Result<(), Misfit> {
        any::check(any.of, domain)?;
        let name_start = self.tokens.offset();
        let name = self.tokens.take_name(b"]");
        self.tokens.skip();
        let (context, at_name) = (self.context, |why: String| Misfit::at(name_start, why));
        let full = context.resolve(&format!(".{name}"), ExpectedSymbol::Message);
        let full = full.map_err(|why| at_name(format!("{why}; here types have their full names")))?;
        let of = context.schema.message(&full).ok_or_else(|| at_name(format!("message '{full}' is not at hand")))?;
        self.tokens.take_mark(b':');
        if !self.opens() {
            return Err(Misfit::at(self.tokens.offset(), format!("expected a message of type '{full}'")));
        }
        let mut content = MessageValue::new(of);
        self.message(&mut content, None)?;
        any::hold(context.schema, any, domain, &content);
        Ok(())
    }

    fn named_field(&mut self, of: MessageType<'s>, start: usize) -> Result<FieldType<'s>, Misfit> {
        let name = match self.tokens.peek() {
            Some(TokenKind::Word(name)) => name,
            _ => "",
        };
        self.tokens.skip();
        let missing = || Misfit::at(start, format!("field '{name}' not found in message '{}'", of.name));
        self.context.schema.field(of, name).ok_or_else(missing)
    }

    fn extension(&self, of: MessageType<'s>, name: &str) -> Result<FieldType<'s>, String> {
        if let Some(name) = name.strip_prefix('.') {
            return Err(format!("the name of an extension does not begin with a dot here: write [{name}]"));
        }
        let full = self.context.resolve(name, ExpectedSymbol::Extension)?;
        self.context.extension_of(of, &full)
    }

    /// Notes that `field` is set once more; the answer is how often it was set before in the same braces.
    fn count(&self, of: MessageType<'_>, seen: &mut Seen, field: FieldType<'_>, start: usize) -> Result<i32, Misfit> {
        let count = seen.fields.entry(field.number()).or_insert(0);
        let before = *count;
        *count += 1;
        let may_repeat = field.proto.label() == Label::Repeated || is_message(field);
        if before > 0 && !may_repeat {
            let name = field.proto.name();
            return Err(Misfit::at(start, format!("field '{name}' of message '{}' is set twice", of.name)));
        }
        let oneof = field.oneof().filter(|_| !field.is_extension() && before == 0);
        if let Some(index) = oneof
            && !seen.oneofs.insert(index)
        {
            return Err(Misfit::at(start, format!("oneof '{}' is set twice", of.oneof_name(index))));
        }
        Ok(before)
    }

    /// Reads one value of the list or map `field`, or several in brackets.
    fn values(&mut self, message: &mut MessageValue<'s>, field: FieldType<'s>) -> Result<(), Misfit> {
        let cardinality = self.context.schema.cardinality(field);
        let is_list = self.tokens.take_mark(b'[');
        while !(is_list && self.tokens.take_mark(b']')) {
            let value = self.value(field)?;
            message.put(field, cardinality, value);
            if !is_list {
                break;
            }
            self.tokens.take_mark(b',');
        }
        Ok(())
    }

    fn single_value(
        &mut self,
        message: &mut MessageValue<'s>,
        field: FieldType<'s>,
        start: usize,
        path: Option<Vec<i32>>,
    ) -> Result<(), Misfit> {
        if let Some(of) = self.context.schema.message_of(field)
            && self.opens()
        {
            message.clear_other_members(field);
            let Some(inner) = message.message_mut(field, of) else { return Ok(()) };
            return self.message(inner, path.as_deref());
        }
        let value = self.value(field)?;
        message.clear_other_members(field);
        message.put(field, Cardinality::Single, value);
        self.place(path.as_deref(), None, start);
        Ok(())
    }

    /// Reads one value of `field`.
    pub(super) fn value(&mut self, field: FieldType<'s>) -> Result<Value<'s>, Misfit> {
        let offset = self.tokens.offset();
        let message = self.context.schema.message_of(field);
        if let Some(of) = message.filter(|_| self.opens()) {
            let mut value = MessageValue::new(of);
            self.message(&mut value, None)?;
            return Ok(Value::Message(value));
        }
        if message.is_some() || self.opens() || self.tokens.is_mark(b'[') {
            return Err(self.context.mismatch(field, offset, self.tokens));
        }
        self.context.scalar(self.tokens, field, Place::Literal)
    }

    /// Notes where the field at `path`, or the entry `index` of it, stands: from `start` to what was read last.
    fn place(&mut self, path: Option<&[i32]>, index: Option<i32>, start: usize) {
        let Some(path) = path else { return };
        let path = [path, index.as_slice()].concat();
        self.places.push(LiteralPlace { path, start, end: self.tokens.end() });
    }
}

fn is_message(field: FieldType<'_>) -> bool {
    matches!(field.proto.r#type(), Type::Message | Type::Group)
}
