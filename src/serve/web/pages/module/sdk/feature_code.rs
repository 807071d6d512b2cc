//! How much code each feature of a crate turns on by itself, read from the crate's `lib.rs`, which includes all of it.

use std::collections::{BTreeMap, HashMap};

/// Bytes of generated code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FeatureCode {
    /// Of what no feature turns off.
    pub always: u64,
    /// By feature.
    pub own: BTreeMap<String, u64>,
}

impl FeatureCode {
    /// Reads `lib_rs`; `sizes` are those of the files beside it. None if a file is missing: then no size is certain.
    pub(super) fn read(lib_rs: &str, sizes: &HashMap<String, u64>) -> Option<Self> {
        let mut code = Self { always: lib_rs.len() as u64, own: BTreeMap::new() };
        let mut gate: Option<&str> = None;
        for line in lib_rs.lines().map(str::trim) {
            if let Some(feature) = between(line, "#[cfg(feature = \"", "\")]") {
                gate = Some(feature);
            } else if let Some(file) = between(line, "include!(\"", "\");") {
                let size = *sizes.get(file)?;
                match gate.take() {
                    Some(feature) => *code.own.entry(feature.to_owned()).or_default() += size,
                    None => code.always += size,
                }
            }
        }
        Some(code)
    }

    /// All of it.
    pub(super) fn total(&self) -> u64 {
        self.always + self.own.values().sum::<u64>()
    }
}

fn between<'a>(line: &'a str, start: &str, end: &str) -> Option<&'a str> {
    line.strip_prefix(start)?.strip_suffix(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "//! Title.

#![allow(warnings)]

include!(\"_.rs\");
pub mod a {
    #[cfg(feature = \"a\")]
    include!(\"a.rs\");
    #[cfg(feature = \"a.b\")]
    pub mod b {
        include!(\"a.b.rs\");
    }
    #[cfg(feature = \"a\")]
    pub mod tonic {
        include!(\"a.tonic.rs\");
    }
}
";

    #[test]
    fn each_file_counts_for_the_feature_that_turns_it_on() {
        let mut sizes: HashMap<String, u64> = [("_.rs", 1), ("a.rs", 10), ("a.b.rs", 100), ("a.tonic.rs", 1000)]
            .map(|(name, size)| (name.to_owned(), size))
            .into();
        let code = FeatureCode::read(LIB, &sizes).unwrap();
        assert_eq!(code.own, [("a".to_owned(), 1010), ("a.b".to_owned(), 100)].into());
        assert_eq!((code.always, code.total()), (LIB.len() as u64 + 1, LIB.len() as u64 + 1111));
        sizes.remove("a.rs");
        assert_eq!(FeatureCode::read(LIB, &sizes), None);
    }
}
