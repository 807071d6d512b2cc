//! A generated file on its way into the crate: its module, its name in the archive, and the check that it is Rust.

use std::collections::{HashMap, HashSet};

use super::archive::write::Content;
use super::error::PackageError;
use super::function_bodies::without_function_bodies;
use super::rewrite::oneof_names::{self, Renamed};
use super::rewrite::{descriptor_bytes, tonic_connect_method};
use super::rust_items;
use crate::model::{DescriptorSet, Family, GeneratedFile, ModuleName, Plugin, rust_modules};

/// A generated file, checked.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its name, as the plugin gave it.
    pub file: String,
    /// The package that it was made for, as the plugin writes it; empty for files without a package.
    pub package: String,
    /// The Rust modules of its package; how files and packages find each other.
    pub unit: Vec<String>,
    /// The Rust modules around its content: the package's, and the plugin's own below.
    pub modules: Vec<String>,
    /// Its name in `src/`, without `.rs`.
    pub stem: String,
    /// Its text.
    pub text: Content,
    /// The descriptor set beside it.
    pub descriptors: Option<Content>,
    /// The first public type in it, as a path below `modules`.
    pub first_type: Option<Vec<String>>,
    /// Sentences on declarations with other names than usual.
    pub renamed: Vec<String>,
}

impl Source {
    /// Its name in `src/`.
    pub(super) fn name(&self) -> String {
        format!("{}.rs", self.stem)
    }

    /// The name in `src/` of the descriptor set.
    pub(super) fn descriptors_name(&self) -> String {
        beside(&self.stem)
    }
}

fn beside(stem: &str) -> String {
    format!("{stem}.fds.binpb")
}

/// The facts for reading a generated file.
pub(super) struct Reader<'a> {
    pub plugin: &'a Plugin,
    pub module: &'a ModuleName,
    /// The units of the module, with the oneofs that get another name.
    renamed: HashMap<Vec<String>, Renamed>,
    stems: Stems,
}

impl<'a> Reader<'a> {
    pub(super) fn new(plugin: &'a Plugin, descriptors: &DescriptorSet, module: &'a ModuleName) -> Self {
        let packages = descriptors.packages_of(module);
        let stems = Stems::new(packages.iter().copied(), plugin.submodule.as_deref());
        let mut renamed: HashMap<Vec<String>, Renamed> =
            packages.into_iter().map(|package| (rust_modules(package), Renamed::new())).collect();
        renamed.extend(oneof_names::renamed(descriptors, module));
        Self { plugin, module, renamed, stems }
    }

    /// The name in the archive of the plugin's file `name`, without `.rs`.
    pub(super) fn stem(&self, name: &str) -> String {
        self.stems.of(name.strip_suffix(".rs").unwrap_or(name))
    }

    pub(super) fn read(&self, file: GeneratedFile) -> Result<Source, PackageError> {
        let submodule = self.plugin.submodule.as_deref();
        let package = package_of(&file.name, submodule, self.plugin.root_file()).to_owned();
        let unit = rust_modules(&package);
        let Some(renamed) = self.renamed.get(&unit) else {
            return Err(PackageError::Foreign { file: file.name, module: self.module.clone() });
        };
        let stem = self.stem(&file.name);
        let (text, descriptors) = match descriptor_bytes::extract(&file.content, &beside(&stem)) {
            Some((text, bytes)) => (text, Some(Content::Plain(file.descriptors.unwrap_or_else(|| bytes.into())))),
            None => (file.content, None),
        };
        let text = without_bare_returns(text);
        let text = match self.plugin.family {
            Family::Buffa => text,
            Family::Prost if submodule.is_some() => tonic_connect_method::make_room(text),
            Family::Prost => oneof_names::apply(text, renamed),
        };
        let read =
            if self.is_printed() { rust_items::read(&without_function_bodies(&text)) } else { rust_items::read(&text) };
        let facts = read.map_err(|error| self.not_rust(&file.name, &error))?;
        if facts.has_inner_attributes {
            let plugin = self.plugin.reference().into();
            return Err(PackageError::InnerAttribute { plugin, file: file.name });
        }
        if let Some(name) = facts.twice {
            return Err(PackageError::Twice { file: file.name, name });
        }
        let mut modules = unit.clone();
        modules.extend(submodule.map(str::to_owned));
        Ok(Source {
            file: file.name,
            package,
            unit,
            modules,
            stem,
            text: text.into(),
            descriptors,
            first_type: facts.first_type,
            renamed: file.renamed,
        })
    }
}

