//! Sends the traces of a server to the receiver of `--otlp-endpoint`.

use bytes::Bytes;

use crate::client::TraceReceiver;
use crate::trace::{Receiver, Sending};

/// The receiver, as traces are sent to it.
pub(super) struct Otlp(pub(super) TraceReceiver);

impl Receiver for Otlp {
    fn send(&self, body: Bytes) -> Sending<'_> {
        Box::pin(self.0.send(body))
    }
}
