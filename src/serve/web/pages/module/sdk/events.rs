//! Live progress of an SDK, as server-sent events: one for each change of its state, until it is done.

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

/// The longest time without an event, shorter than the idle timeouts of proxies.
const SILENCE: Duration = Duration::from_secs(15);

/// The response with the events of an SDK.
///
/// # Errors
/// When there is no such SDK, or the store fails.
pub(in crate::serve::web) fn events(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let key = RequestedSdk::find(visit, params)?.key;
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(send_events(Arc::clone(&visit.state.publisher), key, send));
    let mut response = response::with(StatusCode::OK, "text/event-stream", Bytes::new());
    *response.body_mut() = Either::Right(Either::Right(Events(receive)));
    response::header(&mut response, CACHE_CONTROL, "no-store");
    Ok(response)
}

/// Sends events until the SDK is done, or the client has disconnected.
async fn send_events(publisher: Arc<Publisher>, key: SdkKey, send: mpsc::Sender<Bytes>) {
    let mut said = "";
    loop {
        let seen = publisher.progress().count();
        let Ok(word) = tokio::task::block_in_place(|| word(&publisher, &key)) else { return };
        // A comment keeps the connection open, and fails if the client has disconnected.
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
