//! Renders the Markdown of users as HTML that is safe to show: no raw HTML, no scripts, no requests to other servers.
//!
//! Time and memory are in proportion to the text, whatever its content. Long texts are cut. Texts that nest deeper than
//! people write, or whose HTML would be far larger than the source, are shown as plain text.

pub(super) mod readme_cache;

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::page::excerpt::beginning;
use super::page::limited_text::Bounded;
use super::page::link::external;

/// The most bytes of a README that are rendered; the rest is left out.
const MAX_README: usize = 128 << 10;

/// The most bytes of a comment that are rendered; the rest is left out.
const MAX_COMMENT: usize = 16 << 10;

/// The deepest nesting of quotes, lists, links and emphasis together. The time to sanitize grows with its square.
const MAX_DEPTH: usize = 64;

/// The most quotes and list items that begin in one line. The parser checks all open ones in every later line.
const MAX_MARKERS: usize = 16;

/// The most bytes of HTML for each byte of text. Tables without cells grow most: a row may be one character.
const MAX_GROWTH: usize = 12;

/// The sanitizer, in case the renderer passes something else: only these elements are allowed.
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
    /// Whether the end of the text is left out.
    pub cut: bool,
}

/// Renders a README.
pub(super) fn readme(text: &str) -> Readme {
    let shown = beginning(text, MAX_README);
    let html = render(shown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    Readme { html: reachable(&CLEANER.clean(&html).to_string()), cut: shown.len() < text.len() }
}

/// Renders the first `most` bytes of a comment of a source file. A page has thousands of comments, so plain text skips
/// the parser.
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

/// Makes code blocks focusable, so that wide code can be scrolled by keyboard.
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

/// The number of quotes and list items that may begin in the line.
fn markers(line: &str) -> usize {
    let blank = |c: char| c == ' ' || c == '\t';
    let mut rest = line.trim_start_matches(blank);
    if rest.starts_with(['-', '*']) && rest.chars().all(|c| blank(c) || rest.starts_with(c)) {
        // A thematic break of any length.
        return 0;
    }
    let mut found = 0;
    while let Some(behind) = behind_marker(rest) {
        found += 1;
        rest = behind.trim_start_matches(blank);
    }
    found
}

/// The text behind a leading `>`, `-` or `12.`.
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

/// The source text, as preformatted HTML.
fn as_written(text: &str) -> String {
    let kind = || CodeBlockKind::Indented;
    let events =
        [Event::Start(Tag::CodeBlock(kind())), Event::Text(CowStr::Borrowed(text)), Event::End(TagEnd::CodeBlock)];
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    html::push_html(&mut out, events.into_iter());
    out
}

/// Makes an event safe: raw HTML becomes text, images become links, only web addresses stay links, and headings go
/// below the page's own headings.
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
