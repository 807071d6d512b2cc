//! Which addresses webhooks may be sent to. A registry is often inside a network, where the one who makes a webhook is
//! not: without a rule, webhooks would reach what only insiders should.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

const fn v6(a: u16, b: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// The networks of IPv4 that are not public
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>), multicast and reserved ones.
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
];

/// The only public part of IPv6.
const PUBLIC_V6: Ipv6Net = v6(0x2000, 0, 3);

/// What is not public in it: special purposes (Teredo among them), documentation, and 6to4, which leads to an address
/// of IPv4 (<https://www.iana.org/assignments/iana-ipv6-special-registry>).
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

/// Whether everybody on the internet can have this address, rather than a machine or network by itself.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => PUBLIC_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address)),
    }
}

/// Receivers that are allowed although their addresses are not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookReceivers {
    /// A network, or one address.
    Network(IpNet),
    /// A host by its name, in lower case, whatever its addresses are.
    Host(String),
}

/// A text that is neither a network nor an address nor a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a network nor an address nor a host; write for example 10.0.0.0/8 or ci.internal")]
pub struct WebhookReceiversError(String);

impl FromStr for WebhookReceivers {
    type Err = WebhookReceiversError;

    fn from_str(text: &str) -> Result<Self, WebhookReceiversError> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.to_canonical().into()));
        }
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if text.is_empty() || text.len() > 253 || !text.chars().all(name) {
            return Err(WebhookReceiversError(text.chars().take(100).collect()));
        }
        Ok(Self::Host(text.to_ascii_lowercase()))
    }
}

/// The rule of a server: public addresses, and the receivers that its operator allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookPolicy {
    allowed: Vec<WebhookReceivers>,
}

/// An address that no webhook is sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct AddressRefused {
    /// The host of the webhook.
    host: String,
    /// Its address.
    address: IpAddr,
}

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address } = self;
        let of = if address.to_string() == *host { String::new() } else { format!("{host} is {address}: ") };
        write!(
            f,
            "{of}webhooks are sent to public addresses, which {address} is not; `registry serve --webhook-allow {host}` allows it"
        )
    }
}

impl WebhookPolicy {
    /// Public addresses, and these receivers.
    #[must_use]
    pub fn allowing(allowed: Vec<WebhookReceivers>) -> Self {
        Self { allowed }
    }

    /// Refuses an address of `host` that is neither public nor allowed.
    ///
    /// # Errors
    /// When it is neither.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), AddressRefused> {
        let address = address.to_canonical();
        let allows = |allowed: &WebhookReceivers| match allowed {
            WebhookReceivers::Network(network) => network.contains(&address),
            WebhookReceivers::Host(name) => name.eq_ignore_ascii_case(host),
        };
        if is_public(address) || self.allowed.iter().any(allows) {
            return Ok(());
        }
        Err(AddressRefused { host: host.to_owned(), address })
    }

    /// Refuses a host that is itself an address which is refused. The addresses of a name are known only when it is
    /// connected to.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_host(&self, host: &str) -> Result<(), AddressRefused> {
        host.parse().map_or(Ok(()), |address| self.check(host, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_of_an_inner_network_is_public() {
        for inner in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "4000::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for public in
            ["1.1.1.1", "100.63.0.1", "172.15.0.1", "172.32.0.1", "193.0.0.1", "2606:4700::1111", "::ffff:1.1.1.1"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_allowed_by_address_or_by_name() {
        let allowed = ["10.0.0.0/8", "127.0.0.1", "CI.internal"].map(|text| text.parse().unwrap());
        let policy = WebhookPolicy::allowing(allowed.into());
        let check = |host: &str, address: &str| policy.check(host, address.parse().unwrap());
        assert!(check("10.1.1.1", "10.1.1.1").is_ok() && check("x.example", "10.1.1.1").is_ok());
        assert!(check("127.0.0.1", "127.0.0.1").is_ok() && check("127.0.0.1", "::ffff:127.0.0.1").is_ok());
        assert!(check("ci.internal", "192.168.0.1").is_ok());
        let refused = check("x.example", "192.168.0.1").unwrap_err().to_string();
        assert!(
            refused.contains("x.example is 192.168.0.1") && refused.contains("--webhook-allow x.example"),
            "{refused}"
        );
        assert!(policy.check_host("127.0.0.2").is_err() && policy.check_host("localhost").is_ok());
    }

    #[test]
    fn receivers_are_networks_addresses_or_names() {
        assert_eq!("10.0.0.0/8".parse(), Ok(WebhookReceivers::Network("10.0.0.0/8".parse().unwrap())));
        assert_eq!("::ffff:10.0.0.1".parse(), Ok(WebhookReceivers::Network("10.0.0.1/32".parse().unwrap())));
        assert_eq!("Host".parse(), Ok(WebhookReceivers::Host("host".into())));
        for bad in ["", "http://host", "host:80", "10.0.0.0/33", "a b"] {
            assert!(bad.parse::<WebhookReceivers>().is_err(), "{bad}");
        }
    }
}
