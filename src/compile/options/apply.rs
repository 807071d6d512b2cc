//! Puts interpreted options into the descriptor of their file, and gives what is written the place of what it sets.
//!
//! The parser leaves option number `i` of an element, and its place, under `uninterpreted_option[i]`. `buf` files the
//! place under the fields that the option's name leads through, for instance `options.deprecated`, and an entry of a
//! repeated field under its index.

use std::borrow::Cow;
use std::collections::HashMap;

use prost::DecodeError;
use prost::encoding::WireType;
use prost_types::SourceCodeInfo;
use prost_types::source_code_info::Location;

use super::interpret::Interpreted;
use super::interpret_element::UNINTERPRETED;
use super::option::Setting;
use crate::compile::imports::loaded::LoadedFile;
use crate::compile::source::line_starts::LineStarts;
use crate::compile::source::parser::AGGREGATE_VALUE;
use crate::compile::visit::elements_mut::{Change, ElementPath, change};
use crate::compile::visit::option_messages::Options;
use crate::model::wire_format::{Field, Fields, Splice, SpliceKind};

/// Puts `interpreted` into `file`. The answer is the options messages that hold more than prost knows.
pub(in crate::compile) fn apply(file: &mut LoadedFile<'_>, interpreted: &Interpreted) -> Vec<Splice> {
    let proto = file.proto.to_mut();
    let mut pass = Apply { messages: &interpreted.messages, splices: Vec::new() };
    change(proto, &mut pass);
    let splices = pass.splices;
    if let Some(info) = &mut proto.source_code_info {
        place(&interpreted.settings, info, file.source);
    }
    splices
}

struct Apply<'i> {
    messages: &'i HashMap<Vec<i32>, Vec<u8>>,
    splices: Vec<Splice>,
}

impl Change for Apply<'_> {
    fn options<O: Options>(&mut self, at: &ElementPath, options: &mut Option<O>) {
        if options.as_ref().is_none_or(|options| options.written().is_empty()) {
            return;
        }
        let path = [&at.path[..], &[O::TAG]].concat();
        let Some(bytes) = self.messages.get(&path) else { return };
        // What prost cannot hold, as a text that is not UTF-8, is in the encoding nevertheless.
        let known = O::decode(&bytes[..]).or_else(|_| O::decode(&readable(bytes)?[..])).unwrap_or_default();
        if known.encode_to_vec() != *bytes {
            self.splices.push(Splice { path, bytes: bytes.clone(), kind: SpliceKind::Replaced });
        }
        *options = Some(known);
    }
}

/// An encoded options message whose texts are UTF-8. Inside the messages in it, texts are names that were checked.
fn readable(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut readable = Vec::with_capacity(bytes.len());
    for field in Fields(bytes) {
        let Field { number, wire, content, whole } = field?;
        match String::from_utf8_lossy(content) {
            Cow::Owned(text) if wire == WireType::LengthDelimited => {
                prost::encoding::string::encode(number, &text, &mut readable)
            }
            _ => readable.extend_from_slice(whole),
        }
    }
    Ok(readable)
}

/// Gives the options in `info`, the places of `source`, the paths that they have after linking.
fn place(settings: &HashMap<Vec<i32>, Setting>, info: &mut SourceCodeInfo, source: &str) {
    if settings.is_empty() {
        return;
    }
    let lines = LineStarts::of(source);
    let mut placed = Vec::with_capacity(info.location.len());
    for mut location in std::mem::take(&mut info.location) {
        let written = location.path.iter().position(|part| *part == UNINTERPRETED);
        let parts = written.and_then(|at| location.path.split_at_checked(at + 2));
        let Some((setting, inside)) = parts.and_then(|(from, inside)| Some((settings.get(from)?, inside))) else {
            placed.push(location);
            continue;
        };
        // A literal has the place of name and value, anything else that of the statement with its comments.
        if (inside == [AGGREGATE_VALUE]) != setting.literal.is_some() {
            continue;
        }
        location.path.clone_from(&setting.path);
        placed.push(location);
        for field in setting.literal.iter().flatten() {
            let path = [&setting.path[..], &field.path].concat();
            placed.push(Location { path, span: lines.span(field.start, field.end), ..Location::default() });
        }
    }
    info.location = placed;
}
