//! In which release of a module's default label a declaration came.

use std::collections::HashMap;

use crate::model::{CommitId, DeclarationId, ModuleName};
use crate::serve::http::error::Answer;
use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::store::{Beginnings, DeclarationFact, History, Store};

/// A release with which something began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::web) struct Since {
    /// `2026-11-03`.
    pub date: String,
    /// The time.
    pub exact: String,
    /// The short name of the commit.
    pub short: String,
    /// The path of its documentation.
    pub href: String,
    /// Whether it may have begun before.
    pub or_earlier: bool,
}

/// The history of a module at the head of its default label.
pub(in crate::serve::web) struct Releases<'a> {
    store: &'a Store,
    module: &'a ModuleName,
    history: History,
    beginnings: Beginnings,
    /// The releases that were looked up.
    known: HashMap<CommitId, Option<Since>>,
}

impl<'a> Releases<'a> {
    /// The history of `at`; none if it is not the head, or not known.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn find(store: &'a Store, at: &'a ModuleAtCommit) -> Answer<Option<Self>> {
        let Some(history) = store.history(at.module.id)?.filter(|history| history.head == at.commit.id) else {
            return Ok(None);
        };
        let beginnings = store.beginnings(at.module.id)?;
        Ok(Some(Self { store, module: &at.module.name, history, beginnings, known: HashMap::new() }))
    }

    /// The release that brought a declaration of the head.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn declared(&mut self, id: DeclarationId) -> Answer<Option<Since>> {
        self.since(id, DeclarationFact::Declared)
    }

    /// The release that deprecated a deprecated declaration of the head.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn deprecated(&mut self, id: DeclarationId) -> Answer<Option<Since>> {
        self.since(id, DeclarationFact::Deprecated)
    }

    fn since(&mut self, id: DeclarationId, fact: DeclarationFact) -> Answer<Option<Since>> {
        let commit = self.beginnings.get(&(id, fact)).copied().unwrap_or(self.history.first);
        if let Some(known) = self.known.get(&commit) {
            return Ok(known.clone());
        }
        let found = self.store.commit(commit)?.map(|found| {
            let exact = found.created.to_string();
            Since {
                date: exact.chars().take(10).collect(),
                exact,
                short: commit.short().to_string(),
                href: format!("/{}/docs/{commit}", self.module),
                or_earlier: commit == self.history.first && !self.history.complete,
            }
        });
        self.known.insert(commit, found.clone());
        Ok(found)
    }
}
