//! Crates that may take more memory than the server's own process has for them: one after the other, each in a process
//! of its own that can be limited and stopped. They have a thread of their own while there are any, so that no worker
//! waits for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::store::Job;

use super::Publisher;
use super::worker::Worker;

/// The crates that wait, and the thread that makes them.
#[derive(Default)]
pub(super) struct LargeCrates(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Whether the thread takes what waits. It ends when there is nothing.
    is_running: bool,
    thread: Option<JoinHandle<()>>,
}

impl LargeCrates {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next crate; without one, the thread that asks is to end.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        let next = state.waiting.pop_front();
        state.is_running = next.is_some();
        next
    }

    /// Waits until the thread has ended. Nothing must be added any more.
    pub(super) fn join(&self) {
        let thread = self.lock().thread.take();
        // One that panicked has said so already.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Publisher {
    /// Has the crate of a job made in a process of its own, later.
    pub(super) fn make_apart(self: &Arc<Self>, job: Job) {
        let mut state = self.large.lock();
        state.waiting.push_back(job);
        if state.is_running {
            return;
        }
        state.is_running = true;
        let publisher = Arc::clone(self);
        let thread = std::thread::Builder::new().name("sdk-large".into()).spawn(move || publisher.make_large());
        match thread {
            Ok(thread) => state.thread = Some(thread),
            Err(error) => {
                drop(state);
                tracing::warn!(%error, "no thread for large crates, so a worker makes them");
                self.make_large();
            }
        }
    }

    fn make_large(self: &Arc<Self>) {
        let worker = Worker::of_large(Arc::clone(self));
        while let Some(job) = self.large.next() {
            if self.bell.is_stopping() {
                // What is left is taken up at the next start.
                continue;
            }
            worker.finish_apart(&job);
        }
    }
}
