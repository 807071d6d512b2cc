//! The one upload of a server that waits for a backup. A thread writes what arrives, compares everything, and puts it in
//! its place; the request hands it the parts, a few at a time.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Either};
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::timeout;

use super::waiting::Waiting;
use crate::actions::restore::{self, NotRestored, Restored};
use crate::publish::Clock;
use crate::serve::http::event_stream::Events;
use crate::serve::http::response::{self, Body};
use crate::store::{RestoreError, Restoring};
use crate::wire::restore::RestoreEvent;

/// How many parts wait to be written.
const PARTS: usize = 4;

/// How many steps wait to be read by the client; others are left out.
const STEPS: usize = 16;

const BUSY: &str = "another backup is being received; this server takes one at a time";

/// How long the rest of a refused backup is read.
const READ_ON: Duration = Duration::from_secs(5);

/// Why a backup is not taken, as the client is told.
struct Refused(StatusCode, String);

/// What comes from the client.
enum Part {
    Bytes(Bytes),
    End,
    Failed(String),
}

/// Receives a backup. The response begins when it has arrived as a whole, and tells of the rest.
pub(super) async fn receive(waiting: &Arc<Waiting>, request: &Parts, mut body: Incoming) -> Response<Body> {
    match try_receive(waiting, request, &mut body).await {
        Ok(steps) => {
            let mut response = response::with(StatusCode::OK, "application/x-ndjson", Bytes::new());
            *response.body_mut() = Either::Right(Either::Right(Events(steps)));
            response
        }
        Err(Refused(status, text)) => {
            // A client that is still sending may not see the response.
            let rest = async { while let Some(Ok(_)) = body.frame().await {} };
            let _ = timeout(READ_ON, rest).await;
            response::text(status, text + "\n")
        }
    }
}

/// The response while another backup is being received.
pub(super) fn busy() -> Response<Body> {
    response::text(StatusCode::CONFLICT, format!("{BUSY}\n"))
}

async fn try_receive(
    waiting: &Arc<Waiting>,
    request: &Parts,
    body: &mut Incoming,
) -> Result<mpsc::Receiver<Bytes>, Refused> {
    let announced = request.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    require_room(waiting, announced.unwrap_or(0))?;
    let turn = Arc::clone(&waiting.turn).try_acquire_owned().map_err(|_| Refused(StatusCode::CONFLICT, BUSY.into()))?;
    let client = waiting.addresses.origin(request).client;
    tracing::info!(%client, "receiving a backup");
    let (hand, parts) = mpsc::channel(PARTS);
    let (tell, told) = oneshot::channel();
    let (send, steps) = mpsc::channel(STEPS);
    let work = {
        let waiting = Arc::clone(waiting);
        move || {
            let restored = read(&waiting, parts, turn, tell).map(|(restoring, turn)| {
                let mut step = |what| send_event(&send, &RestoreEvent::Step(what));
                // Until it is known whether the backup is taken, nobody else has a turn.
                (restore::finish(restoring, Some(client), Clock::system().now(), &mut step), turn)
            });
            match restored {
                Some((Ok(restored), _turn)) => end(&waiting, &send, restored),
                Some((Err(error), turn)) => {
                    drop(turn);
                    send_event(&send, &RestoreEvent::Failed(refused(&error).1));
                }
                None => {}
            }
        }
    };
    let thread = std::thread::Builder::new().name("restore".into()).spawn(work);
    thread.map_err(|error| Refused(StatusCode::SERVICE_UNAVAILABLE, format!("no thread to restore with: {error}")))?;
    let handed = hand_over(waiting, body, &hand).await;
    let read = told.await;
    drop(hand);
    handed?;
    let failed = || Refused(StatusCode::INTERNAL_SERVER_ERROR, "the restore ended early; the log says why".into());
    read.map_err(|_| failed())??;
    Ok(steps)
}

