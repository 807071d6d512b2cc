//! The addresses of this server.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::config::Settings;
use crate::model::Authority;

/// The names of the local machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The addresses under which clients may use the server, and the trusted proxies, which report the address that a
/// client used.
pub(in crate::serve) struct Addresses {
    /// The address that is written into crates, without a trailing slash.
    own: String,
    /// `--public-url`.
    public: Option<Public>,
    /// The scheme of connections without a proxy.
    pub(super) scheme: &'static str,
    bound: SocketAddr,
    /// This machine's own names, with the port of the server.
    hosts: Vec<String>,
    /// `--allowed-hosts`.
    allowed: Vec<Authority>,
    proxies: Vec<IpNet>,
}

/// `--public-url`, and the parts of it that requests are compared with.
pub(super) struct Public {
    /// Without a trailing slash.
    pub url: String,
    /// Its scheme and authority, as a browser writes them.
    pub origin: String,
    scheme: &'static str,
    authority: Authority,
}

impl Addresses {
    /// The addresses of a server that listens on `bound`.
    pub(in crate::serve) fn new(settings: &Settings, bound: SocketAddr) -> Self {
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        let public = settings.public_url.as_deref().and_then(Public::new);
        Self {
            own: public.as_ref().map_or_else(|| own_url(scheme, bound), |public| public.url.clone()),
            public,
            scheme,
            bound,
            hosts: own_hosts(bound),
            allowed: settings.allowed_hosts.clone(),
            proxies: settings.trusted_proxies.clone(),
        }
    }

    /// The address that is written into crates and shown at the start, without a trailing slash.
    pub(in crate::serve) fn own(&self) -> &str {
        &self.own
    }

    pub(super) fn public(&self) -> Option<&Public> {
        self.public.as_ref()
    }

    pub(super) fn is_proxy(&self, ip: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&ip))
    }

    /// The address that a client named, normalized, if it is one of this server's. `local` is the server's end of the
    /// connection.
    pub(super) fn recognize(&self, scheme: &str, named: &Authority, local: SocketAddr) -> Option<String> {
        // The scheme of the configured address counts: a proxy that ends TLS need not report it.
        if let Some(public) = self.public.as_ref().filter(|public| public.is_named(named)) {
            return Some(public.origin.clone());
        }
        let port = named.port_or(scheme);
        let own = port == self.bound.port() && self.hosts.contains(&named.host);
        // A literal address that the connection really went to needs no name, so nobody can have redirected it.
        let literal = Authority { port: Some(port), ..named.clone() } == Authority::from(local);
        let allowed = |allowed: &Authority| allowed.host == named.host && allowed.port.is_none_or(|it| it == port);
        let ours = own || literal || self.allowed.iter().any(allowed);
        ours.then(|| format!("{scheme}://{}", named.shortened(scheme)))
    }

    /// The address for a client that used an unknown one: an address that the client can probably reach.
    pub(super) fn instead(&self, local: SocketAddr) -> String {
        let from_elsewhere = self.bound.ip().is_unspecified() && !local.ip().to_canonical().is_loopback();
        if self.public.is_none() && from_elsewhere {
            return format!("{}://{}", self.scheme, Authority::from(local).shortened(self.scheme));
        }
        self.own.clone()
    }
}

impl Public {
    fn new(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = if scheme.eq_ignore_ascii_case("https") { "https" } else { "http" };
        let authority: Authority = rest.split('/').next()?.parse().ok()?;
        let origin = format!("{scheme}://{}", authority.shortened(scheme));
        Some(Self { url: url.trim_end_matches('/').to_owned(), origin, scheme, authority })
    }

    fn is_named(&self, named: &Authority) -> bool {
        named.host == self.authority.host && named.port_or(self.scheme) == self.authority.port_or(self.scheme)
    }
}

/// The server's own address: `localhost` where possible, because some cargo tools refuse literal addresses.
fn own_url(scheme: &str, bound: SocketAddr) -> String {
    let mut authority = Authority::from(bound);
    if bound.ip().is_loopback() || bound.ip().is_unspecified() {
        LOOPBACK[0].clone_into(&mut authority.host);
    }
    format!("{scheme}://{authority}")
}

/// The names that need no setting: this machine alone decides where they lead.
fn own_hosts(bound: SocketAddr) -> Vec<String> {
    let loopback = LOOPBACK.map(str::to_owned);
    let machine = machine_name().into_iter();
    match bound.ip() {
        ip if ip.is_loopback() => loopback.to_vec(),
        ip if ip.is_unspecified() => loopback.into_iter().chain(machine).collect(),
        _ => machine.chain([Authority::from(bound).host]).collect(),
    }
}

/// The host name of this machine.
#[cfg(unix)]
pub fn machine_name() -> Option<String> {
    let name: Authority = rustix::system::uname().nodename().to_str().ok()?.parse().ok()?;
    Some(name.host)
}

/// The host name of this machine, which is not asked for here.
#[cfg(not(unix))]
pub fn machine_name() -> Option<String> {
    None
}
