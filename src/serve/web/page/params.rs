//! The variable parts of a path.

use super::link::decode;

/// The variable parts of a path, decoded.
#[derive(Debug, Default)]
pub(in crate::serve) struct Params(Vec<(String, String)>);

impl Params {
    /// The parts that the route table found.
    pub(in crate::serve) fn new<'a>(found: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(found.map(|(name, value)| (name.to_owned(), decode(value))).collect())
    }

    /// The part of this name; empty if the path has none.
    pub(in crate::serve::web) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(param, _)| param == name).map_or("", |(_, value)| value)
    }
}
