//! Waits for events in other processes.

use std::time::{Duration, Instant};

/// The time limit before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done` returns true.
#[track_caller]
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "still not so after {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
