//! Values of options, and their encoding.

use std::collections::BTreeMap;

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::Type;

use super::schema::{Cardinality, FieldType, MessageType, Schema};

/// One value.
pub(super) enum Value<'s> {
    Varint(u64),
    Fixed32([u8; 4]),
    Fixed64([u8; 8]),
    Bytes(Vec<u8>),
    Message(MessageValue<'s>),
}

/// A message with what is set in it.
pub(super) struct MessageValue<'s> {
    pub(super) of: MessageType<'s>,
    /// By number; no extension has that of a field.
    fields: BTreeMap<i32, FieldValue<'s>>,
}

/// The values of one field: one, or those of a list or a map.
struct FieldValue<'s> {
    field: FieldType<'s>,
    cardinality: Cardinality,
    /// How many fields were set before it.
    sequence: usize,
    values: Vec<Value<'s>>,
}

/// The order in which fields are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As Go's library does it: extensions, then fields, then members of oneofs, each by number; maps by key.
    Canonical,
    /// As they were written, with every list of numbers in one run: `buf` does so inside an `Any`.
    Written,
}

impl<'s> MessageValue<'s> {
    pub(super) fn new(of: MessageType<'s>) -> Self {
        Self { of, fields: BTreeMap::new() }
    }

    pub(super) fn is_set(&self, field: FieldType<'_>) -> bool {
        self.fields.contains_key(&field.number())
    }

    /// Whether another member of the oneof of `field` is set.
    pub(super) fn is_other_member_set(&self, field: FieldType<'_>) -> bool {
        let Some(oneof) = field.oneof().filter(|_| !field.is_extension()) else { return false };
        let others = self.fields.values().map(|value| value.field).filter(|other| !other.is_extension());
        others.into_iter().any(|other| other.oneof() == Some(oneof) && other.number() != field.number())
    }

    /// Adds `value` to the list or map `field`, or sets it; the answer is the index in the list.
    pub(super) fn put(&mut self, field: FieldType<'s>, cardinality: Cardinality, value: Value<'s>) -> i32 {
        let values = &mut self.entry(field, cardinality).values;
        if cardinality == Cardinality::Single {
            values.clear();
        }
        values.push(value);
        i32::try_from(values.len() - 1).unwrap_or(i32::MAX)
    }

