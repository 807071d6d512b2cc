//! Differences between the files of two commits.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use similar::{ChangeTag, TextDiff};

use crate::model::CommitId;
use crate::serve::http::error::Answer;
use crate::serve::web::page::deadline::Deadline;
use crate::serve::web::page::excerpt::excerpt;
use crate::store::{ListedFile, Store};

/// The time limit to compare one file. When it is reached, the difference is right, but longer than necessary.
const PER_FILE: Duration = Duration::from_millis(200);

/// The most bytes of a file that is compared line by line.
const MAX_COMPARED: u64 = 1 << 20;

/// The number of lines shown around a change.
const CONTEXT: usize = 3;

/// The most lines that a page shows; the rest is counted.
const MAX_LINES: usize = 3000;

/// The most bytes of a line that are shown.
const MAX_LINE: usize = 500;

/// The most files that are named.
const MAX_FILES: usize = 2000;

/// The files that differ.
pub(super) struct Differences {
    pub files: Vec<FileDiff>,
    /// The number of further files that differ.
    pub more: usize,
}

/// A file that differs.
pub(super) struct FileDiff {
    pub path: String,
    /// `added`, `removed` or `changed`.
    pub state: &'static str,
    pub added: usize,
    pub removed: usize,
    pub hunks: Vec<Vec<Line>>,
    /// Why lines were left out, if any were.
    pub left_out: &'static str,
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

const LONG_ENOUGH: &str = "The rest is left out, this page is long enough.";
const TOO_LARGE: &str = "This file is too large to be compared line by line.";

/// The files that differ, by path. Files beyond the limits on lines and time are only named.
pub(super) fn files(store: &Store, old: CommitId, new: CommitId, deadline: &Deadline) -> Answer<Differences> {
    let (before, after) = (store.list_files(old)?, store.list_files(new)?);
    let differing = differing(&before, &after);
    let more = differing.len().saturating_sub(MAX_FILES);
    let mut room = RemainingSpace { lines: MAX_LINES, until: deadline.halfway() };
    let mut files = vec![];
    for sides in differing.into_iter().take(MAX_FILES) {
        deadline.check()?;
        let mut file = sides.named();
        if sides.largest() > MAX_COMPARED {
            file.left_out = TOO_LARGE;
        } else if room.is_over() {
            file.left_out = LONG_ENOUGH;
        } else {
            let (old, new) = (text(store, old, sides.old)?, text(store, new, sides.new)?);
            compare(&mut file, &old, &new, &mut room);
        }
        files.push(file);
    }
    Ok(Differences { files, more })
}

/// The remaining lines and files of a page.
struct RemainingSpace {
    lines: usize,
    until: Instant,
}

impl RemainingSpace {
    fn is_over(&self) -> bool {
        self.lines == 0 || Instant::now() >= self.until
    }
}

/// A file in the old and in the new commit.
#[derive(Default)]
struct Sides<'a> {
    old: Option<&'a ListedFile>,
    new: Option<&'a ListedFile>,
}

impl Sides<'_> {
    fn largest(&self) -> u64 {
        [self.old, self.new].into_iter().flatten().map(|file| file.size).max().unwrap_or(0)
    }

    fn named(&self) -> FileDiff {
        let state = match (self.old, self.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let path = self.old.or(self.new).map(|file| file.path.to_string()).unwrap_or_default();
        FileDiff { path, state, added: 0, removed: 0, hunks: vec![], left_out: "" }
    }
}

/// The files that differ between the commits, by path.
fn differing<'a>(old: &'a [ListedFile], new: &'a [ListedFile]) -> Vec<Sides<'a>> {
    let mut pairs: BTreeMap<&str, Sides<'_>> = BTreeMap::new();
    for file in old {
        pairs.entry(file.path.as_str()).or_default().old = Some(file);
    }
    for file in new {
        pairs.entry(file.path.as_str()).or_default().new = Some(file);
    }
    let digest = |file: Option<&ListedFile>| file.map(|file| file.digest);
    pairs.into_values().filter(|sides| digest(sides.old) != digest(sides.new)).collect()
}

