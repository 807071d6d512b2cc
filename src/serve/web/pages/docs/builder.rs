//! What a package page is built from, and how far the builder has come in the descriptors.

use std::cell::Cell;

use crate::model::ModuleName;
use crate::publish::rust_naming::{Around, FieldTypes, RecursiveTypes, RustPaths};
use crate::serve::web::page::deadline::Deadline;

use super::comments::Comments;
use super::custom_options::Options;
use super::types::Types;

/// What a package page is built from.
pub(super) struct Builder<'a> {
    pub module: &'a ModuleName,
    pub package: &'a str,
    pub types: &'a Types<'a>,
    pub rust: &'a RustPaths,
    /// The types of fields, where the rules for them are known.
    pub field_types: Option<&'a FieldTypes>,
    /// Which messages of the package hold themselves.
    pub recursive: &'a RecursiveTypes<'a>,
    pub options: &'a Options,
    /// Path of the files tab, to link to lines.
    pub files: String,
    /// Only this declaration, if the package is too large to show all.
    pub only: Option<&'a str>,
    /// How many bytes of comments the page has room for.
    pub room: Cell<usize>,
    /// Until when somebody waits for the page.
    pub deadline: &'a Deadline,
}

/// A declaration on its way to the page.
pub(super) struct Place<'a> {
    pub comments: &'a Comments<'a>,
    /// Path of the file that declares it.
    pub file: &'a str,
    /// Of the file: `proto3`.
    pub syntax: &'a str,
    /// The messages around it, outermost first.
    pub parents: &'a [&'a str],
    /// Where it is in the descriptor of the file.
    pub path: &'a [i32],
}

impl<'a> Place<'a> {
    /// What stands in the declaration, as the `at`th of field `kind` of its descriptor.
    pub(super) fn below(&self, kind: i32, at: usize) -> Vec<i32> {
        [self.path, &[kind, i32::try_from(at).unwrap_or(i32::MAX)]].concat()
    }

    pub(super) fn inside<'b>(&'b self, parents: &'b [&'b str], path: &'b [i32]) -> Place<'b>
    where
        'a: 'b,
    {
        Place { comments: self.comments, file: self.file, syntax: self.syntax, parents, path }
    }
}

impl Builder<'_> {
    pub(super) fn shows(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only == name)
    }

    /// Whether the message of this name, or something in it, is shown.
    pub(super) fn enters(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only == name || only.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    }

    pub(super) fn around<'b>(&'b self, parents: &'b [&'b str]) -> Around<'b> {
        Around { module: self.module, package: self.package, parents }
    }

    /// The name with which options are found.
    pub(super) fn full(&self, anchor: &str) -> String {
        if self.package.is_empty() { anchor.to_owned() } else { format!("{}.{anchor}", self.package) }
    }
}

/// The name of what is declared in `parents`, below the package.
pub(super) fn named(parents: &[&str], name: &str) -> String {
    [parents, &[name]].concat().join(".")
}
