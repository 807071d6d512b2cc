//! The packages of a module: in one list, or by the first parts of their names if there are many.

use std::collections::BTreeMap;

use crate::model::{DeclarationCounts, Outline};

use super::types::package_path;

/// The most packages in one list; more are told apart by the next part of their names.
const LIST: usize = 30;

/// The fewest packages that are worth a list of their own.
const FEW: usize = 6;

/// The most packages that are listed.
const PACKAGES: usize = 3_000;

/// A package.
pub(super) struct PackageRow {
    pub name: String,
    pub href: String,
    /// `1 service, 2 messages`.
    pub counts: String,
}

/// Packages with the same first parts.
pub(super) struct PackageGroup {
    /// The parts, `google.cloud`; empty for what has none in common.
    pub name: String,
    pub rows: Vec<PackageRow>,
}

/// The packages of a module.
pub(super) struct PackageList {
    /// One group if there are few packages.
    pub groups: Vec<PackageGroup>,
    /// The number of packages.
    pub count: usize,
    /// The number of packages that are not listed, because there are too many.
    pub more: usize,
}

impl PackageList {
    /// The packages of a module; `base` is the path of its documentation.
    pub(super) fn new(outline: &Outline, base: &str) -> Self {
        let mut rows = package_rows(outline, base);
        let count = rows.len();
        rows.truncate(PACKAGES);
        let mut groups = vec![];
        split(String::new(), 0, rows, &mut groups);
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        Self { groups, count, more: count.saturating_sub(PACKAGES) }
    }

    /// The only list, if there are so few packages.
    pub(super) fn only(&self) -> Option<&[PackageRow]> {
        match self.groups.as_slice() {
            [] => Some(&[]),
            [only] => Some(&only.rows),
            _ => None,
        }
    }
}

/// The packages of a module, by name.
pub(super) fn package_rows(outline: &Outline, base: &str) -> Vec<PackageRow> {
    let row = |(package, count): (&str, DeclarationCounts)| PackageRow {
        name: if package.is_empty() { "(no package)".into() } else { package.into() },
        href: package_path(base, package),
        counts: counted(count),
    };
    outline.packages().into_iter().map(row).collect()
}

fn counted(count: DeclarationCounts) -> String {
    let words = ["service", "message", "enum", "extension"];
    let said = count.iter().zip(words).filter(|(count, _)| **count > 0);
    let said: Vec<_> =
        said.map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" })).collect();
    if said.is_empty() { "nothing declared".into() } else { said.join(", ") }
}

/// Adds `rows`, which have their first `parts` parts in common, as one group or several.
fn split(name: String, parts: usize, rows: Vec<PackageRow>, groups: &mut Vec<PackageGroup>) {
    if rows.len() <= LIST {
        groups.push(PackageGroup { name, rows });
        return;
    }
    let mut by_part: BTreeMap<String, Vec<PackageRow>> = BTreeMap::new();
    let mut rest = vec![];
    for row in rows {
        match row.name.split('.').nth(parts) {
            Some(part) => by_part.entry(part.to_owned()).or_default().push(row),
            None => rest.push(row),
        }
    }
    for (part, rows) in by_part {
        if rows.len() < FEW {
            rest.extend(rows);
        } else {
            let name = if name.is_empty() { part } else { format!("{name}.{part}") };
            split(name, parts + 1, rows, groups);
        }
    }
    if !rest.is_empty() {
        rest.sort_by(|a, b| a.name.cmp(&b.name));
        groups.push(PackageGroup { name, rows: rest });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: impl IntoIterator<Item = String>) -> Vec<(String, usize)> {
        let row = |name| PackageRow { name, href: String::new(), counts: String::new() };
        let mut groups = vec![];
        split(String::new(), 0, names.into_iter().map(row).collect(), &mut groups);
        groups.into_iter().map(|group| (group.name, group.rows.len())).collect()
    }

    #[test]
    fn few_packages_are_one_list_and_many_are_told_apart() {
        let numbered = |first: &'static str, count: usize| (0..count).map(move |at| format!("{first}.p{at}"));
        assert_eq!(groups(numbered("acme", 30)), [(String::new(), 30)]);
        let many = numbered("google.cloud", 20).chain(numbered("google.ads", 20)).chain(numbered("google", 3));
        let found = groups(many.chain(numbered("acme", 2)));
        let named = |name: &str, count| (name.to_owned(), count);
        assert_eq!(
            found,
            [named("google.ads", 20), named("google.cloud", 20), named("google", 3), named("", 2)],
            "what has few neighbours stays with its parents"
        );
    }

    #[test]
    fn a_part_with_very_many_packages_is_one_list_and_the_work_ends() {
        let found = groups((0..100).map(|at| format!("acme.p{at}")));
        assert_eq!(found, [("acme".to_owned(), 100)]);
    }

    #[test]
    fn declarations_are_counted_in_words() {
        assert_eq!(counted([1, 2, 0, 0]), "1 service, 2 messages");
        assert_eq!(counted([0; 4]), "nothing declared");
    }
}
