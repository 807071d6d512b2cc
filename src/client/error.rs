//! Why a call failed, and whether the server refused it.

use std::error::Error;

use connectrpc::{ConnectError, ErrorCode};
use http::header::CONTENT_TYPE;
use rustls::CertificateError;

use crate::model::{Diagnostic, Diagnostics};
use crate::wire::findings_from_details;

/// The variable that names a file with the certificates that are trusted.
const TRUSTED: &str = "SSL_CERT_FILE";

/// The most characters that are shown of a response that is not a registry's: it may be a whole web page.
const EXCERPT: usize = 200;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The text is not the address of a server.
    #[error("{address:?} is not the address of a server: {reason}; write it as http://HOST:PORT")]
    Address {
        /// The text.
        address: String,
        /// The problem.
        reason: String,
    },
    /// The address asks for TLS, and there are no certificates to trust.
    #[error("could not connect to {address}: {reason}")]
    NoTls {
        /// The address.
        address: String,
        /// The reason.
        reason: String,
    },
    /// The server cannot be reached.
    #[error("could not reach {url}: {reason}{}", other_server(reason))]
    Unreachable {
        /// The server's address.
        url: String,
        /// The network's error.
        reason: String,
    },
    /// The call needs a token, and none was sent.
    #[error(
        "{url} needs a token ({message}); `registry login {url}` gets one, or give one with --token or REGISTRY_TOKEN"
    )]
    NoToken {
        /// The server's address.
        url: String,
        /// The server's message.
        message: String,
    },
    /// The token that was sent is unknown, expired or revoked.
    #[error(
        "{url} does not accept the token ({message}); `registry login {url}` gets another, or give one with --token or REGISTRY_TOKEN"
    )]
    BadToken {
        /// The server's address.
        url: String,
        /// The server's message.
        message: String,
    },
    /// The server refused the request.
    #[error("{message}")]
    Refused {
        /// The kind of refusal.
        code: ErrorCode,
        /// The server's message.
        message: String,
        /// What is wrong in the sources that were sent, if that is why.
        findings: Option<Diagnostics>,
    },
    /// The server does not know the call: it is older than this program, or not a registry.
    #[error("{url} does not know this call ({message}); is it a registry, and as new as this program?")]
    Unknown {
        /// The server's address.
        url: String,
        /// The server's message, or the beginning of its response.
        message: String,
    },
    /// The server runs, and says that it is not ready.
    #[error("{url} says: {message}")]
    NotReady {
        /// The server's address.
        url: String,
        /// The server's words, which say so.
        message: String,
    },
    /// The server failed to serve the call.
    #[error("{url} could not answer: {message} ({}){}", code.as_str(), see_log(message))]
    Failed {
        /// The server's address.
        url: String,
        /// The kind of failure.
        code: ErrorCode,
        /// The server's message.
        message: String,
    },
    /// The response is too large.
    #[error("{url} sent a response that is too large: {what}")]
    TooLarge {
        /// The server's address.
        url: String,
        /// The size, or the limit.
        what: String,
    },
    /// The response does not fit the request.
    #[error("{url} sent an unexpected response: {what}; is it a registry, and as new as this program?")]
    Malformed {
        /// The server's address.
        url: String,
        /// The problem.
        what: String,
    },
}

impl ClientError {
    /// The meaning of `error` of a call to the server at `url`.
    pub(super) fn of(error: &ConnectError, url: &str, has_token: bool) -> Self {
        let url = url.to_owned();
        if error.code == ErrorCode::ResourceExhausted && !is_told(error) {
            return Self::TooLarge { url, what: error.message.clone().unwrap_or_default() };
        }
        // An error without response headers comes from this side of the network.
        if error.response_headers().is_empty() {
            return Self::Unreachable { url, reason: reason(error) };
        }
        let (code, message) = (error.code, plain(error.message.as_deref().unwrap_or_default()));
        match code {
            ErrorCode::Unauthenticated if has_token => Self::BadToken { url, message },
            ErrorCode::Unauthenticated => Self::NoToken { url, message },
            ErrorCode::Unimplemented => Self::Unknown { url, message: excerpt(&message) },
            ErrorCode::Unknown | ErrorCode::DataLoss => Self::Malformed { url, what: excerpt(&message) },
            ErrorCode::Internal | ErrorCode::Unavailable | ErrorCode::DeadlineExceeded | ErrorCode::Canceled => {
                Self::Failed { url, code, message: excerpt(&message) }
            }
            // The other codes are refusals: not_found, invalid_argument, permission_denied and so on.
            _ => Self::Refused { code, message, findings: findings_from_details(&error.details).map(harmless) },
        }
    }

