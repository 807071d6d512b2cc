//! A generated file on its way into the crate: under which module it stands, what it is called in the archive,
//! and whether it is Rust at all.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use rayon::prelude::*;

use super::oneof_names::{self, Renamed};
use super::{CrateSpec, PackageError, connect_call, descriptor_bytes};
use crate::model::{GeneratedFile, rust_modules};

/// A generated file, checked.
#[derive(Debug)]
pub(super) struct Source {
    /// The package that it was made for, as the plugin writes it; empty for files without a package.
    pub package: String,
    /// The Rust modules of its package; how files and packages find each other.
    pub unit: Vec<String>,
    /// The Rust modules around its content: the package's, and the plugin's own below.
    pub modules: Vec<String>,
    /// Its name in `src/`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The descriptor set beside it: name in `src/` and bytes.
    pub descriptors: Option<(String, Bytes)>,
    /// The first public type in it, as a path below `modules`.
    pub first_type: Option<Vec<String>>,
}

/// Reads all generated files, in their order.
pub(super) fn read(spec: &CrateSpec<'_>) -> Result<Vec<Source>, PackageError> {
    let packages = spec.descriptors.packages_of(spec.name.module());
    let mut own: HashMap<Vec<String>, Renamed> =
        packages.into_iter().map(|package| (rust_modules(package), Renamed::new())).collect();
    own.extend(oneof_names::renamed(spec.descriptors, spec.name.module()));
    let mut taken = HashSet::from(["lib.rs".to_owned()]);
    let files: Vec<_> = spec.generated.files.iter().map(|file| (file, archive_stem(&file.name, &mut taken))).collect();
    let read = files.into_par_iter().map(|(file, stem)| read_one(spec, &own, file, &stem));
    // Collected first, so that of several failures the first file's is told, not the first thread's.
    let read: Vec<Result<Source, PackageError>> = read.collect();
    read.into_iter().collect()
}

fn read_one(
    spec: &CrateSpec<'_>,
    own: &HashMap<Vec<String>, Renamed>,
    file: &GeneratedFile,
    stem: &str,
) -> Result<Source, PackageError> {
    let submodule = spec.plugin.submodule.as_deref();
    let package = package_of(&file.name, submodule);
    let unit = rust_modules(package);
    let Some(renamed) = own.get(&unit) else {
        return Err(PackageError::Foreign { file: file.name.clone(), module: spec.name.module().clone() });
    };
    let beside = format!("{stem}.fds.binpb");
    let (text, descriptors) = match descriptor_bytes::extract(&file.content, &beside) {
        Some((text, bytes)) => {
            let bytes = file.descriptors.clone().unwrap_or_else(|| bytes.into());
            (text, Some((beside, bytes)))
        }
        None => (file.content.clone(), None),
    };
    let text = without_bare_returns(text);
    let text = if submodule.is_some() { connect_call::make_room(text) } else { oneof_names::apply(text, renamed) };
    let not_rust = |e: syn::Error| PackageError::NotRust { file: file.name.clone(), reason: e.to_string() };
    let first_type = first_type(&syn::parse_file(&text).map_err(not_rust)?.items);
    let mut modules = unit.clone();
    modules.extend(submodule.map(str::to_owned));
    Ok(Source { package: package.into(), unit, modules, name: format!("{stem}.rs"), text, descriptors, first_type })
}

/// The package of a file that a plugin named: `a.b.rs`, `a.b.tonic.rs`, or `_` where there is no package.
fn package_of<'a>(name: &'a str, submodule: Option<&str>) -> &'a str {
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let package = submodule.and_then(|level| stem.strip_suffix(level)?.strip_suffix('.')).unwrap_or(stem);
    if package == "_" { "" } else { package }
}

/// What the file is called in the archive, without `.rs`. Packages are named freely, files are not: `lib` is the
/// crate's own, `aux` cannot exist on Windows, and on many systems `A` is `a`.
fn archive_stem(name: &str, taken: &mut HashSet<String>) -> String {
    const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];
    let mut stem = name.strip_suffix(".rs").unwrap_or(name).to_owned();
    let device = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = device.len() == 4 && (device.starts_with("com") || device.starts_with("lpt"));
    if device.is_empty() || DEVICES.contains(&device.as_str()) || numbered {
        stem = format!("_{stem}");
    }
    while !taken.insert(format!("{}.rs", stem.to_ascii_lowercase())) {
        stem = format!("_{stem}");
    }
    stem
}

/// A carriage return inside a comment is an error in Rust; a source may hold it.
fn without_bare_returns(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', " ") } else { text }
}

fn first_type(items: &[syn::Item]) -> Option<Vec<String>> {
    items.iter().find_map(|item| match item {
        syn::Item::Struct(item) => public(&item.vis, &item.ident),
        syn::Item::Enum(item) => public(&item.vis, &item.ident),
        syn::Item::Mod(item) => {
            let mut path = public(&item.vis, &item.ident)?;
            path.extend(first_type(&item.content.as_ref()?.1)?);
            Some(path)
        }
        _ => None,
    })
}

fn public(visibility: &syn::Visibility, name: &syn::Ident) -> Option<Vec<String>> {
    matches!(visibility, syn::Visibility::Public(_)).then(|| vec![name.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_package() {
        assert_eq!(package_of("a.b.rs", None), "a.b");
        assert_eq!(package_of("_", None), "");
        assert_eq!(package_of("a.tonic.rs", None), "a.tonic");
        assert_eq!(package_of("a.tonic.rs", Some("tonic")), "a");
        assert_eq!(package_of("a.tonic.tonic.rs", Some("tonic")), "a.tonic");
        assert_eq!(package_of(".tonic.rs", Some("tonic")), "");
    }

    #[test]
    fn files_have_names_that_every_system_can_hold() {
        let mut taken = HashSet::from(["lib.rs".to_owned()]);
        let mut stem = |name| archive_stem(name, &mut taken);
        assert_eq!((stem("_"), stem(".tonic.rs"), stem("a.b.rs")), ("_".into(), "_.tonic".into(), "a.b".into()));
        assert_eq!((stem("lib.rs"), stem("Lib.rs")), ("_lib".into(), "__Lib".into()));
        assert_eq!(
            (stem("aux.v1.rs"), stem("Con.rs"), stem("com1.rs")),
            ("_aux.v1".into(), "_Con".into(), "_com1".into())
        );
        assert_eq!(stem("A.B.rs"), "_A.B");
    }

    #[test]
    fn the_first_type_is_found_in_modules_too() {
        let file =
            syn::parse_file("const X: u8 = 1; struct Hidden; pub mod a_client { pub struct AClient<T>(T); }").unwrap();
        assert_eq!(first_type(&file.items).unwrap(), ["a_client", "AClient"]);
    }
}
