//! The maximal memory of a generator's call, estimated before the call: the sizes of its input, times the rates of the
//! generator. The rates are measured: a test generates crates of many kinds of sources with every plugin of the
//! catalogue and compares.

use std::collections::HashSet;

use prost::DecodeError;

use super::size::Size;
use crate::generate::options;
use crate::generate::request::encode;
use crate::model::wire_format::{Fields, name};

/// Bytes of memory that a call takes whatever it is for.
const CALL: u64 = 26 << 20;

/// What a call of a plan takes beyond that where names are in doubt, so that it is two calls.
pub(in crate::generate) const SECOND_CALL: u64 = 19 << 20;

/// Bytes of memory for each thing, from the decoded request to the packed crate.
#[derive(Debug, Clone, Copy)]
pub(in crate::generate) struct Rates {
    pub message: u64,
    pub field: u64,
    pub oneof: u64,
    pub enumeration: u64,
    pub value: u64,
    pub service: u64,
    pub method: u64,
    /// For each byte of full names and of texts that the options bring into the code.
    pub name: u64,
    /// For each encoded byte.
    pub byte: u64,
    /// For each encoded byte, if the option for descriptor sets or for reflection prints them.
    pub printed: u64,
    /// For each byte and each line of comments.
    pub comment: u64,
    pub line: u64,
}

/// The rates of a file that is only passed as an import.
const SHOWN: Rates = Rates {
    message: 1000,
    field: 500,
    oneof: 200,
    enumeration: 500,
    value: 200,
    service: 400,
    method: 400,
    name: 1,
    byte: 4,
    printed: 0,
    comment: 2,
    line: 0,
};

/// The messages of prost.
pub(in crate::generate) const PROST: Rates = Rates {
    message: 10_000,
    field: 6_000,
    oneof: 18_000,
    enumeration: 45_000,
    value: 6_000,
    service: 1_000,
    method: 1_000,
    name: 20,
    byte: 4,
    printed: 40,
    comment: 16,
    line: 1_600,
};

/// The messages of prost, and their JSON.
pub(in crate::generate) const PROST_JSON: Rates =
    Rates { message: 220_000, field: 50_000, oneof: 40_000, enumeration: 230_000, value: 25_000, ..PROST };

/// The stubs of tonic.
pub(in crate::generate) const TONIC: Rates = Rates {
    message: 1_500,
    field: 800,
    oneof: 600,
    enumeration: 1_500,
    value: 800,
    service: 700_000,
    method: 320_000,
    name: 40,
    byte: 4,
    printed: 0,
    comment: 60,
    line: 4_000,
};

/// The messages of buffa.
pub(in crate::generate) const BUFFA: Rates = Rates {
    message: 1_150_000,
    field: 250_000,
    oneof: 380_000,
    enumeration: 520_000,
    value: 70_000,
    service: 1_500,
    method: 1_500,
    name: 500,
    byte: 6,
    printed: 40,
    comment: 30,
    line: 3_000,
};

/// The messages of buffa, and the code that validates them.
pub(in crate::generate) const PROTOVALIDATE: Rates =
    Rates { message: 2 * BUFFA.message, field: 2 * BUFFA.field, oneof: 2 * BUFFA.oneof, ..BUFFA };

/// The stubs of Connect.
pub(in crate::generate) const CONNECT: Rates =
    Rates { message: 4_000, field: 2_500, oneof: 1_500, enumeration: 5_000, value: 2_000, ..TONIC };

/// Bytes for each encoded byte of a module that the parts of its crate take, once they are made, and packing them.
pub(in crate::generate) const KEPT: u64 = 3;

/// Bytes for each range and each place in the source, decoded.
const OTHER: u64 = 400;

/// The part of a whole call's memory that the texts of its pieces take, and putting them together.
const TEXTS: u64 = 4;

impl Rates {
    /// The memory for code of declarations of this size.
    pub(in crate::generate) fn declared(&self, size: &Size) -> u64 {
        self.of(size, &Texts::default())
    }

    /// The memory for code of files of this size.
    fn of(&self, size: &Size, texts: &Texts) -> u64 {
        let declared = [
            (size.messages, self.message),
            (size.fields, self.field),
            (size.oneofs, self.oneof),
            (size.enums, self.enumeration),
            (size.values, self.value),
            (size.services, self.service),
            (size.methods, self.method),
            (size.names + texts.times(size), self.name),
            (size.bytes, self.byte + if texts.prints { self.printed } else { 0 }),
            (size.ranges + size.places, OTHER),
            (size.comments, self.comment),
            (size.lines, self.line),
        ];
        declared.iter().map(|(count, rate)| count.saturating_mul(*rate)).fold(0, u64::saturating_add)
    }
}

/// The memory for answering a client's encoded `CodeGeneratorRequest`, in bytes.
pub(in crate::generate) fn request(rates: &Rates, request: &[u8]) -> Result<u64, DecodeError> {
    let (mut files, mut named, mut parameter) = (Vec::new(), HashSet::new(), Vec::new());
    for field in Fields(request) {
        let field = field?;
        match field.number {
            encode::FILE_TO_GENERATE => _ = named.insert(field.content),
            encode::PARAMETER => parameter.extend_from_slice(field.content),
            encode::PROTO_FILE => files.push(field.content),
            _ => {}
        }
    }
    let (mut made, mut shown) = (Size::default(), Size::default());
    for file in files {
        let size = Size::of(file)?;
        let is_made = named.contains(name(file)?);
        let all = if is_made { &mut made } else { &mut shown };
        *all = *all + size;
    }
    let parameter = String::from_utf8_lossy(&parameter);
    Ok(call(rates, &made, &shown, &Texts::of(options::split(&parameter).into_iter())))
}

/// The memory of a call, in bytes, that generates code of files of size `made` and gets imports of size `shown`.
pub(in crate::generate) fn call(rates: &Rates, made: &Size, shown: &Size, texts: &Texts) -> u64 {
    CALL + rates.of(made, texts) + SHOWN.of(shown, &Texts::default())
}

/// The memory of a call in pieces, in bytes, that would take `whole` at once. `shown` is the size of all files: each piece
/// is shown them.
pub(in crate::generate) fn in_pieces(whole: u64, largest: u64, shown: &Size) -> u64 {
    CALL + SECOND_CALL + largest + whole / TEXTS + SHOWN.of(shown, &Texts::default())
}

/// Texts that options bring into the code.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::generate) struct Texts {
    /// Bytes of attributes, prefixes and the like: any of them may come with everything that is declared.
    everywhere: u64,
    /// Bytes of the longest path to other crates' types: it may come with every reference.
    path: u64,
    /// Whether descriptors are printed.
    prints: bool,
}

impl Texts {
    /// The texts of these options.
    pub(in crate::generate) fn of<'a>(options: impl Iterator<Item = &'a str>) -> Self {
        let mut texts = Self::default();
        for option in options {
            let (name, value) = option.trim().split_once('=').unwrap_or((option.trim(), ""));
            match name.trim() {
                "extern_path" => texts.path = texts.path.max(value.len() as u64),
                "file_descriptor_set" | "reflection" | "reflect_mode" => texts.prints = true,
                _ => texts.everywhere += value.len() as u64,
            }
        }
        texts
    }

    fn times(&self, size: &Size) -> u64 {
        let everywhere = self.everywhere.saturating_mul(size.declared());
        everywhere.saturating_add(self.path.saturating_mul(size.fields + 2 * size.methods))
    }
}
