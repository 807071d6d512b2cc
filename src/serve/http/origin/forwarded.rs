//! The headers of reverse proxies: `X-Forwarded-For`, `-Host`, `-Proto`, or `Forwarded` (RFC 7239). Each proxy adds one
//! element after the elements that it received. So elements are read from the last one on, and believed while a
//! trusted proxy has written them.

use std::net::{IpAddr, SocketAddr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The sender of a request, and the address that it used, as far as known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sender {
    /// The client that the first trusted proxy saw.
    pub client: IpAddr,
    /// The host that the client named, if a proxy reports it.
    pub host: Option<String>,
    /// `http` or `https`, if a proxy reports it.
    pub scheme: Option<&'static str>,
}

/// The element of one proxy.
#[derive(Default)]
struct Hop {
    client: Option<IpAddr>,
    host: Option<String>,
    scheme: Option<&'static str>,
}

/// The sender of a request from `peer`.
pub(super) fn sender(headers: &HeaderMap, peer: IpAddr, is_trusted: impl Fn(IpAddr) -> bool) -> Sender {
    let mut sender = Sender { client: peer, host: None, scheme: None };
    for hop in hops(headers).into_iter().rev() {
        if !is_trusted(sender.client) {
            break;
        }
        sender.host = hop.host.or(sender.host);
        sender.scheme = hop.scheme.or(sender.scheme);
        let Some(client) = hop.client else { break };
        sender.client = client;
    }
    sender
}

/// The elements of the proxies, the nearest proxy last. A proxy writes one kind of header and passes on the other kind,
/// which anybody may have sent. So neither kind is believed if a request has both.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let legacy = [FOR, HOST, PROTO].iter().any(|name| headers.contains_key(name));
    match (legacy, headers.contains_key(FORWARDED)) {
        (true, false) => of_three_lists(headers),
        (false, true) => of_elements(headers),
        (true, true) | (false, false) => vec![],
    }
}

/// The elements of the three `X-Forwarded` lists. The last items of the lists belong together, then the items before
/// them.
fn of_three_lists(headers: &HeaderMap) -> Vec<Hop> {
    let [clients, hosts, schemes] = [FOR, HOST, PROTO].map(|name| list(headers, &name));
    let count = clients.len().max(hosts.len()).max(schemes.len());
    let from_end = |list: &[String], n: usize| list.len().checked_sub(n).and_then(|at| list.get(at)).cloned();
    let hop = |n| Hop {
        client: from_end(&clients, n).and_then(|text| address(&text)),
        host: from_end(&hosts, n),
        scheme: from_end(&schemes, n).and_then(|text| scheme(&text)),
    };
    (1..=count).rev().map(hop).collect()
}

fn of_elements(headers: &HeaderMap) -> Vec<Hop> {
    let elements = list(headers, &FORWARDED);
    elements.iter().map(|element| element_of(element)).collect()
}

fn element_of(element: &str) -> Hop {
    let mut hop = Hop::default();
    for (name, value) in split(element, ';').iter().filter_map(|pair| pair.split_once('=')) {
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.client = address(&value),
            "host" => hop.host = Some(value),
            "proto" => hop.scheme = scheme(&value),
            _ => {}
        }
    }
    hop
}

/// The items of a list that may be spread over several headers.
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| split(text, ',')).collect()
}

/// The parts of a text between separators outside quotes, without white space around them.
fn split(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in text.chars() {
        if c == separator && !quoted {
            parts.push(String::new());
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| value.to_owned(), |inner| inner.replace('\\', ""))
}

/// An IP address with or without a port; none for an obfuscated name (RFC 7239, section 6.3).
fn address(text: &str) -> Option<IpAddr> {
    let ip = text.parse::<SocketAddr>().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    ip.or_else(|_| bare.parse()).ok().map(|ip| ip.to_canonical())
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proxies have addresses of 10.0.0.0/8 here, and the last one is always 10.0.0.1.
    fn read(lines: &[(&'static str, &str)]) -> String {
        let pairs = lines.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        let mut headers = HeaderMap::new();
        pairs.for_each(|(name, value)| _ = headers.append(name, value));
        let trusted = |ip: IpAddr| ip.to_string().starts_with("10.");
        let sender = sender(&headers, "10.0.0.1".parse().unwrap(), trusted);
        format!("{} {} {}", sender.client, sender.host.unwrap_or_default(), sender.scheme.unwrap_or_default())
    }

    #[test]
    fn a_proxy_says_who_asks_and_where() {
        let lists =
            [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-host", "reg.example"), ("x-forwarded-proto", "https")];
        assert_eq!(read(&lists), "192.0.2.7 reg.example https");
        let element = "for=\"[2001:db8::7]:4711\";Proto=HTTPS; host=\"reg.example:8443\";by=_x";
        assert_eq!(read(&[("forwarded", element)]), "2001:db8::7 reg.example:8443 https");
        assert_eq!(read(&[]), "10.0.0.1  ");
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        // The first item came with the request: anybody can write it.
        let claimed = "203.0.113.9, 192.0.2.7, 10.0.0.2";
        assert_eq!(read(&[("x-forwarded-for", claimed)]), "192.0.2.7  ");
        let claimed = "for=203.0.113.9;host=evil.example, for=192.0.2.7;host=reg.example";
        assert_eq!(read(&[("forwarded", claimed)]), "192.0.2.7 reg.example ");
        let hosts = [("x-forwarded-host", "evil.example, reg.example"), ("x-forwarded-for", "1.1.1.1, 192.0.2.7")];
        assert_eq!(read(&hosts), "192.0.2.7 reg.example ");
        let over_two_headers = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(read(&over_two_headers), "192.0.2.7  ");
    }

    #[test]
    fn of_two_kinds_neither_is_believed() {
        assert_eq!(read(&[("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "192.0.2.7")]), "10.0.0.1  ");
    }

    #[test]
    fn what_cannot_be_read_is_no_address() {
        for hidden in ["for=unknown", "for=_hidden", "for=", "for", "\"", "for=\"a,b\"", ""] {
            assert_eq!(read(&[("forwarded", hidden)]), "10.0.0.1  ", "{hidden}");
        }
        assert_eq!(read(&[("x-forwarded-for", "192.0.2.7:4711"), ("x-forwarded-proto", "gopher")]), "192.0.2.7  ");
    }
}
