//! One call of a receiver.

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

use super::connector::{ConnectError, Connector};
use super::sign::signature;
use crate::model::{AddressRefused, Timestamp, WebhookPolicy};
use crate::store::{StoreError, Webhook, WebhookFormat};

/// How long a call may take, with its response.
const TIME: Duration = Duration::from_secs(10);

/// How long to wait for the body of a response, whose status is known already.
const TIME_FOR_BODY: Duration = Duration::from_secs(1);

/// The most bytes of a response that are read. Nobody looks at them: a receiver that is cut off may log an error.
const LARGEST_RESPONSE: usize = 64 << 10;

/// What this program calls itself to receivers.
const PROGRAM: &str = concat!("registry/", env!("CARGO_PKG_VERSION"));

type HttpClient = Client<HttpsConnector<Connector>, Full<Bytes>>;

/// Calls receivers; each over a connection of its own, so that each address is checked.
pub(super) struct ReceiverClient {
    connector: Connector,
    /// Made when first needed, because the system's certificates take a while to read.
    client: OnceLock<HttpClient>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The receiver's address is not allowed.
    #[error(transparent)]
    Refused(AddressRefused),
    /// There was no connection.
    #[error("{0}")]
    NotConnected(String),
    /// The receiver did not answer in time.
    #[error("no answer within {} seconds", TIME.as_secs())]
    Late,
    /// The receiver answered with another status than one of success.
    #[error("the receiver answered {0}{redirect}", redirect = if (300..400).contains(.0) { "; redirects are not followed" } else { "" })]
    Status(u16),
    /// There was nothing to send.
    #[error("what was to be sent could not be read: {0}")]
    NoBody(#[source] StoreError),
    /// The request could not be made.
    #[error("the request could not be made: {0}")]
    NoRequest(#[from] http::Error),
}

impl CallError {
    /// The status of the response, if there was one.
    pub(super) fn status(&self) -> Option<u16> {
        if let Self::Status(status) = self { Some(*status) } else { None }
    }
}

impl ReceiverClient {
    pub(super) fn new(policy: WebhookPolicy) -> Self {
        Self { connector: Connector::new(policy), client: OnceLock::new() }
    }

    /// Sends `body`, and returns the status of success with which the receiver answered.
    ///
    /// # Errors
    /// When the receiver is not reached, or does not take it.
    pub(super) async fn call(
        &self,
        webhook: &Webhook,
        id: &str,
        body: Vec<u8>,
        at: Timestamp,
    ) -> Result<u16, CallError> {
        let request = request(webhook, id, body, at)?;
        let client = self.client()?;
        let response = match tokio::time::timeout(TIME, client.request(request)).await {
            Ok(response) => response.map_err(|error| not_connected(&error))?,
            Err(_) => return Err(CallError::Late),
        };
        let status = response.status();
        let body = Limited::new(response.into_body(), LARGEST_RESPONSE);
        // The status alone says what came of it.
        let _ = tokio::time::timeout(TIME_FOR_BODY, body.collect()).await;
        if status.is_success() { Ok(status.as_u16()) } else { Err(CallError::Status(status.as_u16())) }
    }

    fn client(&self) -> Result<HttpClient, CallError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = tokio::task::block_in_place(|| http_client(self.connector.clone()))?;
        Ok(self.client.get_or_init(|| client).clone())
    }
}

/// A client that keeps no connections, and trusts the system's certificates (or those of `SSL_CERT_FILE`).
fn http_client(connector: Connector) -> Result<HttpClient, CallError> {
    let mut roots = RootCertStore::empty();
    // Some certificates of a system may not be readable, and a machine without any still calls receivers without TLS.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| CallError::NotConnected(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let https = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(https.wrap_connector(connector)))
}

fn request(webhook: &Webhook, id: &str, body: Vec<u8>, at: Timestamp) -> Result<Request<Full<Bytes>>, http::Error> {
    let request = Request::builder().method(Method::POST).uri(&webhook.url).header(USER_AGENT, PROGRAM);
    let request = match webhook.format {
        WebhookFormat::Json => request.header(CONTENT_TYPE, "application/json"),
        WebhookFormat::Buf => request.header(CONTENT_TYPE, "application/proto").header("connect-protocol-version", "1"),
    };
    let mut request = request.header("webhook-id", id).header("webhook-timestamp", at.as_seconds());
    if let Some(secret) = &webhook.secret {
        request = request.header("webhook-signature", signature(secret, id, at, &body));
    }
    request.body(Full::new(Bytes::from(body)))
}

/// The reason of a failure, from the end of its chain of causes.
fn not_connected(error: &hyper_util::client::legacy::Error) -> CallError {
    let mut cause: &dyn Error = error;
    loop {
        if let Some(ConnectError::Refused(refused)) = cause.downcast_ref::<ConnectError>() {
            return CallError::Refused(refused.clone());
        }
        if cause.is::<ConnectError>() {
            return CallError::NotConnected(cause.to_string());
        }
        match cause.source() {
            Some(source) => cause = source,
            None => return CallError::NotConnected(format!("the call failed: {cause}")),
        }
    }
}
