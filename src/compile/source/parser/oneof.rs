//! `oneof NAME { … }`.

use prost_types::{DescriptorProto, OneofDescriptorProto};

use super::field::FieldPlace;
use super::{Parse, Parser};
use crate::compile::visit::tag;

/// `OneofDescriptorProto.name`.
const NAME: i32 = 1;

impl Parser<'_> {
    /// Reads a oneof; its fields go to `message`.
    pub(super) fn oneof(&mut self, message: &mut DescriptorProto) -> Parse<OneofDescriptorProto> {
        let (first, start) = (self.at, self.offset());
        let index = message.oneof_decl.len();
        self.expect_keyword("oneof")?;
        self.follows("oneof", start, "its name", &[])?;
        let name_start = self.offset();
        let mut oneof = OneofDescriptorProto { name: Some(self.identifier()?.to_owned()), options: None };
        let name_end = self.last_end();
        let (opening, before, findings) = (self.at, message.field.len(), self.findings.len());
        self.block(("oneof", start), |parser| {
            if parser.peek_word() == "option" && !parser.is_mark_at(1, b'.') {
                return parser.inside(tag::MESSAGE_ONEOF, index, |parser| parser.option_statement(&mut oneof.options));
            }
            let place = FieldPlace::in_oneof(message, index);
            let (field, nested) = parser.field(&place)?;
            message.field.push(field);
            message.nested_type.extend(nested);
            Ok(())
        })?;
        if message.field.len() == before && self.findings.len() == findings {
            self.refuse(start, "a oneof must have at least one field");
        }
        let _: Parse<()> = self.inside(tag::MESSAGE_ONEOF, index, |parser| {
            parser.locate_with_comments(&[], first, Some(opening));
            parser.locate_range(&[NAME], name_start, name_end);
            Ok(())
        });
        Ok(oneof)
    }
}
