//! The output of a plugin.

use bytes::Bytes;

/// One file that a plugin made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its name, as the plugin gave it: a relative path with `/`.
    pub name: String,
    /// Its text.
    pub content: String,
    /// The content of its constant `FILE_DESCRIPTOR_SET`, when the list in the text was left empty.
    pub descriptors: Option<Bytes>,
    /// Sentences on declarations that have other names in it than the plugin gives.
    pub renamed: Vec<String>,
}

/// Text for a file that another plugin makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    /// The file's name.
    pub name: String,
    /// The mark in the file that the text goes above.
    pub point: String,
    /// The text.
    pub content: String,
}

/// All files that a plugin made of one request: sorted by name, insertion points applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Generated {
    /// The files.
    pub files: Vec<GeneratedFile>,
    /// Insertions into files of other plugins, in the plugin's order, for callers that run several plugins on one
    /// output.
    pub insertions: Vec<Insertion>,
}
