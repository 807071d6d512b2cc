//! The server's address, as it knows it and as a request used it.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::HOST;

use crate::config::Settings;

/// The address that is written into crates and shown at the start, without a trailing slash: `--public-url`, or
/// `localhost` when listening on a loopback or on every address. (Some cargo tools do not take literal addresses.)
pub(super) fn own_url(settings: &Settings, bound: SocketAddr) -> String {
    if let Some(url) = &settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let (scheme, port) = (if settings.tls.is_some() { "https" } else { "http" }, bound.port());
    match bound.ip() {
        ip if ip.is_loopback() || ip.is_unspecified() => format!("{scheme}://localhost:{port}"),
        IpAddr::V4(ip) => format!("{scheme}://{ip}:{port}"),
        IpAddr::V6(ip) => format!("{scheme}://[{ip}]:{port}"),
    }
}

/// The address that a client used, without a trailing slash: what it is to use again in links. `fallback` is the
/// server's own address; a request does not say whether it came with TLS, but all of one server do, or none.
pub(super) fn request_url(public_url: Option<&str>, headers: &HeaderMap, fallback: &str) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
    let scheme = if fallback.starts_with("https://") { "https" } else { "http" };
    host.map_or_else(|| fallback.to_owned(), |host| format!("{scheme}://{host}"))
}

/// Whether a `Host` header holds nothing but a host and a port: it is copied into what we answer.
fn is_host(host: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    !host.is_empty() && host.len() <= 255 && host.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_use_the_address_that_the_client_used() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "build-box:8780".parse().unwrap());
        assert_eq!(request_url(None, &headers, "http://localhost:1"), "http://build-box:8780");
        assert_eq!(request_url(None, &headers, "https://localhost:1"), "https://build-box:8780");
        assert_eq!(request_url(Some("https://reg.example/"), &headers, ""), "https://reg.example");
        headers.insert(HOST, "evil\"><script>".parse().unwrap());
        assert_eq!(request_url(None, &headers, "http://localhost:1"), "http://localhost:1");
    }
}
