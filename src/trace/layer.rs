//! Listens to spans of `tracing`, and queues those that end.

use std::cell::RefCell;
use std::fmt;
use std::time::SystemTime;

use tokio::sync::mpsc::Sender;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::context::SpanContext;
use super::counts;
use super::encode::{Attribute, Kind, Span};

/// The most characters of a text of a span.
const LONGEST_TEXT: usize = 256;

thread_local! {
    /// The spans that this thread is in.
    static ENTERED: RefCell<Vec<SpanContext>> = const { RefCell::new(Vec::new()) };
}

/// The span that this thread is in.
pub(super) fn current() -> Option<SpanContext> {
    ENTERED.with_borrow(|entered| entered.last().copied())
}

/// Gives spans their ids and queues them when they end.
pub struct TraceLayer {
    queue: Sender<Span>,
}

impl TraceLayer {
    pub(super) fn new(queue: Sender<Span>) -> Self {
        Self { queue }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TraceLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let within = ctx.lookup_current();
        let within = within.and_then(|span| span.extensions().get::<Span>().map(|open| open.context));
        let Some(new) = random() else { return };
        let parent = fields.parent.or(within);
        let context = match parent {
            Some(parent) => SpanContext { span: new.span, ..parent },
            None => new,
        };
        let now = SystemTime::now();
        let mut open = Span {
            context,
            parent: parent.map(|parent| parent.span),
            name: attributes.metadata().name().to_owned(),
            kind: Kind::Internal,
            start: now,
            end: now,
            attributes: vec![],
            failed: false,
        };
        fields.add_to(&mut open);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(open) = span.extensions_mut().get_mut::<Span>() {
            fields.add_to(open);
        }
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        if let Some(context) = context_of(id, &ctx) {
            ENTERED.with_borrow_mut(|entered| entered.push(context));
        }
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        let Some(context) = context_of(id, &ctx) else { return };
        ENTERED.with_borrow_mut(|entered| {
            if let Some(at) = entered.iter().rposition(|known| *known == context) {
                entered.remove(at);
            }
        });
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(&id) else { return };
        let Some(mut span) = span.extensions_mut().remove::<Span>() else { return };
        if !span.context.sampled {
            return;
        }
        span.end = SystemTime::now();
        if self.queue.try_send(span).is_err() {
            counts::dropped(1);
        }
    }
}

fn context_of<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, ctx: &Context<'_, S>) -> Option<SpanContext> {
    ctx.span(id)?.extensions().get::<Span>().map(|open| open.context)
}

/// The context of a new trace; none if the system gives no random bytes.
fn random() -> Option<SpanContext> {
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    getrandom::fill(&mut trace).ok()?;
    getrandom::fill(&mut span).ok()?;
    Some(SpanContext { trace, span, sampled: true })
}

/// The fields of a span.
#[derive(Default)]
struct Fields {
    name: Option<String>,
    kind: Option<Kind>,
    parent: Option<SpanContext>,
    failed: Option<bool>,
    attributes: Vec<(&'static str, Attribute)>,
}

impl Fields {
    fn add_to(self, span: &mut Span) {
        span.name = self.name.unwrap_or(std::mem::take(&mut span.name));
        span.kind = self.kind.unwrap_or(span.kind);
        span.failed = self.failed.unwrap_or(span.failed);
        span.attributes.extend(self.attributes);
    }

    fn text(&mut self, field: &Field, text: String) {
        match field.name() {
            "otel.name" => self.name = Some(text),
            "otel.kind" => self.kind = (text == "server").then_some(Kind::Server),
            "otel.parent" => self.parent = SpanContext::parse(&text),
            name => self.attributes.push((name, Attribute::Text(text))),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = format!("{value:?}");
        shorten(&mut text);
        self.text(field, text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut text = value.to_owned();
        shorten(&mut text);
        self.text(field, text);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push((field.name(), Attribute::Number(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        match field.name() {
            "otel.failed" => self.failed = Some(value),
            name => self.attributes.push((name, Attribute::Switch(value))),
        }
    }
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use tracing::info_span;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::trace::TARGET;

    /// The spans that `work` ends, with a queue of so many.
    fn ended(most: usize, work: impl FnOnce()) -> Vec<Span> {
        let (queue, mut spans) = tokio::sync::mpsc::channel(most);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(TraceLayer::new(queue)), work);
        std::iter::from_fn(|| spans.try_recv().ok()).collect()
    }

    #[test]
    fn a_span_has_the_one_that_it_is_opened_in_as_its_parent() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let spans = ended(9, || {
            let outer = info_span!(target: TARGET, "request", otel.kind = "server", otel.parent = parent,
                status = tracing::field::Empty, otel.failed = tracing::field::Empty, otel.name = "GET /");
            outer.in_scope(|| info_span!(target: TARGET, "push", modules = 2_u64).in_scope(|| ()));
            outer.record("status", 500_u64).record("otel.failed", true);
        });
        let [push, request] = &spans[..] else { panic!("{spans:?}") };
        assert_eq!((push.name.as_str(), request.name.as_str()), ("push", "GET /"));
        assert_eq!(push.parent, Some(request.context.span));
        assert_eq!(request.parent.map(|id| id[0]), Some(0));
        assert!(push.context.trace == request.context.trace && push.context.trace[0] == 0x4b);
        assert_eq!((request.kind, request.failed, push.failed), (Kind::Server, true, false));
        assert_eq!(request.attributes, [("status", Attribute::Number(500))]);
        assert_eq!(current(), None);
    }

    #[test]
    fn what_another_program_does_not_want_traced_is_not_sent() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        let spans = ended(9, || {
            info_span!(target: TARGET, "request", otel.parent = parent)
                .in_scope(|| drop(info_span!(target: TARGET, "push")));
        });
        assert!(spans.is_empty(), "{spans:?}");
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        counts::begin();
        let before = counts::counts().unwrap().dropped;
        let spans = ended(2, || (0..5).for_each(|_| drop(info_span!(target: TARGET, "request"))));
        assert_eq!(spans.len(), 2);
        assert_eq!(counts::counts().unwrap().dropped - before, 3);
    }

    #[test]
    fn long_texts_are_cut() {
        let long = "ä".repeat(1_000);
        let spans = ended(2, || drop(info_span!(target: TARGET, "request", long)));
        assert_eq!(spans[0].attributes, [("long", Attribute::Text("ä".repeat(LONGEST_TEXT)))]);
    }
}
