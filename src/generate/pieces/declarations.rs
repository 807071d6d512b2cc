//! The declarations of packages, and files with some of them.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use prost::encoding::{WireType, encode_key, encode_varint};
use prost::{DecodeError, Message as _};
use prost_types::{FileDescriptorProto, SourceCodeInfo};

use crate::generate::error::GenerateError;
use crate::generate::memory::cost::Rates;
use crate::generate::memory::size::Size;
use crate::generate::request::Request;
use crate::generate::request::encode::{SERVICE, SOURCE_CODE_INFO};
use crate::generate::request::partition::Chunk;
use crate::generate::rust_naming::identifiers::message_module;
use crate::model::wire_format::Fields;
use crate::model::{DescriptorFile, DescriptorSet, Family};

/// Field numbers of `google.protobuf.FileDescriptorProto`.
const NAME: u32 = 1;
const PACKAGE: u32 = 2;
const MESSAGE: u32 = 4;
const ENUM: u32 = 5;
const EXTENSION: u32 = 7;

/// Modules that buffa has beside those of messages.
const MODULES: [&str; 2] = ["oneof", "register_types"];

/// One call of the generator for a part of a package.
pub(in crate::generate) struct Piece<'a> {
    /// All files, those of which a part is made divided into two.
    pub descriptors: DescriptorSet,
    /// The files to make code of.
    pub chunk: Chunk<'a>,
}

/// The declarations of one file that code is made of, in the order of the code.
struct File {
    /// Its index in the set.
    index: usize,
    enums: usize,
    /// What the code of each takes, the enums first.
    costs: Vec<u64>,
}

/// The declarations of all files that code is made of.
pub(super) struct Declarations<'a> {
    descriptors: &'a DescriptorSet,
    files: Vec<File>,
}

/// Declarations that follow each other: of some files, by their place in the list, those in a range.
pub(super) type Selection = BTreeMap<usize, Range<usize>>;

impl<'a> Declarations<'a> {
    pub(super) fn of(rates: &Rates, request: &Request<'a>, chunk: &Chunk<'_>) -> Result<Self, GenerateError> {
        let all = request.descriptors.files.iter().enumerate();
        let own = all.filter(|(_, file)| file.is_of(request.module) && chunk.contains(file.proto.name()));
        let read = |(index, file): (usize, &DescriptorFile)| {
            File::of(rates, index, file).map_err(|error| unreadable(file.proto.name(), &error))
        };
        Ok(Self { descriptors: request.descriptors, files: own.map(read).collect::<Result<_, _>>()? })
    }

    /// What the code of all takes.
    pub(super) fn cost(&self) -> u64 {
        self.files.iter().flat_map(|file| &file.costs).fold(0, |sum, cost| sum.saturating_add(*cost))
    }

    /// What the code of a selection takes.
    pub(super) fn cost_of(&self, selection: &Selection) -> u64 {
        let costs = |(at, range): (&usize, &Range<usize>)| self.files.get(*at)?.costs.get(range.clone());
        selection.iter().filter_map(costs).flatten().fold(0, |sum, cost| sum.saturating_add(*cost))
    }

    fn protos(&self) -> impl Iterator<Item = &FileDescriptorProto> {
        self.files.iter().filter_map(|file| Some(&*self.descriptors.files.get(file.index)?.proto))
    }

    /// Whether no name is made of a declaration in one piece that one in another piece could have: those of modules,
    /// and of constants for extensions.
    pub(super) fn can_be_joined(&self) -> bool {
        let mut constants = HashSet::new();
        let constant = |package: &str, name: &str| [package, &name.replace('_', "").to_lowercase()].join(".");
        self.protos().all(|file| {
            let is_free = |name: &str| !MODULES.contains(&&*message_module(Family::Buffa, name));
            let mut extensions = file.extension.iter();
            file.message_type.iter().all(|message| is_free(message.name()))
                && extensions.all(|extension| constants.insert(constant(file.package(), extension.name())))
        })
    }

    /// The names of types, each of which stands at the root of a package.
    pub(super) fn types(&self) -> HashSet<&str> {
        self.protos().flat_map(type_names).collect()
    }

    /// Pieces of at most `most`, or of one declaration. A file's extensions are made with its last declaration.
    pub(super) fn divide(&self, most: u64) -> Vec<Selection> {
        let (mut pieces, mut piece, mut filled) = (Vec::new(), Selection::new(), 0_u64);
        for (at, file) in self.files.iter().enumerate() {
            piece.insert(at, 0..0);
            for (index, cost) in file.costs.iter().enumerate() {
                if filled.saturating_add(*cost) > most && filled > 0 {
                    pieces.push(std::mem::take(&mut piece));
                    filled = 0;
                }
                filled = filled.saturating_add(*cost);
                piece.entry(at).or_insert(index..index).end = index + 1;
            }
        }
        pieces.push(piece);
        pieces
    }

