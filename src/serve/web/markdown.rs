//! Markdown of strangers as HTML that is safe to show: no raw HTML, no scripts, no third-party request.

use std::collections::HashSet;
use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::link::external;

/// Longest text that is rendered; the rest of a longer one is left out.
const MAX_BYTES: usize = 128 << 10;

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

/// A README.
pub(super) fn readme(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    reachable(&CLEANER.clean(&render(text, options)).to_string())
}

/// A comment of a source file. There are thousands on a page, so what is plain goes the short way.
pub(super) fn comment(text: &str) -> String {
    let text = text.trim();
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
    let end = (0..=text.len().min(MAX_BYTES)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let mut out = String::with_capacity(end + end / 2);
    html::push_html(&mut out, Parser::new_ext(&text[..end], options).map(tame));
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
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented)),
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
mod tests {
    use super::*;

    const HOSTILE: &[&str] = &[
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://evil.example/pixel.png)",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<svg/onload=alert(1)>",
        "`` </code><script>x</script> ``",
        "<javascript:alert(1)>",
        "a\n<iframe src=//evil></iframe>\n",
    ];

    #[test]
    fn nothing_hostile_survives() {
        for text in HOSTILE {
            for html in [readme(text), comment(text)] {
                for bad in ["<script", "<img", "<svg", "<iframe", "<a href=\"j", "<a href=\"J", "<a href=\"d"] {
                    assert!(!html.contains(bad), "{text} became {html}");
                }
            }
        }
    }

    #[test]
    fn ordinary_texts_look_as_meant() {
        assert_eq!(readme("# Pets\n\nSee [docs](https://example.com).").matches("<h2>Pets</h2>").count(), 1);
        assert!(readme("a | b\n--|--\n1 | 2").contains("<table>"));
        assert_eq!(comment("A pet, as sold."), "<p>A pet, as sold.</p>");
        assert!(comment("The `name` of <it>").contains("<code>name</code> of &lt;it&gt;"));
        assert!(comment(" 1 < 2 & 3").contains("1 &lt; 2 &amp; 3"));
    }

    #[test]
    fn an_endless_text_is_cut() {
        assert!(readme(&"ä ".repeat(MAX_BYTES)).len() < 2 * MAX_BYTES);
    }
}
