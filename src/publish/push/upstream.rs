//! The upstream: another registry that missing dependencies of a push may be fetched from. The server implements the
//! fetching.

use std::future::Future;
use std::pin::Pin;

use super::import_commit::{Import, ImportError};
use crate::model::{CommitId, ForeignCommit, ForeignModule, LabelName, ModuleName, OwnerName};
use crate::publish::Publisher;
use crate::publish::new_ids;
use crate::store::{AuditEvent, Author, Module, Owner, OwnerKind, StoreError, Viewer, Visibility};

/// Commits fetched from the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The modules of the commits.
    pub modules: Vec<ForeignModule>,
    /// Commits with their files, each after its dependencies.
    pub commits: Vec<ForeignCommit>,
}

/// A fetch that is running.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, UpstreamError>> + Send + 'a>>;

/// The upstream registry.
pub trait Upstream: Send + Sync {
    /// `HOST` or `HOST:PORT`, as the names of its modules begin.
    fn host(&self) -> &str;

    /// Fetches a commit and its transitive dependencies, except `known` ones.
    fn fetch<'a>(&'a self, commit: CommitId, known: &'a (dyn Fn(CommitId) -> bool + Sync)) -> Fetching<'a>;
}

/// The head of a label of a mirrored module, with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirroredHead {
    /// The commits; the head is the last. Those that are here already have no files.
    pub fetched: Fetched,
    /// The label here; the module's default label if absent.
    pub label: Option<LabelName>,
}

/// A fetch of heads that is running. Its error is a sentence.
pub type FetchingHeads<'a> = Pin<Box<dyn Future<Output = Result<Vec<MirroredHead>, String>> + Send + 'a>>;

/// A module of another registry that is taken in on a schedule.
pub trait MirrorSource: Send + Sync {
    /// The module, with its registry in front.
    fn name(&self) -> String;

    /// Fetches the heads of the labels that are mirrored, without the files of `known` commits.
    fn fetch_heads<'a>(&'a self, known: &'a (dyn Fn(CommitId) -> bool + Sync)) -> FetchingHeads<'a>;
}

/// Why a commit could not be fetched from upstream. Every message names the setting to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The upstream did not respond, or its response is not valid.
    #[error("could not fetch dependency commit {commit} from upstream {url} (setting `upstream`): {reason}")]
    Failed {
        /// The commit.
        commit: CommitId,
        /// The upstream's address.
        url: String,
        /// The failure, or the upstream's message.
        reason: String,
    },
    /// The upstream took too long.
    #[error(
        "upstream {url} did not send dependency commit {commit} within {seconds} s; the server's --upstream-timeout \
         changes the limit, `registry mirror` has none"
    )]
    Slow {
        /// The commit.
        commit: CommitId,
        /// The upstream's address.
        url: String,
        /// The limit.
        seconds: u64,
    },
    /// The commit and its dependencies are too large.
    #[error(
        "dependency commit {commit} of upstream {url} is, with its own dependencies, more than the limit of {limit} bytes; \
         the server's --upstream-max-bytes changes the limit, `registry mirror` has none"
    )]
    TooLarge {
        /// The commit.
        commit: CommitId,
        /// The upstream's address.
        url: String,
        /// The limit.
        limit: u64,
    },
}

