//! Traces: what is sent of requests, pushes and SDKs, and that nobody waits for it.

use serde_json::Value;

use crate::support::{Module, Receiver, Registry, Reply, eventually, http, kennel, pets, run};

/// A span as it was received.
#[derive(Debug, Clone)]
struct Span {
    name: String,
    trace: String,
    id: String,
    parent: Option<String>,
    attributes: Vec<(String, String)>,
    failed: bool,
}

impl Span {
    fn of(sent: &Value) -> Self {
        let text = |field: &str| sent[field].as_str().map(ToOwned::to_owned);
        let nanos = |field: &str| text(field).unwrap().parse::<u128>().unwrap();
        assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"), "{sent}");
        let attribute = |attribute: &Value| {
            let value = attribute["value"].as_object().unwrap().values().next().unwrap();
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            (attribute["key"].as_str().unwrap().to_owned(), value)
        };
        Self {
            name: text("name").unwrap(),
            trace: text("traceId").unwrap(),
            id: text("spanId").unwrap(),
            parent: text("parentSpanId"),
            attributes: sent["attributes"].as_array().unwrap().iter().map(attribute).collect(),
            failed: sent["status"]["code"] == 2,
        }
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

fn spans(receiver: &Receiver) -> Vec<Span> {
    let of_call = |call: &Value| call["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    receiver.calls().iter().flat_map(|call| of_call(&call.json())).map(|sent| Span::of(&sent)).collect()
}

/// Waits for a span that `wanted` wants.
#[track_caller]
fn span(receiver: &Receiver, what: &str, wanted: impl Fn(&Span) -> bool) -> Span {
    let find = || spans(receiver).into_iter().find(&wanted);
    eventually(what, || find().is_some());
    find().unwrap()
}

fn traced(receiver: &Receiver) -> Registry {
    Registry::with(|options| _ = options.flag("otlp-endpoint", &receiver.url("")))
}

const UPLOAD: &str = "POST /buf.registry.module.v1.UploadService/Upload";

#[test]
fn a_push_is_one_trace_from_its_request_to_its_crates() {
    let receiver = Receiver::start();
    let registry = traced(&receiver);
    let pushed = Module::new("acme/pets").file("pets.proto", kennel("unheard_of")).push(&registry);
    let request = span(&receiver, "the request", |span| span.name == UPLOAD);
    assert_eq!(request.parent, None, "the client begins no trace");
    assert_eq!(request.attribute("http.response.status_code"), "200");
    assert_eq!(request.attribute("http.route"), &UPLOAD[5..]);
    assert!(!request.attribute("request.id").is_empty());
    let child = |of: &Span, name: &str| {
        let (of, name) = (of.clone(), name.to_owned());
        let found = span(&receiver, &name, |span| span.name == name && span.parent.as_ref() == Some(&of.id));
        assert_eq!(found.trace, of.trace, "{found:?}");
        found
    };
    let push = child(&request, "push");
    assert_eq!((push.attribute("modules"), push.attribute("created")), ("acme/pets", "1"));
    for phase in ["dependencies", "compile", "read declarations", "gate", "store"] {
        child(&push, phase);
    }
    child(&request, "wait for SDKs");
    let sdk = child(&push, "sdk community/neoeinstein-tonic");
    assert_eq!(sdk.attribute("plugin_version"), "v0.5.0");
    assert_eq!(sdk.attribute("commit"), pushed.commit);
    child(&sdk, "build");
    child(&sdk, "publish");
    assert!(spans(&receiver).iter().all(|span| !span.failed));
    for call in receiver.calls() {
        assert_eq!((call.path.as_str(), call.header("content-type")), ("/v1/traces", "application/json"));
        let text = String::from_utf8(call.body.clone()).unwrap();
        for secret in [registry.token.as_str(), "Bearer", "unheard_of", "authorization"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let metrics = registry.get("/metrics").ok().text();
    let sample = |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    assert!(sample("registry_trace_spans_sent_total").unwrap() > 5, "{metrics}");
    assert_eq!(sample("registry_trace_spans_dropped_total"), Some(0), "{metrics}");
}

#[test]
fn headers_for_the_receiver_are_sent_and_shown_nowhere() {
    let receiver = Receiver::answering([Reply::Head("401 Unauthorized".into())]);
    let headers = "api-key=top%20se%2Ccret,Authorization=Basic%20aGlkZGVu";
    let mut registry = Registry::with(|options| {
        options.flag("otlp-endpoint", &receiver.url("")).flag("log-level", "debug");
        options.variable("OTEL_EXPORTER_OTLP_HEADERS", headers).variable("OTEL_EXPORTER_OTLP_TIMEOUT", "2000");
    });
    registry.get("/acme/none").is(404);
    eventually("the refusal is logged", || registry.log().contains("answered 401"));
    registry.get("/acme/none").is(404);
    registry.signal("TERM");
    assert!(registry.process().wait().unwrap().success());
    for call in receiver.wait(2) {
        assert_eq!((call.header("api-key"), call.header("authorization")), ("top se,cret", "Basic aGlkZGVu"));
        assert_eq!(call.header("content-type"), "application/json");
    }
    let mut config = registry.command();
    config.args(["config", "--otlp-endpoint", "http://localhost:1"]).env("OTEL_EXPORTER_OTLP_HEADERS", headers);
    let shown = run(&mut config).ok().prints("(hidden)").prints("OTEL_EXPORTER_OTLP_HEADERS").stdout;
    for text in [registry.log(), shown] {
        assert!(!["cret", "aGlkZGVu"].iter().any(|secret| text.contains(secret)), "{text}");
    }
    let broken = run(config.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=top%0Acret")).could_not_run();
    let broken = broken.says("header api-key has a value that no header can have");
    assert!(!broken.stderr.contains("cret"), "{broken}");
}

#[test]
fn a_push_that_changes_nothing_reads_no_declarations() {
    let receiver = Receiver::start();
    let registry = traced(&receiver);
    for created in ["1", "0"] {
        Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
        span(&receiver, "the push", |span| span.name == "push" && span.attribute("created") == created);
    }
    assert_eq!(spans(&receiver).iter().filter(|span| span.name == "read declarations").count(), 1);
}

#[test]
fn a_request_belongs_to_the_trace_of_its_client() {
    let receiver = Receiver::start();
    let registry = traced(&receiver);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let get = |path: &str, traceparent: String| {
        let headers = vec![registry.authorization(), format!("traceparent: {traceparent}")];
        http::send(&registry.url, "GET", path, headers, &[])
    };
    get("/unsampled/module", format!("00-{trace}-00f067aa0ba902b7-00")).is(404);
    get("/healthz", format!("00-{trace}-00f067aa0ba902b7-01")).ok();
    get("/acme", "nonsense".into()).is(404);
    get("/acme/none?token=secret", format!("00-{trace}-00f067aa0ba902b7-01")).is(404);
    let found = span(&receiver, "the request", |span| span.trace == trace);
    assert_eq!(found.parent.as_deref(), Some("00f067aa0ba902b7"));
    assert_eq!(found.name, "GET /{owner}/{module}");
    assert!(!found.attributes.iter().any(|(_, value)| value.contains("none") || value.contains("secret")), "{found:?}");
    let own = span(&receiver, "the other", |span| span.name == "GET /{owner}");
    assert!(own.parent.is_none() && own.trace != trace, "{own:?}");
    let all = spans(&receiver);
    assert_eq!(all.iter().filter(|span| span.name.starts_with("GET /")).count(), 2, "{all:?}");
}

#[test]
fn what_is_left_is_sent_when_the_server_ends() {
    let receiver = Receiver::start();
    let mut registry = traced(&receiver);
    registry.get("/acme/none").is(404);
    registry.signal("TERM");
    assert!(registry.process().wait().unwrap().success());
    assert!(spans(&receiver).iter().any(|span| span.name == "GET /{owner}/{module}"));
}

#[test]
fn nobody_waits_for_a_receiver_that_is_away_or_silent() {
    let silent = Receiver::answering(std::iter::repeat_n(Reply::Never, 9));
    for endpoint in [silent.url(""), "http://127.0.0.1:1".into()] {
        let registry = Registry::with(|options| _ = options.variable("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint));
        Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
        if endpoint.ends_with(":1") {
            let dropped = || {
                let metrics = registry.get("/metrics").ok().text();
                metrics
                    .lines()
                    .any(|line| line.starts_with("registry_trace_spans_dropped_total ") && !line.ends_with(" 0"))
            };
            eventually("the spans are counted", dropped);
            assert!(registry.log().contains("could not send traces"), "{}", registry.log());
        }
        registry.is_well();
    }
    let without = Registry::start();
    assert!(!without.get("/metrics").ok().text().contains("trace_spans"));
}
