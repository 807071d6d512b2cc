//! Parsers of values. Their errors name the problem and a valid form.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::model::Authority;

/// Longest wait that `push-wait` may ask for; clients give up on a silent connection before that.
const MAX_WAIT: u64 = 300;

/// Most of anything that is counted one by one.
const MOST: usize = 1 << 20;

/// Units of sizes, and how many bits each shifts a number by.
const UNITS: [(&str, u32); 3] = [("KiB", 10), ("MiB", 20), ("GiB", 30)];

pub(super) fn directory(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("an empty text is not a directory".into());
    }
    Ok(PathBuf::from(text))
}

pub(super) fn file(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("an empty text is not a file".into());
    }
    Ok(PathBuf::from(text))
}

/// An address with a port. A host name is resolved, so that `localhost:8780` works.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let resolved = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    resolved.ok_or_else(|| format!("{text:?} is not an address and port; write for example 127.0.0.1:8780"))
}

/// A host, with or without a port.
pub(super) fn authority(text: &str) -> Result<Authority, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// An address, or all addresses that start alike.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let problem = || format!("{text:?} is neither an address nor a network; write for example 192.0.2.1 or 10.0.0.0/8");
    text.parse().or_else(|_| text.parse().map(|ip: IpAddr| ip.to_canonical().into())).map_err(|_| problem())
}

/// A base URL: scheme, authority, perhaps a path; without the slash at its end.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    let problem = || format!("{text:?} is not a URL; write for example https://registry.example.com");
    let uri: http::Uri = text.parse().map_err(|_| problem())?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
    let host = uri.authority().map(|authority| authority.as_str().parse::<Authority>());
    if scheme.is_none() || !matches!(host, Some(Ok(_))) || uri.query().is_some() {
        return Err(problem());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// A number from 1.
pub(super) fn count(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("0 would allow nothing; write a number from 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("{text:?} is not a number")),
    }
}

/// A number from 1 of things that are counted in memory.
pub(super) fn number(text: &str) -> Result<usize, String> {
    let number = count(text)?;
    usize::try_from(number).ok().filter(|n| *n <= MOST).ok_or_else(|| format!("{number} is more than {MOST}"))
}

/// A number of bytes from 1, with an optional binary unit.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let problem = || format!("{text:?} is not a size; write bytes such as 1048576, or 1MiB");
    let unit = UNITS.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)));
    let (digits, shift) = unit.unwrap_or((text, 0));
    let number: u64 = digits.trim_end().parse().map_err(|_| problem())?;
    let bytes = number.checked_mul(1_u64 << shift).filter(|bytes| *bytes > 0 && *bytes <= i64::MAX as u64);
    bytes.ok_or_else(problem)
}

/// Seconds, from 0 to [`MAX_WAIT`].
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if seconds <= MAX_WAIT => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 0 to {MAX_WAIT}")),
    }
}

/// A span from a second to a year, with its unit.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let problem = || format!("{text:?} is not a span; write for example 30m, 6h or 1d");
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let found = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let (digits, seconds) = found.ok_or_else(problem)?;
    let number: u64 = digits.parse().map_err(|_| problem())?;
    let seconds = number.checked_mul(*seconds).filter(|seconds| (1..=31_536_000).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(problem)
}

/// Days, up to a hundred years.
pub(super) fn days(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(days @ 0..=36_500) => Ok(Duration::from_secs(days * 86_400)),
        _ => Err(format!("{text:?} is not a number of days from 0 to 36500")),
    }
}

/// Seconds from 1 to a day.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is not a number of seconds from 1 to 86400")),
    }
}

/// Milliseconds, up to a day.
pub(super) fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(milliseconds @ 1..=86_400_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(format!("{text:?} is not a number of milliseconds from 1 to 86400000")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_binary_units() {
        assert_eq!(size("10"), Ok(10));
        assert_eq!(size("2KiB"), Ok(2048));
        assert_eq!(size("256MiB"), Ok(256 << 20));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        for bad in ["", "0", "1MB", "-1", "1.5MiB", "99999999999GiB", "iB", "MiB"] {
            assert!(size(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(span("6h"), Ok(Duration::from_secs(21_600)));
        for bad in ["", "6", "h", "0s", "400d", "1.5h", "-1h", "99999999999999999999d"] {
            assert!(span(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn urls_need_a_scheme_and_a_host_and_lose_their_last_slash() {
        assert_eq!(base_url("https://registry.example.com/").unwrap(), "https://registry.example.com");
        assert_eq!(base_url("http://[::1]:80/base/").unwrap(), "http://[::1]:80/base");
        for bad in ["registry.example.com", "ftp://x", "http://", "http://x?y", "localhost:8780", "http://a@b", ""] {
            assert!(base_url(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        assert_eq!(network("192.0.2.1").unwrap().to_string(), "192.0.2.1/32");
        assert_eq!(network("::ffff:192.0.2.1").unwrap().to_string(), "192.0.2.1/32");
        assert_eq!(network("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network("fd00::/8").unwrap().to_string(), "fd00::/8");
        for bad in ["", "proxy.example", "10.0.0.0/33", "10.0.0.1:80"] {
            assert!(network(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn addresses_need_a_port() {
        assert_eq!(address("127.0.0.1:0").unwrap().port(), 0);
        assert!(address("127.0.0.1").unwrap_err().contains("127.0.0.1:8780"));
    }
}