impl Reader<'_> {
    /// Whether the plugin prints its files from a tree of Rust without texts of users, so that what functions do is Rust.
    fn is_printed(&self) -> bool {
        self.plugin.family == Family::Buffa && !self.plugin.is_external()
    }

    fn not_rust(&self, file: &str, error: &syn::Error) -> PackageError {
        let (file, reason) = (file.to_owned(), error.to_string());
        if self.plugin.is_external() {
            let plugin = self.plugin.reference().into();
            PackageError::ExternalNotRust { plugin, file, reason }
        } else {
            PackageError::NotRust { file, reason }
        }
    }
}

/// The package of a file that a plugin named: `a.b.rs`, `a.b.tonic.rs`, or `root` where there is no package.
fn package_of<'a>(name: &'a str, submodule: Option<&str>, root: &str) -> &'a str {
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let package = submodule.and_then(|level| stem.strip_suffix(level)?.strip_suffix('.')).unwrap_or(stem);
    if package == root { "" } else { package }
}

/// The names of files in the archive, without `.rs`. Names of packages are free, names of files are not: `lib` is the
/// crate's own, `aux` cannot exist on Windows, and on many systems `A` is `a`.
struct Stems {
    by_name: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Stems {
    /// The names for the files of `packages`, which are sorted.
    fn new<'p>(packages: impl Iterator<Item = &'p str>, submodule: Option<&str>) -> Self {
        let mut stems = Self { by_name: HashMap::new(), taken: HashSet::from(["lib".to_owned()]) };
        for package in packages.filter(|package| !package.is_empty()) {
            let name = submodule.map_or_else(|| package.to_owned(), |level| format!("{package}.{level}"));
            let stem = free(&name, &stems.taken);
            stems.taken.insert(stem.to_ascii_lowercase());
            stems.by_name.insert(name, stem);
        }
        stems
    }

    /// The name for the plugin's file `name`, both without `.rs`.
    fn of(&self, name: &str) -> String {
        self.by_name.get(name).cloned().unwrap_or_else(|| free(name, &self.taken))
    }
}

/// `name`, or a similar name that is free.
fn free(name: &str, taken: &HashSet<String>) -> String {
    const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];
    let mut stem = name.to_owned();
    let device = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = device.len() == 4 && (device.starts_with("com") || device.starts_with("lpt"));
    if device.is_empty() || DEVICES.contains(&device.as_str()) || numbered {
        stem = format!("_{stem}");
    }
    while taken.contains(&stem.to_ascii_lowercase()) {
        stem = format!("_{stem}");
    }
    stem
}

/// A carriage return inside a comment is an error in Rust; a source may hold it.
fn without_bare_returns(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', " ") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_package() {
        assert_eq!(package_of("a.b.rs", None, "_"), "a.b");
        assert_eq!(package_of("_", None, "_"), "");
        assert_eq!(package_of("__buffa.rs", None, "__buffa"), "");
        assert_eq!(package_of("a.tonic.rs", None, "_"), "a.tonic");
        assert_eq!(package_of("a.tonic.rs", Some("tonic"), "_"), "a");
        assert_eq!(package_of("a.tonic.tonic.rs", Some("tonic"), "_"), "a.tonic");
        assert_eq!(package_of(".tonic.rs", Some("tonic"), "_"), "");
    }

    #[test]
    fn files_have_names_that_every_system_can_hold() {
        let packages = ["A.B", "Con", "Lib", "a.b", "aux.v1", "com1", "lib"];
        let stems = Stems::new(packages.into_iter(), None);
        let found = packages.map(|name| stems.of(name));
        assert_eq!(found, ["A.B", "_Con", "_Lib", "_a.b", "_aux.v1", "_com1", "__lib"]);
        assert_eq!((stems.of("_"), stems.of(".tonic")), ("_".into(), "_.tonic".into()));
        let stubs = Stems::new(["a", "aux"].into_iter(), Some("tonic"));
        assert_eq!((stubs.of("a.tonic"), stubs.of("aux.tonic")), ("a.tonic".into(), "_aux.tonic".into()));
    }
}
