//! The licence that the manifest names, from the module's `LICENSE` file.

use std::collections::HashMap;
use std::sync::Mutex;

use spdx::detection::TextData;
use spdx::text::LICENSE_TEXTS;

use crate::model::Sha256Digest;

/// How alike a text and a licence must be, from 0 to 1. Names, years and line breaks are worth less than this.
const ALIKE: f32 = 0.9;

/// Bytes from which on a text is no known licence: the longest that is known has 46 kB, and white space may be added to
/// it. Comparing takes seconds a megabyte.
const TOO_LONG: usize = 128 << 10;

/// The licence in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum License {
    /// There is no `LICENSE` file.
    None,
    /// The SPDX identifier of a known licence.
    Spdx(String),
    /// The file itself: a text that is not a known licence.
    File,
}

/// The licences of most modules: identifier, first and last words of their text, and the SHA-256 of the text between,
/// in lower case with single spaces. These are found at once; all others are compared with all known licences.
const COMMON: [(&str, &str, &str, &str); 2] = [
    (
        "Apache-2.0",
        "terms and conditions for use, reproduction, and distribution",
        "end of terms and conditions",
        "bd01d1cbace1131cd60e3341a451ccd492ef00582e93b8a2b5a4caa1c919fe7a",
    ),
    (
        "MIT",
        "permission is hereby granted",
        "dealings in the software.",
        "56959050891f7b737ac4e803051170c7197f02df73d80bd9a78d968e305bf558",
    ),
];

/// Most answers that are remembered.
const REMEMBERED: usize = 1024;

/// The maximal ratio between the length of a licence and that of a similar text. Similar known licences differ by a
/// factor of at most 1.4; most licences are longer than a short text, and preparing them takes the time.
const LONGEST: usize = 2;

/// Answers by the digest of the file. Looking one up costs up to a second, because known licences are prepared for
/// it; and each module asks with the same file at every push, for every plugin.
static KNOWN: Mutex<Option<HashMap<Sha256Digest, License>>> = Mutex::new(None);

/// The licence whose text is `file`.
pub(super) fn detect(file: Option<&[u8]>) -> License {
    let Some(file) = file else { return License::None };
    if file.len() >= TOO_LONG {
        return License::File;
    }
    let digest = Sha256Digest::of(file);
    let remembered = |known: &Option<HashMap<_, _>>| known.as_ref().and_then(|known| known.get(&digest).cloned());
    if let Some(license) = KNOWN.lock().ok().and_then(|known| remembered(&known)) {
        return license;
    }
    let find = |text| common(text).or_else(|| best_match(text));
    let license = std::str::from_utf8(file).ok().and_then(find).map_or(License::File, License::Spdx);
    if let Ok(mut known) = KNOWN.lock() {
        let known = known.get_or_insert_default();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(digest, license.clone());
    }
    license
}

/// The common licence with exactly this text. A title or a copyright line may precede it, and little may follow: a
/// longer text may grant or demand more.
fn common(text: &str) -> Option<String> {
    let text = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let found = COMMON.iter().find(|(id, start, end, digest)| {
        let Some((above, rest)) = text.split_once(start) else { return false };
        let Some((inner, below)) = rest.split_once(end) else { return false };
        let appendix = *id == "Apache-2.0" && below.trim_start().starts_with("appendix: how to apply");
        let alone = above.len() < 300 && (below.is_empty() || appendix);
        alone && Sha256Digest::of(format!("{start}{inner}{end}").as_bytes()).to_string() == *digest
    });
    found.map(|(id, ..)| (*id).to_owned())
}

/// The most similar licence; among equally similar ones the first in order, so that the result is always the same.
fn best_match(text: &str) -> Option<String> {
    let longest = text.len() * LONGEST;
    let text = TextData::new(text);
    let known = LICENSE_TEXTS.iter().filter(|(_, known)| known.len() <= longest);
    let scores = known.map(|(name, known)| (TextData::new(known).match_score(&text), *name));
    let (score, name) = scores.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| rank(b.1).cmp(&rank(a.1))))?;
    (score >= ALIKE).then(|| name.to_owned())
}

/// The order of licences with the same text: the GNU licences state outside their text whether later versions are
/// allowed, and a text without such a statement allows any.
fn rank(name: &str) -> (bool, &str) {
    (!name.ends_with("-or-later"), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIT: &str = include_str!("../../tests/fixtures/edge/money/LICENSE");

    #[test]
    fn a_known_text_is_named_and_any_other_is_passed_on() {
        let expected = License::Spdx("MIT".into());
        assert_eq!(detect(Some(MIT.as_bytes())), expected);
        // The second answer comes from memory.
        assert_eq!(detect(Some(MIT.as_bytes())), expected);
        assert_eq!(detect(Some(MIT.replace('\n', "  \r\n").replace("2026", "1999-2003").as_bytes())), expected);
        assert_eq!(common(MIT).unwrap(), "MIT");
        assert_eq!(common(include_str!("../../LICENSE")).unwrap(), "Apache-2.0");
        assert_eq!(common(&MIT.replace("without restriction", "with restrictions")), None);
        assert_eq!(common(&format!("{MIT}\nExcept on Sundays.")), None);
        assert_eq!(best_match(MIT).unwrap(), "MIT");
        let text_of = |name| LICENSE_TEXTS.iter().find(|(known, _)| *known == name).unwrap().1;
        assert_eq!(best_match(text_of("BSD-3-Clause")).unwrap(), "BSD-3-Clause");
        assert_eq!(best_match(text_of("GPL-3.0-only")).unwrap(), "GPL-3.0-or-later");
        assert_eq!(best_match(text_of("GFDL-1.3")).unwrap(), "GFDL-1.3-invariants-or-later");
        assert_eq!(detect(Some(b"Do what you like, but ask first.")), License::File);
        assert_eq!(detect(Some(b"\xff\xfe")), License::File);
        assert_eq!(detect(None), License::None);
    }

    #[test]
    fn a_text_that_is_too_long_for_a_licence_is_not_compared_with_any() {
        let longer = |bytes: usize| format!("{MIT}{}", " ".repeat(bytes - MIT.len()));
        assert_eq!(detect(Some(longer(TOO_LONG - 1).as_bytes())), License::Spdx("MIT".into()));
        assert_eq!(detect(Some(longer(TOO_LONG).as_bytes())), License::File);
        // Words that differ are what takes long.
        let words: String = (0..2_000_000).map(|n| format!("{n} ")).collect();
        let started = std::time::Instant::now();
        assert_eq!(detect(Some(words.as_bytes())), License::File);
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}
