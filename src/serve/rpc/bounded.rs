//! Request bodies that are cut off at a limit, also when nobody said how large they are.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// Whether a body turned out to be larger than it may be.
#[derive(Clone, Default)]
pub(super) struct TooLarge(Arc<AtomicBool>);

impl TooLarge {
    pub(super) fn happened(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Why a body did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error(transparent)]
    Connection(#[from] hyper::Error),
    /// An error, not an early end: half a message may be a valid one.
    #[error("the request is larger than it may be")]
    TooLarge,
}

/// A body that fails when it is larger than it may be.
pub(super) struct Bounded {
    body: Incoming,
    /// Bytes that may still come.
    left: u64,
    too_large: TooLarge,
}

impl Bounded {
    pub(super) fn new(body: Incoming, most: u64, too_large: TooLarge) -> Self {
        Self { body, left: most, too_large }
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx).map_err(BodyError::from);
        let Poll::Ready(Some(Ok(frame))) = &polled else { return polled };
        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
        let Some(left) = self.left.checked_sub(bytes) else {
            self.too_large.0.store(true, Ordering::Release);
            return Poll::Ready(Some(Err(BodyError::TooLarge)));
        };
        self.left = left;
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
