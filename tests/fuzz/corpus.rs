//! Where inputs are kept: those that everybody tries in `tests/fuzz/corpus`, one folder a reader, and the one that is
//! being tried in `target/fuzz`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folders of the corpus.
pub(crate) fn folders() -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join("tests/fuzz/corpus")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The inputs for a reader, in the order of their names.
pub(crate) fn inputs(name: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(root().join("tests/fuzz/corpus").join(name)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let inputs: Vec<_> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!inputs.is_empty(), "{name} has no inputs");
    inputs
}

/// The file with the input that a reader is trying, or has failed with.
pub(crate) fn current(name: &str) -> PathBuf {
    let directory = root().join("target/fuzz");
    std::fs::create_dir_all(&directory).unwrap();
    directory.join(format!("{name}.input"))
}
