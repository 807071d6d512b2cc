//! What breaks between two versions of a module.
//!
//! [`check`] applies the rules of `buf breaking`, with the same names in the same categories; [`changes()`] lists how the
//! declarations changed, with the effect on the wire and on Rust code that uses the old crate. Both are pure functions of
//! two sets of descriptors, and take time in proportion to them.

mod changes;
mod finding;
mod report;
mod rule;
mod rules;
mod schema;
mod selection;
mod version;

use crate::model::BreakingConfig;

pub use changes::{Action, Change, Verdict, change_counts, changes};
pub use finding::Finding;
pub use report::Report;
pub use rule::Rule;
pub use selection::{UnknownRule, known_exceptions, selected_rules};
pub use version::Version;

/// What the rules of `config` find between two versions, by path.
///
/// # Errors
/// When `config` names a rule that does not exist.
pub fn check(old: Version<'_>, new: Version<'_>, config: &BreakingConfig) -> Result<Vec<Finding>, UnknownRule> {
    let selection = selection::Selection::of(config)?;
    let (old, new) = (schema::files(old), schema::files(new));
    let (old, new) = (schema::index::Index::of(&old), schema::index::Index::of(&new));
    Ok(rules::Check::new(&old, &new, selection).run())
}

/// All that is known about a change: what changed, and what breaks by `config`.
///
/// # Errors
/// When `config` names a rule that does not exist.
pub fn report(old: Version<'_>, new: Version<'_>, config: &BreakingConfig) -> Result<Report, UnknownRule> {
    if old.is_same_as(new) {
        return selection::Selection::of(config).map(|_| Report::default());
    }
    let findings = check(old, new, config)?;
    let changes = changes(old, new);
    let breaks = |change: &&Change| change.breaks_rust() && selection::looks_at(config, &change.path, &change.package);
    let rust = changes.iter().filter(breaks).cloned().collect();
    Ok(Report { changes, findings, rust })
}
