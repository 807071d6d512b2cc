//! A client of a registry. It has one method per call, over the RPCs that `buf` uses and the registry's own RPCs, and
//! on top of these it pushes a directory and mirrors a module.
//!
//! Responses are wire messages where these are plain, and checked types where callers would otherwise have to check
//! ids, digests or paths of an untrusted server. Every call fails when the server does not respond or refuses; the
//! documentation of a call lists only the reasons beyond that.

mod address;
mod backup;
mod breaking_rules;
mod crates;
mod device_login;
mod error;
mod health;
mod mirror;
mod push;
mod refs;
mod restore;
mod services;
mod trace_receiver;
mod transport;

use std::fmt;
use std::sync::{Arc, OnceLock};

use buffa::view::{MessageView, OwnedView};
use bytes::Bytes;
use connectrpc::client::{ClientConfig, UnaryResponse};
use connectrpc::{ConnectError, ErrorCode};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use http::uri::Scheme;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};

pub use breaking_rules::breaking_rules;
pub use crates::IndexLine;
pub use device_login::{DeviceLogin, DeviceLoginEnd};
pub use error::ClientError;
pub use mirror::{
    ImportedCommit, MirrorError, MirrorOptions, MirrorRef, MirrorStep, MirrorTarget, Mirrored, MirroredCommit,
    ModuleSettings, Outline,
};
pub use push::{
    ComparedDirectory, CreatedModules, Origins, PushDependency, PushDependencySource, PushDirectory, PushError,
    PushOptions, PushStep, PushedDirectory, PushedModule, compared_commit,
};
pub use restore::{RestoreCallError, RestoreProgress, RestoredServer};
pub use services::commits::{Commit, Graph};
pub use services::modules::ModuleChanges;
pub use services::owners::WhoAndWhen;
pub use services::sdks::SdkRequest;
pub use services::settings::OwnerSettings;
pub use services::tokens::{CreatedToken, TokenRequest};
pub use services::upload::{UploadContent, Uploaded};
pub use services::webhooks::WebhookScope;
pub use trace_receiver::TraceReceiver;

use crate::model::TokenSecret;

use error::reason;
use transport::{PlainClient, Transport, plain_client, transport};

/// What this program calls itself to servers.
const PROGRAM: &str = concat!("registry/", env!("CARGO_PKG_VERSION"));

/// The most bytes of one response: more than a module of the largest size that a server accepts.
const MAX_ANSWER_BYTES: usize = 1 << 30;

/// The most items of one request and of one page: the limit of the public RPCs.
const PAGE: usize = 250;

/// A server, and the token for it. Cheap to clone; connections are shared and opened when first needed.
#[derive(Clone)]
pub struct Client {
    /// Connections to the server.
    http: Transport,
    /// Address, headers and limits of every call.
    config: ClientConfig,
    /// Headers of every request, with the token.
    headers: HeaderMap,
    /// Connections for requests that are no RPCs, once there was one.
    plain: Arc<OnceLock<PlainClient>>,
    /// The address for messages.
    url: String,
    /// Whether calls carry a token, which decides the advice in the error of a refused call.
    has_token: bool,
}

impl Client {
    /// A client of the server at `server_url`, `http://HOST:PORT` or `https://…`; without a scheme, `http` is meant. Nothing is sent
    /// yet.
    ///
    /// # Errors
    /// When that is not an address, or there are no certificates to trust for TLS.
    pub fn new(server_url: &str, token: Option<TokenSecret>) -> Result<Self, ClientError> {
        let base = address::parse(server_url)?;
        let encrypted = base.scheme() == Some(&Scheme::HTTPS);
        let http = transport(encrypted).map_err(|reason| ClientError::NoTls { address: server_url.into(), reason })?;
        let url = base.to_string().trim_end_matches('/').to_owned();
        let headers = headers(token.as_ref());
        let config = ClientConfig::new(base)
            .with_default_headers(headers.clone())
            .with_default_max_message_size(MAX_ANSWER_BYTES)
            .with_default_element_memory_limit(MAX_ANSWER_BYTES);
        Ok(Self { http, config, headers, plain: Arc::default(), url, has_token: token.is_some() })
    }

