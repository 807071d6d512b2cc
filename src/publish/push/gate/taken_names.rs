//! What a push is told about names that other modules have.

use std::fmt;

use crate::model::ModuleName;

/// The most lines about one module.
const MOST_LINES: usize = 10;

/// The most characters of a name in a line.
const LONGEST_NAME: usize = 200;

/// Names of a push that other modules of its owner have already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenNames {
    /// The module that was pushed.
    module: ModuleName,
    /// One sentence for each name, without a full stop.
    lines: Vec<String>,
    /// The number of names without a line.
    more: usize,
}

impl fmt::Display for TakenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, lines, more } = self;
        write!(f, "{module} has names that other modules of {} have:", module.owner())?;
        lines.iter().try_for_each(|line| write!(f, "\n  {line}"))?;
        if *more > 0 { write!(f, "\n  and {more} more") } else { Ok(()) }
    }
}

impl TakenNames {
    /// The names of `module` that others have, each with its kind and a module that has it; none if there is none.
    pub(in crate::publish::push) fn of(
        module: ModuleName,
        taken: impl Iterator<Item = (&'static str, String, ModuleName)>,
    ) -> Option<Self> {
        let line =
            |(kind, name, other): (&str, String, ModuleName)| format!("{kind} {} is in {other} too", shortened(&name));
        let mut lines: Vec<_> = taken.map(line).collect();
        let more = lines.len().saturating_sub(MOST_LINES);
        lines.truncate(MOST_LINES);
        (!lines.is_empty()).then_some(Self { module, lines, more })
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{} …", &name[..end]),
        None => name.to_owned(),
    }
}
