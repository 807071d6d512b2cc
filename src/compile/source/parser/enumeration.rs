//! `enum NAME { … }` and its values.

use prost_types::enum_descriptor_proto::EnumReservedRange;
use prost_types::{EnumDescriptorProto, EnumValueDescriptorProto};

use super::number::INTEGER;
use super::range::ReservedTags;
use super::{Parse, Parser};
use crate::compile::visit::tag;

/// Fields of `EnumDescriptorProto` and `EnumValueDescriptorProto`.
const NAME: i32 = 1;
const NUMBER: i32 = 2;
const RESERVED: ReservedTags = ReservedTags { range: 4, name: 5 };

impl Parser<'_> {
    /// Reads an enum, whose first token is its keyword or a visibility.
    pub(super) fn enumeration(&mut self) -> Parse<EnumDescriptorProto> {
        let first = self.at;
        self.visibility();
        let start = self.offset();
        self.expect_keyword("enum")?;
        self.follows("enum", start, "its name", &[])?;
        let name_start = self.offset();
        let mut item = EnumDescriptorProto { name: Some(self.identifier()?.to_owned()), ..Default::default() };
        let name_end = self.last_end();
        let opening = self.at;
        self.block(("enum", start), |parser| parser.enum_statement(&mut item))?;
        self.locate_from(&[], start, first, Some(opening));
        self.locate_range(&[NAME], name_start, name_end);
        Ok(item)
    }

    fn enum_statement(&mut self, item: &mut EnumDescriptorProto) -> Parse<()> {
        // A value may have the name of a keyword.
        let is_value = self.is_mark_at(1, b'=');
        match self.peek_word() {
            "option" if !is_value => self.option_statement(&mut item.options),
            "reserved" if !is_value => self.enum_reserved(item),
            _ => {
                let value = self.inside(tag::ENUM_VALUE, item.value.len(), Self::enum_value)?;
                item.value.push(value);
                Ok(())
            }
        }
    }

    fn enum_value(&mut self) -> Parse<EnumValueDescriptorProto> {
        let (first, start) = (self.at, self.offset());
        let name = self.identifier()?.to_owned();
        let name_end = self.last_end();
        self.expect_equals("enum value", start)?;
        self.follows("enum value", start, "an integer", INTEGER)?;
        let number_start = self.offset();
        let number = self.enum_number()?;
        let number_end = self.last_end();
        let options = self.compact_options()?;
        self.end_of_statement()?;
        self.locate_with_comments(&[], first, None);
        self.locate_range(&[NAME], start, name_end);
        self.locate_range(&[NUMBER], number_start, number_end);
        Ok(EnumValueDescriptorProto { name: Some(name), number: Some(number), options: self.place_compact(options) })
    }

    fn enum_reserved(&mut self, item: &mut EnumDescriptorProto) -> Parse<()> {
        let count = (item.reserved_range.len(), item.reserved_name.len());
        let reserved = self.reserved(RESERVED, count, Self::enum_number, i32::MAX)?;
        item.reserved_name.extend(reserved.names);
        let range = |(start, end): (i32, i32)| EnumReservedRange { start: Some(start), end: Some(end) };
        item.reserved_range.extend(reserved.ranges.into_iter().map(range));
        Ok(())
    }
}