    /// Whether the server refused the call (exit code 1); otherwise the call could not be made or served (exit code 2).
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::NoToken { .. } | Self::BadToken { .. } => true,
            Self::Address { .. }
            | Self::NoTls { .. }
            | Self::Unreachable { .. }
            | Self::Unknown { .. }
            | Self::NotReady { .. }
            | Self::Failed { .. }
            | Self::TooLarge { .. }
            | Self::Malformed { .. } => false,
        }
    }

    /// The kind of refusal, for callers that expect one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } | Self::Failed { code, .. } => Some(*code),
            Self::NoToken { .. } | Self::BadToken { .. } => Some(ErrorCode::Unauthenticated),
            _ => None,
        }
    }

    /// Whether the requested object does not exist: no such module, label or commit, or no commit yet.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::NotFound | ErrorCode::FailedPrecondition))
    }
}

/// Whether the error comes from the server, whose errors are JSON. An error about a response that is too large does
/// not.
fn is_told(error: &ConnectError) -> bool {
    error.response_headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// The innermost reason, such as "Connection refused": the layers around it only say that a request failed. With advice
/// where one end speaks TLS and the other does not.
pub(super) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    let mut advice = "";
    while let Some(inner) = inner(cause) {
        cause = inner;
        if let Some(rustls::Error::InvalidCertificate(problem)) = cause.downcast_ref() {
            return untrusted(problem);
        }
        if let Some(rustls::Error::InvalidMessage(_)) = cause.downcast_ref() {
            advice = " (it does not speak TLS there: write http:// in its address)";
        } else if cause.downcast_ref().is_some_and(|e: &hyper::Error| e.is_parse() || e.is_incomplete_message()) {
            advice = " (if it speaks TLS, write https:// in its address)";
        }
    }
    format!("{cause}{advice}")
}

/// What is wrong with the certificate of a server, and what to do. The library has no words for some of it.
fn untrusted(problem: &CertificateError) -> String {
    match problem {
        CertificateError::UnknownIssuer => format!(
            "its certificate is of an issuer that this machine does not trust; if that is a CA of your own, name the file \
             of its certificate in {TRUSTED}"
        ),
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => format!(
            "its certificate is that of a CA, which cannot stand for a server; have the CA sign one for the server, give \
             that to --tls-cert, and name the CA's in {TRUSTED} here"
        ),
        other => format!("its certificate is not accepted: {other}; {TRUSTED} names a file of those that are trusted"),
    }
}

/// Where to look for more, unless the server says that itself.
fn see_log(message: &str) -> &'static str {
    if message.contains("its log") { "" } else { "; its log says more" }
}

/// What to do when a server cannot be reached, unless it is there.
fn other_server(reason: &str) -> &'static str {
    if reason.contains(TRUSTED) {
        return "";
    }
    "; start a server with `registry serve`, or name another with --server or REGISTRY_URL"
}

/// The error inside `error`: one of input and output hides what it holds from `source`.
fn inner<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source())
}

/// `text` without control characters of terminals: it may quote sources of other users.
pub(super) fn plain(text: &str) -> String {
    let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().map(|c| if harmless(c) { c } else { ' ' }).collect()
}

/// The findings without control characters, as [`plain`].
fn harmless(findings: Diagnostics) -> Diagnostics {
    let finding = |found: Diagnostic| Diagnostic {
        path: plain(&found.path),
        position: found.position,
        message: plain(&found.message),
        source_line: found.source_line.as_deref().map(plain),
    };
    Diagnostics(findings.0.into_iter().map(finding).collect())
}

