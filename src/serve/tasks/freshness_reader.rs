//! The thread that learns what other nodes have changed, before requests are answered.

use std::sync::Arc;
use std::thread::JoinHandle;

use crate::serve::freshness::Freshness;
use crate::serve::state::State;

/// The thread that reads the count. Dropping it ends the thread.
pub(in crate::serve) struct FreshnessReader {
    freshness: Arc<Freshness>,
    thread: Option<JoinHandle<()>>,
}

impl FreshnessReader {
    /// Starts to read, if there may be other nodes.
    pub(in crate::serve) fn start(state: &Arc<State>) -> Option<Self> {
        let freshness = state.freshness.clone()?;
        let (reading, state) = (Arc::clone(&freshness), Arc::clone(state));
        let read = move || match state.store().learn_changes(|changes| state.changed_elsewhere(changes)) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "could not ask what other nodes have changed");
                false
            }
        };
        let thread = std::thread::Builder::new().name("freshness".into()).spawn(move || reading.work(read));
        let thread =
            thread.inspect_err(|error| tracing::error!(%error, "no thread to ask what other nodes change")).ok();
        Some(Self { freshness, thread })
    }
}

impl Drop for FreshnessReader {
    fn drop(&mut self) {
        self.freshness.end();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged already.
            let _ = thread.join();
        }
    }
}
