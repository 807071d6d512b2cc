//! The licence that the manifest names, from the module's `LICENSE` file.

use std::collections::HashMap;
use std::sync::Mutex;

use spdx::detection::{Store, TextData};

use crate::model::Sha256Digest;

/// How alike a text and a licence must be, from 0 to 1. Names, years and line breaks are worth less than this.
const ALIKE: f32 = 0.9;

/// What the manifest says of the licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum License {
    /// There is no `LICENSE` file.
    None,
    /// The SPDX identifier of a known licence.
    Spdx(String),
    /// The file itself: a text that is not a known licence.
    File,
}

/// Most answers that are remembered.
const REMEMBERED: usize = 1024;

/// Answers by the digest of the file. Looking one up costs a fraction of a second, because all known licences are
/// unpacked for it; and each module asks with the same file at every push, for every plugin.
static KNOWN: Mutex<Option<HashMap<Sha256Digest, License>>> = Mutex::new(None);

/// The licence whose text is `file`.
pub(super) fn detect(file: Option<&[u8]>) -> License {
    let Some(file) = file else { return License::None };
    let digest = Sha256Digest::of(file);
    let remembered = |known: &Option<HashMap<_, _>>| known.as_ref().and_then(|known| known.get(&digest).cloned());
    if let Some(license) = KNOWN.lock().ok().and_then(|known| remembered(&known)) {
        return license;
    }
    let license = std::str::from_utf8(file).ok().and_then(best_match).map_or(License::File, License::Spdx);
    if let Ok(mut known) = KNOWN.lock() {
        let known = known.get_or_insert_default();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(digest, license.clone());
    }
    license
}

/// The most alike licence. Of licences that are equally alike the first by name, so that the answer is always the
/// same.
fn best_match(text: &str) -> Option<String> {
    let store = Store::load_inline().ok()?;
    let text = TextData::new(text);
    let scores = store.iter().map(|(name, entry)| (entry.original.match_score(&text), name));
    let (score, name) = scores.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    (score >= ALIKE).then(|| name.clone())
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
        assert_eq!(detect(Some(b"Do what you like, but ask first.")), License::File);
        assert_eq!(detect(Some(b"\xff\xfe")), License::File);
        assert_eq!(detect(None), License::None);
    }
}
