//! The origin of a request: the address that it was sent to, and the client. Nothing else in the server reads `Host`,
//! `:authority` or the headers of proxies: a test forbids it (`tests/it/source/layering.rs`).
//!
//! The address that a client used goes back into links, `config.json` and the output of `buf`. Anybody can name any
//! host, so only the server's addresses go back: the address that it listens on, `--public-url`, and `--allowed-hosts`.
//! Requests to another address are served all the same, with the server's own address in its place; forms from there
//! are refused.

mod addresses;
mod ends;
mod forwarded;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{LazyLock, Mutex, PoisonError};

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Uri};
use ipnet::{IpNet, Ipv6Net};

use crate::model::Authority;

use super::error::{Answer, Kind, Refusal};

pub(in crate::serve) use addresses::Addresses;
pub use addresses::machine_name;
pub(in crate::serve) use ends::{Ends, LocalAddress, PeerAddress};

/// Browsers send it with every request: whether the same site or another one caused the request.
const FETCH_SITE: &str = "sec-fetch-site";

/// The most unknown hosts that the log names: anybody can name more.
const MOST_NAMED: usize = 20;

/// The origin of one request.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Origin {
    /// The server's address for the response, without a trailing slash.
    pub url: String,
    /// The client, as the first trusted proxy saw it.
    pub client: IpAddr,
    /// The address that the client used, as a browser writes it, if it is one of the server's.
    used: Option<String>,
    /// The origin of `--public-url`.
    public: Option<String>,
}

impl Addresses {
    /// Whether a trusted proxy passed the request on.
    pub(in crate::serve) fn is_from_proxy(&self, request: &Parts) -> bool {
        request.extensions.get::<PeerAddress>().is_some_and(|peer| self.is_proxy(peer.0.ip().to_canonical()))
    }

    /// The origin of a request.
    pub(in crate::serve) fn origin(&self, request: &Parts) -> Origin {
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let peer = request.extensions.get::<PeerAddress>().map_or(nobody, |peer| peer.0);
        let local = request.extensions.get::<LocalAddress>().map_or(nobody, |local| local.0);
        let sender = forwarded::sender(&request.headers, peer.ip().to_canonical(), |ip| self.is_proxy(ip));
        let scheme = sender.scheme.unwrap_or(self.scheme);
        let named = sender.host.as_deref().or_else(|| named(&request.uri, &request.headers));
        let used = named
            .and_then(|text| text.parse::<Authority>().ok())
            .and_then(|named| self.recognize(scheme, &named, local));
        if used.is_none() {
            note_unknown(named.unwrap_or_default(), self.own());
        }
        let public = self.public();
        Origin {
            url: match public {
                Some(public) => public.url.clone(),
                None => used.clone().unwrap_or_else(|| self.instead(local)),
            },
            client: sender.client,
            used,
            public: public.map(|public| public.origin.clone()),
        }
    }
}

impl Origin {
    /// Whether the browser used TLS, as far as known: the attributes of cookies depend on it.
    pub(in crate::serve) fn is_secure(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// The network that belongs to one user: an IPv4 address, or the /64 that an IPv6 line is given.
    pub(in crate::serve) fn network(&self) -> IpNet {
        match self.client {
            IpAddr::V4(_) => self.client.into(),
            IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 64).trunc().into(),
        }
    }

    /// `HOST:PORT` of the server's address.
    pub(in crate::serve) fn host(&self) -> &str {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, host)| host)
    }

    /// Refuses a form that was not sent from a page of this registry.
    ///
    /// # Errors
    /// When the browser reports that another site caused it, or the page came from an address that is not the server's.
    pub(in crate::serve) fn check_form(&self, headers: &HeaderMap) -> Answer<()> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let site = text(FETCH_SITE).unwrap_or("none");
        // Every browser sends the origin; programs do not.
        let Some(page) = text(ORIGIN.as_str()) else { return if is_ours(site) { Ok(()) } else { Err(foreign()) } };
        if is_ours(site) && [&self.used, &self.public].iter().any(|ours| ours.as_deref() == Some(page)) {
            return Ok(());
        }
        let authority = |url: &str| url.split_once("://").map(|(_, authority)| authority.to_owned());
        match &self.used {
            _ if !is_ours(site) => Err(foreign()),
            None => Err(self.misdirected()),
            Some(used) if authority(used) == authority(page) => Err(Refusal::forbidden(
                "the browser used TLS for this page, but the server does not know that; its operator can name the proxy \
                 in `registry serve --trusted-proxies`, or the address in --public-url",
            )),
            Some(_) => Err(foreign()),
        }
    }

    fn misdirected(&self) -> Refusal {
        let message = format!(
            "this server does not know the address that your browser used as its own, and accepts no forms there; \
             open {}, or ask its operator to add the host to `registry serve --allowed-hosts`",
            self.url
        );
        Refusal::new(Kind::Misdirected, message)
    }
}

#[cfg(test)]
impl Origin {
    /// The origin of a request to `url`, which is the server's.
    pub(in crate::serve) fn at(url: &str) -> Self {
        Self { url: url.into(), client: Ipv4Addr::LOCALHOST.into(), used: Some(url.into()), public: None }
    }
}

fn is_ours(site: &str) -> bool {
    matches!(site, "same-origin" | "none")
}

fn foreign() -> Refusal {
    Refusal::forbidden("this form was sent from another site; open the page here and send it again")
}

/// Whether a link of another site led to the page: browsers do not send a strict cookie then, so the page must be
/// requested again.
pub(in crate::serve) fn came_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site")
}

/// The host that a request names: in the URI for HTTP/2, in the one `Host` header for HTTP/1.1.
fn named<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let (first, second) = (hosts.next()?, hosts.next());
    if second.is_none() { first.to_str().ok() } else { None }
}

/// Logs each unknown host once, because the operator may want to allow it.
fn note_unknown(host: &str, own: &str) {
    static NAMED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let mut hosts = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    if hosts.len() < MOST_NAMED && hosts.insert(host.to_owned()) {
        tracing::warn!(
            host,
            own,
            "a client used a host name that this server does not know as its own; if it is, add it to --allowed-hosts"
        );
    }
}

#[cfg(test)]
mod tests;
