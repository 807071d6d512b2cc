//! A cache of rendered READMEs. Each text is rendered once, however many requests need it at the same time.

use std::convert::Infallible;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::model::Sha256Digest;

use super::{Readme, readme};

/// The approximate number of READMEs in the cache; most are a few kilobytes.
const KEPT: usize = 256;

/// The bytes of HTML in the cache.
const KEPT_BYTES: u64 = 8 << 20;

/// Rendered READMEs by the digest of their texts.
pub(in crate::serve) struct Readmes(Cache<Sha256Digest, Arc<Readme>, Html>);

impl Default for Readmes {
    fn default() -> Self {
        Self(Cache::with_weighter(KEPT, KEPT_BYTES, Html))
    }
}

impl Readmes {
    /// The README with this content. Concurrent requests wait for the same rendering.
    pub(in crate::serve::web) fn of(&self, digest: Sha256Digest, content: &[u8]) -> Arc<Readme> {
        let render = || Ok::<_, Infallible>(Arc::new(readme(&String::from_utf8_lossy(content))));
        let Ok(readme) = self.0.get_or_insert_with(&digest, render);
        readme
    }
}

/// Weighs a README by the length of its HTML.
#[derive(Clone)]
struct Html;

impl Weighter<Sha256Digest, Arc<Readme>> for Html {
    fn weight(&self, _: &Sha256Digest, readme: &Arc<Readme>) -> u64 {
        readme.html.len().max(1) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_rendered_once_for_all_who_ask() {
        let (readmes, text) = (Readmes::default(), b"# Pets\n".as_slice());
        let digest = Sha256Digest::of(text);
        let all: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| readmes.of(digest, text))).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        assert!(all.iter().all(|readme| Arc::ptr_eq(readme, &all[0])));
        assert!(all[0].html.contains("<h2>Pets</h2>"));
    }
}
