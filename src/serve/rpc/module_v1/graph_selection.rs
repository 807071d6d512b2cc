//! Selects the commit of each module in a graph whose roots depend on different commits of a module.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{CommitId, ModuleId, Timestamp};

/// A commit with its dependencies.
#[derive(Debug, Clone)]
pub(in crate::serve::rpc) struct Node {
    /// Its module.
    pub module: ModuleId,
    /// When it was pushed.
    pub created: Timestamp,
    /// Its frozen dependencies, direct and transitive.
    pub frozen: Vec<CommitId>,
    /// The modules whose files it imports itself.
    pub imports: BTreeSet<ModuleId>,
}

/// The result of [`select`].
#[derive(Debug, PartialEq, Eq)]
pub(in crate::serve::rpc) struct Selected {
    /// The commits of the graph, roots first, each once.
    pub order: Vec<CommitId>,
    /// Edges from the importing to the imported commit.
    pub edges: BTreeSet<(CommitId, CommitId)>,
}

/// Selects one commit per module: the requested one, else the latest among the frozen dependencies of the roots. Edges
/// lead to the selected commits; commits that no edge leads to are left out. A single root has one commit per module,
/// so exactly its frozen dependencies remain.
///
/// `nodes` holds the roots and their frozen dependencies.
///
/// # Errors
/// The error is a module of which two different commits are requested.
pub(in crate::serve::rpc) fn select(
    roots: &[CommitId],
    nodes: &BTreeMap<CommitId, Node>,
) -> Result<Selected, ModuleId> {
    let mut asked_for: BTreeMap<ModuleId, CommitId> = BTreeMap::new();
    let mut latest: BTreeMap<ModuleId, (Timestamp, CommitId)> = BTreeMap::new();
    for (&id, root) in roots.iter().filter_map(|id| nodes.get_key_value(id)) {
        if asked_for.insert(root.module, id).is_some_and(|other| other != id) {
            return Err(root.module);
        }
        for (&id, node) in root.frozen.iter().filter_map(|id| nodes.get_key_value(id)) {
            let candidate = (node.created, id);
            let best = latest.entry(node.module).or_insert(candidate);
            *best = candidate.max(*best);
        }
    }
    let mut chosen: BTreeMap<ModuleId, CommitId> = latest.into_iter().map(|(module, (_, id))| (module, id)).collect();
    chosen.extend(asked_for);
    Ok(reach(roots, nodes, &chosen))
}

/// The commits that the roots lead to, in breadth-first order.
fn reach(roots: &[CommitId], nodes: &BTreeMap<CommitId, Node>, chosen: &BTreeMap<ModuleId, CommitId>) -> Selected {
    let (mut order, mut edges, mut seen) = (vec![], BTreeSet::new(), BTreeSet::new());
    let mut open: VecDeque<CommitId> = roots.iter().copied().collect();
    while let Some(id) = open.pop_front() {
        let Some(node) = nodes.get(&id).filter(|_| seen.insert(id)) else { continue };
        order.push(id);
        for target in node.imports.iter().filter_map(|module| chosen.get(module)) {
            edges.insert((id, *target));
            open.push_back(*target);
        }
    }
    Selected { order, edges }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: u8 = 1;
    const LEFT: u8 = 2;
    const RIGHT: u8 = 3;
    const BASE: u8 = 4;

    fn module(n: u8) -> ModuleId {
        ModuleId::from_bytes([n; 16])
    }

    /// Commit `age` of module `n`; later ones are pushed later.
    fn commit(n: u8, age: u8) -> CommitId {
        let mut bytes = [n; 16];
        bytes[15] = age;
        CommitId::from_bytes(bytes)
    }

    /// A commit, its module, when it was pushed, what was frozen with it, and the modules that it imports.
    type Row<'a> = (CommitId, u8, i64, &'a [CommitId], &'a [u8]);

    fn graph(nodes: &[Row<'_>]) -> BTreeMap<CommitId, Node> {
        let node = |&(id, module_number, created, frozen, imports): &Row<'_>| {
            let node = Node {
                module: module(module_number),
                created: Timestamp::from_micros(created),
                frozen: frozen.to_vec(),
                imports: imports.iter().map(|n| module(*n)).collect(),
            };
            (id, node)
        };
        nodes.iter().map(node).collect()
    }

    /// Left was built with the old base, right with the new one; top with both and the new base.
    fn diamond() -> BTreeMap<CommitId, Node> {
        let (old, new) = (commit(BASE, 1), commit(BASE, 2));
        let (left, right) = (commit(LEFT, 1), commit(RIGHT, 1));
        graph(&[
            (old, BASE, 1, &[], &[]),
            (new, BASE, 2, &[], &[]),
            (left, LEFT, 3, &[old], &[BASE]),
            (right, RIGHT, 4, &[new], &[BASE]),
            (commit(TOP, 1), TOP, 5, &[left, right, new], &[LEFT, RIGHT]),
        ])
    }

    #[test]
    fn below_one_root_stands_what_it_was_built_with() {
        let mut nodes = diamond();
        nodes.remove(&commit(BASE, 1));
        let selected = select(&[commit(TOP, 1)], &nodes).unwrap();
        let (left, right, new) = (commit(LEFT, 1), commit(RIGHT, 1), commit(BASE, 2));
        assert_eq!(selected.order, [commit(TOP, 1), left, right, new]);
        // Left is drawn to the base that top was built with, though it was pushed with the older one itself.
        let edges = [(commit(TOP, 1), left), (commit(TOP, 1), right), (left, new), (right, new)];
        assert_eq!(selected.edges, edges.into_iter().collect());

        let alone = select(&[left], &diamond()).unwrap();
        assert_eq!(alone.order, [left, commit(BASE, 1)]);
    }

    #[test]
    fn among_several_roots_the_latest_dependency_wins() {
        let (left, right) = (commit(LEFT, 1), commit(RIGHT, 1));
        for roots in [[left, right], [right, left]] {
            let selected = select(&roots, &diamond()).unwrap();
            assert_eq!(selected.order, [roots[0], roots[1], commit(BASE, 2)]);
            assert_eq!(selected.edges, [(left, commit(BASE, 2)), (right, commit(BASE, 2))].into_iter().collect());
        }
    }

    #[test]
    fn what_is_asked_for_wins_over_what_is_later() {
        let (old, right) = (commit(BASE, 1), commit(RIGHT, 1));
        let selected = select(&[right, old], &diamond()).unwrap();
        assert_eq!(selected.order, [right, old]);
        assert_eq!(selected.edges, [(right, old)].into_iter().collect());
    }

    #[test]
    fn what_only_a_replaced_commit_needed_is_left_out() {
        // The old base needed a helper, the new one does not.
        let (helper, old, new) = (commit(9, 1), commit(BASE, 1), commit(BASE, 2));
        let (left, right) = (commit(LEFT, 1), commit(RIGHT, 1));
        let nodes = graph(&[
            (helper, 9, 0, &[], &[]),
            (old, BASE, 1, &[helper], &[9]),
            (new, BASE, 2, &[], &[]),
            (left, LEFT, 3, &[old, helper], &[BASE]),
            (right, RIGHT, 4, &[new], &[BASE]),
        ]);
        assert_eq!(select(&[left, right], &nodes).unwrap().order, [left, right, new]);
    }

    #[test]
    fn a_module_is_asked_for_in_one_commit_only() {
        let (old, new) = (commit(BASE, 1), commit(BASE, 2));
        assert_eq!(select(&[old, new], &diamond()), Err(module(BASE)));
        assert_eq!(select(&[new, new], &diamond()).unwrap().order, [new]);
    }
}
