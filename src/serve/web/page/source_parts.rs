//! A long source is shown in parts, each short enough for a page.

use super::excerpt::beginning;
use super::form::Fields;
use super::module_header::Choice;
use super::source_view::SourceView;
use crate::serve::web::highlight;

/// The most lines, and about the most bytes, of one part.
const LINES: usize = 2_000;
const BYTES: usize = 160 << 10;

/// The most bytes of a line that are shown; a default value may have megabytes.
const LINE: usize = 4_000;

/// The most parts that are linked.
const MAX_PARTS: usize = 200;

/// One part of a source, with the links to all of them.
pub(in crate::serve::web) struct ShownPart {
    pub source: SourceView,
    /// Empty if there is one part.
    pub parts: Vec<Choice>,
    /// Whether lines are cut.
    pub cut: bool,
}

/// The part of `text`, the file at `path`, that the query of a request names by its number or by one of its lines, else the
/// first. The page of the file has the address `own`.
pub(in crate::serve::web) fn shown_part(path: &str, text: &str, own: &str, query: &Fields) -> ShownPart {
    let parts = parts(text);
    let line = query.get("line").parse::<usize>().unwrap_or(1);
    let by_line = parts.iter().rposition(|part| part.first <= line).unwrap_or(0);
    let by_number = query.get("part").parse::<usize>().ok().map(|number| number.saturating_sub(1));
    let current = by_number.unwrap_or(by_line).min(parts.len().saturating_sub(1));
    let choice = |(at, part): (usize, &Part<'_>)| Choice {
        name: format!("{}–{}", part.first, part.first + part.lines.len().saturating_sub(1)),
        href: format!("{own}?part={}", at + 1),
        current: at == current,
        mark: "",
    };
    let links = if parts.len() > 1 { parts.iter().enumerate().take(MAX_PARTS).map(choice).collect() } else { vec![] };
    let first = Part { first: 1, lines: vec![] };
    let (source, cut) = shown(path, parts.get(current).unwrap_or(&first));
    ShownPart { source, parts: links, cut }
}

/// Lines that follow each other.
struct Part<'a> {
    first: usize,
    lines: Vec<&'a str>,
}

/// The parts of a text, each short enough for a page; an empty text has one.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![Part { first: 1, lines: vec![] }];
    let mut length = 0;
    for (at, line) in text.lines().enumerate() {
        let size = line.len().min(LINE) + 1;
        let is_full = parts.last().is_some_and(|part| part.lines.len() >= LINES) || length > 0 && length + size > BYTES;
        if is_full {
            parts.push(Part { first: at + 1, lines: vec![] });
            length = 0;
        }
        length += size;
        if let Some(part) = parts.last_mut() {
            part.lines.push(line);
        }
    }
    parts
}

/// The part with its marks, and whether a line is cut.
fn shown(path: &str, part: &Part<'_>) -> (SourceView, bool) {
    let mut text = String::new();
    let mut cut = false;
    for line in &part.lines {
        let shown = beginning(line, LINE);
        text.push_str(shown);
        if shown.len() < line.len() {
            text.push('…');
            cut = true;
        }
        text.push('\n');
    }
    (SourceView::new(&text, &highlight::spans_of_file(path, &text), part.first), cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_all_lines_and_none_is_too_long() {
        let text = "a\n".repeat(LINES + 1)
            + &format!("{}\n", "x".repeat(BYTES))
            + &format!("{}\n", "y".repeat(3_000)).repeat(100);
        let found = parts(&text);
        let firsts: Vec<_> = found.iter().map(|part| part.first).collect();
        assert_eq!(firsts[..2], [1, LINES + 1]);
        assert_eq!(found.iter().map(|part| part.lines.len()).sum::<usize>(), text.lines().count());
        for part in &found {
            let (view, _) = shown("lib.rs", part);
            assert!(view.lines.iter().map(String::len).sum::<usize>() < 2 * BYTES);
        }
        assert!(shown("lib.rs", &found[1]).1, "a line is cut");
        assert_eq!(parts("").len(), 1);
    }

    #[test]
    fn the_part_is_chosen_by_number_or_by_line() {
        let text = "a\n".repeat(2 * LINES + 5);
        let first = |query: &str| {
            let shown = shown_part("a.rs", &text, "/a.rs", &Fields::parse(query.as_bytes()));
            let current: Vec<_> =
                shown.parts.iter().filter(|part| part.current).map(|part| part.name.clone()).collect();
            assert_eq!((shown.parts.len(), current.len()), (3, 1), "{query}");
            shown.source.first
        };
        let firsts =
            ["", "part=2", "part=99", "part=0", "line=1", "line=2000", "line=2001", "line=99999", "line=x"].map(first);
        assert_eq!(firsts, [1, 2001, 4001, 1, 1, 1, 2001, 4001, 1]);
        assert!(shown_part("a.rs", "", "/a.rs", &Fields::default()).parts.is_empty());
    }
}
