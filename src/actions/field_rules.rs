//! Rules for the free texts that users give: descriptions and web addresses.

use super::error::ActionError;

/// The most characters of a description.
const LONGEST_DESCRIPTION: usize = 350;

/// The most characters of the note of a token.
pub(crate) const LONGEST_NOTE: usize = 200;

/// The most characters of a web address.
const LONGEST_URL: usize = 255;

/// Checks a description.
///
/// # Errors
/// When it is too long, or has a character that no text has.
pub(crate) fn description(text: &str) -> Result<String, ActionError> {
    free_text("the description", text, LONGEST_DESCRIPTION)?;
    Ok(text.to_owned())
}

/// Checks the note of a token.
///
/// # Errors
/// As [`description`].
pub(super) fn note(text: &str) -> Result<(), ActionError> {
    free_text("the note", text, LONGEST_NOTE)
}

/// Checks a text that may say anything, in at most so many characters.
///
/// # Errors
/// As [`description`].
pub(super) fn free_text(field: &'static str, text: &str, most: usize) -> Result<(), ActionError> {
    let length = text.chars().count();
    if length > most {
        return Err(ActionError::LongText { field, length, most });
    }
    if text.contains('\0') { Err(ActionError::Nul { field }) } else { Ok(()) }
}

/// Checks a web address; `field` is its name in the message. Pages link to it, so only `http`, `https` and an empty
/// text are allowed.
///
/// # Errors
/// When it is too long, or another kind of address.
pub(crate) fn url(field: &'static str, text: &str) -> Result<String, ActionError> {
    let length = text.chars().count();
    if length > LONGEST_URL {
        return Err(ActionError::LongText { field, length, most: LONGEST_URL });
    }
    if text.is_empty() || is_web_address(text) {
        return Ok(text.to_owned());
    }
    Err(ActionError::NoWebAddress { field, text: text.to_owned() })
}

fn is_web_address(text: &str) -> bool {
    let web = text.starts_with("https://") || text.starts_with("http://");
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let parsed = text.parse::<http::Uri>();
    web && plain && parsed.is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_kept() {
        for good in ["", "https://git.example/a/b?x=1", "http://localhost:8780/x"] {
            assert_eq!(url("url", good).unwrap(), good);
        }
        let long = format!("https://a.example/{}", "x".repeat(250));
        for bad in ["javascript:alert(1)", "ftp://a.example", "https://", "https://a b", "a.example", &long] {
            assert!(url("url", bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn descriptions_are_counted_in_characters() {
        assert!(description(&"é".repeat(350)).is_ok());
        assert!(description(&"e".repeat(351)).is_err());
        assert!(description("a\0b").is_err() && description("a\n\tb").is_ok());
    }
}
