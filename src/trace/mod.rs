//! Traces for OpenTelemetry: what a request, a push and the making of an SDK consist of, and how long each part took.
//!
//! Code opens a span of `tracing` with the target [`TARGET`]. Without `--otlp-endpoint` nothing listens to that target,
//! and such a span is not made. Otherwise [`TraceLayer`] gives it an id and a parent and, when it is closed, puts it in
//! a queue, from which [`Spans`] sends OTLP/HTTP with JSON. No request waits for that: what finds no room is dropped and
//! counted.
//!
//! Fields whose names begin with `otel.` are no attributes: `otel.name` is the name that is sent, `otel.kind` may be
//! `server`, `otel.failed` marks a failure, and `otel.parent` is a `traceparent` of another thread or program.

mod causes;
mod context;
mod counts;
mod encode;
mod layer;
mod queue;

pub use causes::{cause_of, note_cause};
pub use context::SpanContext;
pub use counts::{SpanCounts, counts};
pub use layer::TraceLayer;
pub use queue::{Exporter, Receiver, Sending, Spans, channel};

/// The target of spans that are sent.
pub const TARGET: &str = "otlp";