/// Hands the body to the thread that writes it. A thread that has ended is no failure here: it says why itself.
async fn hand_over(waiting: &Waiting, body: &mut Incoming, hand: &mpsc::Sender<Part>) -> Result<(), Refused> {
    let mut bytes = 0;
    let failure = loop {
        let part = match timeout(waiting.patience, body.frame()).await {
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(None) => break None,
            Ok(Some(Err(error))) => {
                break Some(Refused(StatusCode::BAD_REQUEST, format!("the connection was cut: {error}")));
            }
            Err(_) => {
                let seconds = waiting.patience.as_secs();
                let text = format!("nothing came for {seconds} s; the server's --client-timeout changes that");
                break Some(Refused(StatusCode::REQUEST_TIMEOUT, text));
            }
        };
        bytes += part.len() as u64;
        if let Err(refused) = require_room(waiting, bytes) {
            break Some(refused);
        }
        if hand.send(Part::Bytes(part)).await.is_err() {
            return Ok(());
        }
    };
    let last = failure.as_ref().map_or(Part::End, |Refused(_, text)| Part::Failed(text.clone()));
    // As above.
    let _ = hand.send(last).await;
    failure.map_or(Ok(()), Err)
}

/// Refuses more bytes than the database may have.
fn require_room(waiting: &Waiting, bytes: u64) -> Result<(), Refused> {
    match waiting.most_bytes {
        Some(most) if bytes > most => Err(Refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "the backup is larger than the {most} bytes that this server takes; its --max-store-bytes changes that"
            ),
        )),
        _ => Ok(()),
    }
}

/// Writes the backup and compares it with its seal. Tells what came of it, when nobody but the caller holds the turn.
fn read(
    waiting: &Waiting,
    parts: mpsc::Receiver<Part>,
    turn: OwnedSemaphorePermit,
    tell: oneshot::Sender<Result<(), Refused>>,
) -> Option<(Restoring, OwnedSemaphorePermit)> {
    let mut received = Received { parts, part: Bytes::new(), is_whole: false };
    // Nobody waits if the client has gone.
    match Restoring::read(&mut received, &waiting.place, &mut |_| {}) {
        Ok(restoring) => {
            let _ = tell.send(Ok(()));
            Some((restoring, turn))
        }
        Err(error) => {
            drop(turn);
            let _ = tell.send(Err(refused(&error.into())));
            None
        }
    }
}

/// The refusal for a backup that could not be restored, which the log has too.
fn refused(error: &NotRestored) -> Refused {
    tracing::warn!(%error, "no backup was taken; waiting for another");
    let status = match error {
        NotRestored::Restore(RestoreError::NotEmpty(_)) => StatusCode::CONFLICT,
        NotRestored::Restore(RestoreError::Store(_)) | NotRestored::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        NotRestored::Restore(_) | NotRestored::Damaged(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Refused(status, error.to_string())
}

/// Tells that the backup is in its place: the client, the log, and the loop that has waited for it.
fn end(waiting: &Waiting, send: &mpsc::Sender<Bytes>, restored: Restored) {
    let Restored { directory, commits, crates } = restored;
    let directory = directory.display().to_string();
    tracing::info!(directory, commits, crates, "a backup was restored");
    send_event(send, &RestoreEvent::Restored { directory, commits, crates });
    waiting.restored.send_replace(true);
}

/// Sends a line, if there is room for it: one place is kept for the last.
fn send_event(send: &mpsc::Sender<Bytes>, event: &RestoreEvent) {
    if matches!(event, RestoreEvent::Step(_)) && send.capacity() <= 1 {
        return;
    }
    if let Ok(mut line) = serde_json::to_vec(event) {
        line.push(b'\n');
        // The client may be gone.
        let _ = send.try_send(line.into());
    }
}

/// The backup, as it arrives.
struct Received {
    parts: mpsc::Receiver<Part>,
    part: Bytes,
    is_whole: bool,
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() && !self.is_whole {
            match self.parts.blocking_recv() {
                Some(Part::Bytes(part)) => self.part = part,
                Some(Part::End) => self.is_whole = true,
                Some(Part::Failed(text)) => return Err(io::Error::other(text)),
                None => return Err(io::Error::other("the connection was cut")),
            }
        }
        let length = buffer.len().min(self.part.len());
        self.part.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
