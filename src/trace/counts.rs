//! How many spans were sent, and how many were not, for `/metrics`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The spans of this process.
#[derive(Debug, Default)]
pub(super) struct Counters {
    sent: AtomicU64,
    dropped: AtomicU64,
}

static COUNTERS: OnceLock<Counters> = OnceLock::new();

/// The spans of this process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanCounts {
    /// Those that the receiver took.
    pub sent: u64,
    /// Those that found no room in the queue, or that the receiver did not take.
    pub dropped: u64,
}

/// The counts; none if no traces are sent.
#[must_use]
pub fn counts() -> Option<SpanCounts> {
    let counters = COUNTERS.get()?;
    let (sent, dropped) = (counters.sent.load(Ordering::Relaxed), counters.dropped.load(Ordering::Relaxed));
    Some(SpanCounts { sent, dropped })
}

pub(super) fn begin() {
    COUNTERS.get_or_init(Counters::default);
}

pub(super) fn sent(spans: usize) {
    if let Some(counters) = COUNTERS.get() {
        counters.sent.fetch_add(spans as u64, Ordering::Relaxed);
    }
}

pub(super) fn dropped(spans: usize) {
    if let Some(counters) = COUNTERS.get() {
        counters.dropped.fetch_add(spans as u64, Ordering::Relaxed);
    }
}
