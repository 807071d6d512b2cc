//! A comparison, as it is printed.

use buffa::EnumValue;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::model::BreakingCategory;
use crate::wire::registry::v1::{BreakingFinding, ChangeVerdict, CompareResponse, SchemaChange};

/// A comparison. `--json` prints these fields.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Comparison {
    old: String,
    new: String,
    changes: Vec<ChangeRow>,
    findings: Vec<FindingRow>,
    /// The number of breaking changes by category.
    breaking: std::collections::BTreeMap<String, u64>,
    /// The number of changes and findings that are left out of a long answer.
    more_changes: u64,
    more_findings: u64,
}

#[derive(Debug, Serialize)]
struct ChangeRow {
    name: String,
    change: String,
    wire: &'static str,
    rust: &'static str,
    note: String,
}

#[derive(Debug, Serialize)]
struct FindingRow {
    path: String,
    rule: String,
    categories: Vec<String>,
    message: String,
}

impl Comparison {
    pub(in crate::cli) fn new(old: String, new: String, response: CompareResponse) -> Self {
        let count = |count: crate::wire::registry::v1::CategoryCount| (lower(&count.category), count.breaking);
        Self {
            old,
            new,
            breaking: response.categories.into_iter().map(count).collect(),
            changes: response.changes.into_iter().map(change).collect(),
            findings: response.findings.into_iter().map(finding).collect(),
            more_changes: response.more_changes,
            more_findings: response.more_findings,
        }
    }

    /// The number of changes that break in a category.
    fn count(&self, category: BreakingCategory) -> u64 {
        self.breaking.get(category.name()).copied().unwrap_or_default()
    }

    pub(in crate::cli) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} → {}", self.old, self.new)];
        if self.changes.is_empty() && self.findings.is_empty() {
            lines.push("  no declaration changed".into());
            return lines;
        }
        for change in &self.changes {
            let effects =
                [("wire", change.wire), ("rust", change.rust)].into_iter().filter(|(_, word)| *word != "fine");
            let effects: Vec<_> = effects.map(|(side, word)| format!("{side}: {word}")).collect();
            let effects = if effects.is_empty() { String::new() } else { format!(" ({})", effects.join(", ")) };
            lines.push(format!("  {}: {}{effects}", change.name, change.change));
        }
        lines.extend((self.more_changes > 0).then(|| format!("  … and {} more changes", self.more_changes)));
        for finding in &self.findings {
            let FindingRow { path, rule, message, categories } = finding;
            lines.push(format!("  {path}: {message} [{rule}: {}]", categories.join(", ")));
        }
        lines.extend((self.more_findings > 0).then(|| format!("  … and {} more findings", self.more_findings)));
        lines.push(format!("  {}", self.verdict()));
        lines
    }

    /// One line for all categories.
    fn verdict(&self) -> String {
        let shown = BreakingCategory::ALL.into_iter().filter(|category| *category != BreakingCategory::Csr);
        let broken = shown.filter(|category| self.count(*category) > 0);
        let broken: Vec<_> = broken.map(|category| format!("{category} {}", self.count(category))).collect();
        if broken.is_empty() { "nothing breaks".into() } else { format!("breaking: {}", broken.join(", ")) }
    }
}

/// Fails if one of the comparisons breaks in one of these categories.
pub(in crate::cli) fn fail_on(comparisons: &[&Comparison], categories: &[BreakingCategory]) -> Result<(), CliError> {
    for comparison in comparisons {
        let broken = categories.iter().filter(|category| comparison.count(**category) > 0);
        let broken: Vec<_> = broken.map(ToString::to_string).collect();
        if !broken.is_empty() {
            let Comparison { old, new, .. } = comparison;
            return Err(CliError::Refused(format!("{new} breaks users of {old} in {}", broken.join(", "))));
        }
    }
    Ok(())
}

fn change(change: SchemaChange) -> ChangeRow {
    ChangeRow {
        wire: verdict(change.wire),
        rust: verdict(change.rust),
        name: change.name,
        change: change.change,
        note: change.note,
    }
}

fn finding(finding: BreakingFinding) -> FindingRow {
    let categories = finding.categories.iter().map(|category| lower(category)).collect();
    FindingRow { path: finding.path, rule: finding.rule, categories, message: finding.message }
}

fn lower(category: &str) -> String {
    category.to_ascii_lowercase()
}

fn verdict(verdict: EnumValue<ChangeVerdict>) -> &'static str {
    match verdict.as_known() {
        Some(ChangeVerdict::CHANGE_VERDICT_FINE) => "fine",
        Some(ChangeVerdict::CHANGE_VERDICT_CARE) => "take care",
        Some(ChangeVerdict::CHANGE_VERDICT_BREAKING) => "breaking",
        Some(ChangeVerdict::CHANGE_VERDICT_UNSPECIFIED) | None => "unknown",
    }
}
