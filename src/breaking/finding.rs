//! What a breaking rule says.

use super::rule::Rule;

/// One change that a rule refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file that changed, as it is imported; that of the old version if the new one has none.
    pub path: String,
    /// The rule.
    pub rule: Rule,
    /// One sentence without a full stop.
    pub message: String,
}
