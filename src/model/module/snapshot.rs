//! The files of a module at one time.

use bytes::Bytes;
use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use crate::model::{FilePath, LimitExceeded, Limits, ModuleOptions, PathError, Sha256Digest};

/// One file of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleFile {
    /// Where it stands in the module.
    pub path: FilePath,
    /// Its bytes.
    pub content: Bytes,
}

/// The documentation files that a module may have, first choice first.
const DOC_FILES: [&str; 3] = ["buf.md", "README.md", "README.markdown"];

/// The files of version 1 that a commit of another registry may have had beside the module.
const V1_FILES: [&str; 3] = ["buf.yaml", "buf.mod", "buf.lock"];

/// A checked set of module files, sorted by the bytes of their paths: at least one source, at most one documentation
/// file and one `LICENSE`, no path twice, not even in another case. Beside them, the module's `registry.yaml`: it is no
/// part of the module as `buf` knows it, so it is none of the files. Nor are the `buf.yaml` and `buf.lock` of a
/// mirrored commit, but they count in its b4 digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    files: Vec<ModuleFile>,
    /// Of each of the files.
    digests: Vec<Sha256Digest>,
    options: Option<ModuleFile>,
    v1_files: Vec<ModuleFile>,
}

/// Why a set of files is not a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// There is nothing to generate from.
    #[error("no .proto files found; a module needs at least one")]
    NoSources,
    /// The same path more than once.
    #[error("file {0} is there twice")]
    Duplicate(FilePath),
    /// Two paths that are one file on common file systems.
    #[error("files {0} and {1} differ only by case; rename one, or the module cannot be checked out everywhere")]
    CaseClash(FilePath, FilePath),
    /// Two paths that are one file on file systems that know one way to write `é`.
    #[error(
        "files {0} and {1} differ only by how accents are written; rename one, or the module cannot be checked out everywhere"
    )]
    AccentClash(FilePath, FilePath),
    /// A path that would be a file and a directory.
    #[error("{0} is a file and cannot be the directory of {1} too; rename one")]
    FileAndDirectory(FilePath, FilePath),
    /// A file that does not belong into a module.
    #[error(
        "file {0} does not belong to a module: only .proto files, one README.md (or buf.md), LICENSE and registry.yaml do"
    )]
    Foreign(FilePath),
    /// A source that is no text.
    #[error("file {path} is not UTF-8 at byte {offset}; save it as UTF-8")]
    NotUtf8 {
        /// The file.
        path: FilePath,
        /// Offset of the first byte that is no UTF-8.
        offset: usize,
    },
    /// A path that breaks the rules.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Too many or too large.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

impl Snapshot {
    /// Checks `files` and brings them into order.
    ///
    /// # Errors
    /// When the files are no module, or more or larger than `limits` allow.
    pub fn new(mut files: Vec<ModuleFile>, limits: &Limits) -> Result<Self, SnapshotError> {
        limits.check_files("the module", files.len() as u64)?;
        let options = take_options(&mut files);
        if let Some(file) = &options {
            limits.check_file(format!("file {}", file.path), file.content.len() as u64)?;
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        for pair in files.windows(2) {
            if pair[0].path == pair[1].path {
                return Err(SnapshotError::Duplicate(pair[0].path.clone()));
            }
        }
        check_case(&files)?;
        check_directories(&files)?;
        for file in &files {
            limits.check_file(format!("file {}", file.path), file.content.len() as u64)?;
            check_kind(file)?;
        }
        let docs: Vec<_> = files.iter().filter(|file| DOC_FILES.contains(&file.path.as_str())).collect();
        if let [_, extra, ..] = docs[..] {
            return Err(SnapshotError::Foreign(extra.path.clone()));
        }
        if !files.iter().any(|file| file.path.is_proto()) {
            return Err(SnapshotError::NoSources);
        }
        let digests = files.par_iter().map(|file| Sha256Digest::of(&file.content)).collect();
        Ok(Self { files, digests, options, v1_files: vec![] })
    }

    /// The snapshot of files from the store, which were checked before, each with the SHA-256 of its content. Limits
    /// are not checked again: they may be lower by now, and stored files must stay readable.
    #[must_use]
    pub fn from_stored(mut stored: Vec<(ModuleFile, Sha256Digest)>) -> Self {
        stored.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        let mut snapshot = Self { files: vec![], digests: vec![], options: None, v1_files: vec![] };
        for (file, digest) in stored {
            match file.path.as_str() {
                ModuleOptions::FILE => snapshot.options = Some(file),
                name if V1_FILES.contains(&name) => snapshot.v1_files.push(file),
                _ => {
                    snapshot.files.push(file);
                    snapshot.digests.push(digest);
                }
            }
        }
        snapshot
    }

    /// The same, with the `buf.yaml` and `buf.lock` that API v1beta1 stored with a commit.
    ///
    /// # Errors
    /// When there are other files, one of them is given twice, or exceeds `limits`.
    pub fn with_v1_files(mut self, mut files: Vec<ModuleFile>, limits: &Limits) -> Result<Self, SnapshotError> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        for (at, file) in files.iter().enumerate() {
            if !V1_FILES.contains(&file.path.as_str()) {
                return Err(SnapshotError::Foreign(file.path.clone()));
            }
            if files[..at].iter().any(|other| other.path == file.path) {
                return Err(SnapshotError::Duplicate(file.path.clone()));
            }
            limits.check_file(format!("file {}", file.path), file.content.len() as u64)?;
        }
        self.v1_files = files;
        Ok(self)
    }

