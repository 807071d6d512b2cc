//! All rows, by subject.

mod comments;
mod declarations;
mod files;
mod mistakes;
mod options;
mod values;

use super::row::{Cost, Row};

/// Every row.
pub(super) fn all() -> Vec<Row> {
    [declarations::rows(), options::rows(), values::rows(), comments::rows(), files::rows(), mistakes::rows()]
        .into_iter()
        .flatten()
        .collect()
}

/// The rows of which crates are made too, with the fraction of their usual size and what a push may cost then.
const GENERATED: [(&str, usize, Cost); 10] = [
    ("fields of a message", 8, CRATES),
    ("messages", 8, CRATES),
    ("values of an enum", 8, CRATES),
    ("members of a oneof", 8, CRATES),
    ("maps", 8, CRATES),
    ("comments before fields", 8, CRATES),
    ("lines of one comment", 8, CRATES),
    ("services", 40, STUBS),
    ("methods", 100, STUBS),
    ("streams", 100, STUBS),
];

/// Crates of two plugins: their text, and the archive of it.
const CRATES: Cost = Cost { memory: 2_000, micros: 400 };

/// Stubs are hundreds of times larger than their source: a client and a server for each service.
const STUBS: Cost = Cost { memory: 15_000, micros: 2_000 };

/// Those of [`GENERATED`].
pub(super) fn generated() -> Vec<Row> {
    let mut rows = all();
    let find = |(name, part, cost): (&str, usize, Cost)| {
        let at = rows.iter().position(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}"));
        let row = rows.swap_remove(at);
        Row { count: row.count / part, cost, ..row }
    };
    GENERATED.into_iter().map(find).collect()
}
