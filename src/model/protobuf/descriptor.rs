//! Compiled sources, as they pass from `compile` to `generate` and `package`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use prost_types::{FileDescriptorProto, SourceCodeInfo};

use crate::model::ModuleName;

/// The editions that plugins of this registry are shown: 2023, 2024 and 2026, as numbers of `google.protobuf.Edition`.
pub const KNOWN_EDITIONS: std::ops::RangeInclusive<i32> = 1000..=1002;

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
    /// The encoded `FileDescriptorProto` with source information and interpreted options, custom ones included, as
    /// `protoc` sends it to a plugin.
    pub encoded: Bytes,
    /// The same, decoded. Options that `descriptor.proto` does not know are not in it, and comments need not be: see
    /// [`Self::source_info`].
    pub proto: Arc<FileDescriptorProto>,
}

/// Compiled files: every file follows its imports.
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

    /// Whether the module declares a service.
    #[must_use]
    pub fn has_services(&self, module: &ModuleName) -> bool {
        self.of_module(module).any(|file| !file.proto.service.is_empty())
    }

    /// The packages of one module, sorted; the empty name stands for files without a package.
    #[must_use]
    pub fn packages_of(&self, module: &ModuleName) -> BTreeSet<&str> {
        self.files.iter().filter(|file| file.is_of(module)).map(|file| file.proto.package()).collect()
    }

    /// The files of one module and all that they import, in an order that depends on these files alone: a module
    /// that was compiled together with others is generated exactly as if it had been compiled by itself.
    #[must_use]
    pub fn closure(&self, module: &ModuleName) -> Self {
        let by_path: BTreeMap<&str, &DescriptorFile> =
            self.files.iter().map(|file| (file.proto.name(), file)).collect();
        let mut open: Vec<&str> = self.of_module(module).map(|file| file.proto.name()).collect();
        let mut inside = BTreeSet::new();
        while let Some(path) = open.pop() {
            let Some((path, file)) = by_path.get_key_value(path) else { continue };
            if inside.insert(*path) {
                open.extend(file.proto.dependency.iter().map(String::as_str));
            }
        }
        Self { files: in_order(&inside, &by_path).into_iter().cloned().collect() }
    }
}

/// A `FileDescriptorProto` of which nothing is read but the comments.
#[derive(Clone, PartialEq, Message)]
struct Commented {
    #[prost(message, optional, tag = "9")]
    source_code_info: Option<SourceCodeInfo>,
}

/// A `FileDescriptorProto` of which nothing is read but the imports that are for options only (`option_dependency`).
#[derive(Clone, PartialEq, Message)]
struct ImportsForOptions {
    #[prost(string, repeated, tag = "15")]
    option_dependency: Vec<String>,
}

impl DescriptorFile {
    /// The paths of all imports: those that its types may use, then those that are for options only.
    #[must_use]
    pub fn imports(&self) -> Vec<String> {
        let for_options = ImportsForOptions::decode(self.encoded.clone()).unwrap_or_default().option_dependency;
        self.proto.dependency.iter().cloned().chain(for_options).collect()
    }

    /// Comments and locations of the declarations. They are decoded at every call: they are the largest part of a file,
    /// and few callers need them.
    #[must_use]
    pub fn source_info(&self) -> SourceCodeInfo {
        let read = Commented::decode(self.encoded.clone()).ok();
        read.and_then(|file| file.source_code_info).unwrap_or_default()
    }

    /// Whether the file belongs to `module`.
    #[must_use]
    pub fn is_of(&self, module: &ModuleName) -> bool {
        matches!(&self.origin, FileOrigin::Module(name) if name == module)
    }
}

/// Files after their imports; among the files that could follow, the first by path is next.
fn in_order<'a>(
    inside: &BTreeSet<&'a str>,
    by_path: &BTreeMap<&'a str, &'a DescriptorFile>,
) -> Vec<&'a DescriptorFile> {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut importers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for &path in inside {
        let imports: BTreeSet<&str> = by_path[path].proto.dependency.iter().map(String::as_str).collect();
        let imports: Vec<&str> = imports.into_iter().filter(|import| inside.contains(import)).collect();
        missing.insert(path, imports.len());
        for import in imports {
            importers.entry(import).or_default().push(path);
        }
    }
    let mut ready: BTreeSet<&str> = missing.iter().filter(|(_, count)| **count == 0).map(|(path, _)| *path).collect();
    let mut order = vec![];
    while let Some(path) = ready.pop_first() {
        order.push(by_path[path]);
        for &importer in importers.get(path).map_or(&[][..], Vec::as_slice) {
            let Some(count) = missing.get_mut(importer) else { continue };
            *count -= 1;
            if *count == 0 {
                ready.insert(importer);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(module: &str, path: &str, imports: &[&str]) -> DescriptorFile {
        let proto = FileDescriptorProto {
            name: Some(path.into()),
            dependency: imports.iter().map(|import| (*import).into()).collect(),
            ..FileDescriptorProto::default()
        };
        let origin = FileOrigin::Module(module.parse().unwrap());
        DescriptorFile { origin, encoded: Bytes::new(), proto: Arc::new(proto) }
    }

    #[test]
    fn a_module_is_the_same_alone_and_among_others() {
        let pets = [file("acme/pets", "b.proto", &["z.proto"]), file("acme/pets", "a.proto", &["b.proto"])];
        let dep = [file("acme/base", "z.proto", &[]), file("acme/base", "unused.proto", &[])];
        let other = [file("acme/shop", "shop.proto", &["a.proto"])];
        let alone = DescriptorSet { files: [&dep[..1], &pets[..]].concat() };
        let among = DescriptorSet { files: [&dep[..], &pets[..], &other[..]].concat() };
        let paths = |set: &DescriptorSet| -> Vec<String> {
            set.closure(&"acme/pets".parse().unwrap()).files.iter().map(|file| file.proto.name().into()).collect()
        };
        assert_eq!(paths(&among), ["z.proto", "b.proto", "a.proto"]);
        assert_eq!(paths(&among), paths(&alone));
    }
}
