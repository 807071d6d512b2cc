//! Makes the events of Markdown safe to show.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd};

use crate::model::is_direction_control;
use crate::serve::web::page::link::external;

/// Makes an event safe: raw HTML becomes text, images become links, only web addresses stay links, and headings go
/// below the page's own headings.
pub(super) fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        // Only what `reference` returned has one of these types.
        Event::Start(Tag::Link { link_type, dest_url, .. }) if is_known(link_type) => {
            Event::Start(Tag::Link { link_type, dest_url, title: CowStr::Borrowed(""), id: CowStr::Borrowed("") })
        }
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

/// The event with characters that turn the direction of text written out: a text reads as it is, and what stands behind
/// it stays where it is. Letters of scripts from right to left need none of them.
pub(super) fn with_visible_directions(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Text(text) if text.contains(is_direction_control) => Event::Text(written_out(&text)),
        Event::Code(text) if text.contains(is_direction_control) => Event::Code(written_out(&text)),
        other => other,
    }
}

fn written_out(text: &str) -> CowStr<'static> {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_direction_control(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out.into()
}

/// Whether a link has no address in the text.
fn is_known(link_type: LinkType) -> bool {
    matches!(link_type, LinkType::ReferenceUnknown | LinkType::CollapsedUnknown | LinkType::ShortcutUnknown)
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
