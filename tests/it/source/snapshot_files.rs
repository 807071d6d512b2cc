//! Every snapshot file belongs to a test: a test that is renamed or deleted takes its snapshots along.

use std::path::{Path, PathBuf};

fn snapshots_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            snapshots_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "snap") {
            found.push(path);
        }
    }
}

/// The test that `snapshot` belongs to, from a file name such as `it__cli__prints_help-2.snap`.
fn test_of(snapshot: &Path) -> &str {
    let name = snapshot.file_stem().unwrap().to_str().unwrap();
    let name = name.rsplit("__").next().unwrap();
    name.rsplit_once('-').filter(|(_, number)| number.parse::<u32>().is_ok()).map_or(name, |(name, _)| name)
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut snapshots = Vec::new();
    for directory in ["src", "tests"] {
        snapshots_below(&root.join(directory), &mut snapshots);
    }
    assert!(!snapshots.is_empty());
    for snapshot in snapshots {
        let text = std::fs::read_to_string(&snapshot).unwrap();
        let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap();
        let test = test_of(&snapshot);
        let source_text = std::fs::read_to_string(root.join(source)).unwrap_or_default();
        let is_used = source_text.contains(&format!("fn {test}()"));
        assert!(is_used, "{} belongs to no test: {source} has no `fn {test}()`", snapshot.display());
    }
}

#[test]
fn the_test_of_a_snapshot_is_in_its_name() {
    assert_eq!(test_of(Path::new("x/it__cli__prints_help.snap")), "prints_help");
    assert_eq!(test_of(Path::new("x/it__cli__env__prints_help-2.snap")), "prints_help");
}
