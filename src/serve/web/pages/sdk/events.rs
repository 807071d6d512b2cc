//! Live progress of an SDK, as server-sent events: how far it is, each time that changes, until it is done.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};
use http_body_util::Either;
use tokio::sync::mpsc;

use crate::model::SdkState;
use crate::publish::Publisher;
use crate::serve::http::error::Answer;
use crate::serve::http::event_stream::Events;
use crate::serve::http::response::{self, Body};
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::params::Params;
use crate::store::{SdkKey, StoreError};

use super::address::RequestedSdk;

/// How long nothing is said; shorter than what proxies cut off.
const SILENCE: Duration = Duration::from_secs(15);

/// Says how far the SDK is until it is no longer being made.
///
/// # Errors
/// When there is no such SDK, or the store fails.
pub(in crate::serve::web) fn events(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let key = RequestedSdk::find(visit, params)?.key;
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(tell(Arc::clone(&visit.state.publisher), key, send));
    let mut response = response::with(StatusCode::OK, "text/event-stream", Bytes::new());
    *response.body_mut() = Either::Right(Either::Right(Events(receive)));
    response::header(&mut response, CACHE_CONTROL, "no-store");
    Ok(response)
}

/// Ends when the SDK is done, or nobody listens any more.
async fn tell(publisher: Arc<Publisher>, key: SdkKey, send: mpsc::Sender<Bytes>) {
    let mut said = "";
    loop {
        let seen = publisher.progress().count();
        let Ok(word) = tokio::task::block_in_place(|| word(&publisher, &key)) else { return };
        // A comment keeps the connection open, and shows whether somebody is at its other end.
        let event = if word == said { ": still so\n\n".into() } else { format!("retry: 1000\ndata: {word}\n\n") };
        if send.send(event.into()).await.is_err() || !matches!(word, "queued" | "running") {
            return;
        }
        said = word;
        tokio::select! {
            () = publisher.progress().after(seen) => {}
            () = tokio::time::sleep(SILENCE) => {}
            () = send.closed() => return,
        }
    }
}

fn word(publisher: &Publisher, key: &SdkKey) -> Result<&'static str, StoreError> {
    Ok(match publisher.store().job(key)?.map(|job| job.state) {
        Some(SdkState::Queued) => "queued",
        Some(SdkState::Running) => "running",
        Some(SdkState::Failed { .. }) => "failed",
        Some(SdkState::Served) => "served",
        None if publisher.store().sdk(key)?.is_some() => "served",
        None => "unknown",
    })
}
