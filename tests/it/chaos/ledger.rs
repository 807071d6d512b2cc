//! What a registry has acknowledged, and what it may have done without saying so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

/// A push that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledged {
    /// `owner/name`.
    pub(crate) module: String,
    pub(crate) label: String,
    /// Base64, as the registry says it.
    pub(crate) digest: String,
    /// Path and content of each file.
    pub(crate) files: Vec<(String, String)>,
    /// When it was sent for the first time.
    pub(crate) begun: Instant,
    /// When it was acknowledged.
    pub(crate) done: Instant,
}

/// Everything that was acknowledged in one data directory. It outlives every process that serves from there.
#[derive(Default)]
pub(crate) struct Ledger {
    pushes: Mutex<BTreeMap<String, Acknowledged>>,
    /// Those that were looked at in full already.
    audited: Mutex<BTreeSet<String>>,
    /// The checksum of every crate version that was ever seen.
    checksums: Mutex<BTreeMap<(String, String), String>>,
}

impl Ledger {
    fn pushes(&self) -> MutexGuard<'_, BTreeMap<String, Acknowledged>> {
        self.pushes.lock().unwrap()
    }

    /// Notes that the registry acknowledged `commit`.
    pub(crate) fn acknowledge(&self, commit: &str, push: Acknowledged) {
        self.pushes().insert(commit.to_owned(), push);
    }

    /// How many commits were acknowledged.
    pub(crate) fn len(&self) -> usize {
        self.pushes().len()
    }

    /// The commits that were acknowledged since this was last called.
    pub(crate) fn unaudited(&self) -> Vec<(String, Acknowledged)> {
        let mut audited = self.audited.lock().unwrap();
        let new: Vec<_> = self.pushes().iter().filter(|(id, _)| !audited.contains(*id)).map(pair).collect();
        audited.extend(new.iter().map(|(id, _)| id.clone()));
        new
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<(String, Acknowledged)> {
        self.pushes().iter().map(pair).collect()
    }

    /// An acknowledged commit of `module`, to build on.
    pub(crate) fn any_commit_of(&self, module: &str) -> Option<String> {
        self.pushes().iter().find(|(_, push)| push.module == module).map(|(id, _)| id.clone())
    }

    /// Notes the checksum of a crate version, and sees to it that it is the one that was seen before.
    #[track_caller]
    pub(crate) fn has_checksum(&self, name: &str, version: &str, checksum: &str) {
        let mut known = self.checksums.lock().unwrap();
        let seen = known.entry((name.into(), version.into())).or_insert_with(|| checksum.to_owned());
        assert_eq!(seen, checksum, "{name} {version} has changed");
    }
}

fn pair((id, push): (&String, &Acknowledged)) -> (String, Acknowledged) {
    (id.clone(), push.clone())
}
