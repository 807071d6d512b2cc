//! Differences between the files of two commits.

use std::collections::BTreeMap;
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::model::Snapshot;

/// How long one file may take to compare; after that the difference is right, but longer than it could be.
const PER_FILE: Duration = Duration::from_millis(200);

/// Lines around a change.
const CONTEXT: usize = 3;

/// Most lines that a page shows; the rest is counted.
const MAX_LINES: usize = 3000;

/// A file that differs.
pub(super) struct FileDiff {
    pub path: String,
    /// `added`, `removed` or `changed`.
    pub state: &'static str,
    pub added: usize,
    pub removed: usize,
    pub hunks: Vec<Vec<Line>>,
    /// Whether lines were left out because the page is long enough.
    pub cut: bool,
}

/// A line of a difference.
pub(super) struct Line {
    pub old: Option<usize>,
    pub new: Option<usize>,
    /// `added`, `removed` or `same`.
    pub class: &'static str,
    /// `+`, `-` or a space.
    pub sign: &'static str,
    pub text: String,
}

/// The files that differ, by path.
pub(super) fn files(old: &Snapshot, new: &Snapshot) -> Vec<FileDiff> {
    let mut pairs: BTreeMap<&str, (Option<&[u8]>, Option<&[u8]>)> = BTreeMap::new();
    for file in old.files() {
        pairs.entry(file.path.as_str()).or_default().0 = Some(&file.content);
    }
    for file in new.files() {
        pairs.entry(file.path.as_str()).or_default().1 = Some(&file.content);
    }
    let mut room = MAX_LINES;
    let differing = pairs.into_iter().filter(|(_, (old, new))| old != new);
    differing.map(|(path, (old, new))| file(path, old, new, &mut room)).collect()
}

fn file(path: &str, old: Option<&[u8]>, new: Option<&[u8]>, room: &mut usize) -> FileDiff {
    let state = match (old, new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let mut diff = FileDiff { path: path.into(), state, added: 0, removed: 0, hunks: vec![], cut: *room == 0 };
    if diff.cut {
        return diff;
    }
    let text = |content: Option<&[u8]>| String::from_utf8_lossy(content.unwrap_or_default()).into_owned();
    let (old, new) = (text(old), text(new));
    let compared = TextDiff::configure().timeout(PER_FILE).diff_lines(&old, &new);
    for group in compared.grouped_ops(CONTEXT) {
        let mut hunk = vec![];
        for change in group.iter().flat_map(|op| compared.iter_changes(op)) {
            let (class, sign) = match change.tag() {
                ChangeTag::Insert => ("added", "+"),
                ChangeTag::Delete => ("removed", "-"),
                ChangeTag::Equal => ("same", " "),
            };
            diff.added += usize::from(class == "added");
            diff.removed += usize::from(class == "removed");
            if *room == 0 {
                diff.cut = true;
                continue;
            }
            *room -= 1;
            let number = |index: Option<usize>| index.map(|index| index + 1);
            let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
            hunk.push(Line { old: number(change.old_index()), new: number(change.new_index()), class, sign, text });
        }
        diff.hunks.push(hunk);
    }
    diff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Limits, ModuleFile};

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        let file = |(path, text): &(&str, &str)| ModuleFile {
            path: path.parse().unwrap(),
            content: bytes::Bytes::copy_from_slice(text.as_bytes()),
        };
        Snapshot::new(files.iter().map(file).collect(), &Limits::default()).unwrap()
    }

    #[test]
    fn files_are_added_removed_and_changed() {
        let old = snapshot(&[("a.proto", "1\n2\n3\n"), ("b.proto", "x\n"), ("same.proto", "s\n")]);
        let new = snapshot(&[("a.proto", "1\n2!\n3\n"), ("c.proto", "y\n"), ("same.proto", "s\n")]);
        let found = files(&old, &new);
        let said: Vec<_> = found.iter().map(|f| (f.path.as_str(), f.state, f.added, f.removed)).collect();
        assert_eq!(said, [("a.proto", "changed", 1, 1), ("b.proto", "removed", 0, 1), ("c.proto", "added", 1, 0)]);
        let lines: Vec<_> = found[0].hunks[0].iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        assert_eq!(lines, [" 1", "-2", "+2!", " 3"]);
    }

    #[test]
    fn a_long_difference_is_cut_and_says_so() {
        let text = "x\n".repeat(MAX_LINES + 10);
        let found = files(&snapshot(&[("a.proto", "")]), &snapshot(&[("a.proto", &text), ("b.proto", "y\n")]));
        assert!(found[0].cut && found[0].added == MAX_LINES + 10 && found[1].cut);
    }
}
