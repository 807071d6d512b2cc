//! Picks packages of a large crate: the commands that add it with these features, and how much code they are.

use std::collections::BTreeMap;

use crate::model::CrateName;
use crate::serve::web::page::page_request::PageRequest;

use super::crate_facts::bytes;
use super::crate_view::Published;
use super::feature_code::FeatureCode;
use super::snippets::Added;

/// The most features to pick from; a crate has more only if its module asks for that.
const OFFERED: usize = 500;

/// The most references between features that are followed for the size of each.
const FOLLOWED: usize = 100_000;

/// The most references between features that the page tells the script of.
const LIVE: usize = 4_000;

/// The name of the fields.
const FIELD: &str = "feature";

/// The choice of features.
pub(super) struct FeaturePicker {
    pub rows: Vec<FeatureRow>,
    /// How many features are not offered.
    pub more: usize,
    /// The commands for what is picked, and the same in two parts with the names of features between them.
    pub commands: String,
    pub before: String,
    pub after: String,
    pub any: bool,
    /// What is picked with what it turns on, in words.
    pub result: String,
    /// Bytes of code that is always there, and of all code; absent if they are not known.
    pub sizes: Option<(u64, u64)>,
    /// Whether the page has what a script needs.
    pub live: bool,
}

/// A feature to pick.
pub(super) struct FeatureRow {
    pub name: String,
    pub picked: bool,
    /// The bytes of its own code.
    pub own: u64,
    /// How much code it is with all that it turns on; empty if that is not known.
    pub size: String,
    /// The rows of the features that it turns on, with spaces between them.
    pub needs: String,
}

impl FeaturePicker {
    /// The choice for a crate with features. `newest` is whether the newest version is added.
    pub(super) fn find(
        visit: &PageRequest<'_>,
        published: &Published,
        added: &Added<'_>,
        (name, newest): (&CrateName, bool),
    ) -> Option<Self> {
        if published.features.is_empty() || published.yanked {
            return None;
        }
        let graph = FeatureGraph::new(&published.features, published.contents.code.as_ref());
        let wanted: Vec<_> = visit.query.all(FIELD).filter_map(|name| graph.place(name)).collect();
        let live = graph.edges() <= LIVE && graph.names.len() <= OFFERED;
        let rows = (0..graph.names.len()).take(OFFERED).map(|at| graph.row(at, wanted.contains(&at), live));
        let mut picked = wanted.clone();
        picked.sort_unstable();
        picked.dedup();
        let picked: Vec<_> = picked.into_iter().filter_map(|at| graph.names.get(at).copied()).collect();
        let commands = added.picked(name, newest, "\n");
        let (before, after) = commands.split_once('\n').unwrap_or((&commands, ""));
        Some(Self {
            rows: rows.collect(),
            more: graph.names.len().saturating_sub(OFFERED),
            commands: added.picked(name, newest, &picked.join(",")),
            before: before.to_owned(),
            after: after.to_owned(),
            any: !picked.is_empty(),
            result: graph.result(&wanted),
            sizes: graph.code.map(|code| (code.always, code.total())),
            live,
        })
    }
}

/// The features of a crate by their places, with what they turn on.
struct FeatureGraph<'a> {
    names: Vec<&'a str>,
    needs: Vec<Vec<usize>>,
    own: Vec<u64>,
    code: Option<&'a FeatureCode>,
}

impl<'a> FeatureGraph<'a> {
    fn new(table: &'a BTreeMap<String, Vec<String>>, code: Option<&'a FeatureCode>) -> Self {
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        let place = |name: &String| names.binary_search(&name.as_str()).ok();
        let needs = table.values().map(|needs| needs.iter().filter_map(place).collect()).collect();
        let own = |name: &&str| code.and_then(|code| code.own.get(*name)).copied().unwrap_or_default();
        Self { own: names.iter().map(own).collect(), needs, names, code }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.binary_search(&name).ok()
    }

    fn edges(&self) -> usize {
        self.needs.iter().map(Vec::len).sum()
    }

    fn row(&self, at: usize, picked: bool, live: bool) -> FeatureRow {
        let needs = self.needs.get(at).map(Vec::as_slice).unwrap_or_default();
        let needs: Vec<_> = needs.iter().filter(|_| live).map(ToString::to_string).collect();
        FeatureRow {
            name: self.names.get(at).copied().unwrap_or_default().to_owned(),
            picked,
            own: self.own.get(at).copied().unwrap_or_default(),
            size: match self.code {
                Some(_) if self.edges() <= FOLLOWED => bytes(self.with_needs(&[at]).1),
                _ => String::new(),
            },
            needs: needs.join(" "),
        }
    }

    /// How many features these turn on, themselves included, and how much code that is.
    fn with_needs(&self, wanted: &[usize]) -> (usize, u64) {
        let (mut on, mut open) = (vec![false; self.names.len()], wanted.to_vec());
        let (mut count, mut size) = (0, 0);
        while let Some(at) = open.pop() {
            let Some(seen) = on.get_mut(at).filter(|seen| !**seen) else { continue };
            *seen = true;
            count += 1;
            size += self.own.get(at).copied().unwrap_or_default();
            open.extend(self.needs.get(at).into_iter().flatten());
        }
        (count, size)
    }

    /// `3 of 40 packages, 12.0 KB of 1.2 MB of generated code`.
    fn result(&self, wanted: &[usize]) -> String {
        let (count, size) = self.with_needs(wanted);
        let packages = format!("{count} of {} packages", self.names.len());
        match self.code {
            Some(code) => {
                format!("{packages}, {} of {} of generated code", bytes(code.always + size), bytes(code.total()))
            }
            None => packages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_feature_turns_on_counts_once() {
        let table = [("a", vec!["b", "c", "other/x"]), ("b", vec!["c"]), ("c", vec!["a"]), ("d", vec![])]
            .map(|(name, needs)| (name.to_owned(), needs.into_iter().map(str::to_owned).collect()))
            .into();
        let own = [("a", 100), ("b", 20), ("c", 3), ("d", 5000)].map(|(name, size)| (name.to_owned(), size)).into();
        let code = FeatureCode { always: 1000, own };
        let graph = FeatureGraph::new(&table, Some(&code));
        assert_eq!(graph.result(&[1, 0, 1]), "3 of 4 packages, 1.1 KB of 6.1 KB of generated code");
        assert_eq!(graph.result(&[]), "0 of 4 packages, 1.0 KB of 6.1 KB of generated code");
        let row = graph.row(0, true, true);
        assert_eq!((row.size.as_str(), row.needs.as_str(), row.own), ("123 B", "1 2", 100));
        assert_eq!(FeatureGraph::new(&table, None).result(&[3]), "1 of 4 packages");
    }
}
