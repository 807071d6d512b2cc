//! The words of names and of queries.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The most words of a query that are searched for.
const MAX_WORDS: usize = 8;

/// The most characters of a word in the index: the name of a package may have a thousand, and is part of the name of
/// every symbol.
const LONGEST_WORD: usize = 64;

/// The most words of a name.
const MOST: usize = 64;

pub(super) fn last_part(name: &str) -> &str {
    name.rsplit(['.', '/', ' ']).next().unwrap_or(name)
}

/// The words of a name in lower case, truncated to [`LONGEST_WORD`]: its parts, and the words inside a part in mixed
/// case. So `acme.v1.PetStore` is found by `acme`, `petstore`, `pet` and `store`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let end = part.char_indices().nth(LONGEST_WORD).map_or(part.len(), |(end, _)| end);
        let part = part.get(..end).unwrap_or(part);
        words.push(part.to_lowercase());
        let humps = humps(part);
        if humps.len() > 1 {
            words.extend(humps);
        }
    }
    words.truncate(MOST);
    words
}

/// The words of a name in mixed case: two for `PetStore` and for `HTTPRule`.
fn humps(part: &str) -> Vec<String> {
    let mut humps: Vec<String> = vec![];
    let mut before = None;
    let mut rest = part.chars().peekable();
    while let Some(c) = rest.next() {
        let after_lower = before.is_some_and(|before: char| !before.is_uppercase());
        let before_lower = rest.peek().is_some_and(|next| next.is_lowercase());
        match humps.last_mut() {
            Some(hump) if !(c.is_uppercase() && (after_lower || before_lower)) => hump.extend(c.to_lowercase()),
            _ => humps.push(c.to_lowercase().collect()),
        }
        before = Some(c);
    }
    humps
}

/// Whether each wanted word begins one of `words`.
pub(super) fn hold_all(words: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|wanted| begins_one(words, wanted))
}

/// Whether `wanted` begins one of `words`.
pub(super) fn begins_one(words: &[String], wanted: &str) -> bool {
    words.iter().any(|word| word.starts_with(wanted))
}

/// Those words of a query that are searched for. Only letters and digits have passed, so users cannot write operators.
pub(super) fn searched(words: &[String]) -> &[String] {
    words.get(..MAX_WORDS).unwrap_or(words)
}

/// A word in ASCII alone, which begins with what is made of each of its beginnings: the tokenizer of an index of words
/// alone must take each as one.
pub(super) fn ascii(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let mut plain = String::new();
    for c in word.chars() {
        if c.is_ascii() {
            plain.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(plain, "z{:05x}", u32::from(c));
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_script_become_ascii_and_keep_their_beginnings() {
        assert_eq!(ascii("größe"), "grz000f6z000dfe");
        assert!(ascii("größe").starts_with(&*ascii("grö")));
        assert_eq!(ascii("name_1"), "name_1");
    }

    #[test]
    fn long_words_are_found_by_their_beginning() {
        let name = format!("{}.Order", "é".repeat(200));
        assert_eq!(words(&name), ["é".repeat(64), "order".into()]);
        assert!(hold_all(&words(&name), &words(&"é".repeat(100))));
    }
}
