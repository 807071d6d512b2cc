//! Runs a generator where it can do no harm: generators panic on input that they do not expect, recurse deeply,
//! and take long.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Stack of a generator's thread in bytes. Only touched pages cost memory.
const STACK: usize = 256 << 20;

/// Name of a generator's thread; the panic hook knows it by that.
const THREAD: &str = "plugin";

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The generator panicked, with this message.
    Panicked(String),
    /// No answer in time. The thread cannot be stopped and goes on until it ends by itself, with all that its work holds.
    TimedOut,
    /// The system gave no thread.
    NoThread(std::io::Error),
}

/// Runs `work` on a thread of its own and waits for its answer, at most for `limit`.
pub(super) fn run<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    silence_panics();
    let (sender, receiver) = channel();
    let body = move || {
        // A receiver that gave up is no reason to complain.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    };
    std::thread::Builder::new().name(THREAD.into()).stack_size(STACK).spawn(body).map_err(Failure::NoThread)?;
    let answer = match limit {
        Some(limit) => receiver.recv_timeout(limit),
        None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    match answer {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(payload)) => Err(Failure::Panicked(message(payload.as_ref()))),
        Err(RecvTimeoutError::Timeout) => Err(Failure::TimedOut),
        Err(RecvTimeoutError::Disconnected) => Err(Failure::Panicked("its thread ended without an answer".into())),
    }
}

/// A generator's panic is an answer, not a fault of this program: keep it from the log. All other threads keep
/// the hook that was set before.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() != Some(THREAD) {
                previous(info);
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("it panicked without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        let failure = run(None, || {
            if true {
                panic!("no {}", "way")
            }
        })
        .unwrap_err();
        assert!(matches!(failure, Failure::Panicked(text) if text == "no way"));
    }

    #[test]
    fn an_endless_call_is_given_up() {
        let (hold, held) = channel::<()>();
        let failure = run(Some(Duration::from_millis(10)), move || held.recv().is_ok()).unwrap_err();
        assert!(matches!(failure, Failure::TimedOut));
        drop(hold);
    }

    #[test]
    fn deep_recursion_fits() {
        fn deep(levels: u64) -> u64 {
            if levels == 0 { 0 } else { 1 + std::hint::black_box(deep(levels - 1)) }
        }
        assert_eq!(run(None, || deep(100_000)).unwrap(), 100_000);
    }
}
