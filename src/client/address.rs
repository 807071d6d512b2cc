//! Addresses of servers, as users write them.

use http::Uri;
use http::uri::Scheme;

use super::ClientError;

/// Reads `http://HOST:PORT/PREFIX`; scheme, port and prefix may be left out.
pub(super) fn parse(text: &str) -> Result<Uri, ClientError> {
    let refuse = |reason: &str| ClientError::Address { address: text.into(), reason: reason.into() };
    // Checked before any message quotes the text: the part before an `@` may be a secret.
    if text.contains('@') {
        return Err(ClientError::Address {
            address: "…@…".into(),
            reason: "it holds a user or password; give the token with --token or REGISTRY_TOKEN".into(),
        });
    }
    if text.contains(['?', '#']) {
        return Err(refuse("it holds a query or a fragment"));
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let uri: Uri = full.parse().map_err(|error: http::uri::InvalidUri| refuse(&error.to_string()))?;
    let (host, authority) =
        (uri.host().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()));
    if host.is_empty() {
        return Err(refuse("it names no host"));
    }
    // The parser above accepts any text as a port.
    if authority != host && uri.port_u16().is_none() {
        return Err(refuse("its port is not a number from 0 to 65535"));
    }
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => Ok(uri),
        _ => Err(refuse("its scheme is neither http nor https")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_and_a_port_may_be_left_out() {
        for (text, full) in [
            ("http://localhost:8080", "http://localhost:8080/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("registry.example/buf/", "http://registry.example/buf/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("https://registry.example", "https://registry.example/"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), full);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "http://",
            "ftp://host",
            "http://host:port",
            "http://host:",
            "host:99999",
            "host name",
            "http://host?x=1",
            "/path",
        ] {
            assert!(matches!(parse(bad), Err(ClientError::Address { .. })), "{bad:?}: {:?}", parse(bad));
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        let message = parse("http://me:hunter2@host").unwrap_err().to_string();
        assert!(message.contains("--token") && !message.contains("hunter2"), "{message}");
    }
}
