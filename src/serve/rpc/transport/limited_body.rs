//! Request bodies that are cut off at a limit, also when nobody said how large they are.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::serve::http::error::Refusal;
use crate::serve::http::listen::{BodyError, RequestBody};
use crate::serve::http::request_memory::Room;

/// For how many bytes more room is made at once, while a body comes in whose length is not told.
const STEP: u64 = 1 << 20;

/// What is known of a request while its body is read, and after.
#[derive(Default)]
pub(in crate::serve::rpc) struct Progress {
    refusal: OnceLock<Refusal>,
    room: Mutex<Option<Room>>,
}

impl Progress {
    /// With room for what is known to come.
    pub(in crate::serve::rpc) fn with(room: Option<Room>) -> Arc<Self> {
        Arc::new(Self { refusal: OnceLock::new(), room: Mutex::new(room) })
    }

    /// Why the body did not come to its end, if it is for us to say.
    pub(in crate::serve::rpc) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.get()
    }

    fn add(&self, more: Room) {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *room {
            Some(room) => room.add(more),
            None => *room = Some(more),
        }
    }

    fn refuse(&self, refusal: Refusal) {
        // The first reason is the one that is told.
        let _ = self.refusal.set(refusal);
    }
}

/// Why a body did not come to its end. An error, not an early end: half a message may be a valid one.
#[derive(Debug, thiserror::Error)]
pub(in crate::serve::rpc) enum Broken {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("the request is refused")]
    Refused,
}

/// A body that fails when it is larger than it may be, when it does not come on, or when there is no room for it.
pub(in crate::serve::rpc) struct Bounded<L, M> {
    body: RequestBody,
    progress: Arc<Progress>,
    /// Bytes that have come, that may come at most, and that there is room for.
    got: u64,
    most: u64,
    room: u64,
    too_large: L,
    more: M,
}

impl<L, M> Bounded<L, M> {
    /// At most `most` bytes, of which `room` have room already. `more` makes room for more of them, `too_large` says
    /// what they are refused with.
    pub(in crate::serve::rpc) fn new(
        body: RequestBody,
        progress: Arc<Progress>,
        most: u64,
        room: u64,
        too_large: L,
        more: M,
    ) -> Self {
        Self { body, progress, got: 0, most, room, too_large, more }
    }
}

impl<L: Fn() -> Refusal, M: Fn(u64) -> Result<Room, Refusal>> Bounded<L, M> {
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
    M: Fn(u64) -> Result<Room, Refusal> + Unpin,
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
