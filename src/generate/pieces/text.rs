//! The text that buffa writes for a package, taken apart and put together. Its sections follow one another, each holds the
//! declarations in their order, and every item stands on lines of its own.

use std::collections::{HashMap, HashSet};

/// The attribute and the import that every module inside begins with.
const BEGIN: [&str; 2] = ["#[allow(unused_imports)]", "use super::*;"];

/// The modules inside, in their order.
const INNER: [&str; 4] = ["view", "lazy_view", "oneof", "ext"];

/// The registrations, in their order.
const CALLS: [&str; 4] = ["register_json_any", "register_json_ext", "register_text_any", "register_text_ext"];

/// A block with brackets, and the lines in it.
#[derive(Debug, Default, Clone)]
struct Block {
    /// The lines up to the first in it; empty if there is no such block.
    open: String,
    lines: String,
}

/// The text of one package, or of a piece of it.
#[derive(Debug, Default, Clone)]
pub(super) struct Sections {
    head: String,
    /// Types and what stands beside them.
    owned: String,
    /// What is opened around the rest.
    buffa: String,
    inner: [Block; INNER.len()],
    /// The module for oneofs inside that for views.
    view_oneof: Block,
    register: Block,
    calls: [String; CALLS.len()],
    /// Names that are shown at the root, with the lines that do it.
    exports: Vec<(String, String)>,
}

impl Sections {
    /// Takes `text` apart; nothing if it is not of that form.
    pub(super) fn read(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut sections = Self { head: lines.get(..2)?.concat(), ..Self::default() };
        let mut blocks = (2..lines.len()).filter(|at| lines[*at] == "pub mod __buffa {\n");
        let Some(block) = blocks.next() else {
            sections.owned = lines[2..].concat();
            return Some(sections).filter(|sections| sections.text(&HashSet::new()) == text);
        };
        let end = (block..lines.len()).rev().find(|at| lines[*at] == "}\n")?;
        let start = attributes_before(&lines, block);
        if blocks.next().is_some() || start < 2 {
            return None;
        }
        sections.owned = lines[2..start].concat();
        begins(lines.get(block + 1..block + 3)?)?;
        sections.buffa = lines.get(start..block + 3)?.concat();
        sections.read_inner(&lines[block + 3..end])?;
        sections.read_exports(&lines[end + 1..]);
        Some(sections).filter(|sections| sections.text(&HashSet::new()) == text)
    }

    fn read_inner(&mut self, mut lines: &[&str]) -> Option<()> {
        while !lines.is_empty() {
            let end = lines.iter().position(|line| *line == "    }\n")?;
            let (block, rest) = (&lines[..end], lines.get(end + 1..)?);
            lines = rest;
            let is_function = |line: &&str| line.starts_with("    pub fn register_types(");
            if let Some(at) = block.iter().position(is_function) {
                self.register.open = block[..=at].concat();
                self.read_calls(&block[at + 1..])?;
                continue;
            }
            let of = |line: &&str| INNER.iter().position(|name| **line == format!("    pub mod {name} {{\n"));
            let at = block.iter().position(|line| of(line).is_some())?;
            let which = of(&block[at])?;
            let (open, mut inside) = (block.get(..at + 3)?, block.get(at + 3..)?);
            begins(&open[at + 1..])?;
            if which == 0
                && let Some(oneof) = inside.iter().position(|line| *line == "        pub mod oneof {\n")
            {
                begins(inside.get(oneof + 1..oneof + 3)?)?;
                self.view_oneof.open = inside.get(oneof..oneof + 3)?.concat();
                self.view_oneof.lines = inside.get(oneof + 3..inside.len() - 1)?.concat();
                inside = &inside[..oneof];
            }
            self.inner[which] = Block { open: open.concat(), lines: inside.concat() };
        }
        Some(())
    }

