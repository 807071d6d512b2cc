//! Characters that are not seen, but change how a text looks or whether two texts are the same.

/// Whether a name that holds `c` could pass for another one: control characters, marks that turn the direction of text,
/// and characters without a width.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    is_joiner(c)
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether `c` begins or ends a stretch of text that is shown in another direction than its letters have: with these a
/// text may read other than it is.
#[must_use]
pub fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether `c` joins letters or keeps them apart, which some scripts and composed emoji need in prose.
#[must_use]
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_controls_are_hidden() {
        let all: Vec<char> = ('\0'..=char::MAX).filter(|c| is_direction_control(*c)).collect();
        assert_eq!(all.len(), 9);
        assert!(all.into_iter().all(is_hidden));
    }

    #[test]
    fn what_is_seen_is_not_hidden() {
        assert!("aß é中ا🦀\u{fe0f}-/.\u{301}".chars().all(|c| !is_hidden(c)));
        assert!("\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{0}\u{85}\u{ad}".chars().all(is_hidden));
    }
}
