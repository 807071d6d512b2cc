//! Our rules and those of the real `buf` on every case.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use registry::breaking::{Rule, Version, check};
use registry::compile::{Role, Source, compile};
use registry::model::{BreakingCategory, BreakingConfig, DescriptorSet, Limits, ModuleFile, ModuleName, Snapshot};

use super::cases::{Case, Side, all};
use crate::support::breaking_rules_of_buf;

fn module() -> ModuleName {
    "acme/pets".parse().unwrap()
}

fn compiled(side: &Side) -> DescriptorSet {
    let file = |(path, text): (String, String)| ModuleFile { path: path.parse().unwrap(), content: text.into() };
    let files = side.files().into_iter().map(file).collect();
    let snapshot = Snapshot::new(files, &Limits::default()).unwrap();
    let source = Source { module: &module(), snapshot: &snapshot, role: Role::Content };
    compile(&[source], &Limits::default()).unwrap().descriptors
}

/// The rules that refuse the change, whatever category they belong to.
fn ours(case: &Case) -> Vec<&'static str> {
    let every = BreakingConfig::default().of_categories(&BreakingCategory::ALL);
    let (old, new, module) = (compiled(&case.old), compiled(&case.new), module());
    let version = |descriptors| Version { descriptors, module: &module };
    let found = check(version(&old), version(&new), &every).unwrap();
    let rules: BTreeSet<_> = found.iter().map(|finding| finding.rule.id()).collect();
    rules.into_iter().collect()
}

/// The cases in which `judge` does not find the rules of the table.
fn differences(judge: impl Fn(&Case) -> Vec<String>) -> String {
    let mut report = String::new();
    for case in all() {
        let found = judge(case);
        if found != case.rules {
            let _ = writeln!(report, "{}: {found:?}, but the table says {:?}", case.name, case.rules);
        }
    }
    report
}

#[test]
fn the_table_s_rules_are_ours() {
    let report = differences(|case| ours(case).into_iter().map(str::to_owned).collect());
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn the_table_s_rules_are_those_of_buf() {
    let report = differences(|case| breaking_rules_of_buf(&case.old.files(), &case.new.files()));
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_rule_has_a_case_that_breaks_it_and_one_that_does_not() {
    for rule in Rule::ALL {
        let (broken, kept): (Vec<_>, Vec<_>) = all().partition(|case| case.rules.contains(&rule.id()));
        assert!(!broken.is_empty() && !kept.is_empty(), "{rule}");
    }
    let names: BTreeSet<_> = all().map(|case| case.name).collect();
    assert_eq!(names.len(), all().count(), "a name is there twice");
}

#[test]
fn rules_and_categories_are_those_that_buf_lists() {
    let listed = crate::support::listed_breaking_rules();
    let ours: Vec<_> = Rule::ALL.iter().map(|rule| (rule.id().to_owned(), categories(*rule))).collect();
    assert_eq!(ours, listed);
}

fn categories(rule: Rule) -> Vec<String> {
    let ids: BTreeSet<_> = rule.categories().iter().map(|category| category.id().to_owned()).collect();
    ids.into_iter().collect()
}
