//! The rules that a configuration selects, and the files that it leaves out.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Rule;
use super::schema::stability::is_unstable;
use crate::model::{BreakingCategory as Category, BreakingConfig};

/// A name in `use`, `except` or `ignore_only` that is no category and no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a breaking rule nor a category; `buf config ls-breaking-rules` lists them")]
pub struct UnknownRule(pub String);

/// The rules that a check applies.
#[derive(Debug, Clone)]
pub(super) struct Selection<'a> {
    rules: BTreeSet<Rule>,
    ignore: &'a [String],
    ignore_only: BTreeMap<Rule, Vec<&'a str>>,
    ignore_unstable_packages: bool,
}

/// The rules that count.
///
/// # Errors
/// When a name is neither that of a rule nor of a category.
pub fn selected_rules(config: &BreakingConfig) -> Result<BTreeSet<Rule>, UnknownRule> {
    let mut rules = BTreeSet::new();
    if config.uses.is_empty() {
        rules.extend(of_category(Category::File));
    }
    for name in &config.uses {
        rules.extend(named(name)?);
    }
    for name in &config.except {
        for rule in named(name)? {
            rules.remove(&rule);
        }
    }
    Ok(rules)
}

/// Whether changes in a file of this path and package are looked at.
pub(super) fn looks_at(config: &BreakingConfig, path: &str, package: &str) -> bool {
    let unstable = config.ignore_unstable_packages && is_unstable(package);
    !unstable && !config.ignore.iter().any(|ignored| is_inside(path, ignored))
}

impl<'a> Selection<'a> {
    pub(super) fn of(config: &'a BreakingConfig) -> Result<Self, UnknownRule> {
        let mut ignore_only: BTreeMap<Rule, Vec<&str>> = BTreeMap::new();
        for (name, paths) in &config.ignore_only {
            for rule in named(name)? {
                ignore_only.entry(rule).or_default().extend(paths.iter().map(String::as_str));
            }
        }
        let ignore_unstable_packages = config.ignore_unstable_packages;
        Ok(Self { rules: selected_rules(config)?, ignore: &config.ignore, ignore_only, ignore_unstable_packages })
    }
}

impl Selection<'_> {
    pub(super) fn has(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    pub(super) fn ignores(&self, rule: Rule, path: &str, package: &str) -> bool {
        let here = |ignored: &str| is_inside(path, ignored);
        self.ignore.iter().any(|ignored| here(ignored))
            || self.ignore_only.get(&rule).is_some_and(|paths| paths.iter().any(|ignored| here(ignored)))
            || (self.ignore_unstable_packages && is_unstable(package))
    }
}

fn of_category(category: Category) -> impl Iterator<Item = Rule> {
    Rule::ALL.iter().copied().filter(move |rule| rule.categories().contains(&category))
}

/// Rules that `buf` has replaced, which older `buf.yaml` still name, with those that took their place
/// (`buf config ls-breaking-rules --version v1 --include-deprecated`).
const REPLACED: &[(&str, &[Rule])] = &[
    ("FIELD_SAME_CTYPE", &[Rule::FieldSameCppStringType]),
    (
        "FIELD_SAME_LABEL",
        &[Rule::FieldSameCardinality, Rule::FieldWireCompatibleCardinality, Rule::FieldWireJsonCompatibleCardinality],
    ),
    ("FILE_SAME_JAVA_STRING_CHECK_UTF8", &[Rule::FieldSameJavaUtf8Validation]),
    ("FILE_SAME_PHP_GENERIC_SERVICES", &[]),
    ("MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT", &[]),
];

/// The exceptions of a configuration as far as they are known here: a `buf.yaml` may name rules of check plugins.
#[must_use]
pub fn known_exceptions(config: &BreakingConfig) -> BreakingConfig {
    let is_known = |name: &str| named(name).is_ok();
    BreakingConfig {
        except: config.except.iter().filter(|name| is_known(name)).cloned().collect(),
        ignore_only: config.ignore_only.clone().into_iter().filter(|(name, _)| is_known(name)).collect(),
        ..config.clone()
    }
}

fn named(name: &str) -> Result<Vec<Rule>, UnknownRule> {
    if let Some(rule) = Rule::named(name) {
        return Ok(vec![rule]);
    }
    if let Some((_, rules)) = REPLACED.iter().find(|(replaced, _)| *replaced == name) {
        return Ok(rules.to_vec());
    }
    let category = Category::ALL.into_iter().find(|category| category.id() == name);
    category.map(|category| of_category(category).collect()).ok_or_else(|| UnknownRule(name.chars().take(60).collect()))
}

/// Whether `path` is `directory`, or lies below it.
fn is_inside(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    directory == "." || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(uses: &[&str], except: &[&str]) -> BreakingConfig {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        BreakingConfig { uses: own(uses), except: own(except), ..BreakingConfig::default() }
    }

    #[test]
    fn categories_and_rules_are_added_and_taken_away() {
        assert_eq!(selected_rules(&config(&[], &[])), selected_rules(&config(&["FILE"], &[])));
        let rules = selected_rules(&config(&["WIRE"], &["FIELD_SAME_DEFAULT"])).unwrap();
        assert!(rules.contains(&Rule::FieldWireCompatibleType) && !rules.contains(&Rule::FieldSameDefault));
        assert_eq!(selected_rules(&config(&["FIELD_SAME_NAME"], &[])).unwrap().len(), 1);
        assert_eq!(selected_rules(&config(&["FIELDS"], &[])), Err(UnknownRule("FIELDS".into())));
        let replaced = selected_rules(&config(&["FIELD_SAME_LABEL"], &[])).unwrap();
        assert!(replaced.contains(&Rule::FieldSameCardinality) && replaced.len() == 3);
        let known = known_exceptions(&config(&["FILE"], &["FIELD_SAME_TYPE", "OF_A_PLUGIN"]));
        assert_eq!(known, config(&["FILE"], &["FIELD_SAME_TYPE"]));
    }

    #[test]
    fn what_is_ignored_is_a_file_or_below_a_directory() {
        assert!(is_inside("a/b.proto", "a") && is_inside("a/b.proto", "a/b.proto") && is_inside("a/b.proto", "."));
        assert!(!is_inside("ab.proto", "a") && !is_inside("a/b.proto", "a/b"));
    }
}
