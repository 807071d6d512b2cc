//! Indexes of the parts of declarations, by number and by name: there may be very many parts.

use std::collections::{BTreeMap, HashMap};

use prost_types::{DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto};

use crate::model::is_map_entry;

/// The parts of a message.
pub(super) struct MessageParts<'a> {
    pub message: &'a DescriptorProto,
    pub by_number: HashMap<i32, &'a FieldDescriptorProto>,
    pub by_name: HashMap<&'a str, &'a FieldDescriptorProto>,
    /// The messages of map entries.
    entries: HashMap<&'a str, &'a DescriptorProto>,
    /// The reserved ranges, from first to last number; they do not overlap.
    reserved: BTreeMap<i32, i32>,
}

impl<'a> MessageParts<'a> {
    pub(super) fn of(message: &'a DescriptorProto) -> Self {
        let entries = message.nested_type.iter().filter(|nested| is_map_entry(nested));
        Self {
            message,
            by_number: first_by(&message.field, FieldDescriptorProto::number),
            by_name: first_by(&message.field, FieldDescriptorProto::name),
            entries: entries.map(|entry| (entry.name(), entry)).collect(),
            reserved: message.reserved_range.iter().map(|range| (range.start(), range.end())).collect(),
        }
    }

    /// The message for the entries of a map field.
    pub(super) fn map_entry(&self, field: &FieldDescriptorProto) -> Option<&'a DescriptorProto> {
        let name = field.type_name().rsplit('.').next()?;
        self.entries.get(name).copied()
    }

    /// Whether the number is reserved.
    pub(super) fn reserves(&self, number: i32) -> bool {
        self.reserved.range(..=number).next_back().is_some_and(|(_, end)| number < *end)
    }
}

/// The values of an enum.
pub(super) struct EnumParts<'a> {
    pub by_number: HashMap<i32, &'a EnumValueDescriptorProto>,
    pub by_name: HashMap<&'a str, &'a EnumValueDescriptorProto>,
}

impl<'a> EnumParts<'a> {
    pub(super) fn of(declared: &'a EnumDescriptorProto) -> Self {
        Self {
            by_number: first_by(&declared.value, EnumValueDescriptorProto::number),
            by_name: first_by(&declared.value, EnumValueDescriptorProto::name),
        }
    }
}

/// The first part of each kind.
fn first_by<'a, K: Eq + std::hash::Hash, T>(parts: &'a [T], key: impl Fn(&'a T) -> K) -> HashMap<K, &'a T> {
    // The last insert of a key wins.
    parts.iter().rev().map(|part| (key(part), part)).collect()
}
