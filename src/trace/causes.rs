//! Which span a commit came from, so that the SDKs that workers make of it later belong to the same trace. Only this
//! process knows it: after a restart an SDK begins a trace of its own.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::context::SpanContext;
use super::layer;

/// The most commits that are remembered.
const MOST: usize = 1_024;

static CAUSES: Mutex<VecDeque<(String, SpanContext)>> = Mutex::new(VecDeque::new());

/// Notes that this thread's span is where `commit` comes from. Does nothing outside of spans.
pub fn note_cause(commit: &impl ToString) {
    let Some(context) = layer::current() else { return };
    let mut causes = CAUSES.lock().unwrap_or_else(PoisonError::into_inner);
    if causes.len() == MOST {
        causes.pop_front();
    }
    causes.push_back((commit.to_string(), context));
}

/// The `traceparent` of the span that `commit` came from, if that is known.
#[must_use]
pub fn cause_of(commit: &impl ToString) -> Option<String> {
    let causes = CAUSES.lock().unwrap_or_else(PoisonError::into_inner);
    if causes.is_empty() {
        return None;
    }
    let commit = commit.to_string();
    causes.iter().rev().find(|(known, _)| *known == commit).map(|(_, context)| context.to_string())
}
