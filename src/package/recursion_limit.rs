//! How deep the compiler has to look. Whether a message is `Send` depends on all messages that it holds, so the compiler
//! follows them, and gives up at a depth that a chain of a few dozen messages reaches.

use std::collections::HashMap;

use prost_types::field_descriptor_proto::Label;
use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::spec::CrateSpec;
use crate::model::{DeclaredKind, DescriptorFile, Family, declared_types, map_entry, written_oneof};

/// The compiler's own limit.
const USUAL: usize = 128;

/// Levels at the end of a chain: a text, its bytes, their memory; or fields that the reader does not know.
const END: usize = 16;

/// A message, by those that it holds.
struct Node {
    held: Vec<usize>,
    levels: Vec<Levels>,
}

/// The levels between a message and one that it holds.
#[derive(Debug, Clone, Copy)]
struct Levels {
    usual: usize,
    /// Where that one holds this one, so that one of them is in a box.
    in_circle: usize,
}

/// The limit that the crate needs, if the usual one may not be enough.
pub(super) fn recursion_limit(spec: &CrateSpec<'_>) -> Option<usize> {
    let depth = END + depth(spec.plugin.family, &spec.descriptors.files);
    // Types of the generator's own, such as views, add to it.
    (depth > USUAL).then(|| (2 * depth).next_power_of_two())
}

/// The levels of the deepest message: chains add up, and a circle counts with all that is in it.
fn depth(family: Family, files: &[DescriptorFile]) -> usize {
    let nodes = nodes(family, files);
    let mut depths: Vec<Option<usize>> = vec![None; nodes.len()];
    // A circle is found after all that it leads to.
    for circle in circles(&nodes) {
        let (mut around, mut beyond) = (0, 0);
        for node in circle.iter().map(|node| &nodes[*node]) {
            let mut step = 0;
            for (held, levels) in node.held.iter().zip(&node.levels) {
                match depths[*held] {
                    Some(deep) => beyond = beyond.max(levels.usual + deep),
                    None => step = step.max(levels.in_circle),
                }
            }
            around += step;
        }
        circle.iter().for_each(|node| depths[*node] = Some(around + beyond));
    }
    depths.into_iter().flatten().max().unwrap_or_default()
}

fn nodes(family: Family, files: &[DescriptorFile]) -> Vec<Node> {
    let (mut places, mut messages): (HashMap<String, usize>, Vec<&DescriptorProto>) = (HashMap::new(), Vec::new());
    for file in files {
        for declared in declared_types(&file.proto) {
            if let DeclaredKind::Message(message) = declared.kind {
                places.insert(declared.full_name(file.proto.package()), messages.len());
                messages.push(message);
            }
        }
    }
    let node = |message: &&DescriptorProto| {
        let mut node = Node { held: Vec::new(), levels: Vec::new() };
        for field in &message.field {
            let entry = map_entry(message, field);
            let value = entry.and_then(|entry| entry.field.iter().find(|field| field.number() == 2));
            if let Some(place) = places.get(value.unwrap_or(field).type_name()) {
                node.held.push(*place);
                node.levels.push(if value.is_some() { MAP } else { levels(family, field) });
            }
        }
        node
    };
    messages.iter().map(node).collect()
}

const MAP: Levels = Levels { usual: 5, in_circle: 5 };

/// The levels between a message and the one that it holds in this field, as measured.
fn levels(family: Family, field: &FieldDescriptorProto) -> Levels {
    let [usual, in_circle] = match (family, written_oneof(field)) {
        (Family::Buffa, _) => [5, 5],
        (Family::Prost, Some(_)) => [3, 5],
        (Family::Prost, None) if field.label() == Label::Repeated => [4, 4],
        (Family::Prost, None) => [2, 4],
    };
    Levels { usual, in_circle }
}

/// Messages that hold one another, each circle after those that it leads to; most are of one message. (Tarjan, 1972,
/// without recursion: chains of sources may be longer than a stack.)
fn circles(nodes: &[Node]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let (mut order, mut low) = (vec![NEW; nodes.len()], vec![NEW; nodes.len()]);
    let (mut open, mut is_open, mut found) = (Vec::new(), vec![false; nodes.len()], Vec::new());
    let mut count = 0;
    for root in 0..nodes.len() {
        let mut way = if order[root] == NEW { vec![(root, 0_usize)] } else { Vec::new() };
        while let Some((node, next)) = way.last_mut() {
            let (node, at) = (*node, *next);
            *next += 1;
            if at == 0 {
                (order[node], low[node], is_open[node]) = (count, count, true);
                count += 1;
                open.push(node);
            }
            // What was found behind the last one that this one holds.
            if let Some(before) = at.checked_sub(1).map(|before| nodes[node].held[before]).filter(|it| is_open[*it]) {
                low[node] = low[node].min(low[before]);
            }
            match nodes[node].held.get(at) {
                Some(held) if order[*held] == NEW => way.push((*held, 0)),
                Some(_) => {}
                None => {
                    way.pop();
                    if low[node] == order[node] {
                        let first = open.iter().rposition(|it| *it == node).unwrap_or_default();
                        let circle = open.split_off(first);
                        circle.iter().for_each(|it| is_open[*it] = false);
                        found.push(circle);
                    }
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::model::testing::set;

    fn depth_of(source: &str) -> usize {
        depth(Family::Prost, &set(&[("acme/app", "a.proto", &format!("package p; {source}"))]).files)
    }

    /// Messages of which each holds the next as `field` says, where `M` stands for its name.
    fn chain(count: usize, field: &str) -> String {
        let mut source = format!("message M{count} {{ string s = 1; }}\n");
        for at in 0..count {
            let _ = writeln!(source, "message M{at} {{ {} }}", field.replace('M', &format!("M{}", at + 1)));
        }
        source
    }

    #[test]
    fn chains_add_up_and_circles_count_with_all_that_is_in_them() {
        assert_eq!(depth_of("message M { string s = 1; }"), 0);
        assert_eq!(depth_of(&chain(10, "M m = 1;")), 20);
        assert_eq!(depth_of(&chain(10, "repeated M m = 1;")), 40);
        assert_eq!(depth_of(&chain(10, "map<string, M> m = 1;")), 50);
        assert_eq!(depth_of(&chain(10, "oneof o { M m = 1; string s = 2; }")), 30);
        let circle = "message A { B b = 1; C c = 2; } message B { A a = 1; } message C { C c = 1; M0 m = 2; }";
        assert_eq!(depth_of(&format!("{circle} {}", chain(5, "M m = 1;"))), (4 + 4) + 2 + 4 + 2 + 10);
        let twice = "message A { B b = 1; B c = 2; } message B { repeated A a = 1; }";
        assert_eq!(depth_of(twice), 8);
    }

    #[test]
    fn long_chains_end() {
        assert_eq!(depth_of(&chain(3000, "M m = 1;")), 6000);
    }
}
