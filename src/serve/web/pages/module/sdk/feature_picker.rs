//! Picks packages of a large crate: the commands that add it with these features, and how much code they are.

use std::collections::BTreeMap;

use crate::model::CrateName;
use crate::serve::web::page::page_request::PageRequest;

use super::crate_facts::bytes;
use super::crate_view::Published;
use super::feature_code::FeatureCode;
use super::feature_graph::FeatureGraph;
use super::snippets::Added;

/// The most features to pick from; a crate has more only if its module asks for that.
const OFFERED: usize = 500;

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
        let features = Features::new(&published.features, published.contents.code.as_ref());
        let mut wanted: Vec<_> = visit.query.all(FIELD).filter_map(|name| features.place(name)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let live = features.graph.edges() <= LIVE && features.names.len() <= OFFERED;
        let picked: Vec<_> = wanted.iter().filter_map(|at| features.names.get(*at).copied()).collect();
        let commands = added.picked(name, newest, "\n");
        let (before, after) = commands.split_once('\n').unwrap_or((&commands, ""));
        Some(Self {
            rows: features.rows(&wanted, live),
            more: features.names.len().saturating_sub(OFFERED),
            commands: added.picked(name, newest, &picked.join(",")),
            before: before.to_owned(),
            after: after.to_owned(),
            any: !picked.is_empty(),
            result: features.result(&wanted),
            sizes: features.code.map(|code| (code.always, code.total())),
            live,
        })
    }
}

/// The features of a crate, in the order of their names.
struct Features<'a> {
    names: Vec<&'a str>,
    own: Vec<u64>,
    graph: FeatureGraph,
    code: Option<&'a FeatureCode>,
}

impl<'a> Features<'a> {
    fn new(table: &'a BTreeMap<String, Vec<String>>, code: Option<&'a FeatureCode>) -> Self {
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        let place = |name: &String| names.binary_search(&name.as_str()).ok();
        let needs = table.values().map(|needs| needs.iter().filter_map(place).collect()).collect();
        let own = |name: &&str| code.and_then(|code| code.own.get(*name)).copied().unwrap_or_default();
        Self { own: names.iter().map(own).collect(), graph: FeatureGraph::new(needs), names, code }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.binary_search(&name).ok()
    }

    /// The first features, as far as they are offered.
    fn rows(&self, picked: &[usize], live: bool) -> Vec<FeatureRow> {
        let sizes = self.code.map(|_| self.graph.sizes(&self.own, OFFERED)).unwrap_or_default();
        let row = |(at, name): (usize, &&str)| {
            let needs: Vec<_> = self.graph.needs(at).iter().filter(|_| live).map(ToString::to_string).collect();
            FeatureRow {
                name: (*name).to_owned(),
                picked: picked.contains(&at),
                own: self.own.get(at).copied().unwrap_or_default(),
                size: sizes.get(at).map(|size| bytes(*size)).unwrap_or_default(),
                needs: needs.join(" "),
            }
        };
        self.names.iter().enumerate().take(OFFERED).map(row).collect()
    }

    /// `3 of 40 packages, 12.0 KB of 1.2 MB of generated code`.
    fn result(&self, wanted: &[usize]) -> String {
        let on = self.graph.with_needs(wanted);
        let size: u64 = on.iter().filter_map(|at| self.own.get(*at)).sum();
        let packages = format!("{} of {} packages", on.len(), self.names.len());
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
        let graph = Features::new(&table, Some(&code));
        assert_eq!(graph.result(&[1, 0, 1]), "3 of 4 packages, 1.1 KB of 6.1 KB of generated code");
        assert_eq!(graph.result(&[]), "0 of 4 packages, 1.0 KB of 6.1 KB of generated code");
        let row = graph.rows(&[0], true).remove(0);
        assert_eq!((row.size.as_str(), row.needs.as_str(), row.own), ("123 B", "1 2", 100));
        assert_eq!(Features::new(&table, None).result(&[3]), "1 of 4 packages");
    }
}
