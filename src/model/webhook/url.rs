//! The address that a webhook sends to.

use std::fmt;
use std::str::FromStr;

/// The most characters of the address.
const LONGEST: usize = 2048;

/// The address of a receiver, `http` or `https`.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    text: String,
    host: String,
}

/// A text that no webhook can send to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// It is too long.
    #[error("the address of the webhook has {0} characters; the limit is {LONGEST}")]
    Long(usize),
    /// It is no web address.
    #[error("{0:?} is not a web address; write for example https://ci.example.com/hook")]
    NoWebAddress(String),
    /// It has a user or a fragment.
    #[error(
        "the address of a webhook holds neither a user nor a password nor a fragment; whoever receives it checks the \
         signature instead"
    )]
    NotPlain,
}

impl WebhookUrl {
    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without a port and without brackets. The rest of an address may be a secret of the receiver.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is encrypted on the way.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.text.starts_with("https://")
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    fn from_str(text: &str) -> Result<Self, WebhookUrlError> {
        let length = text.chars().count();
        if length > LONGEST {
            return Err(WebhookUrlError::Long(length));
        }
        let problem = || WebhookUrlError::NoWebAddress(text.chars().take(100).collect());
        let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        let uri: http::Uri = text.parse().map_err(|_| problem())?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri.host().filter(|host| web && plain && !host.is_empty()).ok_or_else(problem)?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') || text.contains('#') {
            return Err(WebhookUrlError::NotPlain);
        }
        if authority.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']') && port.parse::<u16>().is_err()) {
            return Err(problem());
        }
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        Ok(Self { text: text.to_owned(), host })
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}, …)", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_of_the_web_are_taken() {
        for (good, host) in [
            ("https://ci.example.com/hook?x=1", "ci.example.com"),
            ("http://CI.example:8080", "ci.example"),
            ("http://[::1]:80/a", "::1"),
            ("http://[2001:db8::1]/a", "2001:db8::1"),
        ] {
            assert_eq!(good.parse::<WebhookUrl>().unwrap().host(), host);
        }
        let long = format!("https://a.example/{}", "x".repeat(2048));
        for bad in [
            "",
            "a.example/x",
            "ftp://a.example",
            "https://",
            "https://a b",
            "https://u@a.example",
            "https://u:p@a.example",
            "https://a.example/#x",
            "https://a.example:99999/",
            "https://a.example:x/",
            "javascript:alert(1)",
            &long,
        ] {
            assert!(bad.parse::<WebhookUrl>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn the_debug_form_does_not_tell_the_path() {
        let url: WebhookUrl = "https://hooks.example/T0/secret".parse().unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
