//! Why a request to an object store did not do what was asked, in our words: its own error pages go nowhere.

use std::error::Error;

use http::StatusCode;

use crate::store::db::error::StoreError;

/// The longest code of an error that is taken for one.
const LONGEST_CODE: usize = 64;

/// Why a request did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// No object has the name.
    #[error("there is no such object")]
    Absent,
    /// An object has the name already.
    #[error("there is such an object already")]
    Exists,
    /// No bucket has the name.
    #[error("there is no such bucket")]
    NoBucket,
    /// It asks for fewer requests, or has a failure of its own.
    #[error("it answers {0}")]
    Busy(String),
    /// There is no answer, or not all of it.
    #[error("{0}")]
    Unreachable(String),
    /// It does not do this, for whoever signed the request.
    #[error("it answers {0}")]
    Refused(String),
    /// It does not know what is asked.
    #[error("it answers {0}")]
    Unsupported(String),
    /// What it returns is not what was stored.
    #[error("the bytes are not those that were stored")]
    OtherBytes,
}

impl Failure {
    /// What the status of an answer, and the code in its body, mean.
    pub(super) fn of_answer(status: StatusCode, body: &[u8]) -> Self {
        let code = code_in(body);
        let told = || match code {
            Some(code) => format!("{} {code}", status.as_u16()),
            None => status.as_u16().to_string(),
        };
        match (status, code) {
            (_, Some("NoSuchBucket")) => Self::NoBucket,
            (StatusCode::NOT_FOUND, _) => Self::Absent,
            // Amazon says the first of a conditional write that met another one.
            (StatusCode::CONFLICT, Some("ConditionalRequestConflict" | "OperationAborted")) => Self::Busy(told()),
            (StatusCode::PRECONDITION_FAILED | StatusCode::NOT_MODIFIED | StatusCode::CONFLICT, _) => Self::Exists,
            (StatusCode::NOT_IMPLEMENTED, _) | (_, Some("NotImplemented")) => Self::Unsupported(told()),
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _)
            | (_, Some("SlowDown" | "RequestTimeout" | "ServiceUnavailable" | "InternalError")) => Self::Busy(told()),
            (status, _) if status.is_server_error() => Self::Busy(told()),
            _ => Self::Refused(told()),
        }
    }

    /// Whether another try may do it.
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unreachable(_) | Self::OtherBytes)
    }

    /// The failure of `doing` something with an object in `blobs`.
    pub(super) fn while_doing(self, doing: &'static str, blobs: &str) -> StoreError {
        let (blobs, reason) = (blobs.to_owned(), self.to_string());
        match self {
            Self::NoBucket => StoreError::NoBucket { doing, blobs },
            Self::Busy(_) => StoreError::BlobsBusy { doing, blobs, reason },
            Self::Unreachable(_) => StoreError::BlobsUnreachable { doing, blobs, reason },
            Self::Absent | Self::Exists | Self::Refused(_) | Self::Unsupported(_) | Self::OtherBytes => {
                StoreError::BlobsRefused { doing, blobs, reason }
            }
        }
    }
}

/// The failure among the causes of an error, in which our own requests put it.
pub(super) fn failure_in(error: &(dyn Error + 'static)) -> Option<Failure> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            return Some(failure.clone());
        }
        cause = error.source();
    }
    None
}

/// The innermost cause, which says what happened; the outer ones say that something did.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

/// The code in the body of an error: `<Code>SlowDown</Code>`.
fn code_in(body: &[u8]) -> Option<&str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, after) = body.split_once("<Code>")?;
    let (code, _) = after.split_once("</Code>")?;
    let is_code = code.len() <= LONGEST_CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_what_its_status_and_its_code_say() {
        let of = |status: u16, code: &str| {
            let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message></Error>");
            Failure::of_answer(StatusCode::from_u16(status).unwrap(), body.as_bytes())
        };
        assert_eq!(of(404, "NoSuchBucket"), Failure::NoBucket);
        assert_eq!(of(404, "NoSuchKey"), Failure::Absent);
        assert_eq!(of(412, "PreconditionFailed"), Failure::Exists);
        assert_eq!(of(409, "ConditionalRequestConflict"), Failure::Busy("409 ConditionalRequestConflict".into()));
        assert_eq!(of(503, "SlowDown"), Failure::Busy("503 SlowDown".into()));
        assert_eq!(of(400, "RequestTimeout"), Failure::Busy("400 RequestTimeout".into()));
        assert_eq!(of(403, "AccessDenied"), Failure::Refused("403 AccessDenied".into()));
        assert_eq!(of(301, "PermanentRedirect"), Failure::Refused("301 PermanentRedirect".into()));
        assert_eq!(of(501, "NotImplemented"), Failure::Unsupported("501 NotImplemented".into()));
        assert_eq!(of(502, "<b>x</b>"), Failure::Busy("502".into()), "what is no code is not told");
        assert_eq!(Failure::of_answer(StatusCode::BAD_GATEWAY, b"\xff<Code>A</Code>"), Failure::Busy("502".into()));
    }
}
