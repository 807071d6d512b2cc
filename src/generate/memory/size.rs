//! The size of encoded files: their declarations, counted without decoding them.

use std::iter::Sum;
use std::ops::Add;

use prost::DecodeError;
use prost::encoding::WireType;

use crate::model::wire_format::{Fields, MAX_DEPTH, last_text, name};

/// The declarations in encoded files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::generate) struct Size {
    /// Encoded bytes.
    pub bytes: u64,
    /// Messages, without those of map entries.
    pub messages: u64,
    /// Fields and extensions, including those of map entries.
    pub fields: u64,
    /// Oneofs.
    pub oneofs: u64,
    /// Enums.
    pub enums: u64,
    /// Values of enums.
    pub values: u64,
    /// Services.
    pub services: u64,
    /// Methods of services.
    pub methods: u64,
    /// Bytes of the full names of all of these, which generated code repeats.
    pub names: u64,
    /// Ranges of numbers.
    pub ranges: u64,
    /// Places in the source, with or without comments.
    pub places: u64,
    /// Encoded bytes of these.
    pub place_bytes: u64,
    /// Bytes of comments.
    pub comments: u64,
    /// Lines of comments.
    pub lines: u64,
}

impl Size {
    /// The size of an encoded `FileDescriptorProto`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::generate) fn of(file: &[u8]) -> Result<Self, DecodeError> {
        let mut size = Self { bytes: file.len() as u64, ..Self::default() };
        size.count(Part::File, file, last_text(file, 2)?.len(), 0)?;
        Ok(size)
    }

    /// How many things are declared.
    #[must_use]
    pub(in crate::generate) fn declared(&self) -> u64 {
        self.messages + self.fields + self.oneofs + self.enums + self.values + self.services + self.methods
    }

    /// The same files without comments and places.
    #[must_use]
    pub(in crate::generate) fn bare(self) -> Self {
        let bytes = self.bytes - self.place_bytes;
        Self { bytes, places: 0, place_bytes: 0, comments: 0, lines: 0, ..self }
    }

    /// Counts the content of `part`, whose full name has `scope` bytes.
    fn count(&mut self, part: Part, encoded: &[u8], scope: usize, depth: usize) -> Result<(), DecodeError> {
        for field in Fields(encoded) {
            let field = field?;
            let Some(inner) = part.held(field.number).filter(|_| field.wire == WireType::LengthDelimited) else {
                continue;
            };
            let Some(count) = inner.counted(self) else {
                self.count_comment(field.content);
                continue;
            };
            *count += u64::from(inner != Part::Message || !is_map_entry(field.content)?);
            if inner == Part::Place {
                self.place_bytes += field.whole.len() as u64;
            }
            let full = if inner.is_named() { scope + 1 + name(field.content)?.len() } else { scope };
            if inner.is_named() {
                self.names += full as u64;
            }
            if depth < MAX_DEPTH {
                self.count(inner, field.content, full, depth + 1)?;
            }
        }
        Ok(())
    }

    fn count_comment(&mut self, comment: &[u8]) {
        self.comments += comment.len() as u64;
        self.lines += 1 + comment.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            messages: self.messages + other.messages,
            fields: self.fields + other.fields,
            oneofs: self.oneofs + other.oneofs,
            enums: self.enums + other.enums,
            values: self.values + other.values,
            services: self.services + other.services,
            methods: self.methods + other.methods,
            names: self.names + other.names,
            ranges: self.ranges + other.ranges,
            places: self.places + other.places,
            place_bytes: self.place_bytes + other.place_bytes,
            comments: self.comments + other.comments,
            lines: self.lines + other.lines,
        }
    }
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), Add::add)
    }
}

/// Whether a message is the entry of a map field, which has no code of its own. A message that only claims so is
/// counted by its fields.
fn is_map_entry(message: &[u8]) -> Result<bool, DecodeError> {
    const OPTIONS: u32 = 7;
    const MAP_ENTRY: [u8; 2] = [0x38, 1];
    Ok(last_text(message, OPTIONS)? == MAP_ENTRY)
}

/// The parts of a `FileDescriptorProto` that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    File,
    Message,
    Field,
    Oneof,
    Enum,
    Value,
    Service,
    Method,
    Range,
    SourceInfo,
    Place,
    Comment,
}

impl Part {
    /// The kind of the content of field `number` of this part, if it is counted.
    fn held(self, number: u32) -> Option<Self> {
        Some(match (self, number) {
            (Self::File, 4) | (Self::Message, 3) => Self::Message,
            (Self::File, 5) | (Self::Message, 4) => Self::Enum,
            (Self::File, 6) => Self::Service,
            (Self::File, 7) | (Self::Message, 2 | 6) => Self::Field,
            (Self::File, 9) => Self::SourceInfo,
            (Self::Message, 8) => Self::Oneof,
            (Self::Message, 5 | 9) | (Self::Enum, 4) => Self::Range,
            (Self::Enum, 2) => Self::Value,
            (Self::Service, 2) => Self::Method,
            (Self::SourceInfo, 1) => Self::Place,
            (Self::Place, 3 | 4 | 6) => Self::Comment,
            _ => return None,
        })
    }

    /// Whether its first field is its name.
    fn is_named(self) -> bool {
        !matches!(self, Self::File | Self::Range | Self::SourceInfo | Self::Place | Self::Comment)
    }

    /// Where it is counted; nowhere if it is a comment.
    fn counted(self, size: &mut Size) -> Option<&mut u64> {
        Some(match self {
            Self::Message => &mut size.messages,
            Self::Field => &mut size.fields,
            Self::Oneof => &mut size.oneofs,
            Self::Enum => &mut size.enums,
            Self::Value => &mut size.values,
            Self::Service => &mut size.services,
            Self::Method => &mut size.methods,
            Self::File | Self::Range => &mut size.ranges,
            Self::SourceInfo | Self::Place => &mut size.places,
            Self::Comment => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::set;

    #[test]
    fn everything_that_is_declared_is_counted() {
        let source = "package a.b;
            // One.
            // Two.
            message M { reserved 5 to 7; oneof o { int32 x = 1; } map<int32, M> m = 2; enum E { Z = 0; Y = 1; } }
            service S { rpc R(M) returns (M); }";
        let file = &set(&[("acme/app", "a.proto", source)]).files[0];
        let size = Size::of(&file.encoded).unwrap();
        assert_eq!((size.messages, size.fields, size.oneofs, size.enums, size.values), (1, 4, 1, 1, 2));
        assert_eq!((size.services, size.methods, size.bytes), (1, 1, file.encoded.len() as u64));
        assert_eq!((size.comments, size.lines), (" One.\n Two.\n".len() as u64, 3));
        let names = ["a.b.M", "a.b.M.o", "a.b.M.x", "a.b.M.m", "a.b.M.MEntry", "a.b.M.MEntry.key"];
        let names =
            names.into_iter().chain(["a.b.M.MEntry.value", "a.b.M.E", "a.b.M.E.Z", "a.b.M.E.Y", "a.b.S", "a.b.S.R"]);
        assert_eq!(size.names, names.map(str::len).sum::<usize>() as u64);
        assert_eq!(size.ranges, 1);
        let bare = Size::of(&crate::model::wire_format::without_fields(&file.encoded, &[9]).unwrap()).unwrap();
        assert!(size.places > 10 && size.bare().bytes - bare.bytes < 8, "{size:?}");
        assert_eq!(size.bare(), Size { bytes: size.bare().bytes, ..bare });
    }

    #[test]
    fn what_is_no_descriptor_is_told() {
        assert!(Size::of(&[0xff]).is_err());
    }
}
