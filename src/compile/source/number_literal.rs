//! The value of a number as it is written.

/// A number without its sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::compile) enum Number {
    Integer(u64),
    /// One with a fraction or an exponent, or an integer that is too large.
    Float(f64),
}

/// The largest exponent that `buf` reads.
const LARGEST_EXPONENT: u64 = (1 << 31) - 2;

/// Reads `text`, as the lexer found it: `10`, `0x1F`, `017`, `.5`, `5.`, `1e10`.
///
/// A whole number with an exponent, `1e3`, is an integer, and one beyond 64 bits the nearest floating-point number.
pub(in crate::compile) fn number(text: &str) -> Option<Number> {
    if let Some((digits, power)) = text.split_once(['p', 'P']) {
        return with_power(digits, power);
    }
    if is_hexadecimal(text) {
        return integer(&text[2..], 16);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return if text.len() > 1 && text.starts_with('0') { integer(&text[1..], 8) } else { integer(text, 10) };
    }
    let is_decimal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    let exponent = text.split_once(['e', 'E']).map(|(_, exponent)| exponent.trim_start_matches(['+', '-']));
    if exponent.is_some_and(|exponent| exponent.parse().is_ok_and(|exponent: u64| exponent > LARGEST_EXPONENT)) {
        return None;
    }
    let value: f64 = text.bytes().all(is_decimal).then(|| text.parse().ok()).flatten()?;
    Some(whole(text).map_or(Number::Float(value), Number::Integer))
}

/// Whether `text` is a number in base 16. One with a power of two counts as one in base 10.
pub(in crate::compile) fn is_hexadecimal(text: &str) -> bool {
    (text.starts_with("0x") || text.starts_with("0X")) && !text.contains(['p', 'P'])
}

/// The value of a whole number with a power of two, `1p3` or `0x1p3`.
fn with_power(digits: &str, power: &str) -> Option<Number> {
    let (digits, radix) =
        digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).map_or((digits, 10), |digits| (digits, 16));
    let is_power = !power.is_empty() && power.bytes().all(|digit| digit.is_ascii_digit());
    let power: u32 = power.parse().ok().filter(|_| is_power)?;
    Some(match integer(digits, radix)? {
        Number::Integer(0) => Number::Integer(0),
        Number::Integer(value) if power <= value.leading_zeros() => Number::Integer(value << power),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a number that is too large for an integer takes the nearest value"
        )]
        Number::Integer(value) => Number::Float(value as f64 * f64::from(power).exp2()),
        Number::Float(value) => Number::Float(value * f64::from(power).exp2()),
    })
}

/// Where the first digit is that does not belong into `text`, which is no number; 0 when no single one is to blame.
pub(in crate::compile) fn invalid_digit(text: &str) -> usize {
    if text.contains('_') {
        return 0;
    }
    if let [b'0', base @ (b'b' | b'B' | b'o' | b'O'), digits @ ..] = text.as_bytes() {
        let largest = if matches!(base, b'b' | b'B') { b'1' } else { b'7' };
        return digits.iter().position(|digit| digit.is_ascii_digit() && *digit > largest).map_or(0, |at| 2 + at);
    }
    if let Some((digits, power)) = text.split_once(['p', 'P']) {
        return power.find(['p', 'P']).map_or(0, |at| digits.len() + 1 + at);
    }
    let exponents = || text.match_indices(['e', 'E']).map(|(at, _)| at);
    if let Some(second) = exponents().nth(1).filter(|_| !is_hexadecimal(text)) {
        return second;
    }
    let is_octal = text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let belongs = |digit: char| match digit {
        _ if is_hexadecimal(text) => digit.is_ascii_hexdigit(),
        _ if is_octal => digit < '8',
        _ => digit.is_ascii_digit() || matches!(digit, '.' | 'e' | 'E' | '+' | '-'),
    };
    let start = if is_hexadecimal(text) { 2 } else { 0 };
    text[start..].find(|digit| !belongs(digit)).map_or(0, |at| start + at)
}

/// The value of a whole number with an exponent, `1e3`.
fn whole(text: &str) -> Option<u64> {
    let (digits, exponent) = text.split_once(['e', 'E'])?;
    let exponent: u32 = exponent.parse().ok()?;
    let factor = if digits.bytes().all(|digit| digit == b'0') { 1 } else { 10u64.checked_pow(exponent)? };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// Digits of `radix`; what they come to beyond 64 bits is the nearest floating-point number, about.
fn integer(digits: &str, radix: u32) -> Option<Number> {
    // `buf` takes the letters of base 16 without digits for zero.
    if digits.is_empty() && radix == 16 {
        return Some(Number::Integer(0));
    }
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
            ("1e19", Number::Integer(10_000_000_000_000_000_000)),
            ("1e20", Number::Float(1e20)),
            ("0e99", Number::Integer(0)),
            ("1e+2", Number::Integer(100)),
            ("1p3", Number::Integer(8)),
            ("0x10P1", Number::Integer(32)),
            ("0x1p63", Number::Integer(1 << 63)),
            ("0x1p64", Number::Float(18_446_744_073_709_551_616.0)),
            ("0x", Number::Integer(0)),
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
    fn digits_that_do_not_belong_are_found() {
        for (text, at) in [
            ("08", 1),
            ("1.5f", 3),
            ("0x1g", 3),
            ("1_000", 0),
            ("0b11", 0),
            ("0b12", 3),
            ("0o8", 2),
            ("1ee2", 2),
            ("1..5", 0),
        ] {
            assert_eq!((number(text), invalid_digit(text)), (None, at), "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in
            ["1a", "09", "0xg", "1.5f", "1..5", "1e", "0b1", "1_000", "0x1p", "1p", "1.5p3", "1e5e5", "1e2147483647"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
