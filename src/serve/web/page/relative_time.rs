//! Times relative to now, with the exact time.

use crate::model::Timestamp;

/// A time on a page.
pub(in crate::serve::web) struct Age {
    /// `3 hours ago`.
    pub text: String,
    /// `2024-05-23T14:45:06Z`.
    pub exact: String,
}

impl Age {
    /// `time` relative to `now`.
    pub(in crate::serve::web) fn new(time: Timestamp, now: Timestamp) -> Self {
        Self { text: text(now.as_seconds() - time.as_seconds()), exact: time.to_string() }
    }
}

const UNITS: [(i64, &str); 6] =
    [(31_536_000, "year"), (2_592_000, "month"), (604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute")];

fn text(seconds: i64) -> String {
    // Future times occur too: when a token expires.
    let span = seconds.unsigned_abs();
    for (length, unit) in UNITS {
        let count = span / length.unsigned_abs();
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            return if seconds < 0 {
                format!("in {count} {unit}{plural}")
            } else {
                format!("{count} {unit}{plural} ago")
            };
        }
    }
    if seconds < 0 { "in a moment".into() } else { "just now".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_in_the_largest_unit_that_fits() {
        for (seconds, said) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7199, "1 hour ago"),
            (86_400 * 6, "6 days ago"),
            (86_400 * 400, "1 year ago"),
            (-3600, "in 1 hour"),
            (-5, "in a moment"),
        ] {
            assert_eq!(text(seconds), said);
        }
    }
}
