//! The value of a number as it is written.

/// A number without its sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::compile) enum Number {
    Integer(u64),
    /// One with a fraction or an exponent, or an integer that is too large.
    Float(f64),
}

/// Reads `text`, as the lexer found it: `10`, `0x1F`, `017`, `.5`, `5.`, `1e10`.
///
/// A whole number with an exponent, `1e3`, is an integer, and one beyond 64 bits the nearest floating-point number.
pub(in crate::compile) fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return integer(digits, 16);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return if text.len() > 1 && text.starts_with('0') { integer(&text[1..], 8) } else { integer(text, 10) };
    }
    let is_decimal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    let value: f64 = text.bytes().all(is_decimal).then(|| text.parse().ok()).flatten()?;
    let is_whole = !text.contains(['.', '-']);
    Some(as_integer(value).filter(|_| is_whole).map_or(Number::Float(value), Number::Integer))
}

/// Digits of `radix`; what they come to beyond 64 bits is the nearest floating-point number, about.
fn integer(digits: &str, radix: u32) -> Option<Number> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    match u64::from_str_radix(digits, radix) {
        Ok(value) => Some(Number::Integer(value)),
        Err(_) if radix == 10 => digits.parse().ok().map(Number::Float),
        Err(_) => Some(Number::Float(
            digits
                .chars()
                .fold(0.0, |value, digit| value * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or(0))),
        )),
    }
}

/// `value` as the integer that it is, when that is beyond doubt.
fn as_integer(value: f64) -> Option<u64> {
    /// All integers up to this one are numbers of their own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
    (value.fract() == 0.0 && (0.0..=EXACT).contains(&value)).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_kind() {
        for (text, expected) in [
            ("0", Number::Integer(0)),
            ("017", Number::Integer(15)),
            ("0x1F", Number::Integer(31)),
            ("0XFFFFFFFFFFFFFFFF", Number::Integer(u64::MAX)),
            ("18446744073709551616", Number::Float(18_446_744_073_709_551_616.0)),
            ("0x10000000000000000", Number::Float(18_446_744_073_709_551_616.0)),
            ("1e3", Number::Integer(1_000)),
            ("1e999", Number::Float(f64::INFINITY)),
            ("01e1", Number::Integer(10)),
            ("1e-3", Number::Float(0.001)),
            (".5", Number::Float(0.5)),
            ("5.", Number::Float(5.0)),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["1a", "09", "0x", "0xg", "1.5f", "1..5", "1e", "0b1", "1_000", "0x1p3", "1e5e5"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
