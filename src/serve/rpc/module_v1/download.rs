//! The download service: files of commits.

use std::collections::BTreeSet;

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::model::{FilePath, ModuleFile, Snapshot};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module};
use crate::wire::buf::registry::module::v1::{
    DownloadRequest, DownloadResponse, DownloadService, File, FileType, download_request, download_response,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::references::ResourceRef;
use crate::serve::rpc::call::{conversions, references};

impl DownloadService for Rpc {
    async fn download(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DownloadRequest>,
    ) -> ServiceResult<DownloadResponse> {
        self.read(&ctx, |call| {
            let values = request.to_owned_message().values;
            batch("values", &values)?;
            let contents = values.into_iter().map(|value| content(call, value)).collect::<Answer<_>>()?;
            Ok(DownloadResponse { contents })
        })
    }
}

fn content(call: &Call, value: download_request::Value) -> Answer<download_response::Content> {
    let types = value.file_types.iter().filter_map(|kind| kind.as_known());
    let filter = Filter {
        types: types.filter_map(kind_of).collect(),
        paths: value.paths,
        may_miss: value.paths_allow_not_exist,
    };
    let reference = value.resource_ref.into_option().unwrap_or_default().into();
    let (module, commit, files) = files(call, &reference, &filter)?;
    let file = |file: ModuleFile| File { path: file.path.to_string(), content: file.content };
    let files = files.into_iter().map(file).collect();
    Ok(download_response::Content { commit: conversions::commit(&module, &commit).into(), files })
}

fn kind_of(wire: FileType) -> Option<FileKind> {
    match wire {
        FileType::FILE_TYPE_UNSPECIFIED => None,
        FileType::FILE_TYPE_PROTO => Some(FileKind::Proto),
        FileType::FILE_TYPE_DOC => Some(FileKind::Doc),
        FileType::FILE_TYPE_LICENSE => Some(FileKind::License),
    }
}

/// The kind of a file in its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::serve::rpc) enum FileKind {
    Proto,
    Doc,
    License,
}

impl FileKind {
    /// The kind of the file at `path`: a module has only sources, a documentation file and a licence.
    fn of(path: &FilePath) -> Self {
        match path {
            path if path.is_proto() => Self::Proto,
            path if Snapshot::doc_names().contains(&path.as_str()) => Self::Doc,
            _ => Self::License,
        }
    }
}

/// A filter for files. A file must pass `types` and `paths`; an empty one of them passes all files.
pub(in crate::serve::rpc) struct Filter {
    /// Kinds of files.
    pub types: BTreeSet<FileKind>,
    /// Files, or directories with all their files.
    pub paths: Vec<String>,
    /// Whether a path that does not exist is ignored.
    pub may_miss: bool,
}

/// The files that pass the filter, of the commit that `reference` leads to.
///
/// # Errors
/// When there is no such commit for the caller, or a path does not exist and is not ignored.
pub(in crate::serve::rpc) fn files(
    call: &Call,
    reference: &ResourceRef,
    filter: &Filter,
) -> Answer<(Module, Commit, Vec<ModuleFile>)> {
    let (module, commit) = references::commit(call, reference)?;
    let snapshot = call.store().snapshot(commit.id)?;
    let missing = |path| {
        Refusal::not_found(format!("commit {} of module {} has no file or directory {path}", commit.id, module.name))
    };
    let files = select(snapshot.files(), filter).map_err(missing)?;
    Ok((module, commit, files))
}

/// The files that pass the filter; the error is a path that does not exist.
fn select(files: &[ModuleFile], filter: &Filter) -> Result<Vec<ModuleFile>, String> {
    let wanted: Vec<_> = filter.paths.iter().map(|path| path.trim_matches('/').trim_start_matches("./")).collect();
    for path in wanted.iter().filter(|_| !filter.may_miss) {
        if !files.iter().any(|file| is_at_or_in(file.path.as_str(), path)) {
            return Err((*path).to_owned());
        }
    }
    let of_type = |file: &&ModuleFile| filter.types.is_empty() || filter.types.contains(&FileKind::of(&file.path));
    let at_path =
        |file: &&ModuleFile| wanted.is_empty() || wanted.iter().any(|path| is_at_or_in(file.path.as_str(), path));
    Ok(files.iter().filter(of_type).filter(at_path).cloned().collect())
}

fn is_at_or_in(file: &str, path: &str) -> bool {
    matches!(path, "" | ".") || file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select_from(types: &[FileKind], paths: &[&str], may_miss: bool) -> Result<Vec<String>, String> {
        let file = |path: &&str| ModuleFile { path: path.parse().unwrap(), content: bytes::Bytes::new() };
        let files: Vec<_> = ["LICENSE", "README.md", "a.proto", "a/b.proto", "ab/c.proto"].iter().map(file).collect();
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let filter = Filter { types: types.iter().copied().collect(), paths, may_miss };
        select(&files, &filter).map(|files| files.iter().map(|file| file.path.to_string()).collect())
    }

    #[test]
    fn a_directory_stands_for_what_is_in_it_and_for_nothing_beside_it() {
        assert_eq!(select_from(&[], &["a"], false).unwrap(), ["a/b.proto"]);
        assert_eq!(select_from(&[], &["a.proto", "ab/"], false).unwrap(), ["a.proto", "ab/c.proto"]);
        assert_eq!(select_from(&[], &["."], false).unwrap().len(), 5);
    }

    #[test]
    fn kinds_and_paths_must_both_fit() {
        assert_eq!(select_from(&[FileKind::Doc, FileKind::License], &[], false).unwrap(), ["LICENSE", "README.md"]);
        assert_eq!(select_from(&[FileKind::Proto], &["LICENSE", "a"], false).unwrap(), ["a/b.proto"]);
    }

    #[test]
    fn a_path_to_nothing_is_refused_unless_that_is_allowed() {
        assert_eq!(select_from(&[], &["b"], false).unwrap_err(), "b");
        assert!(select_from(&[], &["b"], true).unwrap().is_empty());
    }
}
