//! The rules, a file for each subject. Each is a pass over what it is about, so all of them together take time in
//! proportion to the two versions.

mod deletions;
mod enums;
mod field_options;
mod field_types;
mod fields;
mod files;
mod messages;
mod ranges;
mod services;

use super::finding::Finding;
use super::rule::Rule;
use super::schema::element::SourceFile;
use super::schema::index::Index;
use super::selection::Selection;

/// The two versions, and what was found so far.
pub(super) struct Check<'a> {
    pub old: &'a Index<'a>,
    pub new: &'a Index<'a>,
    selection: Selection<'a>,
    findings: Vec<Finding>,
}

/// Where something changed: the files of both versions, as far as there are any.
#[derive(Clone, Copy)]
struct Place<'a> {
    old: Option<&'a SourceFile>,
    new: Option<&'a SourceFile>,
}

impl<'a> Place<'a> {
    fn both(old: &'a SourceFile, new: &'a SourceFile) -> Self {
        Self { old: Some(old), new: Some(new) }
    }
}

impl<'a> Check<'a> {
    pub(super) fn new(old: &'a Index<'a>, new: &'a Index<'a>, selection: Selection<'a>) -> Self {
        Self { old, new, selection, findings: vec![] }
    }

    /// What all rules find, by path and rule.
    pub(super) fn run(mut self) -> Vec<Finding> {
        self.files();
        self.deletions();
        self.messages();
        self.fields();
        self.enums();
        self.services();
        self.findings.sort();
        self.findings
    }

    /// Reports a change, unless the rule does not count there. A change that another module makes is not this
    /// module's.
    fn add(&mut self, rule: Rule, place: Place<'_>, message: impl FnOnce() -> String) {
        if !self.selection.has(rule) {
            return;
        }
        let files = [place.new, place.old].into_iter().flatten();
        let ignored =
            |file: &SourceFile| file.is_import || self.selection.ignores(rule, &file.file.name, &file.file.package);
        if files.clone().any(ignored) {
            return;
        }
        let path = files.map(|file| file.file.name.clone()).next().unwrap_or_default();
        self.findings.push(Finding { path, rule, message: message() });
    }
}
