//! Which breaking rules count, and where.

use std::collections::BTreeMap;

use crate::model::BreakingCategory;

/// The `breaking` section of a `buf.yaml`. Paths are relative to the module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BreakingConfig {
    /// Categories and rules that count: those of `FILE` if there are none.
    pub uses: Vec<String>,
    /// Categories and rules that do not.
    pub except: Vec<String>,
    /// Files and directories that no rule looks at.
    pub ignore: Vec<String>,
    /// Files and directories that some categories and rules do not look at.
    pub ignore_only: BTreeMap<String, Vec<String>>,
    /// Whether packages such as `acme.pets.v1beta1` may break.
    pub ignore_unstable_packages: bool,
}

impl BreakingConfig {
    /// The same with the rules of these categories in place of `use`.
    #[must_use]
    pub fn of_categories(&self, categories: &[BreakingCategory]) -> Self {
        Self { uses: categories.iter().map(|category| category.id().to_owned()).collect(), ..self.clone() }
    }
}