/// Why a fetched commit was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportFetchedError {
    /// The name belongs to an owner of this registry.
    #[error(
        "module {0} of the upstream cannot be fetched for a push: its owner exists in this registry and has members, so only they may import under its name; an admin of the owner can run `registry mirror`"
    )]
    OwnerTaken(ModuleName),
    /// The module is private, so the pushing user could not read it in this registry.
    #[error(
        "module {0} of the upstream is private there, so a push does not fetch it; an administrator can import it with `registry mirror`, and choose its visibility"
    )]
    Private(ModuleName),
    /// The commit was refused.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Publisher {
    /// Imports commits from the upstream for a push by `by` with the read access of `viewer`.
    ///
    /// Missing owners are created without members: they belong to the registry itself, and later fetches import into
    /// them too. Nothing is imported under the name of an owner that has members.
    ///
    /// # Errors
    /// When a commit is refused; the commits before it stay.
    pub fn import_fetched(
        &self,
        fetched: Fetched,
        by: Author,
        viewer: Option<Viewer>,
    ) -> Result<(), ImportFetchedError> {
        // Two pushes may fetch the same commits: the second push finds the commits of the first.
        let _importing = self.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for commit in fetched.commits {
            let foreign = fetched.modules.iter().find(|module| module.name == commit.module);
            let Some(foreign) = foreign else { return Err(StoreError::Missing(commit.module.to_string()).into()) };
            // Private modules of an owner without members are visible to administrators of the registry only.
            if self.has_members(foreign.name.owner())? {
                return Err(ImportFetchedError::OwnerTaken(foreign.name.clone()));
            }
            let module = self.import_target(foreign, by, viewer.is_none())?;
            self.import(&Import { module, commit, labels: vec![], by, viewer, is_fetched: true })?;
        }
        Ok(())
    }

    /// Imports a head that the operator wants mirrored, in the name of `by`, an administrator. As with `registry mirror`,
    /// owners may have members. Returns the head, if it was not here or its label moved to it.
    ///
    /// # Errors
    /// When a commit is refused; the commits before it stay.
    pub fn import_mirrored(&self, head: MirroredHead, by: Author) -> Result<Option<CommitId>, ImportFetchedError> {
        let _importing = self.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let last = head.fetched.commits.last().map(|commit| commit.id);
        let mut changed = None;
        for commit in head.fetched.commits {
            let foreign = head.fetched.modules.iter().find(|module| module.name == commit.module);
            let Some(foreign) = foreign else { return Err(StoreError::Missing(commit.module.to_string()).into()) };
            let module = self.import_target(foreign, by, true)?;
            let id = commit.id;
            let labels = head.label.iter().filter(|label| Some(id) == last && **label != foreign.default_label);
            let labels = labels.cloned().collect();
            let imported = self.import(&Import { module, commit, labels, by, viewer: None, is_fetched: false })?;
            if imported.created || !imported.moved.is_empty() {
                changed = last;
            }
        }
        Ok(changed)
    }

    /// Whether the owner of this name is a user, or an organization with members.
    fn has_members(&self, name: &OwnerName) -> Result<bool, StoreError> {
        match self.store.owner(name)? {
            None => Ok(false),
            Some(owner) => Ok(owner.kind != OwnerKind::Organization || !self.store.members(owner.id)?.is_empty()),
        }
    }

    /// The module of this registry that the commit is imported into; created if it does not exist.
    fn import_target(
        &self,
        foreign: &ForeignModule,
        by: Author,
        sees_private: bool,
    ) -> Result<Module, ImportFetchedError> {
        let name = &foreign.name;
        let known = self.store.owner(name.owner())?;
        let owner = known.clone().unwrap_or_else(|| self.ownerless_organization(name));
        if let Some(module) = self.store.module(name)? {
            return Ok(module);
        }
        if !foreign.public && !sees_private {
            return Err(ImportFetchedError::Private(name.clone()));
        }
        let record = |action: &str, subject: String| AuditEvent {
            at: self.clock.now(),
            actor: Some(by.user),
            source: by.source,
            action: action.into(),
            subject,
        };
        self.store.transaction("create a mirrored module", |tx| {
            let owner = match &known {
                Some(owner) => owner.clone(),
                None => {
                    tx.audit(&record("organization.create", owner.name.to_string()))?;
                    tx.claim_owner(&owner, &self.claim(None))?
                }
            };
            let module = self.mirrored_module(foreign, &owner);
            tx.create_module(&module)?;
            tx.audit(&record("module.create", name.to_string()))?;
            Ok(module)
        })
    }

    /// An organization without members.
    fn ownerless_organization(&self, name: &ModuleName) -> Owner {
        let now = self.clock.now();
        Owner {
            id: new_ids::owner(),
            name: name.owner().clone(),
            kind: OwnerKind::Organization,
            description: String::new(),
            url: String::new(),
            created: now,
            updated: now,
            disabled: None,
        }
    }

    fn mirrored_module(&self, foreign: &ForeignModule, owner: &Owner) -> Module {
        let now = self.clock.now();
        Module {
            id: new_ids::module(),
            name: foreign.name.clone(),
            owner: owner.id,
            visibility: if foreign.public { Visibility::Public } else { Visibility::Private },
            deprecated: false,
            description: String::new(),
            url: String::new(),
            default_label: foreign.default_label.clone(),
            created: now,
            updated: now,
        }
    }
}
