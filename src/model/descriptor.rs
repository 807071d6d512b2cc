//! Compiled sources, as they pass from `compile` to `generate` and `package`.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use prost_types::FileDescriptorProto;

use super::ModuleName;

/// Where a compiled file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileOrigin {
    /// A module: one that is pushed, or one of its dependencies.
    Module(ModuleName),
    /// The well-known types that every compiler brings along.
    WellKnown,
}

/// One compiled file.
#[derive(Debug, Clone)]
pub struct DescriptorFile {
    /// Where it comes from.
    pub origin: FileOrigin,
    /// The encoded `FileDescriptorProto` with source information and interpreted options, custom ones included:
    /// what `protoc` would send to a plugin.
    pub encoded: Bytes,
    /// The same, decoded; options that `descriptor.proto` does not know are not in it.
    pub proto: Arc<FileDescriptorProto>,
}

/// Compiled files: every file stands after those that it imports.
#[derive(Debug, Clone, Default)]
pub struct DescriptorSet {
    /// The files, dependencies first; the order depends on nothing but the sources.
    pub files: Vec<DescriptorFile>,
}

impl DescriptorSet {
    /// The file that is imported as `path`.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&DescriptorFile> {
        self.files.iter().find(|file| file.proto.name() == path)
    }

    /// The files of one module, dependencies first.
    pub fn of_module<'a>(&'a self, module: &'a ModuleName) -> impl Iterator<Item = &'a DescriptorFile> {
        self.files.iter().filter(move |file| file.is_of(module))
    }

    /// The packages of one module, sorted; the empty name stands for files without a package.
    #[must_use]
    pub fn packages_of(&self, module: &ModuleName) -> BTreeSet<&str> {
        self.files.iter().filter(|file| file.is_of(module)).map(|file| file.proto.package()).collect()
    }
}

impl DescriptorFile {
    /// Whether the file belongs to `module`.
    #[must_use]
    pub fn is_of(&self, module: &ModuleName) -> bool {
        matches!(&self.origin, FileOrigin::Module(name) if name == module)
    }
}
