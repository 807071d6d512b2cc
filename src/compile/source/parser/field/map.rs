//! `map<KEY, VALUE>`: the type of a field, and the message for its entries.

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, MessageOptions};

use super::field_type::{is_key, scalar};
use crate::compile::source::parser::{Parse, Parser, Unreadable};

/// The types that a map is between.
pub(super) struct MapType {
    key: Option<Type>,
    value: String,
}

impl Parser<'_> {
    /// Reads the type of the field that begins at `start`; its keyword comes next.
    pub(super) fn map_type(&mut self, start: usize) -> Parse<MapType> {
        self.expect_keyword("map")?;
        let opening = self.offset();
        self.expect_mark(b'<')?;
        let key_start = self.offset();
        let key = scalar(&self.type_name()?);
        if !is_key(key) {
            self.refuse(key_start, "a map field key type must be an integer, boolean or string");
        }
        self.expect_mark(b',')?;
        self.follows("map", opening, "the type of its values", b".")?;
        let value_start = self.offset();
        let value = self.type_name()?;
        if self.is_mark(b'<') || matches!(value.as_str(), "optional" | "required" | "repeated") && !self.is_mark(b'>') {
            self.refuse(value_start, "the value of a map is a single message, enum or scalar");
            return Err(Unreadable);
        }
        if self.is_mark(b',') {
            return self.incomplete("map", opening, "'>'");
        }
        if !self.take_mark(b'>') {
            return self.incomplete("field", start, "'>'");
        }
        Ok(MapType { key, value })
    }
}

/// The message of the entries of a map that is called `name`.
pub(super) fn map_entry(map: &MapType, name: &str) -> DescriptorProto {
    let field = |name: &str, number, kind: Option<Type>, type_name: Option<String>| FieldDescriptorProto {
        name: Some(name.to_owned()),
        json_name: Some(name.to_owned()),
        label: Some(Label::Optional.into()),
        number: Some(number),
        r#type: kind.map(i32::from),
        type_name,
        ..Default::default()
    };
    let value_type = scalar(&map.value);
    let value_name = value_type.is_none().then(|| map.value.clone());
    DescriptorProto {
        name: Some(entry_name(name)),
        field: vec![field("key", 1, map.key, None), field("value", 2, value_type, value_name)],
        options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
        ..Default::default()
    }
}

/// The name of the message for the entries of a map: `PetNamesEntry` for `pet_names`.
pub(in crate::compile) fn entry_name(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 5);
    let mut begins_word = true;
    for character in field.chars() {
        match character {
            '_' => begins_word = true,
            _ if begins_word => {
                name.push(character.to_ascii_uppercase());
                begins_word = false;
            }
            _ => name.push(character),
        }
    }
    name + "Entry"
}
