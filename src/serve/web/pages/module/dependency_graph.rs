//! The picture of a module between those that use it and those that it builds on: where each box and line stands.

use std::collections::BTreeMap;

/// The most boxes in a column; the lists below the picture have all.
const BOXES: usize = 14;

/// The most characters of a name in a box.
const LETTERS: usize = 26;

/// Sizes of the picture, in its own units.
const WIDTH: usize = 210;
const HEIGHT: usize = 30;
const ACROSS: usize = 275;
const DOWN: usize = 40;

/// A module in the picture.
pub(super) struct GraphNode {
    pub name: String,
    pub href: String,
    /// The modules in the column on the right that it builds on.
    pub builds_on: Vec<String>,
}

/// A module with its place.
pub(super) struct GraphBox {
    pub x: usize,
    pub y: usize,
    pub name: String,
    /// The name as it fits into the box.
    pub text: String,
    pub href: String,
    pub is_this: bool,
}

/// The picture.
pub(super) struct Graph {
    pub width: usize,
    pub height: usize,
    pub boxes: Vec<GraphBox>,
    /// The lines, as paths of SVG.
    pub lines: Vec<String>,
    /// How many modules have no place, by the middle of their column.
    pub more: Vec<(usize, usize, usize)>,
}

impl Graph {
    /// The picture of columns from left to right. `this` is the module that it is about. Nothing if it stands alone.
    pub(super) fn new(columns: Vec<Vec<GraphNode>>, this: &str) -> Option<Self> {
        let columns: Vec<_> = columns.into_iter().filter(|column| !column.is_empty()).collect();
        let tallest = columns.iter().map(|column| column.len().min(BOXES)).max().filter(|_| columns.len() > 1)?;
        let cut = columns.iter().any(|column| column.len() > BOXES);
        let mut graph = Self {
            width: (columns.len() - 1) * ACROSS + WIDTH + 4,
            height: (tallest + usize::from(cut)) * DOWN,
            boxes: vec![],
            lines: vec![],
            more: vec![],
        };
        let mut starts: Vec<(usize, usize, Vec<String>)> = vec![];
        let mut ends: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (at, column) in columns.into_iter().enumerate() {
            let (x, shown) = (at * ACROSS + 2, column.len().min(BOXES));
            let above = (tallest - shown) * DOWN / 2;
            if column.len() > shown {
                graph.more.push((x + WIDTH / 2, (tallest * DOWN) + HEIGHT / 2, column.len() - shown));
            }
            for (row, node) in column.into_iter().take(BOXES).enumerate() {
                let y = above + row * DOWN + (DOWN - HEIGHT) / 2;
                let middle = y + HEIGHT / 2;
                ends.insert(node.name.clone(), (x, middle));
                starts.push((x + WIDTH, middle, node.builds_on));
                graph.boxes.push(GraphBox {
                    x,
                    y,
                    text: fitting(&node.name),
                    is_this: node.name == this,
                    name: node.name,
                    href: node.href,
                });
            }
        }
        for (x, y, builds_on) in starts {
            // Only to what stands further on the right: a line never goes back.
            let reached = builds_on.iter().filter_map(|name| ends.get(name)).filter(|(end, _)| *end > x);
            graph.lines.extend(reached.map(|(end, height)| {
                let half = x + (end - x) / 2;
                format!("M{x} {y}C{half} {y} {half} {height} {end} {height}")
            }));
        }
        Some(graph)
    }
}

fn fitting(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    name.chars().take(LETTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, builds_on: &[&str]) -> GraphNode {
        GraphNode {
            name: name.into(),
            href: format!("/{name}"),
            builds_on: builds_on.iter().map(|&name| name.into()).collect(),
        }
    }

    #[test]
    fn lines_lead_from_each_module_to_what_it_builds_on() {
        let columns = vec![
            vec![node("a/user", &["a/this"])],
            vec![node("a/this", &["a/base"])],
            vec![node("a/base", &["a/user"])],
        ];
        let graph = Graph::new(columns, "a/this").unwrap();
        assert_eq!(graph.boxes.iter().map(|shown| shown.is_this).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(graph.lines, ["M212 20C244 20 244 20 277 20", "M487 20C519 20 519 20 552 20"]);
    }

    #[test]
    fn a_module_alone_has_no_picture_and_many_are_counted() {
        assert!(Graph::new(vec![vec![], vec![node("a/this", &[])], vec![]], "a/this").is_none());
        let users = (0..20).map(|at| node(&format!("a/user{at}"), &["a/this"])).collect();
        let graph = Graph::new(vec![users, vec![node("a/this", &[])]], "a/this").unwrap();
        assert_eq!((graph.boxes.len(), graph.more[0].2), (BOXES + 1, 6));
        assert_eq!(fitting("acme/a-name-that-is-longer-than-boxes"), "acme/a-name-that-is-longe…");
    }
}
