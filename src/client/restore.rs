//! Sends a backup to a server that waits for one.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use connectrpc::ErrorCode;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::mpsc;

use super::error::{plain, reason};
use super::transport::streaming_client;
use super::{Client, ClientError};
use crate::wire::restore::{AWAITING, PATH, RestoreEvent};

/// The most bytes of a refusal, and of a line of a response.
const LARGEST_LINE: usize = 64 << 10;

/// Bytes of a part of a backup.
const PART: usize = 256 << 10;

/// How many parts wait to be sent.
const WAITING: usize = 4;

/// What a server has restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredServer {
    /// The data directory, on the server's machine.
    pub directory: String,
    /// How many commits it has.
    pub commits: u64,
    /// How many versions of crates it has.
    pub crates: u64,
}

/// A step of [`Client::restore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreProgress {
    /// So many bytes have been read and handed to the connection.
    Sent(u64),
    /// What the server does.
    Server(String),
}

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreCallError {
    /// The server refused, or did not respond.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The backup could not be read.
    #[error("{0}")]
    Source(io::Error),
}

impl Client {
    /// Sends the backup that `from` reads, of `size` bytes if that is known, to a server that waits for one, and follows
    /// what the server does with it.
    ///
    /// # Errors
    /// When the server does not wait for a backup, or refuses this one. Then it waits for another.
    pub async fn restore(
        &self,
        from: Box<dyn Read + Send>,
        size: Option<u64>,
        progress: &mut dyn FnMut(RestoreProgress),
    ) -> Result<RestoredServer, RestoreCallError> {
        // First, so that a backup is not sent in vain.
        let request = self.restore_request(Method::GET, Full::new(Bytes::new()))?;
        let asked = self.plain_client()?.request(request).await;
        let asked = asked.map_err(|error| self.unreachable(reason(&error)))?;
        self.require_taken(asked).await?;

        let (body, mut sent) = body_of(from, size);
        let request = self.restore_request(Method::PUT, body)?;
        let client = streaming_client(self.url.starts_with("https://")).map_err(|reason| self.unreachable(reason))?;
        let mut exchange = Box::pin(client.request(request));
        let response = loop {
            tokio::select! {
                response = &mut exchange => break response,
                Some(part) = sent.recv() => match part {
                    Ok(bytes) => progress(RestoreProgress::Sent(bytes)),
                    Err(error) => return Err(RestoreCallError::Source(error)),
                },
            }
        };
        // A backup that could not be read has broken the connection.
        while let Ok(part) = sent.try_recv() {
            part.map_err(RestoreCallError::Source)?;
        }
        let response = response.map_err(|error| self.unreachable(reason(&error)))?;
        let mut body = self.require_taken(response).await?.into_body();
        let mut lines = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| self.unreachable(reason(&error)))?;
            lines.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            while let Some(end) = lines.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = lines.drain(..=end).collect();
                match serde_json::from_slice(&line).map_err(|error| self.malformed(error))? {
                    RestoreEvent::Step(step) => progress(RestoreProgress::Server(plain(&step))),
                    RestoreEvent::Failed(text) => return Err(refused(ErrorCode::FailedPrecondition, &text).into()),
                    RestoreEvent::Restored { directory, commits, crates } => {
                        return Ok(RestoredServer { directory: plain(&directory), commits, crates });
                    }
                }
            }
            if lines.len() > LARGEST_LINE {
                return Err(self.malformed("a line that is too long").into());
            }
        }
        Err(self.malformed("its response ended early; `registry serve` there says what came of the backup").into())
    }

    fn restore_request<B>(&self, method: Method, body: B) -> Result<Request<B>, ClientError> {
        let mut request = Request::builder().method(method).uri(format!("{}{PATH}", self.url));
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.headers.clone());
        }
        request.body(body).map_err(|error| self.malformed(error))
    }

    /// The response of a server that waits for a backup, if it is one of success.
    async fn require_taken(&self, response: Response<Incoming>) -> Result<Response<Incoming>, ClientError> {
        let (name, value) = AWAITING;
        if response.headers().get(name).is_none_or(|found| found != value) {
            return Err(refused(
                ErrorCode::FailedPrecondition,
                &format!(
                    "{} does not wait for a backup; start it on an empty data directory with `registry serve \
                     --await-restore`",
                    self.url
                ),
            ));
        }
        let code = match response.status() {
            StatusCode::OK => return Ok(response),
            StatusCode::UNAUTHORIZED => ErrorCode::Unauthenticated,
            StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::ResourceExhausted,
            StatusCode::CONFLICT => ErrorCode::Aborted,
            _ => ErrorCode::FailedPrecondition,
        };
        let body = Limited::new(response.into_body(), LARGEST_LINE).collect().await;
        let text = body.map_err(|error| self.unreachable(reason(&*error)))?.to_bytes();
        Err(refused(code, String::from_utf8_lossy(&text).trim()))
    }

    fn unreachable(&self, reason: String) -> ClientError {
        ClientError::Unreachable { url: self.url.clone(), reason }
    }
}

fn refused(code: ErrorCode, text: &str) -> ClientError {
    ClientError::Refused { code, message: plain(text), findings: None }
}

/// The body of a request, which a thread reads.
struct Backup {
    parts: mpsc::Receiver<io::Result<Bytes>>,
    left: Option<u64>,
}

/// The body, and the bytes that were read so far, or why it cannot be read on.
fn body_of(mut from: Box<dyn Read + Send>, size: Option<u64>) -> (Backup, mpsc::UnboundedReceiver<io::Result<u64>>) {
    let (send, parts) = mpsc::channel(WAITING);
    let (tell, told) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut bytes = 0;
        loop {
            let mut part = Vec::with_capacity(PART);
            match from.by_ref().take(PART as u64).read_to_end(&mut part) {
                Ok(0) => return,
                Ok(length) => bytes += length as u64,
                Err(error) => {
                    let broken = error.kind().into();
                    // Nobody waits if the request has ended.
                    let _ = tell.send(Err(error));
                    let _ = send.blocking_send(Err(broken));
                    return;
                }
            }
            if send.blocking_send(Ok(part.into())).is_err() || tell.send(Ok(bytes)).is_err() {
                return;
            }
        }
    });
    (Backup { parts, left: size }, told)
}

impl Body for Backup {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let part = self.parts.poll_recv(context);
        if let (Poll::Ready(Some(Ok(part))), Some(left)) = (&part, &mut self.left) {
            *left = left.saturating_sub(part.len() as u64);
        }
        part.map(|part| part.map(|part| part.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
