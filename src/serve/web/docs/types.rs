//! Names of types as links to where they are documented, in this module or another.

use std::collections::{BTreeMap, HashMap};

use crate::model::{CommitId, DescriptorSet, FileOrigin, ModuleName, declared_types};
use crate::serve::web::link::segment;

/// A type on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::serve::web) struct TypeLink {
    /// As it is written here: without the package if that is the page's own.
    pub name: String,
    /// Where it is documented, if it is a type of a module.
    pub href: Option<String>,
}

struct Place<'a> {
    module: Option<&'a ModuleName>,
    package: &'a str,
}

/// All types that a module can name.
pub(super) struct Types<'a> {
    module: &'a ModuleName,
    /// The path of this module's pages, with the reference.
    base: String,
    commits: BTreeMap<ModuleName, CommitId>,
    places: HashMap<String, Place<'a>>,
}

impl<'a> Types<'a> {
    pub(super) fn new(
        descriptors: &'a DescriptorSet,
        module: &'a ModuleName,
        base: String,
        commits: BTreeMap<ModuleName, CommitId>,
    ) -> Self {
        let mut places = HashMap::new();
        for file in &descriptors.files {
            let package = file.proto.package();
            let module = match &file.origin {
                FileOrigin::Module(name) => Some(name),
                FileOrigin::WellKnown => None,
            };
            for declared in declared_types(&file.proto) {
                places.insert(declared.full_name(package), Place { module, package });
            }
        }
        Self { module, base, commits, places }
    }

    /// The link for `full`, which starts with a dot, on the page of `package`.
    pub(super) fn link(&self, full: &str, package: &str) -> TypeLink {
        let name = full.trim_start_matches('.');
        let Some(place) = self.places.get(full) else { return TypeLink { name: name.into(), href: None } };
        let prefix = format!("{}.", place.package);
        let anchor = if place.package.is_empty() { name } else { name.strip_prefix(&prefix).unwrap_or(name) };
        let own = place.module == Some(self.module) && place.package == package;
        let shown = if own { anchor } else { name };
        let base = match place.module {
            None => None,
            Some(module) if module == self.module => Some(self.base.clone()),
            Some(module) => self.commits.get(module).map(|commit| format!("/{module}/docs/{commit}")),
        };
        let href = base.map(|base| format!("{}#{anchor}", package_path(&base, place.package)));
        TypeLink { name: shown.into(), href }
    }
}

/// The page of a package below the docs of a module; files without a package have one too.
pub(in crate::serve::web) fn package_path(base: &str, package: &str) -> String {
    format!("{base}/{}", if package.is_empty() { "-".into() } else { segment(package) })
}
