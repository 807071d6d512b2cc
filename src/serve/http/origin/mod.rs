//! Where a request was sent to, and from where. Nothing else in the server reads `Host`, `:authority` or what proxies
//! say: a test forbids it (`tests/it/source/layering.rs`).
//!
//! The address that a client used goes back into links, `config.json` and what `buf` prints. Anybody can name any host,
//! so only addresses that are ours go back: the one that the server listens on, `--public-url`, and `--allowed-hosts`.
//! Requests to another one are answered all the same, with our own address in its place; forms from there are refused.

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
pub(in crate::serve) use ends::{Ends, LocalAddress, PeerAddress};

/// Sent by browsers with every request: who made them send it.
const FETCH_SITE: &str = "sec-fetch-site";

/// Most unknown hosts that are named in the log: anybody can name one more.
const MOST_NAMED: usize = 20;

/// Where one request was sent to, and from where.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Origin {
    /// Our address for what we answer, without a trailing slash.
    pub url: String,
    /// Who asks: whoever stands before the first trusted proxy.
    pub client: IpAddr,
    /// The address that the client used, as a browser writes it, if it is one of ours.
    used: Option<String>,
    /// That of `--public-url`.
    public: Option<String>,
}

impl Addresses {
    /// Where a request was sent to, and from where.
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
    /// Whether the browser came over TLS, as far as we know: cookies depend on it.
    pub(in crate::serve) fn is_secure(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// The client's network, as far as one user has all of it: an address, or the 2⁶⁴ of IPv6 that a line is given.
    pub(in crate::serve) fn network(&self) -> IpNet {
        match self.client {
            IpAddr::V4(_) => self.client.into(),
            IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 64).trunc().into(),
        }
    }

    /// `HOST:PORT` of our address.
    pub(in crate::serve) fn host(&self) -> &str {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, host)| host)
    }

    /// Refuses a form that was not sent from a page of this registry.
    ///
    /// # Errors
    /// When the browser says that another site made it send the form, or the page came from an address that is not ours.
    pub(in crate::serve) fn check_form(&self, headers: &HeaderMap) -> Answer<()> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let site = text(FETCH_SITE).unwrap_or("none");
        // Programs name no origin; every browser does.
        let Some(page) = text(ORIGIN.as_str()) else { return if is_ours(site) { Ok(()) } else { Err(foreign()) } };
        if is_ours(site) && [&self.used, &self.public].iter().any(|ours| ours.as_deref() == Some(page)) {
            return Ok(());
        }
        let authority = |url: &str| url.split_once("://").map(|(_, authority)| authority.to_owned());
        match &self.used {
            _ if !is_ours(site) => Err(foreign()),
            None => Err(self.misdirected()),
            Some(used) if authority(used) == authority(page) => Err(Refusal::forbidden(
                "the browser has this page over TLS, and the server does not know of it; whoever runs it names the \
                 proxy in `registry serve --trusted-proxies`, or the address in --public-url",
            )),
            Some(_) => Err(foreign()),
        }
    }

    fn misdirected(&self) -> Refusal {
        let message = format!(
            "this server does not know the address that your browser used as its own, and takes no forms there; open \
             {}, or let whoever runs it name the host in `registry serve --allowed-hosts`",
            self.url
        );
        Refusal::new(Kind::Misdirected, message)
    }
}

#[cfg(test)]
impl Origin {
    /// Of a request to `url`, which is ours.
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

/// Whether another site led here: browsers keep a strict cookie back then, so the page should be asked for again.
pub(in crate::serve) fn came_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site")
}

/// The host that a request names: HTTP/2 has it in the URI, HTTP/1.1 in a header of which there is one.
fn named<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let (first, second) = (hosts.next()?, hosts.next());
    if second.is_none() { first.to_str().ok() } else { None }
}

/// Tells whoever runs the server once of each host, because it may well be meant.
fn note_unknown(host: &str, own: &str) {
    static NAMED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let mut hosts = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    if hosts.len() < MOST_NAMED && hosts.insert(host.to_owned()) {
        tracing::warn!(
            host,
            own,
            "a client used a host that is not known as this server's; if it is, name it in --allowed-hosts"
        );
    }
}

#[cfg(test)]
mod tests;