    /// The same client with a limit of `bytes` on a response.
    #[must_use]
    pub fn with_largest_answer(mut self, bytes: u64) -> Self {
        let most = usize::try_from(bytes).unwrap_or(MAX_ANSWER_BYTES).min(MAX_ANSWER_BYTES);
        self.config = self.config.with_default_max_message_size(most).with_default_element_memory_limit(most);
        self
    }

    /// The server's address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The arguments for a generated client.
    fn parts(&self) -> (Transport, ClientConfig) {
        (self.http.clone(), self.config.clone())
    }

    /// The status and body of the response to a request that is no RPC; a body of more than `most` bytes is an error.
    async fn exchange(&self, request: Request<Full<Bytes>>, most: usize) -> Result<(StatusCode, Bytes), ClientError> {
        let unreachable = |reason| ClientError::Unreachable { url: self.url.clone(), reason };
        let response = self.plain_client()?.request(request).await.map_err(|error| unreachable(reason(&error)))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), most).collect().await;
        Ok((status, body.map_err(|error| unreachable(reason(&*error)))?.to_bytes()))
    }

    /// The connections for requests that are no RPCs.
    fn plain_client(&self) -> Result<PlainClient, ClientError> {
        if let Some(client) = self.plain.get() {
            return Ok(client.clone());
        }
        let unreachable = |reason| ClientError::Unreachable { url: self.url.clone(), reason };
        let client = plain_client(self.url.starts_with("https://")).map_err(unreachable)?;
        Ok(self.plain.get_or_init(|| client).clone())
    }

    /// The message of a response, or its error.
    fn read<V: MessageView<'static>>(&self, answer: Answer<V>) -> Result<V::Owned, ClientError> {
        answer.map(UnaryResponse::into_owned).map_err(|error| self.explain(&error))
    }

    /// As [`Client::read`], but `None` for the error NotFound.
    fn find<V: MessageView<'static>>(&self, answer: Answer<V>) -> Result<Option<V::Owned>, ClientError> {
        match answer {
            Err(error) if error.code == ErrorCode::NotFound => Ok(None),
            answer => self.read(answer).map(Some),
        }
    }

    fn explain(&self, error: &ConnectError) -> ClientError {
        ClientError::of(error, &self.url, self.has_token)
    }

    fn malformed(&self, what: impl fmt::Display) -> ClientError {
        ClientError::Malformed { url: self.url.clone(), what: what.to_string() }
    }

    /// `items`, if their number is the requested one.
    fn exactly<T>(&self, asked: usize, items: Vec<T>) -> Result<Vec<T>, ClientError> {
        if items.len() == asked {
            return Ok(items);
        }
        Err(self.malformed(format_args!("{} items were requested, but it sent {}", asked, items.len())))
    }

    /// The only requested item.
    fn single<T>(&self, items: Vec<T>) -> Result<T, ClientError> {
        let items = self.exactly(1, items)?;
        items.into_iter().next().ok_or_else(|| self.malformed("it sent an empty list"))
    }

    /// A required part of a response.
    fn present<T>(&self, what: &str, part: Option<T>) -> Result<T, ClientError> {
        part.ok_or_else(|| self.malformed(format_args!("it has no {what}")))
    }

    /// Moves on to the page that `next` names; false after the last one.
    fn turn_page(&self, token: &mut String, next: String) -> Result<bool, ClientError> {
        if next.is_empty() {
            return Ok(false);
        }
        if next == *token {
            return Err(self.malformed("the next page is the same page"));
        }
        *token = next;
        Ok(true)
    }
}

impl fmt::Debug for Client {
    /// The address alone: the rest holds the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The result of a generated client's method.
type Answer<V> = Result<UnaryResponse<OwnedView<V>>, ConnectError>;

fn headers(token: Option<&TokenSecret>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
    let bearer = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {}", token.reveal())).ok());
    if let Some(mut bearer) = bearer {
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    headers
}

#[cfg(test)]
mod tests;
