//! What identifies a span across threads and programs.

use std::fmt;

/// A span's ids, as the header `traceparent` of the W3C has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// The id that all spans of a trace share.
    pub trace: [u8; 16],
    /// The id of the span.
    pub span: [u8; 8],
    /// Whether the trace is sent: whoever began it decides.
    pub sampled: bool,
}

impl SpanContext {
    /// The context of a `traceparent`; none if it is malformed, which starts a new trace.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let rest = parts.next();
        let [version] = bytes(version)?;
        // Later versions may go on behind the flags.
        if version == 0xff || (version == 0 && rest.is_some()) {
            return None;
        }
        let ([flags], trace, span) = (bytes(flags)?, bytes(trace)?, bytes(span)?);
        let is_id = trace != [0; 16] && span != [0; 8];
        is_id.then_some(Self { trace, span, sampled: flags & 1 == 1 })
    }
}

impl fmt::Display for SpanContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-0{}", hex(&self.trace), hex(&self.span), u8::from(self.sampled))
    }
}

/// The digits of an id.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of lower-case digits, if they are exactly so many.
fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let pairs = digits.as_bytes().chunks_exact(2);
    if digits.len() != 2 * N {
        return None;
    }
    let bytes: Option<Vec<u8>> = pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?)).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_as_the_w3c_says() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = SpanContext::parse(good).unwrap();
        assert!(context.sampled && context.to_string() == good);
        assert!(!SpanContext::parse(&good.replace("-01", "-00")).unwrap().sampled);
        assert!(SpanContext::parse(&format!("{}-more", good.replacen("00", "cc", 1))).is_some(), "a later version");
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for bad in [
            String::new(),
            good.to_uppercase(),
            format!("{good}-more"),
            format!("ff{}", &good[2..]),
            good.replace(trace, &"0".repeat(32)),
            good.replace("00f067aa0ba902b7", &"0".repeat(16)),
            good.replace(trace, &trace[1..]),
            format!("00-{trace}"),
            "é".repeat(30),
        ] {
            assert_eq!(SpanContext::parse(&bad), None, "{bad}");
        }
    }
}
