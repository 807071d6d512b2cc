//! `/admin/backup`: a sealed copy of everything for an administrator's token. The copy is made first and sent then, so a
//! slow client keeps nothing else from being written.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH};
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::Either;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::actions::upkeep;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::event_stream::Events;
use crate::serve::http::response::{self, Body};
use crate::serve::state::State;

/// Bytes of a part of the response.
const PART: usize = 256 << 10;

/// How many parts wait for the client.
const WAITING: usize = 4;

/// The response with the copy. Sessions of browsers do not get it: a link must not start it.
pub(in crate::serve) async fn backup(state: &Arc<State>, request: &Parts) -> Response<Body> {
    match copy(state, request).await {
        Ok((size, parts)) => {
            let mut response = response::with(StatusCode::OK, "application/octet-stream", Bytes::new());
            *response.body_mut() = Either::Right(Either::Right(Events(parts)));
            response::header(&mut response, CACHE_CONTROL, "no-store");
            response::header(&mut response, CONTENT_LENGTH, &size.to_string());
            response
        }
        Err(refusal) => response::refuse_text(&refusal, state.addresses.own()),
    }
}

/// The size of the copy, and its parts as they are read.
async fn copy(state: &Arc<State>, request: &Parts) -> Answer<(u64, mpsc::Receiver<Bytes>)> {
    let caller = state.auth.caller(&request.headers)?;
    if caller.user().is_none() {
        return Err(Refusal::unauthenticated("a backup takes a token of scope admin"));
    }
    caller.require_admin("copy the registry")?;
    let turn = Arc::clone(&state.copying).try_acquire_owned();
    let turn = turn.map_err(|_| Refusal::busy("another backup is being downloaded; try again when it is done"))?;
    let client = state.addresses.origin(request).client;
    let ((told, size), (send, parts)) = (oneshot::channel(), mpsc::channel(WAITING));
    let state = Arc::clone(state);
    let work = move || {
        let made = upkeep::copy_everything(&state.actor(&caller, Some(client)));
        let sized = made.map_err(Refusal::from).and_then(|file| {
            let size = file.metadata().map_err(|error| Refusal::internal(&error))?.len();
            Ok((file, size))
        });
        let (file, size) = match sized {
            Ok((file, size)) => (Some(file), Ok(size)),
            Err(refusal) => (None, Err(refusal)),
        };
        // The client may be gone.
        if let (Ok(()), Some(file)) = (told.send(size), file) {
            transmit(file, turn, send);
        }
    };
    let thread = std::thread::Builder::new().name("backup-copy".into()).spawn(work);
    thread.map_err(|error| Refusal::unavailable(format!("no thread to copy with: {error}")))?;
    let size = size.await.map_err(|error| Refusal::internal(&error))??;
    Ok((size, parts))
}

/// Sends the file until its end, or until the client has gone. A copy that cannot be read ends early, which its length
/// and its seal tell.
fn transmit(mut file: File, turn: OwnedSemaphorePermit, send: mpsc::Sender<Bytes>) {
    loop {
        let mut part = Vec::with_capacity(PART);
        match file.by_ref().take(PART as u64).read_to_end(&mut part) {
            Ok(0) => break,
            Ok(_) if send.blocking_send(part.into()).is_ok() => {}
            Ok(_) => break,
            Err(error) => {
                tracing::error!(%error, "the copy for a backup could not be read");
                break;
            }
        }
    }
    // Whoever has received everything may ask again.
    drop(turn);
    drop(send);
}
