//! What a plugin makes.

use std::collections::BTreeMap;

use bytes::Bytes;

/// The answer of a plugin to one request. Whoever has the files of all plugins that write to one directory puts the
/// insertions into them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PluginResponse {
    /// The text of each file, by its name: a relative path with `/`.
    pub files: BTreeMap<String, String>,
    /// Text for these files, or for those of other plugins, in the plugin's order.
    pub insertions: Vec<Insertion>,
}

/// Text for a file of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    /// The file's name.
    pub name: String,
    /// The mark in the file that the text goes above.
    pub point: String,
    /// The text.
    pub content: String,
}

/// One file of a crate, as a plugin made it.
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

/// The files that a plugin made for a crate: sorted by name, insertions in their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Generated {
    /// The files.
    pub files: Vec<GeneratedFile>,
}
