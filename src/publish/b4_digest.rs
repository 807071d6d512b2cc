//! The older digest of commits, B4: what lock files of version 1 hold.

use crate::model::FilesDigest;
use crate::module::older_digest;
use crate::publish::Publisher;
use crate::store::{Commit, StoreError};

impl Publisher {
    /// The B4 digest of a commit: that of its files, and of a mirrored commit the one that it had where it came from.
    pub fn older_digest(&self, commit: &Commit) -> Result<FilesDigest, StoreError> {
        if self.store.v1_files(commit.id)?.is_empty() {
            return Ok(commit.files_digest);
        }
        Ok(older_digest(&self.store.snapshot(commit.id)?))
    }
}