    fn read_calls(&mut self, lines: &[&str]) -> Option<()> {
        for statement in lines.split_inclusive(|line| line.ends_with(";\n")) {
            let statement = statement.concat();
            let of = |name: &&str| statement.contains(&format!(".{name}("));
            self.calls[CALLS.iter().position(of)?].push_str(&statement);
        }
        Some(())
    }

    fn read_exports(&mut self, lines: &[&str]) {
        for export in lines.split_inclusive(|line| line.ends_with(";\n")) {
            let name = export.last().and_then(|line| line.trim_end().strip_suffix(';')?.rsplit("::").next());
            self.exports.push((name.unwrap_or_default().to_owned(), export.concat()));
        }
    }

    /// The text. At the root, buffa shows a name only where nothing else has it: neither one of `types`, which stand there,
    /// nor another one that it would show.
    fn text(&self, types: &HashSet<&str>) -> String {
        let mut text = [self.head.as_str(), &self.owned].concat();
        if !self.buffa.is_empty() {
            text.push_str(&self.buffa);
            let [view, inner @ ..] = &self.inner;
            if !view.open.is_empty() {
                text.extend([view.open.as_str(), &view.lines]);
                self.view_oneof.write(&mut text, "        }\n");
                text.push_str("    }\n");
            }
            inner.iter().for_each(|block| block.write(&mut text, "    }\n"));
            let register = Block { open: self.register.open.clone(), lines: self.calls.concat() };
            register.write(&mut text, "    }\n");
            text.push_str("}\n");
        }
        // Whatever is registered is shown behind everything else.
        let (last, first): (Vec<_>, Vec<_>) = self.exports.iter().partition(|(name, _)| name == "register_types");
        let mut seen: HashMap<&str, usize> = HashMap::new();
        first.iter().for_each(|(name, _)| *seen.entry(name).or_default() += 1);
        let is_free = |(name, _): &&(String, String)| seen.get(&**name) == Some(&1) && !types.contains(&**name);
        let shown = first.into_iter().filter(is_free).chain(last.into_iter().take(1));
        shown.for_each(|(_, lines)| text.push_str(lines));
        text
    }
}

impl Block {
    fn write(&self, text: &mut String, close: &str) {
        if !self.open.is_empty() {
            text.extend([self.open.as_str(), &self.lines, close]);
        }
    }

    fn add(&mut self, other: Self) {
        if self.open.is_empty() {
            self.open = other.open;
        }
        self.lines.push_str(&other.lines);
    }
}

/// Whether these are the lines that every module inside begins with.
fn begins(lines: &[&str]) -> Option<()> {
    let is_begin = lines.iter().map(|line| line.trim()).eq(BEGIN);
    is_begin.then_some(())
}

/// Where the attributes before the line `at` begin.
fn attributes_before(lines: &[&str], at: usize) -> usize {
    let mut start = at;
    while let Some(line) = start.checked_sub(1).and_then(|before| lines.get(before)) {
        if *line == ")]\n" {
            let open = (0..start).rev().find(|open| lines[*open] == "#[allow(\n");
            start = open.unwrap_or(start - 1);
        } else if line.starts_with("#[") {
            start -= 1;
        } else {
            break;
        }
    }
    start
}

/// Pieces, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Joined(Sections);

impl Joined {
    /// Adds the next piece.
    pub(super) fn add(&mut self, next: Sections) {
        let all = &mut self.0;
        all.head = next.head;
        all.owned.push_str(&next.owned);
        if all.buffa.is_empty() {
            all.buffa = next.buffa;
        }
        for (block, next) in all.inner.iter_mut().zip(next.inner) {
            block.add(next);
        }
        all.view_oneof.add(next.view_oneof);
        all.register.add(next.register);
        for (calls, next) in all.calls.iter_mut().zip(next.calls) {
            calls.push_str(&next);
        }
        all.exports.extend(next.exports);
    }

    /// The text of all of them, in a package with these types.
    pub(super) fn text(self, types: &HashSet<&str>) -> String {
        self.0.text(types)
    }
}
