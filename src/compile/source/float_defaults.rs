//! Writes default values of floating-point fields as `protoc` does.
//!
//! Generators copy the text of a default into their output, so `10000000000` and `1e+10` are two different crates.
//! `protoc` prints the fewest of 6 or 9 (float), 15 or 17 (double) digits that read back the same, as C's `%g`.

use prost_types::field_descriptor_proto::Type;
use prost_types::{FieldDescriptorProto, FileDescriptorProto};

use crate::compile::visit::elements::fields_mut;

/// Rewrites the defaults of all fields and extensions of `file`.
pub(in crate::compile) fn rewrite(file: &mut FileDescriptorProto) {
    fields_mut(file, &mut field);
}

fn field(field: &mut FieldDescriptorProto) {
    let text = match (field.r#type(), &field.default_value) {
        (Type::Float, Some(value)) => value.parse().ok().and_then(float),
        (Type::Double, Some(value)) => value.parse().ok().and_then(double),
        _ => None,
    };
    if text.is_some() {
        field.default_value = text;
    }
}

fn float(value: f32) -> Option<String> {
    let reads_back = |text: &String| text.parse() == Ok(value);
    let short = general(f64::from(value), 6);
    short.filter(reads_back).or_else(|| general(f64::from(value), 9))
}

fn double(value: f64) -> Option<String> {
    let reads_back = |text: &String| text.parse() == Ok(value);
    general(value, 15).filter(reads_back).or_else(|| general(value, 17))
}

/// `value` as `%.{digits}g` prints it; nothing for infinities and NaN, whose words are the parser's.
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
            assert_eq!(double(value).as_deref(), Some(text));
        }
        for (value, text) in [(0.1, "0.1"), (1e10, "1e+10"), (16_777_217.0, "16777216"), (1e6, "1e+06")] {
            assert_eq!(float(value).as_deref(), Some(text));
        }
        assert_eq!((double(f64::NAN), float(f32::INFINITY)), (None, None));
    }
}
