//! Markdown of strangers as HTML that is safe to show: no raw HTML, no scripts, no third-party request.
//!
//! Rendering takes time and room in proportion to the text, whatever it holds: what is long is cut, and what nests
//! deeper than people write, or would grow far beyond its source, is shown as it was written.

pub(super) mod readme_cache;

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::page::excerpt::beginning;
use super::page::limited_text::Bounded;
use super::page::link::external;

/// Longest README that is rendered, in bytes; the rest of a longer one is left out.
const MAX_README: usize = 128 << 10;

/// Longest comment that is rendered, in bytes; the rest of a longer one is left out.
const MAX_COMMENT: usize = 16 << 10;

/// Deepest nesting of quotes, lists, links and emphasis together. Cleaning takes time with the square of it.
const MAX_DEPTH: usize = 64;

/// Most quotes and list items that begin in one line. The parser looks at all that are open in every line behind.
const MAX_MARKERS: usize = 16;

/// How much longer the HTML may be than the text. Tables without cells grow most: a row may be one character.
const MAX_GROWTH: usize = 12;

/// The second wall behind the first: whatever the renderer lets through, these elements alone leave.
static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags = "a blockquote br code del div em h2 h3 h4 h5 h6 hr li ol p pre strong sup table tbody td th thead tr ul";
    let mut cleaner = ammonia::Builder::new();
    cleaner
        .tags(tags.split(' ').collect())
        .tag_attributes([("a", HashSet::from(["href"]))].into())
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener noreferrer"));
    cleaner
});

/// A README as HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Readme {
    pub html: String,
    /// Whether the end was left out.
    pub cut: bool,
}

/// A README.
pub(super) fn readme(text: &str) -> Readme {
    let shown = beginning(text, MAX_README);
    let html = render(shown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    Readme { html: reachable(&CLEANER.clean(&html).to_string()), cut: shown.len() < text.len() }
}

/// A comment of a source file, or its first `most` bytes if there is room for no more. There are thousands on a page, so
/// what is plain goes the short way.
pub(super) fn comment(text: &str, most: usize) -> String {
    let text = text.trim();
    let shown = beginning(text, most.min(MAX_COMMENT));
    if shown.len() < text.len() {
        return format!("{}<p>…</p>", reachable(&render(shown, Options::empty())));
    }
    let plain = |c: char| c.is_alphanumeric() || c == ' ' || matches!(c, '.' | ',' | ';' | ':' | '(' | ')' | '/');
    let starts_plain = text.chars().next().is_some_and(char::is_alphabetic);
    if starts_plain && text.chars().all(plain) {
        return format!("<p>{text}</p>");
    }
    reachable(&render(text, Options::empty()))
}

/// Code that is wider than the screen is scrolled, by keyboard too.
fn reachable(html: &str) -> String {
    html.replace("<pre>", "<pre tabindex=\"0\">")
}

fn render(text: &str, options: Options) -> String {
    try_render(text, options).unwrap_or_else(|_| as_written(text))
}

/// Fails for a text that nests too deep or grows too much.
fn try_render(text: &str, options: Options) -> Result<String, fmt::Error> {
    if text.split(['\n', '\r']).any(|line| markers(line) > MAX_MARKERS) {
        return Err(fmt::Error);
    }
    let deepest = Cell::new(0);
    let mut depth = 0_usize;
    let events = Parser::new_ext(text, options).map(tame).take_while(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest.set(deepest.get().max(depth));
        depth <= MAX_DEPTH
    });
    let mut out = Bounded::new(1024 + MAX_GROWTH * text.len());
    html::write_html_fmt(&mut out, events)?;
    if deepest.get() > MAX_DEPTH { Err(fmt::Error) } else { Ok(out.into_text()) }
}

/// How many quotes and list items may begin in the line.
fn markers(line: &str) -> usize {
    let blank = |c: char| c == ' ' || c == '\t';
    let mut rest = line.trim_start_matches(blank);
    if rest.starts_with(['-', '*']) && rest.chars().all(|c| blank(c) || rest.starts_with(c)) {
        // A line across the page, however long.
        return 0;
    }
    let mut found = 0;
    while let Some(behind) = behind_marker(rest) {
        found += 1;
        rest = behind.trim_start_matches(blank);
    }
    found
}

/// What follows the `>`, `-` or `12.` that the text begins with.
fn behind_marker(text: &str) -> Option<&str> {
    if let Some(behind) = text.strip_prefix('>') {
        return Some(behind);
    }
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let behind = match text.strip_prefix(['-', '+', '*']) {
        Some(behind) => behind,
        None if digits.len() < text.len() => digits.strip_prefix(['.', ')'])?,
        None => return None,
    };
    (behind.is_empty() || behind.starts_with([' ', '\t'])).then_some(behind)
}

/// The text as it stands in the file.
fn as_written(text: &str) -> String {
    let kind = || CodeBlockKind::Indented;
    let events =
        [Event::Start(Tag::CodeBlock(kind())), Event::Text(CowStr::Borrowed(text)), Event::End(TagEnd::CodeBlock)];
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    html::push_html(&mut out, events.into_iter());
    out
}

/// Raw HTML becomes text, images become links, links lead to the web or nowhere, headings stand below the page's own.
fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Event::Start(link(&dest_url)),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: lower(level), id: None, classes: vec![], attrs: vec![] })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        other => other,
    }
}

fn link(url: &str) -> Tag<'static> {
    let dest_url = external(url).map_or(CowStr::Borrowed("#"), CowStr::from);
    Tag::Link { link_type: LinkType::Inline, dest_url, title: CowStr::Borrowed(""), id: CowStr::Borrowed("") }
}

fn lower(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    use pulldown_cmark::HeadingLevel as H;
    match level {
        H::H1 => H::H2,
        H::H2 => H::H3,
        H::H3 => H::H4,
        H::H4 => H::H5,
        H::H5 | H::H6 => H::H6,
    }
}

#[cfg(test)]
mod tests;
