//! Parses times of the command line.

use crate::model::Timestamp;

/// Why a text is not an expiry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum TimeError {
    /// Neither a span nor a date.
    #[error("{0:?} is not a time: write a span such as 12h, 30d or 52w, or a date such as 2027-12-31")]
    Form(String),
    /// The time is past.
    #[error("{0} is not in the future")]
    Past(String),
}

/// The time of the system's clock.
pub(in crate::cli) fn now() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// An expiry: a span from `now`, the start of a day in UTC, or a time by RFC 3339.
pub(in crate::cli) fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, TimeError> {
    let end = span(text, now).or_else(|| date(text)).or_else(|| moment(text));
    let end = end.ok_or_else(|| TimeError::Form(text.into()))?;
    if end <= now { Err(TimeError::Past(text.into())) } else { Ok(end) }
}

/// A time that may be past: a span before `now`, the start of a day in UTC, or a time by RFC 3339.
pub(in crate::cli) fn parse_time(text: &str, now: Timestamp) -> Result<Timestamp, TimeError> {
    let before = |end: Timestamp| Timestamp::from_micros(now.as_micros().saturating_mul(2) - end.as_micros());
    let found = span(text, now).map(before).or_else(|| date(text)).or_else(|| moment(text));
    found.ok_or_else(|| TimeError::Form(text.into()))
}

fn span(text: &str, now: Timestamp) -> Option<Timestamp> {
    let seconds = match text.chars().last()? {
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let number: i64 = text[..text.len() - 1].parse().ok().filter(|number| *number >= 0)?;
    let micros = number.checked_mul(seconds)?.checked_mul(1_000_000)?;
    Some(Timestamp::from_micros(now.as_micros().checked_add(micros)?))
}

fn date(text: &str) -> Option<Timestamp> {
    moment(&format!("{text}T00:00:00Z"))
}

fn moment(text: &str) -> Option<Timestamp> {
    let parsed: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_micros(parsed.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_a_span_a_date_or_a_moment() {
        let now = Timestamp::from_micros(1_716_475_506_000_000);
        let end = |text: &str| parse_expiry(text, now).map(|time| time.to_string());
        assert_eq!(end("30d").unwrap(), "2024-06-22T14:45:06Z");
        assert_eq!(end("2h").unwrap(), "2024-05-23T16:45:06Z");
        assert_eq!(end("2024-12-31").unwrap(), "2024-12-31T00:00:00Z");
        assert_eq!(end("2024-12-31T12:00:00+02:00").unwrap(), "2024-12-31T10:00:00Z");
        let past = |text: &str| parse_time(text, now).map(|time| time.to_string());
        assert_eq!(past("2h").unwrap(), "2024-05-23T12:45:06Z");
        assert_eq!(past("2024-01-01").unwrap(), "2024-01-01T00:00:00Z");
        assert!(past("yesterday").is_err());
        for bad in ["", "d", "-1d", "30", "30x", "tomorrow", "9999999999999999w", "é"] {
            assert_eq!(end(bad), Err(TimeError::Form(bad.into())));
        }
        assert_eq!(end("2024-01-01"), Err(TimeError::Past("2024-01-01".into())));
        assert_eq!(end("0h"), Err(TimeError::Past("0h".into())));
    }
}
