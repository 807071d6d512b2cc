//! Damaged records are never returned; each is reported to the operator.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::{Fault, StoreError};

/// The most findings that are reported one by one; a failing disk may cause more.
const TOLD: usize = 1000;

/// The damaged records that reads have found since the start.
#[derive(Default)]
pub(in crate::store) struct Damage {
    reads: AtomicU64,
    /// Whether there are findings that [`Self::take_new`] has not returned yet, to be checked without a lock.
    is_new: AtomicBool,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    known: BTreeSet<String>,
    new: Vec<String>,
}

impl Damage {
    /// Translates the failure of a call, and notes a damaged record.
    pub(super) fn explain(&self, fault: Fault, doing: &'static str, path: &Path) -> StoreError {
        let error = fault.into_error(doing, path);
        self.note(&error);
        error
    }

    /// Notes the error of a call if it reports a damaged record.
    fn note(&self, error: &StoreError) {
        if !error.is_damage() {
            return;
        }
        tracing::error!(%error, "the store is damaged");
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let text = error.to_string();
        if found.known.len() < TOLD && found.known.insert(text.clone()) {
            found.new.push(text);
            self.is_new.store(true, Ordering::Release);
        }
    }

    /// The number of reads that have found a damaged record.
    pub(super) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// The findings since the last call, each once.
    pub(super) fn take_new(&self) -> Vec<String> {
        if !self.is_new.swap(false, Ordering::Acquire) {
            return vec![];
        }
        std::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner).new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::connections::Store;
    use crate::store::testing::{Scratch, at, commit_id, crate_name, key, module_id, new_job, sdk};

    /// Every column that is stored beside a digest, and a read of it.
    type Read = fn(&Store) -> crate::store::Result<()>;
    const COLUMNS: &[(&str, &str, Read)] = &[
        ("crate_blobs", "content", |store| {
            let sdk = store.sdk(&key(1, "prost"))?.unwrap();
            store.crate_bytes(module_id(1), &sdk.crate_name, &sdk.version).map(drop)
        }),
        ("sdks", "checksum", |store| {
            let sdk = store.sdk(&key(1, "prost"))?.unwrap();
            store.crate_bytes(module_id(1), &sdk.crate_name, &sdk.version).map(drop)
        }),
        ("sdks", "commit_id", page),
        ("sdks", "plugin", page),
        ("sdks", "version", page),
        ("sdks", "revision", page),
        ("sdks", "crate_id", page),
        ("sdks", "crate_version", page),
        ("sdks", "checksum", page),
        ("sdks", "size", page),
        ("sdks", "unpacked_size", page),
        ("sdks", "index_line", page),
        ("sdks", "index_line", |store| store.sdks_of_commit(commit_id(1)).map(drop)),
        ("sdks", "yanked", page),
        ("sdks", "yanked", |store| store.sdk(&key(1, "prost")).map(drop)),
        ("sdks", "created", page),
        ("sdks", "row_checksum", page),
        ("crates", "sdks_checksum", page),
        ("commits", "id", |store| store.list_commits(module_id(1), true, None, 0, 10).map(drop)),
        ("commits", "module_id", |store| store.commit(commit_id(1)).map(drop)),
        ("commits", "created", |store| store.commits(&[commit_id(1)]).map(drop)),
        ("commits", "released", |store| store.commit_by_short(module_id(1), &commit_id(1).short()).map(drop)),
        ("commits", "files_digest", |store| store.commit(commit_id(1)).map(drop)),
        ("commits", "digest", |store| store.snapshot(commit_id(1)).map(drop)),
        ("commits", "created_by", |store| store.commit(commit_id(1)).map(drop)),
        ("commits", "source_control_url", |store| store.commit(commit_id(1)).map(drop)),
        ("commits", "row_checksum", |store| store.commit(commit_id(1)).map(drop)),
        ("commits", "files_checksum", |store| store.list_files(commit_id(1)).map(drop)),
        ("commit_files", "commit_id", |store| store.snapshot(commit_id(1)).map(drop)),
        ("commit_files", "commit_id", |store| store.list_files(commit_id(1)).map(drop)),
        ("commit_files", "path", |store| store.snapshot(commit_id(1)).map(drop)),
        ("commit_files", "path", |store| store.file(commit_id(1), "a.proto").map(drop)),
        ("commit_files", "path", |store| store.v1_files(commit_id(1)).map(drop)),
        ("commit_files", "path", |store| store.module_options(commit_id(1)).map(drop)),
        ("commit_files", "blob_id", |store| store.snapshot(commit_id(1)).map(drop)),
        ("commit_files", "blob_id", |store| store.file(commit_id(1), "a.proto").map(drop)),
        ("commit_files", "row_checksum", |store| store.file(commit_id(1), "a.proto").map(drop)),
        ("blobs", "digest", |store| store.list_files(commit_id(1)).map(drop)),
        ("blobs", "content", |store| store.snapshot(commit_id(1)).map(drop)),
        ("blobs", "digest", |store| store.snapshot(commit_id(1)).map(drop)),
        ("blobs", "content", |store| store.file(commit_id(1), "a.proto").map(drop)),
        ("blobs", "digest", |store| store.file(commit_id(1), "a.proto").map(drop)),
        ("recipes", "content", |store| {
            let sdk = store.sdk(&key(1, "prost"))?.unwrap();
            store.newest_reuse_index(&sdk.crate_name).map(drop)
        }),
    ];

    /// The index page of the crate.
    fn page(store: &Store) -> crate::store::Result<()> {
        store.sdks_of_crate(module_id(1), &crate_name("pets", "prost")).map(drop)
    }

    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        let job = store.claim(at(3)).unwrap();
        let made = sdk(&job, 1, b"crate");
        store.publish_sdk(job.claim(), &made, b"crate", at(4)).unwrap();
        store.keep_reuse_index(&made.crate_name, &made.version, b"recipe").unwrap();
        store
    }

    #[test]
    fn one_wrong_bit_is_found_wherever_it_is() {
        for (table, column, read) in COLUMNS {
            let store = store();
            read(&store).unwrap();
            let store = store.flip_a_bit(table, column);
            let error = read(&store).unwrap_err();
            // A value that its column's type cannot hold is found before checksums are compared.
            assert!(matches!(error, StoreError::Damaged(_) | StoreError::Corrupt(_)), "{table}.{column}: {error}");
            assert!(read(&store).is_err());
            assert_eq!((store.damaged_reads(), store.new_damage()), (2, vec![error.to_string()]), "{table}.{column}");
            assert_eq!(store.new_damage(), Vec::<String>::new());
        }
    }
}
