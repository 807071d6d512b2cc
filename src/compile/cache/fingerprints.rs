//! Fingerprints of files: equal when a file and all files that it imports are the same.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::files::Fingerprints;
use crate::compile::imports::loaded::{Loaded, LoadedFile};
use crate::compile::input::Role;
use crate::model::Sha256Digest;

/// The fingerprints of all `loaded` files; in `order` each stands after those that it imports.
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

/// The digests of the texts of `files`, by path.
pub(in crate::compile) fn texts(files: &[LoadedFile<'_>]) -> HashMap<String, Sha256Digest> {
    files.iter().map(|file| (file.proto.name().to_owned(), file.text)).collect()
}
