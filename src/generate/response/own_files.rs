//! The files of a module's own packages, of all that a plugin made.

use std::collections::BTreeSet;

use crate::generate::error::GenerateError;
use crate::generate::generator::ExternPathStyle;
use crate::generate::request::Request;
use crate::generate::request::partition::Chunk;
use crate::model::{DescriptorFile, Generated, Plugin, declared_types, rust_modules};

/// Keeps the files of the module's own packages, and checks that none is missing.
pub(in crate::generate) fn keep_own_files(
    plugin: &Plugin,
    style: ExternPathStyle,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    mut generated: Generated,
) -> Result<Generated, GenerateError> {
    if let Some(insertion) = generated.insertions.first() {
        let reason = format!("it inserts into file {:?}, which is not there", insertion.name);
        return Err(GenerateError::Response { plugin: plugin.reference(), reason });
    }
    let own = own_modules(request);
    generated.files.retain(|file| own.contains(&file_modules(plugin, &file.name)));
    if !style.is_stubs() {
        check_complete(plugin, request, chunk, &generated)?;
    }
    Ok(generated)
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

/// Every package that declares types must have a file, or its users would miss them without a word.
fn check_complete(
    plugin: &Plugin,
    request: &Request<'_>,
    chunk: &Chunk<'_>,
    generated: &Generated,
) -> Result<(), GenerateError> {
    let made: BTreeSet<_> = generated.files.iter().map(|file| file_modules(plugin, &file.name)).collect();
    let declares =
        |file: &&DescriptorFile| chunk.contains(file.proto.name()) && !declared_types(&file.proto).is_empty();
    let mut files = request.descriptors.of_module(request.module).filter(declares);
    let lost = files.find(|file| !made.contains(&rust_modules(file.proto.package())));
    match lost {
        Some(file) => Err(GenerateError::Lost { plugin: plugin.reference(), package: file.proto.package().into() }),
        None => Ok(()),
    }
}