    /// The files among `files` that belong to a module. Registries may send more, which `buf` ignores too.
    #[must_use]
    pub fn sift(files: Vec<ModuleFile>) -> Vec<ModuleFile> {
        let is = |file: &ModuleFile, name: &str| file.path.as_str() == name;
        let doc = DOC_FILES.into_iter().find(|name| files.iter().any(|file| is(file, name)));
        let belongs =
            |file: &ModuleFile| file.path.is_proto() || is(file, "LICENSE") || doc.is_some_and(|doc| is(file, doc));
        files.into_iter().filter(belongs).collect()
    }

    /// All files, sorted by path.
    #[must_use]
    pub fn files(&self) -> &[ModuleFile] {
        &self.files
    }

    /// The SHA-256 of each of the [files](Self::files), in their order.
    #[must_use]
    pub fn digests(&self) -> &[Sha256Digest] {
        &self.digests
    }

    /// The module options: its `registry.yaml`, not parsed.
    #[must_use]
    pub fn options(&self) -> Option<&ModuleFile> {
        self.options.as_ref()
    }

    /// The `buf.yaml` and `buf.lock` that count in the b4 digest, sorted by path; only mirrored commits have any.
    #[must_use]
    pub fn v1_files(&self) -> &[ModuleFile] {
        &self.v1_files
    }

    /// The names that these may have.
    #[must_use]
    pub fn v1_names() -> &'static [&'static str] {
        &V1_FILES
    }

    /// All files, with the module options.
    pub fn with_options(&self) -> impl Iterator<Item = &ModuleFile> {
        self.files.iter().chain(&self.options)
    }

    /// The Protobuf sources with the SHA-256 of their contents, sorted by path.
    pub fn sources(&self) -> impl Iterator<Item = (&ModuleFile, Sha256Digest)> {
        self.files.iter().zip(self.digests.iter().copied()).filter(|(file, _)| file.path.is_proto())
    }

    /// The `LICENSE` file.
    #[must_use]
    pub fn license(&self) -> Option<&ModuleFile> {
        self.files.iter().find(|file| file.path.as_str() == "LICENSE")
    }

    /// The documentation file.
    #[must_use]
    pub fn readme(&self) -> Option<&ModuleFile> {
        self.files.iter().find(|file| DOC_FILES.contains(&file.path.as_str()))
    }

    /// The names that a module's documentation file may have, first choice first.
    #[must_use]
    pub fn doc_names() -> &'static [&'static str] {
        &DOC_FILES
    }
}

/// A second file of that name stays among the files, where it does not belong.
fn take_options(files: &mut Vec<ModuleFile>) -> Option<ModuleFile> {
    let at = files.iter().position(|file| file.path.as_str() == ModuleOptions::FILE)?;
    Some(files.swap_remove(at))
}

fn check_case(files: &[ModuleFile]) -> Result<(), SnapshotError> {
    let mut seen = std::collections::HashMap::new();
    for file in files {
        let Some(other) = seen.insert(folded(file.path.as_str()), &file.path) else { continue };
        let by_case = other.as_str().to_lowercase() == file.path.as_str().to_lowercase();
        let clash = if by_case { SnapshotError::CaseClash } else { SnapshotError::AccentClash };
        return Err(clash(other.clone(), file.path.clone()));
    }
    Ok(())
}

/// The path as file systems compare it that know neither case nor more than one way to write `é`.
fn folded(path: &str) -> String {
    if path.is_ascii() {
        path.to_ascii_lowercase()
    } else {
        path.nfc().collect::<String>().to_lowercase().nfc().collect()
    }
}

fn check_kind(file: &ModuleFile) -> Result<(), SnapshotError> {
    let name = file.path.as_str();
    if !file.path.is_proto() {
        let known = name == "LICENSE" || DOC_FILES.contains(&name);
        return if known { Ok(()) } else { Err(SnapshotError::Foreign(file.path.clone())) };
    }
    match std::str::from_utf8(&file.content) {
        Ok(_) => Ok(()),
        Err(e) => Err(SnapshotError::NotUtf8 { path: file.path.clone(), offset: e.valid_up_to() }),
    }
}

