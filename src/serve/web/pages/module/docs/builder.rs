//! The inputs of a package page, and the place of a declaration in the descriptors.

use std::cell::Cell;

use crate::model::ModuleName;
use crate::publish::rust_naming::{Around, FieldTypes, RecursiveTypes, RustPaths};
use crate::serve::web::page::deadline::Deadline;

use super::comments::Comments;
use super::custom_options::Options;
use super::types::Types;

/// The inputs of a package page.
pub(super) struct Builder<'a> {
    pub module: &'a ModuleName,
    pub package: &'a str,
    pub types: &'a Types<'a>,
    pub rust: &'a RustPaths,
    /// The Rust types of fields, if the rules of the plugin are known.
    pub field_types: Option<&'a FieldTypes>,
    /// The messages of the package that contain themselves.
    pub recursive: &'a RecursiveTypes<'a>,
    pub options: &'a Options,
    /// Path of the files tab, to link to lines.
    pub files: String,
    /// The only declaration to show, if the package is too large to show all.
    pub only: Option<&'a str>,
    /// The remaining bytes of comments on the page.
    pub room: Cell<usize>,
    /// The deadline of the page.
    pub deadline: &'a Deadline,
}

/// The place of a declaration.
pub(super) struct DeclarationPlace<'a> {
    pub comments: &'a Comments<'a>,
    /// Path of the file that declares it.
    pub file: &'a str,
    /// The syntax of the file, for example `proto3`.
    pub syntax: &'a str,
    /// The messages around it, outermost first.
    pub parents: &'a [&'a str],
    /// Its path in the file descriptor, as in `SourceCodeInfo`.
    pub path: &'a [i32],
}

impl<'a> DeclarationPlace<'a> {
    /// The path of a part of the declaration: the `at`th element of field `kind` of its descriptor.
    pub(super) fn below(&self, kind: i32, at: usize) -> Vec<i32> {
        below(self.path, kind, at)
    }

    pub(super) fn inside<'b>(&'b self, parents: &'b [&'b str], path: &'b [i32]) -> DeclarationPlace<'b>
    where
        'a: 'b,
    {
        DeclarationPlace { comments: self.comments, file: self.file, syntax: self.syntax, parents, path }
    }
}

impl Builder<'_> {
    pub(super) fn shows(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only == name)
    }

    /// Whether the message of this name, or a declaration inside it, is shown.
    pub(super) fn enters(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only == name || only.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    }

    pub(super) fn around<'b>(&'b self, parents: &'b [&'b str]) -> Around<'b> {
        Around { module: self.module, package: self.package, parents }
    }

    /// The full name, for the look-up of options.
    pub(super) fn full(&self, anchor: &str) -> String {
        if self.package.is_empty() { anchor.to_owned() } else { format!("{}.{anchor}", self.package) }
    }
}

/// The path of the `at`th element of field `kind` of the descriptor at `path`.
pub(super) fn below(path: &[i32], kind: i32, at: usize) -> Vec<i32> {
    [path, &[kind, i32::try_from(at).unwrap_or(i32::MAX)]].concat()
}

/// The name below the package of a declaration inside `parents`.
pub(super) fn named(parents: &[&str], name: &str) -> String {
    [parents, &[name]].concat().join(".")
}
