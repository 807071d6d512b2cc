//! Connections to a server: plain, or with TLS when its address says `https`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectrpc::client::{ClientBody, ServiceTransport};
use http::Request;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tower::util::MapRequest;

/// The time limit to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Sends requests; cheap to clone, connections are shared and opened when first needed.
pub(super) type Transport = ServiceTransport<Logged<Client<HttpsConnector<HttpConnector>, ClientBody>, ClientBody>>;

/// Sends requests that are no RPCs; cheap to clone, as [`Transport`].
pub(super) type PlainClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client that logs each request before it is sent.
type Logged<C, B> = MapRequest<C, fn(Request<B>) -> Request<B>>;

/// Logs method and address; the headers hold the token.
fn logged<B>(request: Request<B>) -> Request<B> {
    tracing::debug!("{} {}", request.method(), request.uri());
    request
}

/// Connections to a server; with TLS if `encrypted`, trusting the system's certificates (or those of `SSL_CERT_FILE`).
///
/// # Errors
/// When there are no certificates to trust.
pub(super) fn transport(encrypted: bool) -> Result<Transport, String> {
    let client = Client::builder(TokioExecutor::new()).build(connector(encrypted)?);
    Ok(ServiceTransport::new(MapRequest::new(client, logged as fn(_) -> _)))
}

/// The same connections for requests that are no RPCs.
///
/// # Errors
/// When there are no certificates to trust.
pub(super) fn plain_client(encrypted: bool) -> Result<PlainClient, String> {
    Ok(Client::builder(TokioExecutor::new()).build(connector(encrypted)?))
}

/// The same connections for one large request, whose body comes in parts.
///
/// # Errors
/// When there are no certificates to trust.
pub(super) fn streaming_client<B>(encrypted: bool) -> Result<Client<HttpsConnector<HttpConnector>, B>, String>
where
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    Ok(Client::builder(TokioExecutor::new()).build(connector(encrypted)?))
}

fn connector(encrypted: bool) -> Result<HttpsConnector<HttpConnector>, String> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_WITHIN));
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(if encrypted { system_roots()? } else { RootCertStore::empty() })
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(tcp))
}

fn system_roots() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Some certificates of a system may not be readable; they are left out.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(roots);
    }
    let why = found.errors.first().map_or_else(String::new, |error| format!(" ({error})"));
    Err(format!(
        "no certificates to trust were found on this machine{why}; install ca-certificates, or let SSL_CERT_FILE name some"
    ))
}
