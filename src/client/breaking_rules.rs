//! The rules of a comparison, and of a push, in requests.

use crate::model::BreakingConfig;
use crate::wire::registry::v1::{BreakingRules, IgnoredOnly};

/// The rules of a comparison.
#[must_use]
pub fn breaking_rules(config: &BreakingConfig) -> BreakingRules {
    let only = |(rule, paths): (&String, &Vec<String>)| IgnoredOnly { rule: rule.clone(), paths: paths.clone() };
    BreakingRules {
        r#use: config.uses.clone(),
        except: config.except.clone(),
        ignore: config.ignore.clone(),
        ignore_only: config.ignore_only.iter().map(only).collect(),
        ignore_unstable_packages: config.ignore_unstable_packages,
    }
}
