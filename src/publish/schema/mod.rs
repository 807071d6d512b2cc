//! Schemas for programs that read messages without generated code: the descriptors of a commit, or of the declarations
//! that are asked for.

mod declarations;
mod error;
mod prune;
mod select;

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::generate::without_source_retention;
use crate::model::wire_format::without_fields;
use crate::model::{CommitId, DescriptorSet, ModuleName};
use crate::publish::Publisher;
use crate::store::Viewer;
pub use error::SchemaError;

use declarations::SOURCE_CODE_INFO;
use prune::prune;
use select::{Selection, select};

/// What a schema is to hold.
#[derive(Debug, Clone, Default)]
pub struct SchemaRequest {
    /// Full names of packages, messages, enums, services, methods and extensions. None stands for the whole module.
    pub symbols: Vec<String>,
    /// Whether files of other modules, the well-known types and files without any of the symbols are left out.
    pub without_imports: bool,
    /// Whether comments and positions are in it.
    pub source_info: bool,
    /// Whether options that are declared to be for the source alone are in it.
    pub source_retention: bool,
}

impl Publisher {
    /// The schema of a commit, if `viewer` may read all of it: encoded files, imports first.
    ///
    /// # Errors
    /// When the commit has no descriptors for the viewer, or a symbol is malformed or unknown.
    pub fn schema(
        &self,
        module: &ModuleName,
        commit: CommitId,
        viewer: Option<Viewer>,
        request: &SchemaRequest,
    ) -> Result<Vec<Bytes>, SchemaError> {
        schema(&*self.descriptors(commit, viewer)?, module, request)
    }
}

/// The schema of `module` in `set`.
fn schema(set: &DescriptorSet, module: &ModuleName, request: &SchemaRequest) -> Result<Vec<Bytes>, SchemaError> {
    let selection = match &request.symbols[..] {
        [] => None,
        symbols => Some(select(set, symbols)?),
    };
    let encoded: Vec<&[u8]> = set.files.iter().map(|file| &file.encoded[..]).collect();
    // Before anything is left out: the declarations of options say which of them are for the source alone.
    let stripped =
        if request.source_retention { vec![None; encoded.len()] } else { without_source_retention(&encoded)? };
    let mut files = vec![];
    for (at, (file, stripped)) in set.files.iter().zip(stripped).enumerate() {
        let kept = selection.as_ref().map(|selection| selection.of_file(at));
        let is_import = !file.is_of(module) || selection.as_ref().is_some_and(|selection| !selection.is_asked_for(at));
        if kept == Some(None) || (request.without_imports && is_import) {
            continue;
        }
        let mut content = stripped.map_or_else(|| file.encoded.clone(), Bytes::from);
        if !request.source_info {
            content = without_fields(&content, &[SOURCE_CODE_INFO])?.into();
        }
        if let (Some(selection), Some(Some(declarations))) = (&selection, kept) {
            content = prune(&content, declarations, &paths(set, selection))?.into();
        }
        files.push(content);
    }
    Ok(files)
}

/// The import paths of the files that are kept.
fn paths<'a>(set: &'a DescriptorSet, selection: &Selection) -> BTreeSet<&'a [u8]> {
    let kept = set.files.iter().enumerate().filter(|(at, _)| selection.of_file(*at).is_some());
    kept.map(|(_, file)| file.proto.name().as_bytes()).collect()
}

#[cfg(test)]
mod tests;
