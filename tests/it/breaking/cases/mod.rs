//! Changes, and the rules of `buf breaking` that refuse them. Every rule has a case that breaks it, and one near it that
//! does not.

mod editions;
mod enums;
mod files;
mod messages;
mod services;
mod types;
mod values;

/// A file: path, head, and the declarations behind it.
pub(super) type File = (&'static str, &'static str, &'static str);

/// A change.
pub(super) struct Case {
    pub name: &'static str,
    pub old: Side,
    pub new: Side,
    /// Sorted.
    pub rules: &'static [&'static str],
}

/// One of the two versions.
pub(super) enum Side {
    /// The file `a.proto`.
    One(&'static str, &'static str),
    Files(&'static [File]),
}

impl Side {
    /// Paths and texts.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let file = |&(path, head, body): &File| (path.to_owned(), format!("{head}{body}\n"));
        match self {
            Self::One(head, body) => vec![file(&("a.proto", head, body))],
            Self::Files(files) => files.iter().map(file).collect(),
        }
    }
}

const PROTO2: &str = "syntax = \"proto2\";\npackage a.v1;\n";
const PROTO3: &str = "syntax = \"proto3\";\npackage a.v1;\n";
const EDITION: &str = "edition = \"2023\";\npackage a.v1;\n";
/// The body has a head of its own.
const NONE: &str = "";

/// A change of one file.
const fn one(
    name: &'static str,
    head: &'static str,
    old: &'static str,
    new: &'static str,
    rules: &'static [&'static str],
) -> Case {
    Case { name, old: Side::One(head, old), new: Side::One(head, new), rules }
}

/// A change of one file and of its head.
const fn two(
    name: &'static str,
    old: (&'static str, &'static str),
    new: (&'static str, &'static str),
    rules: &'static [&'static str],
) -> Case {
    Case { name, old: Side::One(old.0, old.1), new: Side::One(new.0, new.1), rules }
}

/// A change of several files.
const fn files(name: &'static str, old: &'static [File], new: &'static [File], rules: &'static [&'static str]) -> Case {
    Case { name, old: Side::Files(old), new: Side::Files(new), rules }
}

/// All cases.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    let groups =
        [files::CASES, messages::CASES, types::CASES, values::CASES, enums::CASES, services::CASES, editions::CASES];
    groups.into_iter().flatten()
}
