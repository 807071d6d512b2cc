//! Which release brought the declarations of a source, by line.

use std::collections::HashMap;

use prost_types::{DescriptorProto, EnumDescriptorProto};

use crate::model::{DeclarationId, DescriptorFile, DescriptorSet, is_map_entry};
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::source_view::LineNote;
use crate::serve::web::pages::module::since::{Releases, Since};

use super::declarations::lines;

/// Field numbers of `descriptor.proto`, for the paths of places.
const MESSAGE: i32 = 4;
const ENUM: i32 = 5;
const SERVICE: i32 = 6;
const FIELD: i32 = 2;
const NESTED_MESSAGE: i32 = 3;
const NESTED_ENUM: i32 = 4;
const VALUE: i32 = 2;
const METHOD: i32 = 2;

/// A note for each of `count` lines of the file at `path` with another release than the line with a note before it; none
/// at all if all came with one release.
///
/// # Errors
/// When the store fails.
pub(super) fn notes(
    visit: &PageRequest<'_>,
    at: &ModuleAtCommit,
    (set, path): (&DescriptorSet, &str),
    count: usize,
) -> Answer<Vec<Option<LineNote>>> {
    let Some(mut releases) = Releases::find(visit.store(), at)? else { return Ok(vec![]) };
    let Some(file) = set.of_module(&at.module.name).find(|file| file.proto.name() == path) else { return Ok(vec![]) };
    let mut places: Vec<(usize, DeclarationId)> = places(file);
    places.sort_by_key(|(line, _)| *line);
    let (mut notes, mut before, mut told): (Vec<Option<LineNote>>, Option<Since>, usize) = (vec![], None, 0);
    for (line, id) in places.into_iter().filter(|(line, _)| (1..=count).contains(line)) {
        let since = releases.declared(id)?;
        if since == before {
            continue;
        }
        notes.resize_with(line, || None);
        if let (Some(place), Some(since)) = (notes.last_mut(), &since) {
            *place = Some(note(since));
            told += 1;
        }
        before = since;
    }
    Ok(if told > 1 { notes } else { vec![] })
}

fn note(since: &Since) -> LineNote {
    let earlier = if since.or_earlier { ", or earlier" } else { "" };
    LineNote {
        text: since.date.clone(),
        title: format!("since {} of {}{earlier}", since.short, since.exact),
        href: since.href.clone(),
    }
}

/// Where the declarations of a file stand.
fn places(file: &DescriptorFile) -> Vec<(usize, DeclarationId)> {
    let package = file.proto.package();
    let prefix = if package.is_empty() { String::new() } else { format!("{package}.") };
    let mut walk = Walk { lines: lines(file), found: vec![] };
    for (at, message) in file.proto.message_type.iter().enumerate() {
        walk.message(&prefix, &below(&[], MESSAGE, at), message);
    }
    for (at, declared) in file.proto.enum_type.iter().enumerate() {
        walk.enumeration(&prefix, &below(&[], ENUM, at), declared);
    }
    for (at, service) in file.proto.service.iter().enumerate() {
        let path = below(&[], SERVICE, at);
        let id = walk.add(&path, DeclarationId::named(&format!("{prefix}{}", service.name())));
        for (at, method) in service.method.iter().enumerate() {
            walk.add(&below(&path, METHOD, at), id.part(method.name()));
        }
    }
    walk.found
}

fn below(path: &[i32], kind: i32, at: usize) -> Vec<i32> {
    [path, &[kind, i32::try_from(at).unwrap_or(i32::MAX)]].concat()
}

struct Walk {
    lines: HashMap<Vec<i32>, i32>,
    found: Vec<(usize, DeclarationId)>,
}

impl Walk {
    fn add(&mut self, path: &[i32], id: DeclarationId) -> DeclarationId {
        let line = self.lines.get(path).and_then(|line| usize::try_from(*line).ok());
        self.found.extend(line.map(|line| (line, id)));
        id
    }

    /// Recursive, because the compiler limits the nesting of messages.
    fn message(&mut self, prefix: &str, path: &[i32], message: &DescriptorProto) {
        let name = format!("{prefix}{}", message.name());
        let id = self.add(path, DeclarationId::named(&name));
        for (at, field) in message.field.iter().enumerate() {
            self.add(&below(path, FIELD, at), id.part(field.name()));
        }
        let inside = name + ".";
        for (at, nested) in message.nested_type.iter().enumerate().filter(|(_, nested)| !is_map_entry(nested)) {
            self.message(&inside, &below(path, NESTED_MESSAGE, at), nested);
        }
        for (at, nested) in message.enum_type.iter().enumerate() {
            self.enumeration(&inside, &below(path, NESTED_ENUM, at), nested);
        }
    }

    fn enumeration(&mut self, prefix: &str, path: &[i32], declared: &EnumDescriptorProto) {
        let id = self.add(path, DeclarationId::named(&format!("{prefix}{}", declared.name())));
        for (at, value) in declared.value.iter().enumerate() {
            self.add(&below(path, VALUE, at), id.part(value.name()));
        }
    }
}
