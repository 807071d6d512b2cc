//! The bytes that a quoted string stands for.

/// An escape that stands for nothing, as the range of its bytes inside the quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compile) struct InvalidEscape {
    pub(in crate::compile) at: usize,
}

/// Appends the bytes of a string to `bytes`; `inside` is what stands between its quotes.
///
/// # Errors
/// The first escape that stands for nothing.
pub(in crate::compile) fn unescape(inside: &str, bytes: &mut Vec<u8>) -> Result<(), InvalidEscape> {
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        bytes.extend_from_slice(plain.as_bytes());
        let invalid = || InvalidEscape { at: inside.len() - escape.len() };
        let length = push_escape(&escape[1..], bytes).ok_or_else(invalid)?;
        rest = escape.get(1 + length..).ok_or_else(invalid)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(())
}

/// Appends what the escape at the beginning of `rest`, after its backslash, stands for; the answer is its length.
fn push_escape(rest: &str, bytes: &mut Vec<u8>) -> Option<usize> {
    let simple = match rest.bytes().next()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        other @ (b'\\' | b'\'' | b'"' | b'?') => other,
        b'0'..=b'7' => return push_byte(rest, 0, 3, 8, bytes),
        b'x' | b'X' => return push_byte(rest, 1, 2, 16, bytes),
        b'u' => return push_character(rest, 4, bytes),
        b'U' => return push_character(rest, 8, bytes),
        _ => return None,
    };
    bytes.push(simple);
    Some(1)
}

/// Up to `most` digits after `start`, at least one, are one byte; of three octal digits the highest bit is lost.
fn push_byte(rest: &str, start: usize, most: usize, radix: u32, bytes: &mut Vec<u8>) -> Option<usize> {
    let digits = rest[start..].chars().take(most).map_while(|digit| digit.to_digit(radix));
    let (count, value) = digits.fold((0, 0), |(count, value), digit| (count + 1, value * radix + digit));
    let byte = u8::try_from(value & 0xff).ok()?;
    (count > 0).then(|| bytes.push(byte)).map(|()| start + count)
}

/// Exactly `count` hexadecimal digits after the letter are one character.
fn push_character(rest: &str, count: usize, bytes: &mut Vec<u8>) -> Option<usize> {
    let digits = rest.get(1..=count).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(1 + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_bytes() {
        for (inside, expected) in [
            ("plain é", "plain é".as_bytes()),
            (r#"\a\b\f\n\r\t\v\\\'\"\?"#, b"\x07\x08\x0c\n\r\t\x0b\\'\"?"),
            (r"\0\18\3777", b"\0\x018\xff7"),
            (r"\x1\xffg\Xf", b"\x01\xffg\x0f"),
            (r"\u00e9\U0001F600", "é\u{1F600}".as_bytes()),
        ] {
            let mut bytes = Vec::new();
            assert_eq!(unescape(inside, &mut bytes), Ok(()));
            assert_eq!(bytes, expected, "{inside}");
        }
    }

    #[test]
    fn other_escapes_are_pointed_at() {
        for (inside, at) in [(r"ab\q", 2), (r"\x", 0), (r"é\u12", 2), (r"\ud800", 0), (r"\U00110000", 0), ("a\\", 1)] {
            assert_eq!(unescape(inside, &mut Vec::new()), Err(InvalidEscape { at }), "{inside}");
        }
    }
}
