//! What a registry counts and measures while it runs, for `/metrics`. Recording costs no lock that others hold for
//! long, so any thread may do it. The numbers of records are not counted here: the store knows them.

mod labels;

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use labels::{PushLabels, RequestLabels, RouteLabels, SdkLabels, TokenLabels, WebhookLabels};
pub use labels::{PushResult, SdkResult, TokenResult, WebhookResult};

/// Upper bounds of the latencies of requests, in seconds.
const REQUEST_SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Upper bounds of the durations of compiling a push and of making an SDK, in seconds.
const WORK_SECONDS: [f64; 13] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0, 300.0];

/// The counters and histograms of one registry.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<RouteLabels, Histogram>,
    pushes: Family<PushLabels, Counter>,
    compile_seconds: Histogram,
    sdk_seconds: Family<SdkLabels, Histogram>,
    tokens: Family<TokenLabels, Counter>,
    webhooks: Family<WebhookLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS)),
            pushes: Family::default(),
            compile_seconds: work_seconds(),
            sdk_seconds: Family::new_with_constructor(work_seconds),
            tokens: Family::default(),
            webhooks: Family::default(),
        }
    }
}

fn work_seconds() -> Histogram {
    Histogram::new(WORK_SECONDS)
}

impl Metrics {
    /// Records a response. `route` is a pattern, never a path, so that strangers cannot make up new labels.
    pub fn answered(&self, route: &'static str, method: &http::Method, status: u16, duration: Duration) {
        self.requests.get_or_create(&RequestLabels::new(route, method, status)).inc();
        self.request_seconds.get_or_create(&RouteLabels { route }).observe(duration.as_secs_f64());
    }

    /// Records a push.
    pub fn pushed(&self, result: PushResult) {
        self.pushes.get_or_create(&result.into()).inc();
    }

    /// Records how long the content of a push took to compile, or to be refused.
    pub fn compiled(&self, duration: Duration) {
        self.compile_seconds.observe(duration.as_secs_f64());
    }

    /// Records the end of a job of `plugin`, `owner/name`.
    pub fn made_sdk(&self, plugin: String, result: SdkResult, duration: Duration) {
        self.sdk_seconds.get_or_create(&SdkLabels::new(plugin, result)).observe(duration.as_secs_f64());
    }

    /// Records the check of a token, or of a session, that a request presented.
    pub fn checked_token(&self, result: TokenResult) {
        self.tokens.get_or_create(&result.into()).inc();
    }

    /// Records the call of a webhook.
    pub fn called_webhook(&self, result: WebhookResult) {
        self.webhooks.get_or_create(&result.into()).inc();
    }

    /// Adds everything to `registry`, with the names that Prometheus' conventions ask for
    /// (<https://prometheus.io/docs/practices/naming/>).
    pub fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        let seconds = Unit::Seconds;
        let latency = "Time from the head of a request to the head of its response";
        registry.register_with_unit("http_request_duration", latency, seconds.clone(), self.request_seconds.clone());
        registry.register("pushes", "Pushes by what became of them", self.pushes.clone());
        let compile = "Time to compile the content of a push";
        registry.register_with_unit("compile_duration", compile, seconds.clone(), self.compile_seconds.clone());
        let sdk = "Time to make an SDK, by plugin and by what became of it";
        registry.register_with_unit("sdk_job_duration", sdk, seconds, self.sdk_seconds.clone());
        let checks = "Checks of tokens and sessions that requests presented; one request may cause two";
        registry.register("token_checks", checks, self.tokens.clone());
        let calls = "Calls of webhooks by what became of them";
        registry.register("webhook_deliveries", calls, self.webhooks.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(metrics: &Metrics) -> String {
        let (mut registry, mut text) = (Registry::default(), String::new());
        metrics.register(&mut registry);
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn what_was_recorded_is_in_the_text() {
        let metrics = Metrics::default();
        metrics.answered("/{owner}", &http::Method::GET, 200, Duration::from_millis(3));
        metrics.pushed(PushResult::Refused);
        metrics.made_sdk("a/b".into(), SdkResult::Published, Duration::from_secs(2));
        metrics.checked_token(TokenResult::Revoked);
        metrics.called_webhook(WebhookResult::GivenUp);
        let text = text(&metrics);
        for line in [
            "http_requests_total{route=\"/{owner}\",method=\"GET\",status=\"200\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.005\",route=\"/{owner}\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.0025\",route=\"/{owner}\"} 0",
            "pushes_total{result=\"refused\"} 1",
            "sdk_job_duration_seconds_count{plugin=\"a/b\",result=\"published\"} 1",
            "token_checks_total{result=\"revoked\"} 1",
            "webhook_deliveries_total{result=\"given_up\"} 1",
            "compile_duration_seconds_count 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn methods_that_clients_make_up_are_one_label() {
        let metrics = Metrics::default();
        for method in ["BREW", "STEEP"] {
            metrics.answered("nothing", &method.parse().unwrap(), 405, Duration::ZERO);
        }
        assert!(text(&metrics).contains("method=\"other\",status=\"405\"} 2"));
    }
}
