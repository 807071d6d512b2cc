//! The names of a commit's crates that crates of other modules are told: kept with its outline, because all of its files
//! decide them.

use super::Publisher;
use super::descriptors::DescriptorsError;
use super::push::dependencies::DependencyError;
use crate::generate::numbered_names;
use crate::model::{DescriptorSet, ModuleName, NumberedNames, Outline};
use crate::store::{Commit, Module, StoreError};

/// The outline of a commit with its numbered names. `descriptors` may hold files of other commits.
pub(super) fn named_outline(descriptors: &DescriptorSet, module: &ModuleName) -> Outline {
    let numbered = Some(numbered_names(&descriptors.closure(module), module));
    Outline { numbered, ..Outline::of(descriptors, module) }
}

impl Publisher {
    /// The numbered names of a commit. Where they are not kept, as by an older program, the commit is compiled.
    pub(super) fn numbered_names(&self, commit: &Commit, module: &Module) -> Result<NumberedNames, StoreError> {
        if let Some(kept) = self.store.outline(commit.id)?.and_then(|outline| outline.numbered) {
            return Ok(kept);
        }
        let snapshot = self.store.snapshot(commit.id)?;
        let outline = match self.descriptors_of(module, commit, &snapshot) {
            Ok(descriptors) => named_outline(&descriptors, &module.name),
            Err(DescriptorsError::Store(error) | DescriptorsError::Dependency(DependencyError::Store(error))) => {
                return Err(error);
            }
            // Its crates were made by a program that took it.
            Err(error) => {
                tracing::warn!(%error, commit = %commit.id, "could not read how a commit's crates call its declarations");
                return Ok(NumberedNames::default());
            }
        };
        self.keep_outline(commit.id, &outline);
        Ok(outline.numbered.unwrap_or_default())
    }
}
