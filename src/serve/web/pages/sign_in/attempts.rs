//! Counts sign-in attempts. The counts are kept in memory and start from zero every ten minutes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

use crate::model::{OwnerId, Timestamp};

/// The time for which attempts are counted, in seconds.
const WINDOW: i64 = 600;

/// The most counters. With more, all start from zero, so that nobody can lock out everybody.
const MOST: usize = 10_000;

/// The counters of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::serve::web) enum AttemptCounter {
    /// Failed attempts of everybody.
    Failed,
    /// Failed attempts from a network.
    Network(IpNet),
    /// Successful attempts of a user.
    User(OwnerId),
}

/// Counted attempts.
#[derive(Default)]
pub(in crate::serve) struct Attempts(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    since: i64,
    of: HashMap<AttemptCounter, u64>,
}

impl Attempts {
    fn counts(&self, now: Timestamp) -> MutexGuard<'_, Counts> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_seconds();
        // Counting also starts from zero if the clock was set back.
        if !(counts.since..counts.since + WINDOW).contains(&now) || counts.of.len() >= MOST {
            *counts = Counts { since: now, of: HashMap::new() };
        }
        counts
    }

    /// The seconds to wait if there were `most` attempts already.
    pub(in crate::serve::web) fn wait(&self, whose: AttemptCounter, most: u64, now: Timestamp) -> Option<i64> {
        let counts = self.counts(now);
        let spent = counts.of.get(&whose).is_some_and(|count| *count >= most);
        spent.then(|| counts.since + WINDOW - now.as_seconds())
    }

    /// Counts one attempt, and returns the new count.
    pub(in crate::serve::web) fn count(&self, whose: AttemptCounter, now: Timestamp) -> u64 {
        let mut counts = self.counts(now);
        let count = counts.of.entry(whose).or_default();
        *count += 1;
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn network(n: usize) -> AttemptCounter {
        AttemptCounter::Network(format!("10.0.{}.{}/32", n / 256, n % 256).parse().unwrap())
    }

    #[test]
    fn whoever_tried_too_often_waits_and_others_do_not() {
        let attempts = Attempts::default();
        for second in 0..3 {
            assert_eq!(attempts.wait(network(1), 3, at(1000 + second)), None);
            attempts.count(network(1), at(1000 + second));
        }
        assert_eq!(attempts.wait(network(1), 3, at(1003)), Some(597));
        assert_eq!(attempts.wait(network(2), 3, at(1003)), None);
        assert_eq!(attempts.wait(network(1), 3, at(1600)), None);
        assert_eq!(attempts.wait(network(1), 3, at(900)), None, "the clock was set back");
    }

    #[test]
    fn many_addresses_take_no_memory_and_lock_nobody_out() {
        let attempts = Attempts::default();
        for n in 0..3 * MOST {
            attempts.count(network(n), at(0));
        }
        assert!(attempts.0.lock().unwrap().of.len() <= MOST);
        assert_eq!(attempts.wait(network(3 * MOST), 1, at(1)), None);
    }
}
