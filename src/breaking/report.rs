//! All that is known about a change.

use super::changes::Change;
use super::finding::Finding;
use crate::model::BreakingCategory;

/// How a module changed, and what breaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The changes of declarations, the worst first.
    pub changes: Vec<Change>,
    /// What the rules refuse, by path.
    pub findings: Vec<Finding>,
    /// The changes that break Rust code, without those in files that the configuration leaves out.
    pub rust: Vec<Change>,
}

impl Report {
    /// The number of breaking changes in a category.
    #[must_use]
    pub fn count(&self, category: BreakingCategory) -> usize {
        if category == BreakingCategory::Rust {
            return self.rust.len();
        }
        self.findings.iter().filter(|finding| finding.rule.categories().contains(&category)).count()
    }
}
