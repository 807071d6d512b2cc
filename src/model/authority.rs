//! Hosts with their ports, as addresses of servers hold them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Longest name of a host in DNS.
const LONGEST_HOST: usize = 253;

/// The authority of a URL: a host and perhaps a port, in one spelling, so that two are the same if they are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    /// A name in lower case, or an address; IPv6 ones stand in brackets.
    pub host: String,
    /// The port, if one was named.
    pub port: Option<u16>,
}

/// A text that is no authority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host, with or without a port; write for example registry.example.com or 192.0.2.1:8780")]
pub struct AuthorityError(String);

impl Authority {
    /// The given port, else the default port of the scheme.
    #[must_use]
    pub fn port_or(&self, scheme: &str) -> u16 {
        self.port.unwrap_or(if scheme == "https" { 443 } else { 80 })
    }

    /// Without a port that the scheme implies: as browsers write it.
    #[must_use]
    pub fn shortened(&self, scheme: &str) -> Self {
        let implied = Self { port: None, ..self.clone() };
        if implied.port_or(scheme) == self.port_or(scheme) { implied } else { self.clone() }
    }
}

impl From<SocketAddr> for Authority {
    fn from(address: SocketAddr) -> Self {
        let host = match address.ip().to_canonical() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self { host, port: Some(address.port()) }
    }
}

impl FromStr for Authority {
    type Err = AuthorityError;

    fn from_str(text: &str) -> Result<Self, AuthorityError> {
        let problem = || AuthorityError(text.to_owned());
        // The colons inside an IPv6 address are not the one before the port.
        let after_host = text.rfind(']').map_or(0, |end| end + 1);
        let (host, port) = match text[after_host..].split_once(':') {
            Some((rest, port)) => (&text[..after_host + rest.len()], Some(port)),
            None => (text, None),
        };
        // `parse` alone would take a plus sign.
        let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten();
        let port = port.map(|port| digits(port).ok_or_else(problem)).transpose()?;
        let host = host_in_one_spelling(host).ok_or_else(problem)?;
        Ok(Self { host, port })
    }
}

fn host_in_one_spelling(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().ok().map(|ip| format!("[{ip}]"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_name = !host.is_empty() && host.len() <= LONGEST_HOST && host.chars().all(plain);
    is_name.then(|| host.to_ascii_lowercase())
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        text.parse::<Authority>().map_or_else(|error| error.to_string(), |authority| authority.to_string())
    }

    #[test]
    fn there_is_one_spelling() {
        assert_eq!(read("Registry.Example.COM:8780"), "registry.example.com:8780");
        assert_eq!(read("[0:0::1]:80"), "[::1]:80");
        assert_eq!(read("[::1]"), "[::1]");
        assert_eq!(Authority::from("[::ffff:192.0.2.1]:80".parse::<SocketAddr>().unwrap()).to_string(), "192.0.2.1:80");
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let long = "a".repeat(254);
        for bad in ["", ":80", "a b", "evil\"><script>", "a@b", "a/b", "::1", "[::1", "a:", "a:+80", "a:70000", &long] {
            assert!(bad.parse::<Authority>().is_err(), "{bad:?} was taken for an authority");
        }
    }

    #[test]
    fn the_port_of_the_scheme_need_not_be_written() {
        let short = |text: &str, scheme| text.parse::<Authority>().unwrap().shortened(scheme).to_string();
        assert_eq!(short("a:443", "https"), "a");
        assert_eq!(short("a:80", "https"), "a:80");
        assert_eq!(short("a", "http"), "a");
    }
}
