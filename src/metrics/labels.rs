//! The labels of the metrics. Each has few values, whatever clients send.

use prometheus_client::encoding::EncodeLabelSet;

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushResult {
    /// It made a commit.
    Created,
    /// All of its content was there.
    Unchanged,
    /// Its content was not accepted.
    Refused,
    /// The registry could not take it.
    Failed,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdkResult {
    /// The crate was published.
    Published,
    /// No crate was made.
    Failed,
}

/// The result of the check of a token that a request presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenResult {
    /// It is valid.
    Accepted,
    /// There is no such token.
    Unknown,
    /// It has expired, or its session has.
    Expired,
    /// It was revoked.
    Revoked,
    /// Its user is disabled.
    Disabled,
}

/// What became of the call of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookResult {
    /// The receiver took it.
    Delivered,
    /// It failed, and is made again later.
    Failed,
    /// The receiver's address is not allowed; it is made again later.
    Refused,
    /// It failed, and is not made again.
    GivenUp,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WebhookLabels {
    result: &'static str,
}

impl From<WebhookResult> for WebhookLabels {
    fn from(result: WebhookResult) -> Self {
        let result = match result {
            WebhookResult::Delivered => "delivered",
            WebhookResult::Failed => "failed",
            WebhookResult::Refused => "refused",
            WebhookResult::GivenUp => "given_up",
        };
        Self { result }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    route: &'static str,
    method: &'static str,
    status: u16,
}

impl RequestLabels {
    pub(super) fn new(route: &'static str, method: &http::Method, status: u16) -> Self {
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
        let method = known.into_iter().find(|known| method.as_str() == *known).unwrap_or("other");
        Self { route, method, status }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RouteLabels {
    pub(super) route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PushLabels {
    result: &'static str,
}

impl From<PushResult> for PushLabels {
    fn from(result: PushResult) -> Self {
        let result = match result {
            PushResult::Created => "created",
            PushResult::Unchanged => "unchanged",
            PushResult::Refused => "refused",
            PushResult::Failed => "failed",
        };
        Self { result }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SdkLabels {
    plugin: String,
    result: &'static str,
}

impl SdkLabels {
    pub(super) fn new(plugin: String, result: SdkResult) -> Self {
        let result = match result {
            SdkResult::Published => "published",
            SdkResult::Failed => "failed",
        };
        Self { plugin, result }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct TokenLabels {
    result: &'static str,
}

impl From<TokenResult> for TokenLabels {
    fn from(result: TokenResult) -> Self {
        let result = match result {
            TokenResult::Accepted => "accepted",
            TokenResult::Unknown => "unknown",
            TokenResult::Expired => "expired",
            TokenResult::Revoked => "revoked",
            TokenResult::Disabled => "disabled",
        };
        Self { result }
    }
}
