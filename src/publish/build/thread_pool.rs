//! The threads that share the work on large SDKs.
//!
//! They are not rayon's global pool: a thread of a pool takes other work while it waits for its own, so a push or a
//! small SDK would wait until a large SDK is done.

use std::sync::OnceLock;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads, started for the first large SDK.
pub(in crate::publish) struct Threads {
    count: usize,
    pool: OnceLock<Option<ThreadPool>>,
}

impl Threads {
    /// Threads for `sdks` SDKs at the same time; at least one for each processor.
    pub(in crate::publish) fn new(sdks: usize) -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self { count: sdks.max(processors), pool: OnceLock::new() }
    }

    /// Runs `work` on one of the threads, and its parallel parts on all of them; on the global pool if the system gives
    /// no threads.
    pub(in crate::publish) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let start = || {
            let pool = ThreadPoolBuilder::new().num_threads(self.count).thread_name(|n| format!("large-{n}")).build();
            pool.inspect_err(|error| tracing::error!(%error, "could not start threads for large SDKs")).ok()
        };
        match self.pool.get_or_init(start) {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// Runs `work` on `threads`, or on the calling thread if there are none. `work` must not wait for other work: a thread
/// that waits for a parallel part may start `work` in between.
pub(in crate::publish) fn run_on<T: Send>(threads: Option<&Threads>, work: impl FnOnce() -> T + Send) -> T {
    match threads {
        Some(threads) => threads.run(work),
        None => work(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use rayon::prelude::*;

    use super::*;

    #[test]
    fn work_elsewhere_does_not_wait_for_it() {
        let (go, held) = channel::<()>();
        let (threads, held) = (&Threads::new(2), std::sync::Mutex::new(held));
        let wait = |_| held.lock().unwrap().recv().is_err();
        std::thread::scope(|scope| {
            let large = scope.spawn(move || threads.run(|| (0..100).into_par_iter().map(wait).all(|done| done)));
            assert_eq!((0..100).into_par_iter().sum::<u32>(), 4950);
            drop(go);
            assert!(large.join().unwrap());
        });
    }
}
