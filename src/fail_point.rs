//! Places where a test can end the process at once, as a power cut would: one at every step whose interruption must
//! lose nothing. Without debug assertions they are no code at all.
//!
//! `REGISTRY_FAIL_POINT=push-stored:3` ends the process when it reaches that point for the third time.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The environment variable that arms a point.
pub const VARIABLE: &str = "REGISTRY_FAIL_POINT";

/// Declares the points together with [`FailPoint::ALL`], so that none can be left out of the tests.
macro_rules! fail_points {
    ($($(#[$doc:meta])* $point:ident = $name:literal,)*) => {
        /// A place where a test can end the process.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum FailPoint {
            $($(#[$doc])* $point,)*
        }

        impl FailPoint {
            /// All points.
            pub const ALL: &[Self] = &[$(Self::$point),*];

            /// The name that arms the point.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }
        }
    };
}

fail_points! {
    /// The tables of a new format are written, but not committed.
    MigrationWritten = "migration-written",
    /// The database has its new format.
    MigrationCommitted = "migration-committed",
    /// A transaction is written, but not committed.
    TransactionWritten = "transaction-written",
    /// A transaction is on the disk, but its caller does not know yet.
    TransactionCommitted = "transaction-committed",
    /// A push has been compiled, but nothing is decided.
    PushCompiled = "push-compiled",
    /// The commits and labels of a push are decided, but not stored.
    PushDecided = "push-decided",
    /// A push is stored, but not acknowledged.
    PushStored = "push-stored",
    /// A worker has taken a job.
    JobClaimed = "job-claimed",
    /// The code of an SDK is generated.
    SdkGenerated = "sdk-generated",
    /// The crate of an SDK is packaged.
    SdkPackaged = "sdk-packaged",
    /// A crate is published, but its reuse index is not stored.
    SdkPublished = "sdk-published",
}

impl fmt::Display for FailPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An armed point, and the number of arrivals until it ends the process.
struct Armed {
    point: FailPoint,
    left: AtomicU64,
}

impl Armed {
    /// Parses the environment variable; an unknown name arms no point.
    fn read(text: &str) -> Option<Self> {
        let (name, times) = text.split_once(':').unwrap_or((text, "1"));
        let point = FailPoint::ALL.iter().copied().find(|point| point.name() == name)?;
        Some(Self { point, left: AtomicU64::new(times.parse().ok().filter(|times| *times > 0)?) })
    }

    /// Counts one arrival at `point`; true if it is the last.
    fn is_due(&self, point: FailPoint) -> bool {
        point == self.point && self.left.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

/// Ends the process if the environment has armed this point.
#[inline]
pub(crate) fn reach(point: FailPoint) {
    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    if !cfg!(debug_assertions) {
        return;
    }
    let armed = ARMED.get_or_init(|| Armed::read(&std::env::var(VARIABLE).ok()?));
    if armed.as_ref().is_some_and(|armed| armed.is_due(point)) {
        // Nothing is flushed, unwound or closed.
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_armed_by_name_and_count() {
        let armed = Armed::read("push-stored:2").unwrap();
        let arrivals = [FailPoint::PushStored, FailPoint::JobClaimed, FailPoint::PushStored, FailPoint::PushStored];
        assert_eq!(arrivals.map(|point| armed.is_due(point)), [false, false, true, false]);
        assert!(Armed::read("job-claimed").unwrap().is_due(FailPoint::JobClaimed));
        for nonsense in ["", "no-such-point", "push-stored:0", "push-stored:many"] {
            assert!(Armed::read(nonsense).is_none(), "{nonsense:?}");
        }
    }

    #[test]
    fn no_two_points_share_a_name() {
        let names: std::collections::BTreeSet<_> = FailPoint::ALL.iter().map(|point| point.name()).collect();
        assert_eq!(names.len(), FailPoint::ALL.len());
    }
}
