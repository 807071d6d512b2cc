//! References: texts that name a label or a commit of a module.

use crate::model::{CommitId, LabelName, ModuleName, ShortCommit, did_you_mean};
use crate::store::{Commit, Label, LabelFilter, Module, Order, Store, StoreError};

/// The number of labels, and of newest commits, among which a suggestion is looked for.
const SUGGESTIONS_FROM: u64 = 1000;

/// The number of other labels that the message names when the default label has no commit.
const OTHERS: u64 = 3;

/// Why a reference names no commit.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The module has no such label or commit.
    #[error("module {module} has no label or commit {reference:?}{hint}")]
    Unknown {
        /// The module.
        module: ModuleName,
        /// The reference.
        reference: String,
        /// `; did you mean …?`, or empty.
        hint: String,
    },
    /// Nothing was pushed to the default label yet.
    #[error("module {module} has no commit on its default label {label} yet; {}", what_to_do(module, others))]
    NoCommits {
        /// The module.
        module: ModuleName,
        /// Its default label.
        label: LabelName,
        /// Up to [`OTHERS`] labels that have a commit.
        others: Vec<LabelName>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The thing that a reference names.
#[derive(Debug, Clone)]
pub enum Resolved {
    /// The module itself: no reference was given.
    Module,
    /// One of its labels.
    Label(Label),
    /// One of its commits.
    Commit(Commit),
}

/// Finds the target of `reference` in `module`. An empty one means the module itself; a commit wins over a label of
/// that name, but a label wins over the short name of a commit.
///
/// # Errors
/// When it is neither a commit nor a label of this module.
pub fn resolve(store: &Store, module: &Module, reference: &str) -> Result<Resolved, ResolveError> {
    if reference.is_empty() {
        return Ok(Resolved::Module);
    }
    if let Ok(id) = reference.parse::<CommitId>()
        && let Some(commit) = store.commit(id)?.filter(|commit| commit.module == module.id)
    {
        return Ok(Resolved::Commit(commit));
    }
    if let Ok(name) = reference.parse::<LabelName>()
        && let Some(label) = store.label(module.id, &name)?
    {
        return Ok(Resolved::Label(label));
    }
    if let Ok(short) = reference.parse::<ShortCommit>()
        && let Some(commit) = store.commit_by_short(module.id, &short)?
    {
        return Ok(Resolved::Commit(commit));
    }
    Err(unknown(store, module, reference)?)
}

/// Finds the commit that `reference` leads to: empty leads to the head of the default label.
///
/// # Errors
/// As [`resolve`], and when the default label has no commit.
pub fn resolve_commit(store: &Store, module: &Module, reference: &str) -> Result<Commit, ResolveError> {
    let head = match resolve(store, module, reference)? {
        Resolved::Commit(commit) => return Ok(commit),
        Resolved::Label(label) => label.commit,
        Resolved::Module => match store.label(module.id, &module.default_label)? {
            Some(label) => label.commit,
            None => {
                return Err(no_commits(store, module)?);
            }
        },
    };
    let commit = store.commit(head)?;
    Ok(commit.ok_or_else(|| StoreError::Missing(format!("commit {head}")))?)
}

/// The error for a default label without a commit. `buf push --create --git-metadata` in a repository whose branch is
/// not `main` leads to such a module.
fn no_commits(store: &Store, module: &Module) -> Result<ResolveError, StoreError> {
    let filter = LabelFilter { archived: Some(false), order: Order::Name, ..LabelFilter::default() };
    let labels = store.list_labels(module.id, &filter, 0, OTHERS)?.items;
    let others = labels.into_iter().map(|label| label.name).collect();
    Ok(ResolveError::NoCommits { module: module.name.clone(), label: module.default_label.clone(), others })
}

fn what_to_do(module: &ModuleName, others: &[LabelName]) -> String {
    if others.is_empty() {
        return "push to it first".into();
    }
    let names: Vec<_> = others.iter().map(ToString::to_string).collect();
    format!(
        "push to it first, or name another label ({}); `registry module update {module} --default-label LABEL` \
         makes one the default",
        names.join(", ")
    )
}

fn unknown(store: &Store, module: &Module, reference: &str) -> Result<ResolveError, StoreError> {
    let hint = if reference.parse::<CommitId>().is_ok() {
        let commits = store.list_commits(module.id, true, None, 0, SUGGESTIONS_FROM)?;
        let ids: Vec<_> = commits.items.iter().map(|commit| commit.id.to_string()).collect();
        // Ids are random, so some are similar by chance. A typing mistake leaves most digits in their places.
        let in_place = |id: &str| id.bytes().zip(reference.bytes()).filter(|(one, other)| one == other).count();
        did_you_mean(reference, ids.iter().map(String::as_str).filter(|id| in_place(id) >= 24))
    } else {
        let labels = store.list_labels(module.id, &LabelFilter::default(), 0, SUGGESTIONS_FROM)?;
        did_you_mean(reference, labels.items.iter().map(|label| label.name.as_str()))
    };
    Ok(ResolveError::Unknown { module: module.name.clone(), reference: reference.into(), hint })
}
