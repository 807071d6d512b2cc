//! Spans as OTLP has them in JSON (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): ids are
//! hexadecimal, whole numbers are strings.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};

use super::context::{SpanContext, hex};

/// The kinds of spans that are sent, by their numbers in OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Internal = 1,
    Server = 2,
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) context: SpanContext,
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) start: SystemTime,
    pub(super) end: SystemTime,
    pub(super) attributes: Vec<(&'static str, Attribute)>,
    pub(super) failed: bool,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attribute {
    Text(String),
    Number(i64),
    Switch(bool),
}

/// The body of a request that sends these spans.
pub(super) fn body(spans: &[Span]) -> Bytes {
    let resource = [("service.name", "registry"), ("service.version", env!("CARGO_PKG_VERSION"))];
    let resource = resource.map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }));
    let scope = json!({ "name": "registry", "version": env!("CARGO_PKG_VERSION") });
    let spans: Vec<_> = spans.iter().map(span).collect();
    let sent = json!({
        "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{ "scope": scope, "spans": spans }],
        }],
    });
    sent.to_string().into()
}

fn span(span: &Span) -> Value {
    let attribute = |(key, value): &(&str, Attribute)| json!({ "key": key, "value": value_of(value) });
    let mut sent = json!({
        "traceId": hex(&span.context.trace),
        "spanId": hex(&span.context.span),
        "name": span.name,
        "kind": span.kind as u8,
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(span.end.max(span.start)),
        "attributes": span.attributes.iter().map(attribute).collect::<Vec<_>>(),
    });
    if let (Some(sent), Some(parent)) = (sent.as_object_mut(), span.parent) {
        sent.insert("parentSpanId".into(), hex(&parent).into());
    }
    if let (Some(sent), true) = (sent.as_object_mut(), span.failed) {
        sent.insert("status".into(), json!({ "code": 2 }));
    }
    sent
}

fn value_of(value: &Attribute) -> Value {
    match value {
        Attribute::Text(text) => json!({ "stringValue": text }),
        Attribute::Number(number) => json!({ "intValue": number.to_string() }),
        Attribute::Switch(on) => json!({ "boolValue": on }),
    }
}

fn nanos(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn spans_are_written_as_otlp_has_them() {
        let start = UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_001);
        let span = Span {
            context: SpanContext { trace: [0xab; 16], span: [1; 8], sampled: true },
            parent: Some([2; 8]),
            name: "push".into(),
            kind: Kind::Internal,
            start,
            end: start + Duration::from_nanos(5),
            attributes: vec![
                ("module", Attribute::Text("acme/pets".into())),
                ("files", Attribute::Number(3)),
                ("created", Attribute::Switch(true)),
            ],
            failed: true,
        };
        let sent: Value = serde_json::from_slice(&body(&[span])).unwrap();
        let expected = json!({
            "traceId": "ab".repeat(16),
            "spanId": "01".repeat(8),
            "parentSpanId": "02".repeat(8),
            "name": "push",
            "kind": 1,
            "startTimeUnixNano": "1700000000000000001",
            "endTimeUnixNano": "1700000000000000006",
            "attributes": [
                { "key": "module", "value": { "stringValue": "acme/pets" } },
                { "key": "files", "value": { "intValue": "3" } },
                { "key": "created", "value": { "boolValue": true } },
            ],
            "status": { "code": 2 },
        });
        assert_eq!(sent["resourceSpans"][0]["scopeSpans"][0]["spans"][0], expected);
        let name = &sent["resourceSpans"][0]["resource"]["attributes"][0];
        assert_eq!(*name, json!({ "key": "service.name", "value": { "stringValue": "registry" } }));
    }
}