/// The text of one side; empty if the file does not exist there.
fn text(store: &Store, commit: CommitId, file: Option<&ListedFile>) -> Answer<String> {
    let Some(file) = file else { return Ok(String::new()) };
    let found = store.file(commit, file.path.as_str())?;
    Ok(found.map(|(file, _)| String::from_utf8_lossy(&file.content).into_owned()).unwrap_or_default())
}

fn compare(diff: &mut FileDiff, old: &str, new: &str, room: &mut RemainingSpace) {
    let until = room.until.min(Instant::now() + PER_FILE);
    let compared = TextDiff::configure().deadline(until).diff_lines(old, new);
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
            if room.lines == 0 {
                diff.left_out = LONG_ENOUGH;
                continue;
            }
            room.lines -= 1;
            let number = |index: Option<usize>| index.map(|index| index + 1);
            let text = excerpt(change.value().trim_end_matches(['\n', '\r']), MAX_LINE).into_owned();
            hunk.push(Line { old: number(change.old_index()), new: number(change.new_index()), class, sign, text });
        }
        if !hunk.is_empty() {
            diff.hunks.push(hunk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sha256Digest;

    fn listed(files: &[(&str, &str)]) -> Vec<ListedFile> {
        let file = |(path, text): &(&str, &str)| ListedFile {
            path: path.parse().unwrap(),
            digest: Sha256Digest::of(text.as_bytes()),
            size: text.len() as u64,
        };
        files.iter().map(file).collect()
    }

    fn compared(old: &str, new: &str, room: &mut RemainingSpace) -> FileDiff {
        let (before, after) = (listed(&[("a.proto", old)]), listed(&[("a.proto", new)]));
        let mut diff = differing(&before, &after)[0].named();
        compare(&mut diff, old, new, room);
        diff
    }

    fn room() -> RemainingSpace {
        RemainingSpace { lines: MAX_LINES, until: Instant::now() + Duration::from_secs(3600) }
    }

    #[test]
    fn files_are_added_removed_and_changed() {
        let old = listed(&[("a.proto", "1"), ("b.proto", "x"), ("same.proto", "s")]);
        let new = listed(&[("a.proto", "2"), ("c.proto", "y"), ("same.proto", "s")]);
        let found: Vec<_> = differing(&old, &new).iter().map(Sides::named).collect();
        let said: Vec<_> = found.iter().map(|file| (file.path.as_str(), file.state)).collect();
        assert_eq!(said, [("a.proto", "changed"), ("b.proto", "removed"), ("c.proto", "added")]);
    }

    #[test]
    fn lines_are_shown_with_what_stands_around_them() {
        let found = compared("1\n2\n3\n", "1\n2!\n3\n", &mut room());
        assert_eq!((found.added, found.removed), (1, 1));
        let lines: Vec<_> = found.hunks[0].iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        assert_eq!(lines, [" 1", "-2", "+2!", " 3"]);
    }

    #[test]
    fn a_long_difference_and_a_long_line_are_cut_and_say_so() {
        let mut room = room();
        let found = compared("", &"x\n".repeat(MAX_LINES + 10), &mut room);
        assert!(found.left_out == LONG_ENOUGH && found.added == MAX_LINES + 10 && room.is_over());
        let line = compared("", &"x".repeat(100_000), &mut self::room());
        assert_eq!(line.hunks[0][0].text.chars().count(), MAX_LINE + 1);
    }

    #[test]
    fn without_time_the_difference_is_longer_but_right() {
        let (old, new): (String, String) =
            (0..20_000).map(|at| (format!("{at}\n"), format!("{}\n", at * 7919 % 20_011))).unzip();
        let mut room = RemainingSpace { lines: MAX_LINES, until: Instant::now() };
        let found = compared(&old, &new, &mut room);
        assert_eq!(found.added, found.removed);
        assert!(found.added <= 20_000 && found.added > 10_000, "{}", found.added);
    }
}
