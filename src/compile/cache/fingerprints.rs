//! Fingerprints of files: equal when a file and all files that it imports are the same.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::files::Fingerprints;
use crate::compile::imports::loaded::{Loaded, LoadedFile};
use crate::compile::input::Role;
use crate::compile::names::symbols::Symbols;
use crate::compile::options::pool;
use crate::model::Sha256Digest;

/// The fingerprints of all `loaded` files; in `order` each stands behind those that it imports.
pub(in crate::compile) fn fingerprints(loaded: &Loaded<'_>, order: &[String]) -> Fingerprints {
    let mut prints = Fingerprints::with_capacity(order.len());
    for path in order {
        let Some(file) = loaded.files.get(path) else { continue };
        let is_content = file.role == Role::Content;
        let mut text = format!("{path} {:?} {is_content} {}\n", file.origin, file.text);
        for import in &file.proto.dependency {
            let print = prints.get(import).map(Sha256Digest::to_string).unwrap_or_default();
            let _ = writeln!(text, "{import} {print}");
        }
        prints.insert(path.clone(), Sha256Digest::of(text.as_bytes()));
    }
    prints
}

/// The digests of the texts that the next compilation may use again: of all files but the ones whose options name
/// something that they do not import, because the fingerprint does not cover it.
pub(in crate::compile) fn kept(symbols: &Symbols, files: &[LoadedFile<'_>]) -> HashMap<String, Sha256Digest> {
    let is_covered = |(index, file): &(usize, &LoadedFile<'_>)| {
        file.earlier.is_some() || !pool::looks_beyond(symbols, *index, &file.proto)
    };
    let covered = files.iter().enumerate().filter(is_covered);
    covered.map(|(_, file)| (file.proto.name().to_owned(), file.text)).collect()
}
