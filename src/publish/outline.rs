//! What pages show of a commit without compiling all of it: its outline, and the descriptors of a few of its files.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::compile::{CompileCache, Role, Source, compile_with, outline};
use crate::model::{CommitId, DescriptorSet, ModuleName, Outline, Snapshot};
use crate::publish::Publisher;
use crate::publish::descriptors::DescriptorsError;
use crate::publish::numbered_names::named_outline;
use crate::store::{Commit, Module, StoreError, Viewer};

/// The files of a commit that a page is about.
#[derive(Debug, Clone, Copy)]
pub enum PartOfCommit<'a> {
    /// A package. What its names are in Rust depends on the packages around it and inside it, so they come too.
    Package(&'a str),
    /// A file.
    File(&'a str),
}

impl PartOfCommit<'_> {
    fn files(self, outline: &Outline) -> BTreeSet<String> {
        let inside = |outer: &str, name: &str| {
            outer.is_empty() || name.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let wanted = |path: &str, package: &str| match self {
            Self::Package(name) => inside(name, package) || inside(package, name),
            Self::File(name) => name == path,
        };
        let files = outline.files.iter().filter(|file| wanted(&file.path, &file.package));
        files.map(|file| file.path.clone()).collect()
    }
}

/// The files that a part of a commit is compiled from: its own, and those of the commits that it depends on.
struct PartialSource {
    module: ModuleName,
    snapshot: Snapshot,
}

impl Publisher {
    /// The outline of a commit, if `viewer` may read all that it depends on. It is read from the sources if it has none.
    ///
    /// # Errors
    /// As [`Self::descriptors`].
    pub fn outline(&self, commit: CommitId, viewer: Option<Viewer>) -> Result<Outline, DescriptorsError> {
        let (commit, module) = self.readable(commit, viewer)?;
        self.outline_of(&commit, &module)
    }

    /// The outline that was kept with the commit. One of an older program has none: it is read once, and kept.
    pub(super) fn outline_of(&self, commit: &Commit, module: &Module) -> Result<Outline, DescriptorsError> {
        if let Some(kept) = self.store.outline(commit.id)? {
            return Ok(kept);
        }
        let read = match self.compiled.get(&(module.id, commit.id)) {
            Some(compiled) => named_outline(&compiled, &module.name),
            None => outline(&module.name, &self.store.snapshot(commit.id)?, &self.settings.limits)?,
        };
        self.keep_outline(commit.id, &read);
        Ok(read)
    }

    /// Whoever asks has an answer, even if nothing can be stored.
    pub(super) fn keep_outline(&self, commit: CommitId, outline: &Outline) {
        if let Err(error) = self.store.put_outline(commit, outline) {
            tracing::warn!(%error, %commit, "could not keep what a commit declares");
        }
    }

    /// The compiled files of a part of a commit, and all their imports; all files of the commit if they are at hand. A file
    /// is the same in both.
    ///
    /// # Errors
    /// As [`Self::descriptors`].
    pub fn descriptors_of_part(
        &self,
        commit: CommitId,
        part: PartOfCommit<'_>,
        viewer: Option<Viewer>,
    ) -> Result<Arc<DescriptorSet>, DescriptorsError> {
        let (commit, module) = self.readable(commit, viewer)?;
        if let Some(whole) = self.compiled.get(&(module.id, commit.id)) {
            return Ok(whole);
        }
        let key = (module.id, commit.id, format!("{part:?}"));
        if let Some(known) = self.parts.get(&key) {
            return Ok(known);
        }
        match self.compile_part(&module, &commit, part)? {
            Some(set) => {
                self.parts.insert(key, Arc::clone(&set));
                Ok(set)
            }
            None => self.descriptors(commit.id, viewer),
        }
    }

    /// The part, if all that it is made of is known.
    fn compile_part(
        &self,
        module: &Module,
        commit: &Commit,
        part: PartOfCommit<'_>,
    ) -> Result<Option<Arc<DescriptorSet>>, DescriptorsError> {
        let outline = self.outline_of(commit, module)?;
        let files = part.files(&outline);
        let (mut inside, mut open) = outline.reached(files.clone());
        inside.retain(|path| !files.contains(path));
        let own = self.snapshot_of(commit.id, &files)?;
        let mut sources =
            vec![PartialSource { module: module.name.clone(), snapshot: self.snapshot_of(commit.id, &inside)? }];
        let mut dependencies = vec![];
        for dependency in self.store.dependencies(commit.id)? {
            let Some(found) = self.store.commit(dependency.commit)? else { return Ok(None) };
            let Some(module) = self.store.module_by_id(found.module)? else { return Ok(None) };
            let outline = self.outline_of(&found, &module)?;
            dependencies.push((found.id, module.name, outline, BTreeSet::new()));
        }
        // A file of one dependency imports files of others.
        while !open.is_empty() {
            let mut next = BTreeSet::new();
            for (_, _, outline, reached) in &mut dependencies {
                let here = outline.files.iter().map(|file| &file.path).filter(|path| open.contains(*path));
                let here: BTreeSet<String> = here.filter(|path| !reached.contains(*path)).cloned().collect();
                if !here.is_empty() {
                    let (inside, outside) = outline.reached(here);
                    reached.extend(inside);
                    next.extend(outside);
                }
            }
            open = next;
        }
        for (dependency, module, _, reached) in dependencies.into_iter().filter(|(.., reached)| !reached.is_empty()) {
            sources.push(PartialSource { module, snapshot: self.snapshot_of(dependency, &reached)? });
        }
        Ok(Some(Arc::new(self.compile_files(module, &own, &sources)?)))
    }

    fn compile_files(
        &self,
        module: &Module,
        own: &Snapshot,
        sources: &[PartialSource],
    ) -> Result<DescriptorSet, DescriptorsError> {
        let content = Source { module: &module.name, snapshot: own, role: Role::Content };
        let rest =
            sources.iter().map(|it| Source { module: &it.module, snapshot: &it.snapshot, role: Role::Dependency });
        let sources: Vec<_> = std::iter::once(content).chain(rest).collect();
        let compiled = compile_with(&sources, &self.settings.limits, &CompileCache::default())?;
        Ok(compiled.descriptors.closure(&module.name))
    }

    fn snapshot_of(&self, commit: CommitId, paths: &BTreeSet<String>) -> Result<Snapshot, StoreError> {
        let mut files = vec![];
        for path in paths {
            files.extend(self.store.file(commit, path)?);
        }
        Ok(Snapshot::from_stored(files))
    }
}
