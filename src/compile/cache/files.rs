//! The files of an earlier compilation, by path, and which of them can be used again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::compile::options::facts::Facts;
use crate::model::{DescriptorFile, DescriptorSet, FileOrigin, Sha256Digest};

/// The results of an earlier compilation, by path.
#[derive(Debug, Clone, Default)]
pub struct CompileCache {
    pub(super) files: HashMap<String, CachedFile>,
}

/// The result of one file.
#[derive(Debug, Clone)]
pub(in crate::compile) struct CachedFile {
    text: Sha256Digest,
    fingerprint: Sha256Digest,
    pub(in crate::compile) file: DescriptorFile,
    pub(in crate::compile) facts: Arc<Facts>,
}

/// The fingerprints of all files, by path.
pub(in crate::compile) type Fingerprints = HashMap<String, Sha256Digest>;

impl CompileCache {
    pub(in crate::compile) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Encoded bytes of all files, which is about half of what they take in memory.
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        self.files.values().map(|earlier| earlier.file.encoded.len() as u64).sum()
    }

    /// The file `path`, if it had this text.
    pub(in crate::compile) fn with_text(
        &self,
        path: &str,
        text: Sha256Digest,
        origin: &FileOrigin,
    ) -> Option<&CachedFile> {
        self.files.get(path).filter(|earlier| earlier.text == text && earlier.file.origin == *origin)
    }

    /// What was made of `descriptors`. Files with an edition are left out: their descriptors do not hold all that
    /// is to be known of them.
    pub(in crate::compile) fn of(
        descriptors: &DescriptorSet,
        texts: &HashMap<String, Sha256Digest>,
        prints: &Fingerprints,
        facts: &HashMap<String, Arc<Facts>>,
    ) -> Self {
        let earlier = |file: &DescriptorFile| {
            let path = file.proto.name();
            let (text, fingerprint, facts) = (*texts.get(path)?, *prints.get(path)?, Arc::clone(facts.get(path)?));
            let is_whole = file.proto.syntax() != "editions";
            is_whole.then(|| (path.to_owned(), CachedFile { text, fingerprint, file: file.clone(), facts }))
        };
        Self { files: descriptors.files.iter().filter_map(earlier).collect() }
    }
}

impl CachedFile {
    /// Whether it can stand for a file with this fingerprint.
    pub(in crate::compile) fn is(&self, fingerprint: Option<&Sha256Digest>) -> bool {
        fingerprint == Some(&self.fingerprint)
    }
}
