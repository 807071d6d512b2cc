//! `extend TYPE { … }`.

use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::field::FieldPlace;
use super::{Parse, Parser};

/// `FieldDescriptorProto.extendee`.
const EXTENDEE: i32 = 2;

impl Parser<'_> {
    /// Reads a block of extensions. Both lists stand with their field in the element around the block.
    pub(super) fn extend(
        &mut self,
        (tag, extensions): (i32, &mut Vec<FieldDescriptorProto>),
        (message_tag, messages): (i32, &mut Vec<DescriptorProto>),
    ) -> Parse<()> {
        let (first, start) = (self.at, self.offset());
        self.expect_keyword("extend")?;
        self.follows("extend", start, "a message type", b".")?;
        let name_start = self.offset();
        let extendee = self.type_name()?;
        let name_end = self.last_end();
        self.check_no_scalar(&extendee, name_start);
        let (opening, before, findings) = (self.at, extensions.len(), self.findings.len());
        self.block(("extend", start), |parser| {
            let place = FieldPlace::in_extend((tag, extensions.len()), (message_tag, messages.len()));
            let (mut field, nested) = parser.field(&place)?;
            let located: Parse<()> = parser.inside(tag, extensions.len(), |parser| {
                parser.locate_range(&[EXTENDEE], name_start, name_end);
                Ok(())
            });
            field.extendee = Some(extendee.clone());
            extensions.push(field);
            messages.extend(nested);
            located
        })?;
        if extensions.len() == before && self.findings.len() == findings {
            self.refuse(start, "this `extend` declares nothing; remove it");
        }
        self.locate_with_comments(&[tag], first, Some(opening));
        Ok(())
    }
}
