//! Renders the Markdown of users as HTML that is safe to show: no raw HTML, no scripts, no requests to other servers.
//!
//! Time and memory are in proportion to the text, whatever its content. Long texts are cut. Texts that nest deeper than
//! people write, or whose HTML would be far larger than the source, are shown as plain text.

mod code_blocks;
pub(super) mod readme_cache;
mod safe_event;

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::highlight::span::Class;
use super::page::excerpt::beginning;
use super::page::limited_text::Bounded;
use code_blocks::CodeBlocks;
use safe_event::with_visible_directions;

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
    let tags =
        "a blockquote br code del div em h2 h3 h4 h5 h6 hr li ol p pre span strong sup table tbody td th thead tr ul";
    let mut cleaner = ammonia::Builder::new();
    cleaner
        .tags(tags.split(' ').collect())
        .tag_attributes([("a", HashSet::from(["href"]))].into())
        .allowed_classes([("span", Class::ALL.map(Class::letter).into())].into())
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
    let html = render(shown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH, &|_| None);
    Readme { html: reachable(&CLEANER.clean(&html).to_string()), cut: shown.len() < text.len() }
}

/// Renders the first `most` bytes of a comment of a source file. A page has thousands of comments, so plain text skips
/// the parser. `reference` says where `[Pet][acme.v1.Pet]` leads; it is trusted.
pub(super) fn comment(text: &str, most: usize, reference: &dyn Fn(&str) -> Option<String>) -> String {
    let text = text.trim();
    let shown = beginning(text, most.min(MAX_COMMENT));
    if shown.len() < text.len() {
        return format!("{}<p>…</p>", reachable(&render(shown, Options::empty(), reference)));
    }
    let plain = |c: char| c.is_alphanumeric() || c == ' ' || matches!(c, '.' | ',' | ';' | ':' | '(' | ')' | '/');
    let starts_plain = text.chars().next().is_some_and(char::is_alphabetic);
    if starts_plain && text.chars().all(plain) {
        return format!("<p>{text}</p>");
    }
    reachable(&render(text, Options::empty(), reference))
}

/// Makes code blocks focusable, so that wide code can be scrolled by keyboard.
fn reachable(html: &str) -> String {
    html.replace("<pre>", "<pre tabindex=\"0\">")
}

fn render(text: &str, options: Options, reference: &dyn Fn(&str) -> Option<String>) -> String {
    try_render(text, options, reference).unwrap_or_else(|_| as_written(text))
}

/// Fails for a text that nests too deep or grows too much.
fn try_render(text: &str, options: Options, reference: &dyn Fn(&str) -> Option<String>) -> Result<String, fmt::Error> {
    if text.split(['\n', '\r']).any(|line| markers(line) > MAX_MARKERS) {
        return Err(fmt::Error);
    }
    let known =
        |link: BrokenLink<'_>| reference(&link.reference).map(|href| (CowStr::from(href), CowStr::Borrowed("")));
    let deepest = Cell::new(0);
    let mut depth = 0_usize;
    let events =
        CodeBlocks::new(Parser::new_with_broken_link_callback(text, options, Some(known))).take_while(|event| {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest.set(deepest.get().max(depth));
            depth <= MAX_DEPTH
        });
    let events = events.map(with_visible_directions);
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

/// The text after a leading `>`, `-` or `12.`.
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
    html::push_html(&mut out, events.into_iter().map(with_visible_directions));
    out
}

#[cfg(test)]
mod tests;
