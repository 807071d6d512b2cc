//! Writes marked text as HTML.

use std::fmt::{self, Write as _};
use std::ops::Range;

use askama::filters::Escaper as _;

use super::span::Span;
use crate::serve::web::page::escape::Visible;
use crate::serve::web::page::limited_text::Bounded;

/// The whole text; none if it takes more than `most` bytes.
pub(super) fn write(text: &str, spans: &[Span], most: usize) -> Option<String> {
    let mut out = Bounded::new(most);
    write_part(&mut out, text, 0..text.len(), spans).ok()?;
    Some(out.into_text())
}

/// The lines of the text; none if they take more than `most` bytes together. What spans several lines is marked in each.
pub(in crate::serve::web) fn lines(text: &str, spans: &[Span], most: usize) -> Option<Vec<String>> {
    let mut room = most;
    let mut rest = spans;
    let mut start = 0;
    let mut lines = vec![];
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        let range = start..start + content.len();
        start += line.len();
        let before = rest.iter().take_while(|span| span.range.end <= range.start).count();
        rest = rest.get(before..).unwrap_or_default();
        let here = rest.iter().take_while(|span| span.range.start < range.end).count();
        let mut out = Bounded::new(room);
        write_part(&mut out, text, range, rest.get(..here).unwrap_or_default()).ok()?;
        let html = out.into_text();
        room -= html.len();
        lines.push(html);
    }
    Some(lines)
}

fn write_part(out: &mut Bounded, text: &str, part: Range<usize>, spans: &[Span]) -> fmt::Result {
    let escape =
        |out: &mut Bounded, range: Range<usize>| Visible.write_escaped_str(out, text.get(range).unwrap_or_default());
    let mut at = part.start;
    for span in spans {
        let inside = span.range.start.max(at)..span.range.end.min(part.end);
        if inside.is_empty() {
            continue;
        }
        escape(out, at..inside.start)?;
        at = inside.end;
        let class = span.class.letter();
        match &span.href {
            Some(href) => {
                write!(out, "<a class={class} href=\"")?;
                Visible.write_escaped_str(&mut *out, href)?;
                // Only links to other servers have a host.
                out.write_str(if href.starts_with("https:") { "\" rel=\"noopener noreferrer\">" } else { "\">" })?;
                escape(out, inside)?;
                out.write_str("</a>")?;
            }
            None => {
                write!(out, "<span class={class}>")?;
                escape(out, inside)?;
                out.write_str("</span>")?;
            }
        }
    }
    escape(out, at..part.end)
}
