//! The b4 digest of commits, by which v1 lock files pin them.

use crate::model::FilesDigest;
use crate::module::b4_digest;
use crate::publish::Publisher;
use crate::store::{Commit, StoreError};

impl Publisher {
    /// The b4 digest of a commit. A mirrored commit keeps the digest that the upstream registry computed.
    pub fn b4_digest(&self, commit: &Commit) -> Result<FilesDigest, StoreError> {
        if self.store.v1_files(commit.id)?.is_empty() {
            return Ok(commit.files_digest);
        }
        Ok(b4_digest(&self.store.snapshot(commit.id)?))
    }
}