pub(super) fn excerpt(text: &str) -> String {
    let is_page = ["<!", "<html", "<HTML"].iter().any(|tag| text.contains(tag));
    let words = is_page.then(|| words_of_page(text));
    let text = words.as_deref().unwrap_or(text);
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A web page in a line, without its markup.
fn words_of_page(page: &str) -> String {
    let mut text = String::new();
    for (at, part) in page.split('<').enumerate() {
        text.push(' ');
        text += if at == 0 { part } else { part.split_once('>').map_or("", |(_, behind)| behind) };
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(code: ErrorCode, message: &str) -> ConnectError {
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        ConnectError::new(code, message).with_headers(headers)
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_in_words() {
        #[derive(Debug, thiserror::Error)]
        #[error("CaUsedAsEndEntity")]
        struct CaUsedAsEndEntity;
        let of_ca = CertificateError::Other(rustls::OtherError(std::sync::Arc::new(CaUsedAsEndEntity)));
        for (problem, words) in
            [(CertificateError::UnknownIssuer, "an issuer that this machine does not trust"), (of_ca, "that of a CA")]
        {
            let reason = reason(&std::io::Error::other(rustls::Error::InvalidCertificate(problem)));
            let error = ClientError::Unreachable { url: "https://host".into(), reason }.to_string();
            assert!(error.contains(words) && error.contains(TRUSTED), "{error}");
            assert!(!error.contains("registry serve") && !error.contains("Error("), "{error}");
        }
    }

    #[test]
    fn the_log_is_named_once() {
        for message in ["a fault of its own; its log says more", "no"] {
            let error = ClientError::of(&answered(ErrorCode::Internal, message), "http://host", false).to_string();
            assert_eq!(error.matches("its log says more").count(), 1, "{error}");
        }
    }

    #[test]
    fn a_refusal_is_told_from_a_failure() {
        for (code, refusal) in [
            (ErrorCode::NotFound, true),
            (ErrorCode::InvalidArgument, true),
            (ErrorCode::ResourceExhausted, true),
            (ErrorCode::Unauthenticated, true),
            (ErrorCode::Internal, false),
            (ErrorCode::Unavailable, false),
            (ErrorCode::Unimplemented, false),
            (ErrorCode::Unknown, false),
        ] {
            let error = ClientError::of(&answered(code, "no"), "http://host", false);
            assert_eq!(error.is_refusal(), refusal, "{error}");
        }
    }

    #[test]
    fn the_advice_on_tokens_depends_on_whether_one_was_sent() {
        let error = answered(ErrorCode::Unauthenticated, "no token");
        assert!(matches!(ClientError::of(&error, "http://host", false), ClientError::NoToken { .. }));
        assert!(matches!(ClientError::of(&error, "http://host", true), ClientError::BadToken { .. }));
    }

    #[test]
    fn a_refusal_is_shown_in_the_servers_words() {
        let words = "acme/pets/v1/pets.proto:3:1: syntax error\n".repeat(50);
        let error = ClientError::of(&answered(ErrorCode::InvalidArgument, &words), "http://host", true);
        assert_eq!(error.to_string(), words);
    }

    #[test]
    fn a_web_page_is_cut_short() {
        let page = format!("HTTP error 404: <html>\x1b[2J{}", "ä".repeat(5000));
        let message = ClientError::of(&answered(ErrorCode::Unimplemented, &page), "http://host", true).to_string();
        assert!(message.chars().count() < 400 && !message.contains('\x1b'), "{message}");
        assert!(!message.contains('<'), "{message}");
        let text = format!("HTTP error 404: \x1b[2J{}", "ä".repeat(5000));
        let message = ClientError::of(&answered(ErrorCode::Unimplemented, &text), "http://host", true).to_string();
        assert!(message.chars().count() < 400 && !message.contains('\x1b'), "{message}");
    }
}
