//! Links from the names of types to their documentation, in this module or another.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{CommitId, DescriptorFile, DescriptorSet, FileOrigin, ModuleName, declared_types};
use crate::publish::rust_naming::{Declaration, Declarations};
use crate::serve::web::page::link::{segment, well_known_type};

/// The most bytes of a name that a comment refers to.
const MAX_REFERENCE: usize = 1000;

/// A type on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::serve::web) struct TypeLink {
    /// Its name, without the package if that is the package of the page.
    pub name: String,
    /// The path of its documentation, if it is a type of a module.
    pub href: Option<String>,
}

struct TypePlace<'a> {
    module: Option<&'a ModuleName>,
    package: &'a str,
    file: &'a DescriptorFile,
}

/// The page that contains the links.
pub(super) struct Page<'a> {
    pub module: &'a ModuleName,
    pub package: &'a str,
    /// The path of this module's pages, with the reference.
    pub base: String,
    /// Whether each declaration of the package has a page of its own.
    pub large: bool,
    /// The requested plugin, which links keep; empty if none was requested.
    pub plugin: &'a str,
}

impl Page<'_> {
    /// The link to a declaration or a part of one on this page, or another of the same package.
    pub(super) fn own(&self, anchor: &str) -> String {
        if self.large { query(anchor, self.plugin) + "#" + anchor } else { format!("#{anchor}") }
    }
}

/// All types that the page can name.
pub(super) struct Types<'a> {
    page: &'a Page<'a>,
    commits: BTreeMap<ModuleName, CommitId>,
    places: HashMap<String, TypePlace<'a>>,
}

impl<'a> Types<'a> {
    pub(super) fn new(
        descriptors: &'a DescriptorSet,
        page: &'a Page<'a>,
        commits: BTreeMap<ModuleName, CommitId>,
    ) -> Self {
        let mut places = HashMap::new();
        for file in within_reach(descriptors, page) {
            let package = file.proto.package();
            let module = match &file.origin {
                FileOrigin::Module(name) => Some(name),
                FileOrigin::WellKnown => None,
            };
            for declared in declared_types(&file.proto) {
                places.insert(declared.full_name(package), TypePlace { module, package, file });
            }
            // Nothing is of the type of a service, but comments refer to it.
            for service in &file.proto.service {
                let dot = if package.is_empty() { "" } else { "." };
                places.insert(format!(".{package}{dot}{}", service.name()), TypePlace { module, package, file });
            }
        }
        Self { page, commits, places }
    }

    /// The link for `full`, which starts with a dot.
    pub(super) fn link(&self, full: &str) -> TypeLink {
        let name = full.trim_start_matches('.');
        let Some(place) = self.places.get(full) else { return TypeLink { name: name.into(), href: None } };
        let anchor = place.below_package(name);
        let page = self.page;
        if place.is_on(page) {
            return TypeLink { name: anchor.into(), href: Some(page.own(anchor)) };
        }
        let base = match place.module {
            None => {
                let href = well_known_type(name, place.file.proto.name());
                return TypeLink { name: name.into(), href: Some(href) };
            }
            Some(module) if module == page.module => Some(page.base.clone()),
            Some(module) => self.commits.get(module).map(|commit| format!("/{module}/docs/{commit}")),
        };
        // The link works for small and for large packages.
        let path = |base: String| package_path(&base, place.package) + &query(anchor, page.plugin) + "#" + anchor;
        TypeLink { name: name.into(), href: base.map(path) }
    }
}

impl Types<'_> {
    /// Where a comment leads that refers to `name`: a declaration, or a part of one, by its full name or below the
    /// package of the page.
    pub(super) fn reference(&self, name: &str) -> Option<String> {
        let name = name.trim_matches('`').trim_start_matches('.');
        if name.is_empty() || name.len() > MAX_REFERENCE || name.contains(char::is_whitespace) {
            return None;
        }
        let package = self.page.package;
        [name.to_owned(), format!("{package}.{name}")].into_iter().find_map(|full| {
            let (owner, part) = full.rsplit_once('.').unwrap_or((&full, ""));
            let whole = self.places.contains_key(&format!(".{full}"));
            let (found, part) = if whole { (full.as_str(), "") } else { (owner, part) };
            let href = self.places.get(&format!(".{found}")).and_then(|_| self.link(&format!(".{found}")).href)?;
            let is_ours = !href.starts_with("https:") && !part.is_empty();
            Some(if is_ours { format!("{href}.{part}") } else { href })
        })
    }
}

impl Declarations for Types<'_> {
    fn declaration<'t>(&'t self, full: &'t str) -> Option<Declaration<'t>> {
        let place = self.places.get(full)?;
        let mut parents: Vec<_> = place.below_package(full.trim_start_matches('.')).split('.').collect();
        let name = parents.pop()?;
        Some(Declaration { file: place.file, parents, name, is_near: place.is_on(self.page) })
    }
}

impl TypePlace<'_> {
    /// The part of a full name after the package.
    fn below_package<'n>(&self, name: &'n str) -> &'n str {
        let below = name.strip_prefix(self.package).and_then(|rest| rest.strip_prefix('.'));
        below.filter(|_| !self.package.is_empty()).unwrap_or(name)
    }

    fn is_on(&self, page: &Page<'_>) -> bool {
        self.module == Some(page.module) && self.package == page.package
    }
}

/// The files of the page's package, and all their imports.
fn within_reach<'a>(descriptors: &'a DescriptorSet, page: &Page<'_>) -> Vec<&'a DescriptorFile> {
    let own = |file: &DescriptorFile| file.is_of(page.module) && file.proto.package() == page.package;
    let mut wanted = HashSet::new();
    let mut reached = vec![];
    // Every file comes after its imports.
    for file in descriptors.files.iter().rev() {
        if own(file) || wanted.contains(file.proto.name()) {
            wanted.extend(file.proto.dependency.iter().map(String::as_str));
            reached.push(file);
        }
    }
    reached
}

/// The query of a package page for one declaration, and for the Rust names of a plugin.
pub(super) fn query(anchor: &str, plugin: &str) -> String {
    let plugin = if plugin.is_empty() { String::new() } else { format!("&plugin={plugin}") };
    format!("?symbol={}{plugin}", segment(anchor))
}

/// The page of a package below the docs of a module; files without a package have one too.
pub(in crate::serve::web) fn package_path(base: &str, package: &str) -> String {
    format!("{base}/{}", if package.is_empty() { "-".into() } else { segment(package) })
}
