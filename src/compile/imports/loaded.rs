//! The files that take part in a compilation, parsed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use prost_types::FileDescriptorProto;

use crate::compile::cache::files::CachedFile;
use crate::compile::input::Role;
use crate::compile::source::edition::Editioned;
use crate::compile::source::well_known;
use crate::model::wire_format::Splice;
use crate::model::{FileOrigin, Sha256Digest};

/// One parsed file.
#[derive(Debug)]
pub(in crate::compile) struct LoadedFile<'a> {
    pub(in crate::compile) origin: FileOrigin,
    pub(in crate::compile) role: Role,
    /// Its text without byte-order mark; empty for some well-known files.
    pub(in crate::compile) source: &'a str,
    /// The digest of its content.
    pub(in crate::compile) text: Sha256Digest,
    /// As parsed: names not resolved, options not interpreted. As linked, if the cache has the file.
    pub(in crate::compile) proto: Cow<'a, FileDescriptorProto>,
    /// The result of an earlier compilation, if it can be used again.
    pub(in crate::compile) earlier: Option<&'a CachedFile>,
    /// Edition, visibility and option imports, which the descriptor cannot hold, if it declares an edition.
    pub(in crate::compile) edition: Option<Editioned>,
    /// The texts of fields that are no UTF-8, which the descriptor cannot hold.
    pub(in crate::compile) raw_texts: Vec<Splice>,
}

impl LoadedFile<'_> {
    /// The well-known file that is imported as `path`.
    pub(in crate::compile) fn well_known(path: &str) -> Option<Self> {
        let (proto, source) = well_known::file(path)?;
        Some(Self {
            origin: FileOrigin::WellKnown,
            role: Role::Dependency,
            source,
            text: Sha256Digest::of(b""),
            proto: Cow::Owned(proto),
            earlier: None,
            edition: None,
            raw_texts: Vec::new(),
        })
    }
}

/// All parsed files by their import path.
#[derive(Debug, Default)]
pub(in crate::compile) struct Loaded<'a> {
    pub(in crate::compile) files: BTreeMap<String, LoadedFile<'a>>,
}
