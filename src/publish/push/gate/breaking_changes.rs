//! What a push breaks, for its reply or its refusal.

use std::collections::BTreeSet;
use std::fmt;

use crate::breaking::{Finding, Report};
use crate::model::{BreakingCategory, CommitId, LabelName, ModuleName};

/// The most lines about one module: a push may break everything.
const MOST_LINES: usize = 10;

/// The most characters of a line: names may be of any length.
const LONGEST_LINE: usize = 300;

/// What a push breaks in one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakingChanges {
    /// The module.
    pub module: ModuleName,
    /// The label that the push goes to: the default label.
    pub label: LabelName,
    /// Its head before the push.
    pub head: CommitId,
    /// The categories that break, of those that the gate looks at.
    pub categories: Vec<BreakingCategory>,
    /// One sentence for each change, without a full stop.
    pub lines: Vec<String>,
    /// The number of changes without a line.
    pub more: usize,
}

impl fmt::Display for BreakingChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.categories.iter().map(ToString::to_string).collect();
        let Self { module, label, head, .. } = self;
        write!(f, "{module} breaks users of {label} ({}) in {}:", head.short(), names.join(", "))?;
        self.lines.iter().try_for_each(|line| write!(f, "\n  {line}"))?;
        if self.more > 0 {
            write!(f, "\n  and {} more; `registry compare` shows all", self.more)?;
        }
        Ok(())
    }
}

impl BreakingChanges {
    /// What breaks in these categories; absent if nothing does.
    pub(in crate::publish::push) fn of(
        (module, label, head): (ModuleName, LabelName, CommitId),
        report: &Report,
        categories: Vec<BreakingCategory>,
    ) -> Option<Self> {
        let broken: Vec<_> = categories.into_iter().filter(|category| report.count(*category) > 0).collect();
        if broken.is_empty() {
            return None;
        }
        let counts = |finding: &&Finding| broken.iter().any(|category| finding.rule.categories().contains(category));
        let findings = report.findings.iter().filter(counts);
        let mut lines: BTreeSet<String> =
            findings.map(|finding| format!("{}: {} ({})", finding.path, finding.message, finding.rule)).collect();
        if broken.contains(&BreakingCategory::Rust) {
            lines.extend(report.rust.iter().map(|change| format!("{}: {} (breaks Rust)", change.name, change.what)));
        }
        let more = lines.len().saturating_sub(MOST_LINES);
        let lines = lines.into_iter().take(MOST_LINES).map(|line| shortened(&line)).collect();
        Some(Self { module, label, head, categories: broken, lines, more })
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}