/// A directory read from a disk can never hold this, and could never be written to one.
fn check_directories(files: &[ModuleFile]) -> Result<(), SnapshotError> {
    for file in files {
        let path = file.path.as_str();
        for (end, _) in path.match_indices('/') {
            // `files` is sorted by the bytes of the paths.
            if let Ok(at) = files.binary_search_by(|other| other.path.as_str().cmp(&path[..end])) {
                return Err(SnapshotError::FileAndDirectory(files[at].path.clone(), file.path.clone()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(files: &[(&str, &[u8])]) -> Result<Snapshot, SnapshotError> {
        let file = |(path, content): &(&str, &[u8])| ModuleFile {
            path: path.parse().unwrap(),
            content: Bytes::copy_from_slice(content),
        };
        Snapshot::new(files.iter().map(file).collect(), &Limits::default())
    }

    #[test]
    fn files_are_sorted_by_their_bytes() {
        let module = snapshot(&[("b/z.proto", b""), ("a.proto", b""), ("LICENSE", b"x"), ("README.md", b"y")]).unwrap();
        let paths: Vec<_> = module.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["LICENSE", "README.md", "a.proto", "b/z.proto"]);
        assert!(module.license().is_some() && module.readme().is_some() && module.sources().count() == 2);
    }

    #[test]
    fn options_are_none_of_the_files() {
        let module = snapshot(&[("a.proto", b""), ("registry.yaml", b"version: v1")]).unwrap();
        assert!(module.files().len() == 1 && module.options().is_some());
        let twice = snapshot(&[("a.proto", b""), ("registry.yaml", b""), ("registry.yaml", b"")]);
        assert!(matches!(twice, Err(SnapshotError::Foreign(_))));
        assert!(matches!(snapshot(&[("registry.yaml", b"")]), Err(SnapshotError::NoSources)));
        assert!(matches!(snapshot(&[("a.proto", b""), ("a/registry.yaml", b"")]), Err(SnapshotError::Foreign(_))));
    }

    fn files(paths: &[&str]) -> Vec<ModuleFile> {
        paths.iter().map(|path| ModuleFile { path: path.parse().unwrap(), content: Bytes::new() }).collect()
    }

    #[test]
    fn files_of_version_1_are_none_of_the_files() {
        let module = || snapshot(&[("a.proto", b"")]).unwrap();
        let with = |paths| module().with_v1_files(files(paths), &Limits::default());
        let both = with(&["buf.yaml", "buf.lock"]).unwrap();
        assert_eq!((both.files().len(), both.v1_files().len()), (1, 2));
        let stored = files(&["buf.yaml", "a.proto", "buf.lock"]);
        let stored = stored.into_iter().map(|file| (file, Sha256Digest::of(b""))).collect();
        assert_eq!(Snapshot::from_stored(stored), both);
        assert!(matches!(with(&["buf.gen.yaml"]), Err(SnapshotError::Foreign(_))));
        assert!(matches!(with(&["buf.lock", "buf.lock"]), Err(SnapshotError::Duplicate(_))));
    }

    #[test]
    fn what_a_registry_sends_beside_the_module_is_passed_over() {
        let sent = files(&["README.markdown", "README.md", "a.proto", "buf.yaml", "LICENSE", "registry.yaml", "x.txt"]);
        let kept: Vec<_> = Snapshot::sift(sent).into_iter().map(|file| file.path.to_string()).collect();
        assert_eq!(kept, ["README.md", "a.proto", "LICENSE"]);
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(matches!(snapshot(&[]), Err(SnapshotError::NoSources)));
        assert!(matches!(snapshot(&[("LICENSE", b"x")]), Err(SnapshotError::NoSources)));
        assert!(matches!(snapshot(&[("a.proto", b""), ("a.proto", b"")]), Err(SnapshotError::Duplicate(_))));
        assert!(matches!(snapshot(&[("a.proto", b""), ("A.proto", b"")]), Err(SnapshotError::CaseClash(..))));
        let twins = snapshot(&[("\u{e9}.proto", b""), ("e\u{301}.proto", b"")]);
        assert!(matches!(twins, Err(SnapshotError::AccentClash(..))), "{twins:?}");
        let both = snapshot(&[("a.proto", b""), ("a.proto-b.proto", b""), ("a.proto/b/c.proto", b"")]);
        assert!(matches!(both, Err(SnapshotError::FileAndDirectory(..))), "{both:?}");
        assert!(matches!(snapshot(&[("a.proto", b""), ("buf.yaml", b"")]), Err(SnapshotError::Foreign(_))));
        assert!(matches!(
            snapshot(&[("a.proto", b""), ("README.md", b""), ("buf.md", b"")]),
            Err(SnapshotError::Foreign(_))
        ));
        assert!(matches!(snapshot(&[("a.proto", b"ab\xff")]), Err(SnapshotError::NotUtf8 { offset: 2, .. })));
    }
}
