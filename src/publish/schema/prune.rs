//! An encoded file without the declarations that nobody asked for. Nothing is decoded but positions, so options that
//! `descriptor.proto` does not know stay.

use std::collections::{BTreeMap, BTreeSet};

use prost::encoding::{WireType, decode_varint, encode_key, encode_varint};
use prost::{DecodeError, Message};
use prost_types::SourceCodeInfo;

use super::declarations::{ENUM, EXTENSION, MESSAGE, SERVICE, SOURCE_CODE_INFO};
use crate::model::wire_format::{Field, Fields};

/// Fields of `google.protobuf.FileDescriptorProto`: the imports; the places among them of public and weak ones; and
/// imports for options alone.
const DEPENDENCY: u32 = 3;
const PUBLIC_DEPENDENCY: u32 = 10;
const WEAK_DEPENDENCY: u32 = 11;
const OPTION_DEPENDENCY: u32 = 15;

/// The new places of repeated fields by their field and old place.
type Places = BTreeMap<(u32, usize), usize>;

/// `file` with the declarations `kept`, and the imports whose paths are in `imports`.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn prune(
    file: &[u8],
    kept: &BTreeSet<(u32, usize)>,
    imports: &BTreeSet<&[u8]>,
) -> Result<Vec<u8>, DecodeError> {
    let places = places(file, kept, imports)?;
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    let mut out = Vec::with_capacity(file.len());
    for field in Fields(file) {
        let field = field?;
        let count = seen.entry(field.number).or_default();
        let old = (field.number, *count);
        *count += 1;
        match field.number {
            DEPENDENCY | OPTION_DEPENDENCY | MESSAGE | ENUM | SERVICE | EXTENSION => {
                if places.contains_key(&old) {
                    out.extend_from_slice(field.whole);
                }
            }
            PUBLIC_DEPENDENCY | WEAK_DEPENDENCY => move_indices(&field, &places, &mut out)?,
            SOURCE_CODE_INFO => {
                encode_key(SOURCE_CODE_INFO, WireType::LengthDelimited, &mut out);
                let moved = move_locations(field.content, &places)?;
                encode_varint(moved.len() as u64, &mut out);
                out.extend_from_slice(&moved);
            }
            _ => out.extend_from_slice(field.whole),
        }
    }
    Ok(out)
}

fn places(file: &[u8], kept: &BTreeSet<(u32, usize)>, imports: &BTreeSet<&[u8]>) -> Result<Places, DecodeError> {
    let mut places = Places::new();
    let mut seen: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for field in Fields(file) {
        let field = field?;
        let (old, new) = seen.entry(field.number).or_default();
        let stays = match field.number {
            DEPENDENCY | OPTION_DEPENDENCY => imports.contains(field.content),
            MESSAGE | ENUM | SERVICE | EXTENSION => kept.contains(&(field.number, *old)),
            _ => continue,
        };
        if stays {
            places.insert((field.number, *old), *new);
            *new += 1;
        }
        *old += 1;
    }
    Ok(places)
}

/// Writes the new places of imports; those that are gone have none.
fn move_indices(field: &Field<'_>, places: &Places, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let mut rest = field.content;
    while !rest.is_empty() {
        let old = usize::try_from(decode_varint(&mut rest)?).unwrap_or(usize::MAX);
        if let Some(new) = places.get(&(DEPENDENCY, old)) {
            encode_key(field.number, WireType::Varint, out);
            encode_varint(*new as u64, out);
        }
    }
    Ok(())
}

/// Positions of what stays, with paths that lead to its new places.
fn move_locations(info: &[u8], places: &Places) -> Result<Vec<u8>, DecodeError> {
    let mut info = SourceCodeInfo::decode(info)?;
    info.location.retain_mut(|location| {
        let [field, old, ..] = &mut location.path[..] else { return true };
        let number = field.unsigned_abs();
        if !matches!(number, DEPENDENCY | OPTION_DEPENDENCY | MESSAGE | ENUM | SERVICE | EXTENSION) {
            return !matches!(number, PUBLIC_DEPENDENCY | WEAK_DEPENDENCY);
        }
        let new = usize::try_from(*old).ok().and_then(|old| places.get(&(number, old)));
        new.and_then(|new| i32::try_from(*new).ok()).map(|new| *old = new).is_some()
    });
    Ok(info.encode_to_vec())
}
