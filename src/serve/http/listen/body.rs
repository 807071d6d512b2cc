//! Bodies of requests and responses. Each reports whether client or server has to act next, so that no client can keep
//! a connection by doing nothing.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use crate::serve::http::request_memory::ResponsePermit;
use crate::serve::http::response::Body;

use super::activity::Request;

/// The bytes that a client must send or read within its time.
const PIECE: usize = 64 << 10;

/// The most frames of a response that are counted before it is sent: one for each large file in it.
const MOST_TAKEN: usize = 4096;

/// The error of a response body, which does not occur.
type AnswerError = <Body as hyper::body::Body>::Error;

/// Why a request was not received completely.
#[derive(Debug, thiserror::Error)]
pub(in crate::serve) enum BodyError {
    /// The connection broke.
    #[error(transparent)]
    Connection(#[from] hyper::Error),
    /// The client was too slow.
    #[error(
        "the request was too slow: {PIECE} bytes of it must arrive every {} s; the server's --client-timeout changes \
         that", .0.as_secs()
    )]
    Slow(Duration),
}

/// The body of a request, which fails when the client is too slow.
pub(in crate::serve) struct RequestBody {
    body: Incoming,
    request: Arc<Request>,
    patience: Duration,
    /// The timer, which runs while the server waits for the client.
    clock: Option<Pin<Box<Sleep>>>,
    /// Since when the next [`PIECE`] is awaited, and how many of its bytes have arrived.
    piece: Option<(Instant, usize)>,
}

impl RequestBody {
    pub(super) fn new(body: Incoming, request: Arc<Request>, patience: Duration) -> Self {
        Self { body, request, patience, clock: None, piece: None }
    }
}

impl hyper::body::Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let me = &mut *self;
        let (since, got) = *me.piece.get_or_insert_with(|| (Instant::now(), 0));
        if let Poll::Ready(polled) = Pin::new(&mut me.body).poll_frame(cx) {
            let bytes = polled.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
            me.piece = Some((since, got + bytes)).filter(|(_, got)| *got < PIECE);
            if me.piece.is_none() || bytes == 0 {
                me.clock = None;
            }
            me.request.is_ours();
            return Poll::Ready(polled.map(|frame| frame.map_err(BodyError::from)));
        }
        me.request.is_sent(since);
        let end = tokio::time::Instant::from_std(since + me.patience);
        let clock = me.clock.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        std::task::ready!(clock.as_mut().poll(cx));
        Poll::Ready(Some(Err(BodyError::Slow(me.patience))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a response, sent in pieces.
pub(in crate::serve) struct AnswerBody {
    body: Body,
    /// Frames that were read from it already, and whether they are all.
    taken: VecDeque<Frame<Bytes>>,
    ended: bool,
    /// The rest of a frame that is sent in pieces.
    rest: Bytes,
    request: Arc<Request>,
    /// Reserved memory for large frames, until the client has read all.
    held: Vec<ResponsePermit>,
}

impl AnswerBody {
    pub(super) fn new(body: Body, request: Arc<Request>) -> Self {
        Self { body, taken: VecDeque::new(), ended: false, rest: Bytes::new(), request, held: vec![] }
    }

    /// Calls `hold` to reserve memory for the frames that the body has already. Frames that come later are events,
    /// which are small.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub(super) fn hold<E>(&mut self, hold: impl Fn(&Bytes) -> Result<Option<ResponsePermit>, E>) -> Result<(), E> {
        if self.body.size_hint().exact().is_some_and(|bytes| bytes <= PIECE as u64) {
            return Ok(());
        }
        let mut context = Context::from_waker(Waker::noop());
        while self.taken.len() < MOST_TAKEN {
            let Poll::Ready(polled) = Pin::new(&mut self.body).poll_frame(&mut context) else { break };
            self.ended = polled.is_none();
            let Some(Ok(frame)) = polled else { break };
            if let Some(held) = frame.data_ref().map(&hold).transpose()?.flatten() {
                self.held.push(held);
            }
            self.taken.push_back(frame);
        }
        Ok(())
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(PIECE.min(self.rest.len()))))));
        }
        let polled = match self.taken.pop_front() {
            Some(frame) => Some(Ok(frame)),
            None if self.ended => None,
            None => std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)),
        };
        let Some(Ok(frame)) = polled else { return Poll::Ready(polled) };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(mut data) => {
                let piece = data.split_to(PIECE.min(data.len()));
                self.rest = data;
                Frame::data(piece)
            }
            Err(trailers) => trailers,
        })))
    }
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        let polled = self.poll_next(cx);
        match &polled {
            Poll::Ready(Some(_)) => self.request.is_taken(),
            _ => self.request.is_ours(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.taken.is_empty() && (self.ended || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let taken = self.taken.iter().filter_map(Frame::data_ref).map(Bytes::len).sum::<usize>() + self.rest.len();
        let mut hint = self.body.size_hint();
        match hint.exact() {
            Some(left) => hint.set_exact(left + taken as u64),
            None => hint.set_lower(hint.lower() + taken as u64),
        }
        hint
    }
}
