//! One part of a crate: the code of one Rust module.

use super::archive::write::Content;
use super::generated_source::Source;
use crate::model::Sha256Digest;

/// The files of one Rust module, ready to be packed; for an unknown Rust module, one file of it.
#[derive(Debug, Clone)]
pub struct Part {
    /// The digest of its inputs, if the next crate may use the part again.
    pub(super) fingerprint: Option<Sha256Digest>,
    /// Nothing if the plugin had nothing to make.
    pub(super) source: Option<Source>,
}

impl Part {
    /// Its bytes before compression.
    #[must_use]
    pub fn unpacked(&self) -> u64 {
        let size = |source: &Source| source.text.len() + source.descriptors.as_ref().map_or(0, Content::len);
        self.source.as_ref().map_or(0, size)
    }
}
