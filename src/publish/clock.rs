//! The clock, which is the only source of time, and the rules for the times of commits.
//!
//! Nodes that share a database have one clock, that of the database: each adds to its own what that is ahead. What one
//! node writes down, when a session ends or a webhook is called again, others read and judge by their clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// The difference between two clocks that is let be, in microseconds: a second. A question to the database takes time
/// too, and a clock that is put right with every answer would not be steady.
const STEADY: i64 = 1_000_000;

/// The source of the current time. Tests replace it.
#[derive(Clone)]
pub struct Clock {
    read: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What is added to it, in microseconds, if it follows the clock of a database.
    ahead: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp::from_micros(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that reads the time from `now`.
    #[must_use]
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { read: Arc::new(now), ahead: None }
    }

    /// The clock of the nodes that serve `store`: that of its database, or the system's if this process has it alone.
    ///
    /// # Errors
    /// When the database does not tell its time.
    pub fn of_store(store: &Store) -> Result<Self, StoreError> {
        Self::system().following(store)
    }

    fn following(self, store: &Store) -> Result<Self, StoreError> {
        let clock = Self { ahead: store.is_shared().then(Arc::default), ..self };
        let asked = clock.own();
        clock.put_right(asked, store.database_time()?);
        Ok(clock)
    }

    /// Takes in what time it was by the database's clock between `asked`, by this machine's [own](Self::own), and now.
    /// Does nothing to a clock that follows none.
    pub(super) fn put_right(&self, asked: Timestamp, there: Option<Timestamp>) {
        let (Some(known), Some(there)) = (&self.ahead, there) else { return };
        let took = self.own().as_micros() - asked.as_micros();
        let ahead = there.as_micros() - (asked.as_micros() + took / 2);
        // An answer that took long tells little.
        if took < STEADY && (ahead - known.load(Ordering::Relaxed)).abs() > STEADY {
            known.store(ahead, Ordering::Relaxed);
            let (seconds, word) = ((ahead.abs() + STEADY / 2) / STEADY, if ahead > 0 { "slow" } else { "fast" });
            tracing::warn!("the clock of this machine is {seconds} s {word}; all servers go by that of the database");
        }
    }

    /// The time by the clock of this machine.
    pub(super) fn own(&self) -> Timestamp {
        (self.read)()
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let own = self.own();
        match &self.ahead {
            Some(ahead) => Timestamp::from_micros(own.as_micros().saturating_add(ahead.load(Ordering::Relaxed))),
            None => own,
        }
    }
}

/// The time of the next commit of a module or a check plugin. It is never before the time of an earlier one. A released
/// commit gets a second of its own, because SDK versions count in seconds.
#[must_use]
pub(crate) fn commit_time(now: Timestamp, newest: Option<Timestamp>, released: bool) -> Timestamp {
    let Some(newest) = newest else { return now };
    if released {
        return now.max(newest.next_second());
    }
    now.max(Timestamp::from_micros(newest.as_micros() + 1))
}

/// How far the clock of another registry may be ahead, in microseconds: ten minutes.
const CLOCKS_DIFFER: i64 = 600_000_000;

/// The time of a commit that another registry created at `original`. The newest commit of its module follows the rule
/// of [`commit_time`]; an older one keeps its time, so its versions sort as they do there. A time far in the future, or
/// none, becomes the current time: otherwise every later push would have to be newer.
#[must_use]
pub(super) fn mirrored_time(
    original: Timestamp,
    now: Timestamp,
    newest: Option<Timestamp>,
    released: bool,
) -> Timestamp {
    let latest = Timestamp::from_micros(now.as_micros().saturating_add(CLOCKS_DIFFER));
    let known = original.as_micros() > 0 && original <= latest;
    let original = if known { original } else { now };
    if newest.is_some_and(|newest| original < newest) {
        return original;
    }
    commit_time(original, newest, released)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_clock_follows_that_of_the_database_and_is_steady() {
        let clock = Clock { ahead: Some(Arc::default()), ..Clock::new(|| Timestamp::from_micros(1_000 * SECOND)) };
        let told = |micros: i64| {
            clock.put_right(clock.own(), Some(Timestamp::from_micros(micros)));
            clock.now().as_micros()
        };
        assert_eq!(told(1_000 * SECOND + 900_000), 1_000 * SECOND, "less than a second is let be");
        assert_eq!(told(1_300 * SECOND), 1_300 * SECOND);
        assert_eq!(told(1_300 * SECOND - 900_000), 1_300 * SECOND);
        assert_eq!(told(700 * SECOND), 700 * SECOND);
        clock.put_right(Timestamp::from_micros(990 * SECOND), Some(Timestamp::from_micros(1_000 * SECOND)));
        assert_eq!(clock.now().as_micros(), 700 * SECOND, "ten seconds for an answer are too long");
        assert_eq!(clock.own().as_micros(), 1_000 * SECOND);
    }

    #[test]
    fn released_commits_never_share_a_second() {
        let at = Timestamp::from_micros;
        assert_eq!(commit_time(at(5 * SECOND), None, true), at(5 * SECOND));
        assert_eq!(commit_time(at(9 * SECOND), Some(at(5 * SECOND)), true), at(9 * SECOND));
        assert_eq!(commit_time(at(5 * SECOND + 7), Some(at(5 * SECOND + 3)), true), at(6 * SECOND));
    }

    #[test]
    fn a_clock_that_steps_back_makes_no_commit_older() {
        let at = Timestamp::from_micros;
        assert_eq!(commit_time(at(SECOND), Some(at(60 * SECOND)), true), at(61 * SECOND));
        assert_eq!(commit_time(at(SECOND), Some(at(60 * SECOND)), false), at(60 * SECOND + 1));
    }

    #[test]
    fn a_mirrored_commit_keeps_its_time() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND);
        assert_eq!(mirrored_time(at(5), at(100), None, true), at(5));
        assert_eq!(mirrored_time(at(9), at(100), Some(at(5)), true), at(9));
        assert_eq!(mirrored_time(at(3), at(100), Some(at(5)), true), at(3), "it is not the newest");
    }

    #[test]
    fn two_mirrored_commits_of_one_second_keep_their_order() {
        let at = Timestamp::from_micros;
        assert_eq!(mirrored_time(at(5 * SECOND + 7), at(9 * SECOND), Some(at(5 * SECOND + 3)), true), at(6 * SECOND));
    }

    #[test]
    fn a_mirrored_commit_is_not_far_ahead() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND);
        assert_eq!(mirrored_time(at(700), at(100), None, true), at(700), "clocks differ");
        assert_eq!(mirrored_time(at(701), at(100), None, true), at(100));
        assert_eq!(mirrored_time(at(0), at(100), None, true), at(100), "the other registry gave no time");
    }
}
