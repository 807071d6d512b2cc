//! Tries transactions again that failed only for now: two that could not both be kept, a server that was started again.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

use super::engine::Connection;

/// The most times that a transaction is tried.
const TRIES: u32 = 6;

/// The shortest pause; each is about twice the one before.
const PAUSE: Duration = Duration::from_millis(25);

/// The outcome of the transaction `once`, after some tries if it failed in a way that another may not.
pub(super) fn with_retries<T, E>(
    conn: &Connection,
    once: impl Fn() -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    for earlier in 0..TRIES - 1 {
        let done = once();
        if done.is_ok() || !conn.may_try_again() {
            return done;
        }
        std::thread::sleep(pause(earlier, RandomState::new().hash_one(earlier)));
    }
    once()
}

/// The pause after so many earlier ones: between half of it and the whole, so that two that met do not meet again.
fn pause(earlier: u32, chance: u64) -> Duration {
    let longest = PAUSE * 2_u32.pow(earlier);
    longest.mul_f64(0.5 + 0.5 * (chance >> 11) as f64 / (1_u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_not_alike() {
        for earlier in 0..TRIES {
            let longest = PAUSE * 2_u32.pow(earlier);
            assert_eq!(pause(earlier, 0), longest / 2);
            assert!(pause(earlier, u64::MAX) <= longest && pause(earlier, u64::MAX) > longest.mul_f64(0.99));
        }
        let total: Duration = (0..TRIES - 1).map(|earlier| pause(earlier, u64::MAX)).sum();
        assert!(total < Duration::from_secs(1), "whoever asked waits: {total:?}");
    }
}