    /// The call for `selection`.
    pub(super) fn piece(&self, selection: &Selection) -> Result<Piece<'a>, GenerateError> {
        let mut piece = Piece { descriptors: DescriptorSet::default(), chunk: Chunk::new() };
        for (index, described) in self.descriptors.files.iter().enumerate() {
            let at = self.files.iter().position(|file| file.index == index);
            let selected = at.and_then(|at| Some((self.files.get(at)?, selection.get(&at)?)));
            let Some((file, range)) = selected.filter(|(file, range)| !range.is_empty() || file.costs.is_empty())
            else {
                piece.descriptors.files.push(described.clone());
                continue;
            };
            piece.chunk.insert(described.proto.name());
            if *range == (0..file.costs.len()) {
                piece.descriptors.files.push(described.clone());
                continue;
            }
            for is_made in [true, false] {
                let part = file.part(described, range, is_made);
                piece.descriptors.files.push(part.map_err(|error| unreadable(described.proto.name(), &error))?);
            }
        }
        Ok(piece)
    }
}

impl File {
    fn of(rates: &Rates, index: usize, file: &DescriptorFile) -> Result<Self, DecodeError> {
        let (mut enums, mut messages) = (Vec::new(), Vec::new());
        for field in Fields(&file.encoded) {
            let field = field?;
            if field.number == MESSAGE || field.number == ENUM {
                // As a file of its own.
                let mut alone = Vec::with_capacity(field.whole.len() + 64);
                write(PACKAGE, file.proto.package().as_bytes(), &mut alone);
                alone.extend_from_slice(field.whole);
                let costs = if field.number == ENUM { &mut enums } else { &mut messages };
                costs.push(rates.declared(&Size::of(&alone)?));
            }
        }
        let count = enums.len();
        enums.append(&mut messages);
        Ok(Self { index, enums: count, costs: enums })
    }

    /// The file with the declarations in `range` and the rest of what it holds, or a file of another name with the others.
    fn part(&self, file: &DescriptorFile, range: &Range<usize>, is_made: bool) -> Result<DescriptorFile, DecodeError> {
        let is_last = range.end == self.costs.len();
        let mut part = Vec::with_capacity(file.encoded.len());
        let named = format!("{}:rest", file.proto.name());
        let (mut enums, mut messages) = (0..self.enums, self.enums..self.costs.len());
        for field in Fields(&file.encoded) {
            let field = field?;
            let is_in = match field.number {
                ENUM => enums.next().is_some_and(|at| range.contains(&at)) == is_made,
                MESSAGE => messages.next().is_some_and(|at| range.contains(&at)) == is_made,
                EXTENSION => is_made && is_last,
                SERVICE | SOURCE_CODE_INFO => false,
                NAME => is_made,
                _ => true,
            };
            if is_in {
                part.extend_from_slice(field.whole);
            }
        }
        if is_made {
            write(SOURCE_CODE_INFO, &self.comments(file, range).encode_to_vec(), &mut part);
        } else {
            write(NAME, named.as_bytes(), &mut part);
        }
        let name = if is_made { file.proto.name().to_owned() } else { named };
        let package = file.proto.package.clone();
        let proto = FileDescriptorProto { name: Some(name), package, ..FileDescriptorProto::default() };
        Ok(DescriptorFile { origin: file.origin.clone(), encoded: part.into(), proto: Arc::new(proto) })
    }

    /// The comments on the declarations in `range`, under the places that these have now.
    fn comments(&self, file: &DescriptorFile, range: &Range<usize>) -> SourceCodeInfo {
        let mut info = file.source_info();
        info.location.retain_mut(|location| {
            let has_comment = location.leading_comments.is_some() || location.trailing_comments.is_some();
            let number = location.path.first().and_then(|number| u32::try_from(*number).ok());
            let (first, until) = match number {
                Some(ENUM) => (0, self.enums),
                Some(MESSAGE) => (self.enums, self.costs.len()),
                _ => return has_comment,
            };
            let Some(place) = location.path.get_mut(1) else { return false };
            let from = range.start.max(first);
            let at = usize::try_from(*place).unwrap_or(usize::MAX).saturating_add(first);
            *place = i32::try_from(at.saturating_sub(from)).unwrap_or(i32::MAX);
            has_comment && (from..range.end.min(until)).contains(&at)
        });
        info
    }
}

/// The names of the types that stand in no message.
fn type_names(file: &FileDescriptorProto) -> impl Iterator<Item = &str> {
    let messages = file.message_type.iter().map(prost_types::DescriptorProto::name);
    messages.chain(file.enum_type.iter().map(prost_types::EnumDescriptorProto::name))
}

fn unreadable(file: &str, error: &DecodeError) -> GenerateError {
    GenerateError::Descriptor { file: file.into(), reason: error.to_string() }
}

fn write(number: u32, content: &[u8], into: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, into);
    encode_varint(content.len() as u64, into);
    into.extend_from_slice(content);
}
