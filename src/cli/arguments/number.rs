//! Numbers on the command line, refused with what is expected.

use std::ops::RangeInclusive;

/// Reads a number of `range`.
pub(in crate::cli) fn within(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> + Clone {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| match (*range.start(), *range.end()) {
            (start, u32::MAX) => format!("a number from {start} is expected"),
            (start, end) => format!("a number from {start} to {end} is expected"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn what_is_expected_is_named() {
        let read = within(1..=250);
        assert_eq!(read("250"), Ok(250));
        for wrong in ["foo", "0", "251", "-1", "1.5", ""] {
            assert_eq!(read(wrong).unwrap_err(), "a number from 1 to 250 is expected", "{wrong}");
        }
        assert_eq!(within(1..=u32::MAX)("0").unwrap_err(), "a number from 1 is expected");
    }
}
