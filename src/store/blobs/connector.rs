//! Requests to an object store over the HTTP and TLS that the registry has anyway.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
    HttpService,
};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use super::failure::{Failure, innermost};

/// The most that is read of the body of an error.
const ERROR_BYTES: usize = 16 << 10;

/// How many bytes a second the sending of a body may be slow.
const SLOWEST: usize = 256 << 10;

/// How long is waited for an object store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a connection.
    pub(super) connect: Duration,
    /// For the next word of an answer.
    pub(super) silence: Duration,
    /// For all tries of one call together.
    pub(super) call: Duration,
    /// Between the first two tries; each later pause is about twice the one before.
    pub(super) pause: Duration,
}

impl Default for Patience {
    /// Cargo gives a request up after 30 seconds without a byte: an error that says why comes before that.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(8),
            call: Duration::from_secs(25),
            pause: Duration::from_millis(100),
        }
    }
}

/// Makes connections to one object store.
#[derive(Debug)]
pub(super) struct Connector {
    client: Client<HttpsConnector<Tcp>, HttpRequestBody>,
    patience: Patience,
}

impl Connector {
    /// With TLS if `encrypted`, trusting the system's certificates, or those of `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// When TLS cannot be set up, in words.
    pub(super) fn new(encrypted: bool, patience: Patience) -> Result<Self, String> {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(patience.connect));
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(if encrypted { system_roots()? } else { RootCertStore::empty() })
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
        let mut client = Client::builder(TokioExecutor::new());
        client.timer(TokioTimer::new()).pool_timer(TokioTimer::new());
        Ok(Self { client: client.build(connector.wrap_connector(tcp)), patience })
    }
}

fn system_roots() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Some certificates of a system may not be readable; they are left out.
    match roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs) {
        (0, _) => {
            Err("this machine has no certificates to trust; install ca-certificates, or set SSL_CERT_FILE".into())
        }
        _ => Ok(roots),
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Requests { client: self.client.clone(), patience: self.patience }))
    }
}

/// Sends requests.
#[derive(Debug)]
struct Requests {
    client: Client<HttpsConnector<Tcp>, HttpRequestBody>,
    patience: Patience,
}

impl Requests {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let sending = Duration::from_secs((request.body().content_length() / SLOWEST) as u64);
        let answer = within(self.patience.silence + sending, self.client.request(request)).await?;
        let (parts, body) = answer.map_err(|error| Failure::Unreachable(innermost(&error)))?.into_parts();
        if !parts.status.is_success() {
            return Err(Failure::of_answer(parts.status, &self.beginning(body).await));
        }
        let body = body.map_err(|error| failed(Failure::Unreachable(innermost(&error))));
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body)))
    }

    /// The beginning of a body, as much as comes of it.
    async fn beginning(&self, mut body: Incoming) -> Vec<u8> {
        let mut beginning = vec![];
        while beginning.len() < ERROR_BYTES {
            let Ok(Some(Ok(frame))) = within(self.patience.silence, body.frame()).await else { break };
            if let Some(data) = frame.data_ref() {
                beginning.extend_from_slice(data.get(..ERROR_BYTES).unwrap_or(data));
            }
        }
        beginning
    }
}

impl HttpService for Requests {
    fn call<'a, 'call>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'call>>
    where
        'a: 'call,
        Self: 'call,
    {
        Box::pin(async move { self.send(request).await.map_err(failed) })
    }
}

/// The failure in the form that goes through the client; its kind is that of what the client does not try again.
fn failed(failure: Failure) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, failure)
}

/// What `future` gives, if it is not silent for too long.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Result<T, Failure> {
    let silent = |_| Failure::Unreachable(format!("nothing comes for {} s", limit.as_secs_f32()));
    timeout(limit, future).await.map_err(silent)
}
