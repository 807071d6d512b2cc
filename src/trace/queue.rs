//! Sends the spans that have ended, in batches. A receiver that is slow or away costs its spans, and nothing else.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::counts;
use super::encode::{self, Span};
use super::layer::TraceLayer;

/// The most spans that wait.
const WAITING: usize = 8_192;

/// The most spans of one request.
const BATCH: usize = 512;

/// How long a batch waits for more spans.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the end of the program waits for the spans that are left.
const LAST: Duration = Duration::from_secs(5);

/// A request that is being sent. Its error is a sentence.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Takes OTLP/HTTP requests with JSON.
pub trait Receiver: Send + Sync {
    /// Sends one body; must end by itself if there is no answer.
    fn send(&self, body: Bytes) -> Sending<'_>;
}

/// The queue of spans that have ended.
pub struct Spans(mpsc::Receiver<Span>);

/// A layer, and the queue that it fills.
#[must_use]
pub fn channel() -> (TraceLayer, Spans) {
    let (queue, spans) = mpsc::channel(WAITING);
    counts::begin();
    (TraceLayer::new(queue), Spans(spans))
}

/// The task that sends.
pub struct Exporter {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Exporter {
    /// Sends what is left, within a few seconds, and ends.
    pub async fn end(self) {
        let _ = self.stop.send(());
        if tokio::time::timeout(LAST, self.task).await.is_err() {
            tracing::warn!("the last spans were not sent in time");
        }
    }
}

impl Spans {
    /// Sends spans to `receiver` until the exporter is ended.
    #[must_use]
    pub fn send_to(self, receiver: impl Receiver + 'static) -> Exporter {
        let (stop, stopped) = oneshot::channel();
        Exporter { stop, task: tokio::spawn(self.run(receiver, stopped)) }
    }

    async fn run(mut self, receiver: impl Receiver, mut stopped: oneshot::Receiver<()>) {
        let mut batch = Vec::with_capacity(BATCH);
        let (mut is_last, mut was_taken) = (false, true);
        while !is_last {
            tokio::select! {
                taken = self.0.recv_many(&mut batch, BATCH) => if taken == 0 { return },
                _ = &mut stopped => is_last = true,
            }
            if !is_last && batch.len() < BATCH {
                is_last = tokio::time::timeout(PAUSE, &mut stopped).await.is_ok();
            }
            loop {
                while batch.len() < BATCH
                    && let Ok(span) = self.0.try_recv()
                {
                    batch.push(span);
                }
                if batch.is_empty() {
                    break;
                }
                let is_taken = send(&receiver, &batch, was_taken).await;
                batch.clear();
                was_taken = is_taken;
                if !is_last {
                    break;
                }
            }
        }
    }
}

/// Sends one batch; a failure is logged if the batch before was taken.
async fn send(receiver: &impl Receiver, batch: &[Span], was_taken: bool) -> bool {
    match receiver.send(encode::body(batch)).await {
        Ok(()) => {
            counts::sent(batch.len());
            true
        }
        Err(error) => {
            counts::dropped(batch.len());
            if was_taken {
                tracing::warn!(%error, "could not send traces; spans are dropped until the receiver takes them again");
            }
            false
        }
    }
}
