//! Names that must be unique among the modules of an owner: types by their full names, and files by their paths.

use std::collections::BTreeSet;

use super::taken_names::TakenNames;
use crate::compile::Compiled;
use crate::model::{CommitId, DescriptorSet, ModuleId, ModuleName, OwnerId, UniqueNames};
use crate::publish::push::request::{Push, PushContent, PushError};
use crate::publish::push::search_symbols::type_names;
use crate::publish::{DescriptorsError, Publisher};
use crate::store::{Module, StoreError};

/// A released content whose names must be unique, with the names of its types.
pub(in crate::publish::push) struct NamesToCheck<'a> {
    content: &'a PushContent,
    action: UniqueNames,
    types: Vec<String>,
}

/// A module whose names must be unique.
#[derive(Debug, Clone, Copy)]
pub struct ModuleToCheck<'a> {
    /// Its owner.
    pub owner: OwnerId,
    /// Its name.
    pub name: &'a ModuleName,
    /// Its id, if it exists.
    pub id: Option<ModuleId>,
}

impl<'a> From<&'a Module> for ModuleToCheck<'a> {
    fn from(module: &'a Module) -> Self {
        Self { owner: module.owner, name: &module.name, id: Some(module.id) }
    }
}

impl Publisher {
    /// The released contents of a push whose owners want unique names.
    pub(in crate::publish::push) fn names_to_check<'a>(
        &self,
        push: &'a Push,
        compiled: &Compiled,
    ) -> Result<Vec<NamesToCheck<'a>>, StoreError> {
        let mut wanted = vec![];
        for content in &push.contents {
            let action = self.unique_names(content.module.owner)?;
            let is_release = content.is_release();
            if action == UniqueNames::Off || !is_release {
                continue;
            }
            let types = type_names(&compiled.descriptors, &content.module.name);
            wanted.push(NamesToCheck { content, action, types });
        }
        Ok(wanted)
    }

    /// Refuses names that other modules of the owner have, or returns warnings of them. The caller holds the lock of
    /// pushes, so that of two modules that bring the same name at once one is first.
    pub(in crate::publish::push) fn check_names(&self, wanted: &[NamesToCheck<'_>]) -> Result<Vec<String>, PushError> {
        let mut warnings = vec![];
        // Modules of one push were compiled together, so no two of them have one name.
        let together: Vec<_> = wanted.iter().map(|wanted| &wanted.content.module.name).collect();
        for NamesToCheck { content, action, types } in wanted {
            let paths = content.snapshot.files().iter().map(|file| file.path.as_str());
            let Some(taken) = self.taken_names(ModuleToCheck::from(&content.module), paths, types, &together)? else {
                continue;
            };
            if *action == UniqueNames::Refuse {
                return Err(PushError::NamesTaken(Box::new(taken)));
            }
            warnings.push(taken.to_string());
        }
        Ok(warnings)
    }

    /// What the release of `target` brings by a move of the default label of `module`, and another module of its owner
    /// has, with what the owner wants done. A commit that does not compile any more is not looked at.
    ///
    /// # Errors
    /// When the store fails.
    pub fn names_taken_by_move(
        &self,
        module: &Module,
        target: CommitId,
    ) -> Result<Option<(UniqueNames, TakenNames)>, StoreError> {
        let action = self.unique_names(module.owner)?;
        if action == UniqueNames::Off {
            return Ok(None);
        }
        let types = match self.descriptors(target, None) {
            Ok(descriptors) => type_names(&descriptors, &module.name),
            Err(DescriptorsError::Store(error)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let files = self.store.list_files(target)?;
        let paths = files.iter().map(|file| file.path.as_str());
        let taken = self.taken_names(ModuleToCheck::from(module), paths, &types, &[])?;
        Ok(taken.map(|taken| (action, taken)))
    }

    /// What a release of files that are not pushed would bring, as [`Publisher::names_taken_by_move`]. `together` are the
    /// modules that would be pushed with it; the module need not exist.
    ///
    /// # Errors
    /// When the store fails.
    pub fn names_taken_by_files(
        &self,
        module: ModuleToCheck<'_>,
        (paths, descriptors): (&[String], &DescriptorSet),
        together: &[ModuleName],
    ) -> Result<Option<(UniqueNames, TakenNames)>, StoreError> {
        let action = self.unique_names(module.owner)?;
        if action == UniqueNames::Off {
            return Ok(None);
        }
        let together: Vec<_> = together.iter().collect();
        let types = type_names(descriptors, module.name);
        let taken = self.taken_names(module, paths.iter().map(String::as_str), &types, &together)?;
        Ok(taken.map(|taken| (action, taken)))
    }

    fn unique_names(&self, owner: OwnerId) -> Result<UniqueNames, StoreError> {
        Ok(self.store.owner_settings(owner)?.unique_names.unwrap_or_default())
    }

    fn taken_names<'a>(
        &self,
        module: ModuleToCheck<'_>,
        paths: impl Iterator<Item = &'a str>,
        types: &[String],
        together: &[&ModuleName],
    ) -> Result<Option<TakenNames>, StoreError> {
        let paths: BTreeSet<_> = paths.filter(|path| path.ends_with(".proto")).collect();
        let others = (module.owner, module.id);
        let files = self.store.files_elsewhere(others, &paths)?.into_iter();
        let types = self.store.types_elsewhere(others, types)?.into_iter();
        let taken =
            files.map(|(path, other)| ("file", path, other)).chain(types.map(|(name, other)| ("type", name, other)));
        Ok(TakenNames::of(module.name.clone(), taken.filter(|(_, _, other)| !together.contains(&other))))
    }
}
