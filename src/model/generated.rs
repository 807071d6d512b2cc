//! What a plugin answers.

use bytes::Bytes;

/// One file that a plugin made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its name, as the plugin gave it: a relative path with `/`.
    pub name: String,
    /// Its text.
    pub content: String,
    /// What its constant `FILE_DESCRIPTOR_SET` holds, when the list in the text was left empty.
    pub descriptors: Option<Bytes>,
}

/// All files that a plugin made of one request: sorted by name, insertion points applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Generated {
    /// The files.
    pub files: Vec<GeneratedFile>,
}
