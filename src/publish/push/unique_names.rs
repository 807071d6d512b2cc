//! Names that must be unique among the modules of an owner: types by their full names, and files by their paths.

use std::collections::BTreeSet;
use std::fmt;

use super::request::{Push, PushContent, PushError};
use super::search_symbols::symbols;
use crate::compile::Compiled;
use crate::model::{ModuleName, UniqueNames};
use crate::publish::Publisher;
use crate::store::{StoreError, SymbolKind};

/// The most lines about one module.
const MOST_LINES: usize = 10;

/// The most characters of a name in a line.
const LONGEST_NAME: usize = 200;

/// Names of a push that other modules of its owner have already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenNames {
    /// The module that was pushed.
    module: ModuleName,
    /// One sentence for each name, without a full stop.
    lines: Vec<String>,
    /// The number of names without a line.
    more: usize,
}

impl fmt::Display for TakenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, lines, more } = self;
        write!(f, "{module} has names that other modules of {} have:", module.owner())?;
        lines.iter().try_for_each(|line| write!(f, "\n  {line}"))?;
        if *more > 0 { write!(f, "\n  and {more} more") } else { Ok(()) }
    }
}

/// A released content whose names must be unique, with the names of its types.
pub(super) struct NamesToCheck<'a> {
    content: &'a PushContent,
    action: UniqueNames,
    types: Vec<String>,
}

impl Publisher {
    /// The released contents of a push whose owners want unique names.
    pub(super) fn names_to_check<'a>(
        &self,
        push: &'a Push,
        compiled: &Compiled,
    ) -> Result<Vec<NamesToCheck<'a>>, StoreError> {
        let mut wanted = vec![];
        for content in &push.contents {
            let action = self.store.owner_settings(content.module.owner)?.unique_names.unwrap_or_default();
            let is_release = content.target_labels().contains(&content.module.default_label);
            if action == UniqueNames::Off || !is_release {
                continue;
            }
            let is_type = |kind| matches!(kind, SymbolKind::Message | SymbolKind::Enum | SymbolKind::Service);
            let all = symbols(&compiled.descriptors, &content.module.name).into_iter();
            let types = all.filter(|symbol| is_type(symbol.kind)).map(|symbol| symbol.name).collect();
            wanted.push(NamesToCheck { content, action, types });
        }
        Ok(wanted)
    }

    /// Refuses names that other modules of the owner have, or returns warnings of them. The caller holds the lock of
    /// pushes, so that of two modules that bring the same name at once one is first.
    pub(super) fn check_names(&self, wanted: &[NamesToCheck<'_>]) -> Result<Vec<String>, PushError> {
        let mut warnings = vec![];
        for NamesToCheck { content, action, types } in wanted {
            let Some(taken) = self.taken_names(content, types)? else { continue };
            if *action == UniqueNames::Refuse {
                return Err(PushError::NamesTaken(Box::new(taken)));
            }
            warnings.push(taken.to_string());
        }
        Ok(warnings)
    }

    fn taken_names(&self, content: &PushContent, types: &[String]) -> Result<Option<TakenNames>, StoreError> {
        let paths = content.snapshot.files().iter().map(|file| file.path.as_str());
        let paths: BTreeSet<_> = paths.filter(|path| path.ends_with(".proto")).collect();
        let files = self.store.files_elsewhere(&content.module, &paths)?.into_iter();
        let types = self.store.types_elsewhere(&content.module, types)?.into_iter();
        let files = files.map(|(path, other)| format!("file {} is in {other} too", shortened(&path)));
        let types = types.map(|(name, other)| format!("type {} is in {other} too", shortened(&name)));
        let mut lines: Vec<_> = files.chain(types).collect();
        let more = lines.len().saturating_sub(MOST_LINES);
        lines.truncate(MOST_LINES);
        Ok((!lines.is_empty()).then(|| TakenNames { module: content.module.name.clone(), lines, more }))
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{} …", &name[..end]),
        None => name.to_owned(),
    }
}
