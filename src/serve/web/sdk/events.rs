//! Live progress of an SDK, as server-sent events: one event per answer, when it is done or after a while. The browser
//! asks again by itself, so no connection is held for good.

use std::time::Duration;

use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};

use crate::publish::Verdict;
use crate::serve::error::Answer;
use crate::serve::respond::{self, Body};
use crate::serve::web::Params;
use crate::serve::web::visit::Visit;

use super::address::Wanted;

/// How long one answer waits; shorter than what proxies cut off.
const WAIT: Duration = Duration::from_secs(20);

/// Answers when the SDK is no longer being made.
///
/// # Errors
/// When there is no such SDK, or the store fails.
pub(in crate::serve::web) async fn events(visit: &Visit<'_>, params: &Params) -> Answer<Response<Body>> {
    let wanted = tokio::task::block_in_place(|| Wanted::find(visit, params))?;
    visit.state.publisher.settle(std::slice::from_ref(&wanted.key), WAIT).await?;
    let word = match tokio::task::block_in_place(|| visit.state.publisher.verdict(&wanted.key))? {
        Verdict::Served => "served",
        Verdict::Failed(_) => "failed",
        Verdict::Pending => "pending",
    };
    let body = format!("retry: 500\ndata: {word}\n\n");
    let mut response = respond::with(StatusCode::OK, "text/event-stream", body);
    respond::header(&mut response, CACHE_CONTROL, "no-store");
    Ok(response)
}
