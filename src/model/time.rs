//! Points in time as values; the clock itself is read by `publish`.

use std::fmt;
use std::str::FromStr;

const MICROS_OF_A_DAY: i64 = 86_400_000_000;

/// A point in time, UTC, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The time `micros` microseconds after (or before) the start of 1970; clamped to the years 1 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        let end = if micros < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_microsecond(micros).unwrap_or(end))
    }

    /// Microseconds since the start of 1970.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Whole seconds since the start of 1970.
    #[must_use]
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The number of the day since 1970, in UTC.
    #[must_use]
    pub fn day_number(self) -> i64 {
        self.as_micros().div_euclid(MICROS_OF_A_DAY)
    }

    /// The start of the day with this number; clamped as by [`Self::from_micros`].
    #[must_use]
    pub fn of_day_number(day: i64) -> Self {
        Self::from_micros(day.saturating_mul(MICROS_OF_A_DAY))
    }

    /// The time `days` times 24 hours later; clamped as by [`Self::from_micros`].
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_micros(self.as_micros().saturating_add(days.saturating_mul(MICROS_OF_A_DAY)))
    }

    /// The start of the second after this one.
    #[must_use]
    pub fn next_second(self) -> Self {
        Self::from_micros((self.as_seconds() + 1).saturating_mul(1_000_000))
    }
}

impl Timestamp {
    /// The moment after everything "as of" `text`: after the end of a day, `2026-11-01` (UTC), or of the second of an
    /// RFC 3339 time. Nothing if it is neither.
    #[must_use]
    pub fn end_of(text: &str) -> Option<Self> {
        if text.len() == 10 {
            let day: jiff::civil::Date = text.parse().ok()?;
            let next = day.tomorrow().ok()?.at(0, 0, 0, 0);
            return jiff::tz::Offset::UTC.to_timestamp(next).ok().map(Self);
        }
        text.parse().ok().map(|time| Self(time).next_second())
    }
}

impl Timestamp {
    /// ISO 8601 in its basic form, `20240523T144506Z`, for names of files.
    #[must_use]
    pub fn basic(self) -> String {
        self.0.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// The time of exactly that form.
    #[must_use]
    pub fn from_basic(text: &str) -> Option<Self> {
        let time =
            Self(jiff::fmt::strtime::parse("%Y%m%dT%H%M%S%z", text.replace('Z', "+0000")).ok()?.to_timestamp().ok()?);
        (time.basic() == text).then_some(time)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with whole seconds, `2024-05-23T14:45:06Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The time part of an SDK version: fourteen digits, zeros for a commit that is not released.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReleaseTime(String);

impl ReleaseTime {
    /// The digits of a released commit's time, or fourteen zeros.
    #[must_use]
    pub fn of(released: Option<Timestamp>) -> Self {
        Self(released.map_or_else(|| "0".repeat(14), |time| time.0.strftime("%Y%m%d%H%M%S").to_string()))
    }

    /// The digits in a label's view of the index, where the century is 99: above those of every release, and in the
    /// order in which the label moved.
    #[must_use]
    pub fn in_view(moved: Timestamp) -> Self {
        Self(moved.0.strftime("99%y%m%d%H%M%S").to_string())
    }

    /// Whether the commit was pushed to the default label of that moment.
    #[must_use]
    pub fn is_released(&self) -> bool {
        self.0.bytes().any(|b| b != b'0')
    }

    /// The fourteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReleaseTime {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit());
        if digits { Ok(Self(text.into())) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_form_goes_there_and_back() {
        let time = Timestamp::from_micros(1_716_475_506_000_000);
        assert_eq!(time.basic(), "20240523T144506Z");
        assert_eq!(Timestamp::from_basic("20240523T144506Z"), Some(time));
        for bad in ["", "20240523T144506", "2024-05-23T14:45:06Z", "20241323T144506Z", "20240523T144506Z.db"] {
            assert_eq!(Timestamp::from_basic(bad), None, "{bad}");
        }
    }

    #[test]
    fn released_commits_carry_their_second() {
        let time = Timestamp::from_micros(1_716_475_506_123_456);
        assert_eq!(ReleaseTime::of(Some(time)).as_str(), "20240523144506");
        assert_eq!(time.to_string(), "2024-05-23T14:45:06Z");
        assert_eq!(ReleaseTime::of(Some(time.next_second())).as_str(), "20240523144507");
        assert_eq!(ReleaseTime::in_view(time).as_str(), "99240523144506");
        assert_eq!(ReleaseTime::of(None).as_str(), "00000000000000");
        assert!(!ReleaseTime::of(None).is_released());
    }

    #[test]
    fn a_day_or_a_second_counts_to_its_end() {
        let end = |text: &str| Timestamp::end_of(text).map(|time| time.to_string());
        assert_eq!(end("2026-11-30").as_deref(), Some("2026-12-01T00:00:00Z"));
        assert_eq!(end("2024-05-23T16:45:06+02:00").as_deref(), Some("2024-05-23T14:45:07Z"));
        for text in ["next", "2026-13-01", "2026-11-01T25:00:00Z", "", "2026-11-1"] {
            assert_eq!(end(text), None, "{text}");
        }
    }
}
