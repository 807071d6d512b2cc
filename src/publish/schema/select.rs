//! Which declarations a schema needs: those asked for, all that they refer to, and the custom options of their files.

use std::collections::{BTreeMap, BTreeSet};

use super::declarations::{Declaration, Declarations};
use super::error::SchemaError;
use crate::model::DescriptorSet;

/// The declarations to keep.
pub(super) struct Selection {
    /// By file. A file without declarations is kept for what it imports publicly.
    kept: BTreeMap<usize, BTreeSet<(u32, usize)>>,
    /// The files that declare what was asked for.
    asked: BTreeSet<usize>,
}

impl Selection {
    /// What is kept of the file at this place of the set; nothing if the file is left out. A declaration is the number
    /// of its field and its place there.
    pub(super) fn of_file(&self, at: usize) -> Option<&BTreeSet<(u32, usize)>> {
        self.kept.get(&at)
    }

    /// Whether the file declares what was asked for.
    pub(super) fn is_asked_for(&self, at: usize) -> bool {
        self.asked.contains(&at)
    }
}

/// The selection for `symbols`.
///
/// # Errors
/// When a symbol is malformed or nothing has its name.
pub(super) fn select(set: &DescriptorSet, symbols: &[String]) -> Result<Selection, SchemaError> {
    let all = Declarations::of(set);
    let mut open = vec![];
    for symbol in symbols {
        if symbol.is_empty() || symbol.starts_with('.') {
            return Err(SchemaError::Malformed(symbol.clone()));
        }
        open.extend(all.named(symbol).ok_or_else(|| SchemaError::Unknown(symbol.clone()))?);
    }
    let asked = open.iter().map(|declaration: &Declaration| declaration.file).collect();
    let mut kept: BTreeMap<usize, BTreeSet<(u32, usize)>> = BTreeMap::new();
    while let Some(declaration) = open.pop() {
        if !kept.contains_key(&declaration.file) {
            open.extend(all.custom_options(declaration.file));
        }
        let is_new = kept.entry(declaration.file).or_default().insert((declaration.field, declaration.index));
        if is_new {
            let references = all.references(declaration).into_iter();
            open.extend(references.filter_map(|name| all.named(name.trim_start_matches('.'))).flatten());
        }
    }
    keep_bridges(&all, &mut kept);
    Ok(Selection { kept, asked })
}

/// Keeps the files through which one kept file sees another: it imports them, and they import the other publicly.
fn keep_bridges(all: &Declarations<'_>, kept: &mut BTreeMap<usize, BTreeSet<(u32, usize)>>) {
    let mut open: Vec<usize> = kept.keys().copied().collect();
    while let Some(file) = open.pop() {
        for import in all.imports(file) {
            if !kept.contains_key(&import) && all.through(import).iter().any(|seen| kept.contains_key(seen)) {
                kept.insert(import, BTreeSet::new());
                open.push(import);
            }
        }
    }
}
