//! The files of a module's own packages, of all that a plugin made.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::generate::request::Request;
use crate::generate::request::partition::Chunk;
use crate::generate::response::merge::merge;
use crate::model::{DescriptorFile, Generated, GeneratedFile, Plugin, PluginResponse, declared_types, rust_modules};

/// The files of the module's own packages, with their insertions; none is missing, and none stands for another's module.
pub(in crate::generate) fn keep_own_files(
    plugin: &Plugin,
    style: ExternPathStyle,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    answer: PluginResponse,
) -> Result<Generated, GenerateError> {
    let unusable = |reason| GenerateError::Response { plugin: plugin.reference(), reason };
    let names: Vec<String> = answer.files.keys().cloned().collect();
    let mut generated = merge(answer).map_err(unusable)?;
    let own = own_modules(request);
    generated.files.retain(|file| own.contains(&file_modules(plugin, &file.name)));
    check_single(plugin, &generated).map_err(unusable)?;
    if !style.is_stubs() {
        check_complete(plugin, request, chunk, &generated, &names)?;
    }
    Ok(generated)
}

/// A module is one file: of two, `lib.rs` would show one.
fn check_single(plugin: &Plugin, generated: &Generated) -> Result<(), String> {
    let mut seen = BTreeMap::new();
    for GeneratedFile { name, .. } in &generated.files {
        if let Some(other) = seen.insert(file_modules(plugin, name), name) {
            return Err(format!("it made files {other:?} and {name:?} for one Rust module; a module is one file"));
        }
    }
    Ok(())
}

/// The Rust modules of the module's own packages.
fn own_modules(request: &Request<'_>) -> BTreeSet<Vec<String>> {
    request.descriptors.packages_of(request.module).into_iter().map(rust_modules).collect()
}

/// The Rust modules of the package that a file was made for. Its name is the package's, with the plugin's own
/// ending; files without a package have a name that no package has.
pub(in crate::generate) fn file_modules(plugin: &Plugin, name: &str) -> Vec<String> {
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let ending = plugin.submodule.as_ref().map(|submodule| format!(".{submodule}")).unwrap_or_default();
    let package = stem.strip_suffix(&ending).unwrap_or(stem);
    if package == plugin.root_file() { Vec::new() } else { rust_modules(package) }
}

/// The name of the file for a package.
fn file_name(plugin: &Plugin, package: &str) -> String {
    let package = if package.is_empty() { plugin.root_file() } else { package };
    match &plugin.submodule {
        Some(submodule) => format!("{package}.{submodule}.rs"),
        None => format!("{package}.rs"),
    }
}

/// Names for a message, not too many of them.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let told = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "nothing".to_owned(),
        count if count > MOST => format!("{told} and {} more", count - MOST),
        _ => told,
    }
}

/// Every package that declares types must have a file, or its users would miss them without a word.
fn check_complete(
    plugin: &Plugin,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    generated: &Generated,
    names: &[String],
) -> Result<(), GenerateError> {
    let made: BTreeSet<_> = generated.files.iter().map(|file| file_modules(plugin, &file.name)).collect();
    let declares =
        |file: &&DescriptorFile| chunk.contains(file.proto.name()) && !declared_types(&file.proto).is_empty();
    let mut files = request.descriptors.of_module(request.module).filter(declares);
    let lost = files.find(|file| !made.contains(&rust_modules(file.proto.package())));
    match lost {
        Some(file) => Err(GenerateError::Lost {
            plugin: plugin.reference().into(),
            package: file.proto.package().into(),
            expected: file_name(plugin, file.proto.package()).into(),
            made: listed(names).into(),
        }),
        None => Ok(()),
    }
}
