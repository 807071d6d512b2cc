//! Selects the files and folders of a listing: all files of a small module, or one folder of a large one.

use std::collections::BTreeMap;

use crate::store::ListedFile;

/// The most files that are listed together. More files are shown by folder, so that pages stay small.
const FLAT: usize = 150;

/// The content of a folder.
pub(in crate::serve::web) struct Listing<'a> {
    /// The paths of folders, with a slash at their end, and the number of files below each.
    pub folders: Vec<(String, usize)>,
    pub files: Vec<&'a ListedFile>,
}

/// The content of `folder`, which is empty or ends in a slash; none if it has no files.
pub(in crate::serve::web) fn listing<'a>(
    files: impl Iterator<Item = &'a ListedFile>,
    folder: &str,
) -> Option<Listing<'a>> {
    let inside: Vec<_> = files.filter(|file| file.path.as_str().starts_with(folder)).collect();
    if inside.len() <= FLAT {
        return (!inside.is_empty()).then_some(Listing { folders: vec![], files: inside });
    }
    let mut folders: BTreeMap<&str, Vec<&ListedFile>> = BTreeMap::new();
    let mut here = vec![];
    for file in inside {
        let path = file.path.as_str();
        match path[folder.len()..].find('/') {
            Some(end) => folders.entry(&path[..=folder.len() + end]).or_default().push(file),
            None => here.push(file),
        }
    }
    let folders = folders.into_iter().map(|(path, files)| (deepest(path, &files).to_owned(), files.len())).collect();
    Some(Listing { folders, files: here })
}

/// The deepest folder that holds all files of `folder`, because a page with a single folder is of no use.
fn deepest<'a>(folder: &'a str, files: &[&'a ListedFile]) -> &'a str {
    let Some(first) = files.first().map(|file| file.path.as_str()) else { return folder };
    let mut found = folder;
    while let Some(end) = first[found.len()..].find('/') {
        let next = &first[..=found.len() + end];
        if !files.iter().all(|file| file.path.as_str().starts_with(next)) {
            break;
        }
        found = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sha256Digest;

    fn files(paths: impl IntoIterator<Item = String>) -> Vec<ListedFile> {
        let file = |path: String| ListedFile { digest: Sha256Digest::of(b""), path: path.parse().unwrap(), size: 0 };
        paths.into_iter().map(file).collect()
    }

    #[test]
    fn a_small_module_is_shown_at_once_and_a_large_one_by_folder() {
        let small = files(["a/b.proto".to_owned(), "c.proto".to_owned()]);
        assert_eq!(listing(small.iter(), "").unwrap().files.len(), 2);
        assert!(listing(small.iter(), "none/").is_none());

        let many = (0..FLAT).map(|at| format!("google/cloud/v{at}/a.proto"));
        let large = files(many.chain(["LICENSE".to_owned(), "google/api/b.proto".to_owned()]));
        let top = listing(large.iter(), "").unwrap();
        assert_eq!(top.folders, [("google/".to_owned(), FLAT + 1)]);
        assert_eq!(top.files.len(), 1);
        let google = listing(large.iter(), "google/").unwrap();
        assert_eq!(google.folders, [("google/api/".to_owned(), 1), ("google/cloud/".to_owned(), FLAT)]);
    }

    #[test]
    fn folders_with_nothing_but_a_folder_are_passed() {
        let many = files((0..=FLAT).map(|at| format!("com/acme/pets/{at}.proto")));
        assert_eq!(listing(many.iter(), "").unwrap().folders, [("com/acme/pets/".to_owned(), FLAT + 1)]);
        assert_eq!(listing(many.iter(), "com/acme/pets/").unwrap().files.len(), FLAT + 1);
    }
}
