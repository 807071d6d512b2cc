//! Code blocks of Markdown: those that name a language that is known are marked.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Tag, TagEnd};

use super::safe_event::tame;
use crate::serve::web::highlight;

/// The most bytes of HTML for each byte of a block. A block that would grow more is shown without marks.
const MAX_GROWTH: usize = 8;

/// Events of Markdown, made safe, in which each block of a known language is one piece of HTML.
pub(super) struct CodeBlocks<I> {
    events: I,
    /// What was read of a block that is shown without marks.
    unmarked: std::vec::IntoIter<Event<'static>>,
}

impl<I> CodeBlocks<I> {
    pub(super) fn new(events: I) -> Self {
        Self { events, unmarked: vec![].into_iter() }
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for CodeBlocks<I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if let Some(event) = self.unmarked.next() {
            return Some(event);
        }
        let event = self.events.next()?;
        let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = &event else { return Some(tame(event)) };
        // Behind the language stand words for other programs: `rust,no_run`.
        let language = info.split([',', ' ', '{']).next().unwrap_or_default().to_owned();
        let mut text = String::new();
        for inside in self.events.by_ref() {
            match inside {
                Event::Text(part) => text.push_str(&part),
                _ => break,
            }
        }
        if let Some(code) = highlight::code(&language, &text, MAX_GROWTH * text.len()) {
            return Some(Event::Html(format!("<pre><code>{code}</code></pre>\n").into()));
        }
        self.unmarked = vec![Event::Text(CowStr::from(text)), Event::End(TagEnd::CodeBlock)].into_iter();
        Some(tame(event))
    }
}
