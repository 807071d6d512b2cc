//! Floating-point defaults as `protoc` writes them.
//!
//! Generators copy the text of a default into their output, so `10000000000` and `1e+10` are two different crates.
//! `protoc` prints the fewest of 6 or 9 (float), 15 or 17 (double) digits that read back the same, as C's `%g`.

/// The text of a `float`.
pub(in crate::compile) fn float(value: f32) -> String {
    let reads_back = |text: &String| text.parse() == Ok(value);
    let wide = f64::from(value);
    let short = general(wide, 6).filter(reads_back).or_else(|| general(wide, 9));
    short.unwrap_or_else(|| word(wide))
}

/// The text of a `double`.
pub(in crate::compile) fn double(value: f64) -> String {
    let reads_back = |text: &String| text.parse() == Ok(value);
    let short = general(value, 15).filter(reads_back).or_else(|| general(value, 17));
    short.unwrap_or_else(|| word(value))
}

/// What is no number, in a word.
fn word(value: f64) -> String {
    let word = match value {
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => "nan",
    };
    word.to_owned()
}

/// `value` as `%.{digits}g` prints it; nothing for infinities and NaN, which are words.
fn general(value: f64, digits: usize) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let scientific = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let digits = i32::try_from(digits).ok()?;
    if (-4..digits).contains(&exponent) {
        let decimals = usize::try_from(digits - 1 - exponent).ok()?;
        return Some(trimmed(&format!("{value:.decimals$}")).to_owned());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{}e{sign}{:02}", trimmed(mantissa), exponent.unsigned_abs()))
}

/// `number` without the zeros at the end of its fraction.
fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use super::{double, float};

    #[test]
    fn defaults_read_as_protoc_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (1e10, "10000000000"),
            (1e15, "1e+15"),
            (1e-30, "1e-30"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456_789_012_345_678.0, "1.2345678901234568e+17"),
        ] {
            assert_eq!(double(value), text);
        }
        for (value, text) in [(0.1, "0.1"), (1e10, "1e+10"), (16_777_217.0, "16777216"), (1e6, "1e+06")] {
            assert_eq!(float(value), text);
        }
        assert_eq!(double(-f64::NAN), "nan");
        assert_eq!((float(f32::INFINITY), double(f64::NEG_INFINITY)), ("inf".into(), "-inf".into()));
    }
}
