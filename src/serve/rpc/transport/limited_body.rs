//! Request bodies that end at a limit, even if their length is not known before.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::serve::http::error::Refusal;
use crate::serve::http::listen::{BodyError, RequestBody};
use crate::serve::http::request_memory::MemoryPermit;

/// The bytes for which memory is reserved at once while a body of unknown length is read.
const STEP: u64 = 1 << 20;

/// The progress of reading a request's body.
#[derive(Default)]
pub(in crate::serve::rpc) struct BodyProgress {
    refusal: OnceLock<Refusal>,
    room: Mutex<Option<MemoryPermit>>,
}

impl BodyProgress {
    /// Progress with memory reserved for the known length of the body.
    pub(in crate::serve::rpc) fn with(room: Option<MemoryPermit>) -> Arc<Self> {
        Arc::new(Self { refusal: OnceLock::new(), room: Mutex::new(room) })
    }

    /// The refusal because of which reading the body ended, if it was refused.
    pub(in crate::serve::rpc) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.get()
    }

    fn add(&self, more: MemoryPermit) {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *room {
            Some(room) => room.add(more),
            None => *room = Some(more),
        }
    }

    fn refuse(&self, refusal: Refusal) {
        // Only the first refusal is reported.
        let _ = self.refusal.set(refusal);
    }
}

/// Why a body ended early. It is an error, not the end of the body, because half a message may be a valid message.
#[derive(Debug, thiserror::Error)]
pub(in crate::serve::rpc) enum Broken {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("the request is refused")]
    Refused,
}

/// A body that fails when it is too large, when its client is too slow, or when there is no memory for it.
pub(in crate::serve::rpc) struct Bounded<L, M> {
    body: RequestBody,
    progress: Arc<BodyProgress>,
    /// The bytes that have arrived, the most that may arrive, and the bytes of reserved memory.
    got: u64,
    most: u64,
    room: u64,
    too_large: L,
    more: M,
}

impl<L, M> Bounded<L, M> {
    /// A body of at most `most` bytes, with memory reserved for `room` bytes. `more` reserves more memory, and
    /// `too_large` is the refusal of a larger body.
    pub(in crate::serve::rpc) fn new(
        body: RequestBody,
        progress: Arc<BodyProgress>,
        most: u64,
        room: u64,
        too_large: L,
        more: M,
    ) -> Self {
        Self { body, progress, got: 0, most, room, too_large, more }
    }
}

impl<L: Fn() -> Refusal, M: Fn(u64) -> Result<MemoryPermit, Refusal>> Bounded<L, M> {
    fn count(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.got += bytes;
        if self.got > self.most {
            return Err((self.too_large)());
        }
        while self.got > self.room {
            self.progress.add((self.more)(STEP)?);
            self.room += STEP;
        }
        Ok(())
    }
}

impl<L, M> Body for Bounded<L, M>
where
    L: Fn() -> Refusal + Unpin,
    M: Fn(u64) -> Result<MemoryPermit, Refusal> + Unpin,
{
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let polled = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        let bytes = match &polled {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len) as u64,
            Some(Err(slow @ BodyError::Slow(_))) => {
                self.progress.refuse(Refusal::late(slow.to_string()));
                0
            }
            Some(Err(BodyError::Connection(_))) | None => 0,
        };
        if let Err(refusal) = self.count(bytes) {
            self.progress.refuse(refusal);
            return Poll::Ready(Some(Err(Broken::Refused)));
        }
        Poll::Ready(polled.map(|frame| frame.map_err(Broken::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
