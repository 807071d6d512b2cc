//! The header that carries a warning beside an answer. `buf` prints it on success and on failure.

use base64::Engine as _;

use super::base64::BASE64;

/// Name of the header; its value is a UTF-8 text in base64.
pub const WARNING_HEADER: &str = "buf-warning-bin";

/// Name of the header of a reply to a push that carries what the push breaks, encoded alike. [`WARNING_HEADER`] has it too.
pub const BREAKING_HEADER: &str = "registry-breaking-bin";

/// Name of the header with which an admin lets a push through that the gate refuses; any value.
pub const ALLOW_BREAKING_HEADER: &str = "registry-allow-breaking";

/// Name of the header with which a push asks for its reply as soon as it is durable, before its crates are made; any
/// value.
pub const NO_WAIT_HEADER: &str = "registry-no-wait";

/// Name of the header of a reply to a push that lists the commits, by id and separated by commas, that were there with
/// the same content before.
pub const UNCHANGED_HEADER: &str = "registry-unchanged";

/// The value of [`WARNING_HEADER`] for `text`.
#[must_use]
pub fn encode_warning(text: &str) -> String {
    BASE64.encode(text)
}

/// The text in a value of [`WARNING_HEADER`], unless it is malformed.
#[must_use]
pub fn decode_warning(value: &[u8]) -> Option<String> {
    BASE64.decode(value).ok().and_then(|text| String::from_utf8(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_read_with_and_without_padding() {
        assert_eq!(encode_warning("slow…"), "c2xvd+KApg");
        for value in ["c2xvd+KApg", "c2xvd+KApg=="] {
            assert_eq!(decode_warning(value.as_bytes()).as_deref(), Some("slow…"));
        }
    }

    #[test]
    fn a_malformed_warning_is_none() {
        assert_eq!(decode_warning(b"*"), None);
        assert_eq!(decode_warning(b"//8"), None, "not UTF-8");
    }
}
