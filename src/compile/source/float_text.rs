//! Floating-point defaults as `buf` writes them.
//!
//! Generators copy the text of a default into their output, so `10000000000` and `1e+10` are two different crates.
//! `buf` prints a `float` as the `double` that it is, and a `double` with the fewest digits that read back the same, as
//! Go's `strconv.FormatFloat(value, 'g', -1, 64)`.

/// Below this exponent of ten, and from [`LARGE`] on, a number is written with it.
const SMALL: i32 = -4;
const LARGE: i32 = 6;

/// The text of a `float`.
pub(in crate::compile) fn float(value: f32) -> String {
    double(value.into())
}

/// The text of a `double`.
pub(in crate::compile) fn double(value: f64) -> String {
    match value {
        f64::INFINITY => "inf".into(),
        f64::NEG_INFINITY => "-inf".into(),
        _ if value.is_nan() => "nan".into(),
        _ => number(value),
    }
}

fn number(value: f64) -> String {
    let scientific = format!("{value:e}");
    let parts = scientific.split_once('e').and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?)));
    match parts {
        Some((digits, exponent)) if !(SMALL..LARGE).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{double, float};

    #[test]
    fn defaults_read_as_buf_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (123_456.5, "123456.5"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (1_234_567.5, "1.2345675e+06"),
            (1e10, "1e+10"),
            (1e100, "1e+100"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456_789_012_345_678.0, "1.2345678901234568e+17"),
        ] {
            assert_eq!(double(value), text);
        }
        for (value, text) in [
            (0.1, "0.10000000149011612"),
            (9e9, "8.999999488e+09"),
            (16_777_217.0, "1.6777216e+07"),
            (0.0001, "9.999999747378752e-05"),
        ] {
            assert_eq!(float(value), text);
        }
        assert_eq!(double(-f64::NAN), "nan");
        assert_eq!((float(f32::INFINITY), double(f64::NEG_INFINITY)), ("inf".into(), "-inf".into()));
    }
}
