//! What interpreting an option needs to know beyond the option.

use super::facts::{OptionTarget, Usage};
use super::misfit::Misfit;
use super::scalar::{Place, Scalar};
use super::schema::{Cardinality, FieldType, MessageType, Schema};
use super::value::Value;
use crate::compile::names::file_scope::FileScope;
use crate::compile::names::symbols::ExpectedSymbol;
use crate::compile::source::token_stream::TokenStream;
use crate::model::type_word;

/// Longest part of a value that a finding quotes, in bytes.
const MAX_QUOTE: usize = 60;

/// Features have rules of their own, which tell more.
const FEATURES: &str = "google.protobuf.FeatureSet";

/// The element whose option it is, and the types that there are.
pub(super) struct Context<'s> {
    pub(super) schema: &'s Schema<'s>,
    pub(super) names: &'s FileScope<'s>,
    pub(super) source: &'s str,
    /// Full name of the innermost scope in which names are looked for.
    pub(super) scope: &'s str,
    pub(super) target: OptionTarget,
    /// As `google.protobuf.Edition` numbers that of the file.
    pub(super) edition: i32,
}

impl<'s> Context<'s> {
    /// What `name` means at the element: a full name without leading dot.
    pub(super) fn resolve(&self, name: &str, expected: ExpectedSymbol) -> Result<String, String> {
        self.names.resolve(self.scope, name, expected).map(|(full, _)| full)
    }

    /// The extension `full` of the message `of`.
    pub(super) fn extension_of(&self, of: MessageType<'_>, full: &str) -> Result<FieldType<'s>, String> {
        let extension =
            self.schema.extension(full).ok_or_else(|| format!("option extension '{full}' is not at hand"))?;
        let extended = extension.proto.extendee().trim_start_matches('.');
        if of.is_message_set() {
            return Err(format!("'{full}' extends the message set '{extended}', which options cannot hold"));
        }
        if extended == of.name {
            return Ok(extension);
        }
        Err(format!("expected an extension to type '{}', but '{full}' extends '{extended}'", of.name))
    }

    /// Whether `field` of the message `of` may be set at the element.
    pub(super) fn check_target(&self, of: MessageType<'_>, field: FieldType<'_>) -> Result<(), String> {
        let usage = self.usage(of, field);
        usage.map_or(Ok(()), |usage| usage.check_target(&format!("option '{}'", field.proto.name()), self.target))
    }

    /// Whether `field` of the message `of` may be set in the edition of the file.
    pub(super) fn check_edition(&self, of: MessageType<'_>, field: FieldType<'_>) -> Result<(), String> {
        let usage = self.usage(of, field);
        usage.map_or(Ok(()), |usage| usage.check_edition(&format!("option '{}'", field.proto.name()), self.edition))
    }

    fn usage(&self, of: MessageType<'_>, field: FieldType<'_>) -> Option<&Usage> {
        let has_own_rules = of.name == FEATURES && !field.is_extension();
        if has_own_rules { None } else { self.schema.facts_of(field).usage_at(|| field.path()) }
    }

    /// Takes a scalar as a value of `field`.
    pub(super) fn scalar(
        &self,
        tokens: &mut TokenStream<'_>,
        field: FieldType<'s>,
        place: Place,
    ) -> Result<Value<'s>, Misfit> {
        let scalar = Scalar::take(tokens);
        let offset = scalar.offset;
        let (value, named) = scalar.value(self.schema, field, place).map_err(|mismatch| {
            let found = self.mismatch(field, offset, tokens);
            Misfit { offset: mismatch.offset, message: format!("{}{}", found.message, mismatch.reason()) }
        })?;
        if let Some(named) = named
            && let Some(usage) = self.schema.facts_of_value(named).usage_at(|| named.path())
        {
            let name = format!("value '{}'", self.quote(offset, tokens.end()));
            usage.check_edition(&name, self.edition).map_err(|why| Misfit::at(offset, why))?;
        }
        Ok(value)
    }

    /// That what begins at `offset`, read up to where `tokens` stand, is not of the type of `field`.
    pub(super) fn mismatch(&self, field: FieldType<'_>, offset: usize, tokens: &TokenStream<'_>) -> Misfit {
        let is_whole = [b'{', b'<', b'['].iter().any(|mark| tokens.is_mark(*mark));
        let end = match tokens.end() {
            end if end > offset => end,
            _ if is_whole => self.source.len(),
            _ => tokens.next_end(),
        };
        let (kind, name, found) = (self.type_words(field), field.proto.name(), self.quote(offset, end));
        Misfit::at(offset, format!("expected a value of type '{kind}' for '{name}', but found '{found}'"))
    }

    /// The beginning of what stands between two offsets, up to the end of the line.
    fn quote(&self, start: usize, end: usize) -> &'s str {
        let text = self.source.get(start..end).or_else(|| self.source.get(start..)).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let end = (0..=line.len().min(MAX_QUOTE)).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        line[..end].trim_end()
    }

    /// The type of `field` as findings name it.
    pub(super) fn type_words(&self, field: FieldType<'_>) -> String {
        let single = |field: FieldType<'_>| match field.proto.type_name() {
            "" => type_word(field.proto.r#type()).to_owned(),
            name => name.trim_start_matches('.').to_owned(),
        };
        match self.schema.cardinality(field) {
            Cardinality::Single => single(field),
            Cardinality::List => format!("repeated {}", single(field)),
            Cardinality::Map => {
                let entry = self.schema.message_of(field);
                let part = |number| entry.and_then(|entry| self.schema.numbered_field(entry, number)).map(single);
                format!("map<{}, {}>", part(1).unwrap_or_default(), part(2).unwrap_or_default())
            }
        }
    }
}
