//! The queue of crates that may take more memory than the server's own process allows. They are made one after the
//! other, each in a process of its own that can be limited and stopped. A thread of its own waits for these processes,
//! so that no worker does; it runs while there are such crates.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::store::Job;

/// The crates that wait, and the thread that makes them.
#[derive(Default)]
pub(in crate::publish) struct OwnProcessQueue(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Whether the thread is running. It ends when no crate waits.
    is_running: bool,
    thread: Option<JoinHandle<()>>,
}

impl OwnProcessQueue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next crate; if there is none, the calling thread must end.
    pub(super) fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        let next = state.waiting.pop_front();
        state.is_running = next.is_some();
        next
    }

    /// Adds a crate, and starts the thread that makes crates unless it runs.
    ///
    /// # Errors
    /// When the system cannot start a thread; the caller must make the waiting crates then.
    pub(super) fn add(&self, job: Job, start: impl FnOnce() -> io::Result<JoinHandle<()>>) -> io::Result<()> {
        let mut state = self.lock();
        state.waiting.push_back(job);
        if !state.is_running {
            state.is_running = true;
            state.thread = Some(start()?);
        }
        Ok(())
    }

    /// Waits until the thread has ended. Nothing must be added any more.
    pub(super) fn join(&self) {
        let thread = self.lock().thread.take();
        // A panicked thread has logged it already.
        let _ = thread.map(JoinHandle::join);
    }
}
