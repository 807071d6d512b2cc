//! Makes the code of a large package in pieces. buffa holds all code of a package as tokens and as a tree, which take
//! forty times the memory of its text. So it is asked for some declarations of the package at a time, and shown the others
//! as those of another file; the texts are put together to the one that it would have written.
//!
//! A message is one piece, with all that is declared inside of it. `local/protovalidate` makes everything at once: its code
//! for the rules of a message depends on the fields of those messages that are made in the same call.

mod declarations;
mod text;

use std::collections::BTreeMap;

use crate::generate::error::GenerateError;
use crate::generate::memory::cost::Rates;
use crate::generate::request::Request;
use crate::generate::request::partition::Chunk;
use crate::model::{Plugin, PluginResponse};
use declarations::{Declarations, Piece, Selection};
use text::{Joined, Sections};

/// The memory that a piece may take beyond that of every call, in bytes, if it is not a single declaration.
pub(super) const MOST: u64 = 64 << 20;

/// Most pieces of a call: each of them is shown all files.
const MOST_PIECES: u64 = 64;

/// The options that pieces are put together with.
const KNOWN: [&str; 13] = [
    "allow_message_set",
    "arbitrary",
    "extern_path",
    "file_per_package",
    "gate_impls",
    "json",
    "register_types",
    "strict_utf8",
    "strict_utf8_mapping",
    "text",
    "unknown_fields",
    "views",
    "with_setters",
];

/// A call in pieces.
pub(super) struct Pieces<'a> {
    declarations: Declarations<'a>,
    selections: Vec<Selection>,
}

impl<'a> Pieces<'a> {
    /// The pieces of a call for `chunk`; nothing where one call is enough, or where its code depends on more than the
    /// declarations one by one. `most` is the memory of a piece.
    pub(super) fn of(
        rates: &Rates,
        request: &Request<'a>,
        chunk: &Chunk<'a>,
        options: &[&str],
        most: u64,
    ) -> Result<Option<Self>, GenerateError> {
        if !can_be_joined(options) {
            return Ok(None);
        }
        let declarations = Declarations::of(rates, request, chunk)?;
        let most = most.max(declarations.cost() / MOST_PIECES);
        if declarations.cost() <= most || !declarations.can_be_joined() {
            return Ok(None);
        }
        let selections = declarations.divide(most);
        Ok((selections.len() > 1).then_some(Self { declarations, selections }))
    }

    /// The memory that the largest piece takes.
    pub(super) fn largest(&self) -> u64 {
        self.selections.iter().map(|selection| self.declarations.cost_of(selection)).max().unwrap_or_default()
    }

    /// Makes all pieces by `make`, one after the other, and puts their texts together.
    pub(super) fn make(
        &self,
        plugin: &Plugin,
        mut make: impl FnMut(&Piece<'_>) -> Result<PluginResponse, GenerateError>,
    ) -> Result<PluginResponse, GenerateError> {
        let mut joined: BTreeMap<String, Joined> = BTreeMap::new();
        for selection in &self.selections {
            let piece = self.declarations.piece(selection)?;
            for (name, text) in make(&piece)?.files {
                let unknown = || GenerateError::Response {
                    plugin: plugin.reference(),
                    reason: format!("file {name:?} was made in pieces that do not fit; turn off options of the plugin"),
                };
                let sections = Sections::read(&text).ok_or_else(unknown)?;
                joined.entry(name.clone()).or_default().add(sections);
            }
        }
        let types = self.declarations.types();
        let files = joined.into_iter().map(|(name, joined)| (name, joined.text(&types)));
        Ok(PluginResponse { files: files.collect(), ..PluginResponse::default() })
    }
}

fn can_be_joined(options: &[&str]) -> bool {
    let name = |option: &&str| option.split('=').next().unwrap_or_default().to_owned();
    let mut files = options.iter().filter(|option| name(option) == "file_per_package");
    options.iter().all(|option| KNOWN.contains(&&*name(option)))
        && files.all(|option| *option == "file_per_package=true")
        && options.contains(&"file_per_package=true")
}

#[cfg(test)]
mod tests;
