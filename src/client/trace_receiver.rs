//! A receiver of traces: it takes OTLP over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Full, Limited};

use super::PROGRAM;
use super::error::reason;
use super::transport::{PlainClient, plain_client};

/// The most bytes of a response that are read.
const LARGEST_RESPONSE: usize = 64 << 10;

/// A receiver of traces.
#[derive(Clone)]
pub struct TraceReceiver {
    client: PlainClient,
    url: String,
    headers: HeaderMap,
    timeout: Duration,
}

impl TraceReceiver {
    /// The receiver at `endpoint`, the address that `/v1/traces` is under. Every request has these headers, and may take
    /// so long. Nothing is sent yet.
    ///
    /// # Errors
    /// When there are no certificates to trust for TLS.
    pub fn new(endpoint: &str, headers: HeaderMap, timeout: Duration) -> Result<Self, String> {
        let client = plain_client(endpoint.starts_with("https://"))?;
        Ok(Self { client, url: format!("{}/v1/traces", endpoint.trim_end_matches('/')), headers, timeout })
    }

    /// Sends a body of JSON.
    ///
    /// # Errors
    /// When the receiver does not take it in time.
    pub async fn send(&self, body: Bytes) -> Result<(), String> {
        match tokio::time::timeout(self.timeout, self.exchange(body)).await {
            Ok(result) => result,
            Err(_) => Err(format!("{} did not answer within {} ms", self.url, self.timeout.as_millis())),
        }
    }

    async fn exchange(&self, body: Bytes) -> Result<(), String> {
        let request = Request::builder().method(Method::POST).uri(&self.url);
        let request = request.header(CONTENT_TYPE, "application/json").header(USER_AGENT, PROGRAM);
        let mut request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        request.headers_mut().extend(self.headers.clone());
        let unreachable = |reason: String| format!("{} cannot be reached: {reason}", self.url);
        let response = self.client.request(request).await.map_err(|error| unreachable(reason(&error)))?;
        let status = response.status();
        // Read to its end, so that the connection can be used again.
        let _ = Limited::new(response.into_body(), LARGEST_RESPONSE).collect().await;
        if status.is_success() { Ok(()) } else { Err(format!("{} answered {status}", self.url)) }
    }
}