    /// Notes that the list `field` was written, if only as an empty one.
    fn entry(&mut self, field: FieldType<'s>, cardinality: Cardinality) -> &mut FieldValue<'s> {
        let sequence = self.fields.len();
        let new = || FieldValue { field, cardinality, sequence, values: Vec::new() };
        self.fields.entry(field.number()).or_insert_with(new)
    }

    /// Unsets the other members of the oneof of `field`: the last one counts.
    pub(super) fn clear_other_members(&mut self, field: FieldType<'_>) {
        let Some(oneof) = field.oneof().filter(|_| !field.is_extension()) else { return };
        self.fields.retain(|number, other| {
            *number == field.number() || other.field.is_extension() || other.field.oneof() != Some(oneof)
        });
    }

    /// The message in `field`, which holds a single one of the type `of`.
    pub(super) fn message_mut(&mut self, field: FieldType<'s>, of: MessageType<'s>) -> Option<&mut Self> {
        let values = &mut self.entry(field, Cardinality::Single).values;
        if values.is_empty() {
            values.push(Value::Message(Self::new(of)));
        }
        match values.last_mut() {
            Some(Value::Message(message)) => Some(message),
            _ => None,
        }
    }

    /// The name of a required field that is not set, here or in a message inside.
    pub(super) fn missing_field(&self, schema: &'s Schema<'_>) -> Option<String> {
        let missing = schema.required(self.of).find(|field| !self.fields.contains_key(&field.number()));
        if let Some(field) = missing {
            return Some(format!("{}.{}", self.of.name, field.name()));
        }
        let values = self.fields.values().flat_map(|field| &field.values);
        values.into_iter().find_map(|value| match value {
            Value::Message(message) => message.missing_field(schema),
            _ => None,
        })
    }

    /// The encoding.
    pub(super) fn encode(&self, schema: &Schema<'_>, order: Order) -> Vec<u8> {
        let mut fields: Vec<_> = self.fields.values().collect();
        match order {
            Order::Canonical => fields.sort_by_key(|value| {
                let field = value.field;
                (!field.is_extension(), field.oneof().filter(|_| !field.is_extension()), field.number())
            }),
            Order::Written => fields.sort_by_key(|value| value.sequence),
        }
        let mut bytes = Vec::new();
        fields.into_iter().for_each(|field| field.encode(schema, order, &mut bytes));
        bytes
    }

    /// The encoding of a map entry, which always holds both fields.
    fn encode_entry(&self, schema: &Schema<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [1, 2] {
            match (self.fields.get(&number), schema.numbered_field(self.of, number)) {
                (Some(value), _) => value.encode(schema, Order::Canonical, &mut bytes),
                (None, Some(field)) => encode_default(field, &mut bytes),
                (None, None) => {}
            }
        }
        bytes
    }

    /// What entries of a map are sorted by.
    fn key(&self, schema: &Schema<'_>) -> MapKey {
        let kind = schema.numbered_field(self.of, 1).map_or(Type::String, |field| field.proto.r#type());
        match self.fields.get(&1).and_then(|key| key.values.last()) {
            Some(Value::Bytes(text)) => MapKey::Text(text.clone()),
            Some(Value::Varint(number)) => MapKey::Number(match kind {
                Type::Sint32 | Type::Sint64 => i128::from((number >> 1).cast_signed() ^ -(number & 1).cast_signed()),
                Type::Int32 | Type::Int64 => i128::from(number.cast_signed()),
                _ => i128::from(*number),
            }),
            Some(Value::Fixed32(bytes)) if kind == Type::Sfixed32 => MapKey::Number(i32::from_le_bytes(*bytes).into()),
            Some(Value::Fixed32(bytes)) => MapKey::Number(u32::from_le_bytes(*bytes).into()),
            Some(Value::Fixed64(bytes)) if kind == Type::Sfixed64 => MapKey::Number(i64::from_le_bytes(*bytes).into()),
            Some(Value::Fixed64(bytes)) => MapKey::Number(u64::from_le_bytes(*bytes).into()),
            Some(Value::Message(_)) | None if matches!(kind, Type::String) => MapKey::Text(Vec::new()),
            Some(Value::Message(_)) | None => MapKey::Number(0),
        }
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum MapKey {
    Number(i128),
    Text(Vec<u8>),
}

impl FieldValue<'_> {
    fn encode(&self, schema: &Schema<'_>, order: Order, bytes: &mut Vec<u8>) {
        let is_run = match order {
            _ if self.cardinality != Cardinality::List => false,
            Order::Canonical => schema.is_packed(self.field),
            Order::Written => self.values.len() > 1 || schema.is_packed(self.field),
        };
        let is_number = !self.values.iter().any(|value| matches!(value, Value::Bytes(_) | Value::Message(_)));
        if self.cardinality == Cardinality::Map && order == Order::Canonical {
            self.encode_map(schema, bytes);
        } else if is_run && is_number && !self.values.is_empty() {
            let mut run = Vec::new();
            self.values.iter().for_each(|value| encode_payload(value, &mut run));
            encode_delimited(self.field, &run, bytes);
        } else if !(order == Order::Canonical && schema.is_implicit(self.field) && self.is_zero()) {
            self.values.iter().for_each(|value| self.encode_value(value, schema, order, bytes));
        }
    }

    fn is_zero(&self) -> bool {
        self.values.iter().all(|value| match value {
            Value::Varint(number) => *number == 0,
            Value::Fixed32(bytes) => *bytes == [0; 4],
            Value::Fixed64(bytes) => *bytes == [0; 8],
            Value::Bytes(text) => text.is_empty(),
            Value::Message(_) => false,
        })
    }

    /// Writes the last entry of each key.
    fn encode_map(&self, schema: &Schema<'_>, bytes: &mut Vec<u8>) {
        let entries = self.values.iter().filter_map(|value| match value {
            Value::Message(entry) => Some((entry.key(schema), entry)),
            _ => None,
        });
        let entries: BTreeMap<_, _> = entries.collect();
        entries.values().for_each(|entry| encode_delimited(self.field, &entry.encode_entry(schema), bytes));
    }

    fn encode_value(&self, value: &Value<'_>, schema: &Schema<'_>, order: Order, bytes: &mut Vec<u8>) {
        let number = tag(self.field);
        match value {
            Value::Message(message) if self.field.proto.r#type() == Type::Group => {
                encode_key(number, WireType::StartGroup, bytes);
                bytes.extend(message.encode(schema, order));
                encode_key(number, WireType::EndGroup, bytes);
            }
            Value::Message(message) => encode_delimited(self.field, &message.encode(schema, order), bytes),
            Value::Bytes(text) => encode_delimited(self.field, text, bytes),
            Value::Varint(_) => {
                encode_key(number, WireType::Varint, bytes);
                encode_payload(value, bytes);
            }
            Value::Fixed32(_) => {
                encode_key(number, WireType::ThirtyTwoBit, bytes);
                encode_payload(value, bytes);
            }
            Value::Fixed64(_) => {
                encode_key(number, WireType::SixtyFourBit, bytes);
                encode_payload(value, bytes);
            }
        }
    }
}

/// Writes a number without its key.
fn encode_payload(value: &Value<'_>, bytes: &mut Vec<u8>) {
    match value {
        Value::Varint(number) => encode_varint(*number, bytes),
        Value::Fixed32(fixed) => bytes.extend_from_slice(fixed),
        Value::Fixed64(fixed) => bytes.extend_from_slice(fixed),
        Value::Bytes(_) | Value::Message(_) => {}
    }
}

fn encode_delimited(field: FieldType<'_>, content: &[u8], bytes: &mut Vec<u8>) {
    encode_key(tag(field), WireType::LengthDelimited, bytes);
    encode_varint(content.len() as u64, bytes);
    bytes.extend_from_slice(content);
}

/// Writes `field` with the value that it has when nothing was said.
fn encode_default(field: FieldType<'_>, bytes: &mut Vec<u8>) {
    let (wire, content): (_, &[u8]) = match field.proto.r#type() {
        Type::Double | Type::Fixed64 | Type::Sfixed64 => (WireType::SixtyFourBit, &[0; 8]),
        Type::Float | Type::Fixed32 | Type::Sfixed32 => (WireType::ThirtyTwoBit, &[0; 4]),
        Type::String | Type::Bytes | Type::Message | Type::Group => (WireType::LengthDelimited, &[0]),
        _ => (WireType::Varint, &[0]),
    };
    encode_key(tag(field), wire, bytes);
    bytes.extend_from_slice(content);
}

/// The number as encoders take it.
fn tag(field: FieldType<'_>) -> u32 {
    field.number().cast_unsigned()
}
