//! Tells that a plain directory is not the one where import paths begin: the packages of its sources say so.
//!
//! The directories of a source follow its package, as `buf lint` wants it (`PACKAGE_DIRECTORY_MATCH`). Where all sources
//! of a directory follow theirs from another directory on, that one was meant.

use std::path::{Component, Path, PathBuf};

use super::local_module::LocalModule;
use crate::model::FilePath;

/// A directory whose sources have packages that fit another directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongRoot {
    /// A source.
    pub file: FilePath,
    /// Its package.
    pub package: String,
    /// The directory that fits, absolute.
    pub root: PathBuf,
}

/// The wrong root of a module, if the packages of all its sources fit one other directory.
pub(super) fn of_module(module: &LocalModule) -> Option<WrongRoot> {
    let mut found: Option<WrongRoot> = None;
    for file in module.snapshot.files().iter().filter(|file| file.path.is_proto()) {
        let Some(package) = std::str::from_utf8(&file.content).ok().and_then(package) else { continue };
        let root = root_of(&module.directory, file.path.as_str(), &package)?;
        match &found {
            Some(other) if other.root != root => return None,
            Some(_) => {}
            None => found = Some(WrongRoot { file: file.path.clone(), package, root }),
        }
    }
    found
}

/// The directory other than `directory` from which `path` follows `package`.
fn root_of(directory: &Path, path: &str, package: &str) -> Option<PathBuf> {
    let package: PathBuf = package.split('.').collect();
    let whole = directory.join(path);
    let mut above = whole.parent()?.components();
    let names = package.components().filter(|part| matches!(part, Component::Normal(_)));
    for name in names.rev() {
        if above.next_back() != Some(name) {
            return None;
        }
    }
    let root = above.as_path();
    (root != directory).then(|| root.to_owned())
}

/// The package of a source, if a statement before the first block names it.
fn package(source: &str) -> Option<String> {
    let mut rest = source;
    loop {
        rest = without_blanks(rest);
        if let Some(name) = rest.strip_prefix("package").filter(|name| name.starts_with([' ', '\t', '\n', '\r', '/'])) {
            let name = without_blanks(name).split(';').next()?.trim();
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            return (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned());
        }
        rest = after_statement(rest)?;
    }
}

/// `text` without the white space and comments at its beginning.
fn without_blanks(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let after = match (rest.strip_prefix("//"), rest.strip_prefix("/*")) {
            (Some(line), _) => line.split_once('\n').map_or("", |(_, after)| after),
            (_, Some(block)) => block.split_once("*/").map_or("", |(_, after)| after),
            (None, None) => return rest,
        };
        rest = after.trim_start();
    }
}

/// What follows the statement at the beginning of `text`; none if it has a block.
fn after_statement(text: &str) -> Option<&str> {
    let mut quote = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (quote, letter) {
            (Some(_), '\\') => _ = letters.next(),
            (Some(open), letter) => quote = (letter != open).then_some(open),
            (None, '"' | '\'') => quote = Some(letter),
            (None, '{') => return None,
            (None, ';') => return text.get(at + 1..),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_read_past_comments_and_options() {
        let of = |source: &str| package(source).unwrap_or_default();
        assert_eq!(of("syntax = \"proto3\";\n// package x;\n/* package y; */ package acme.pets.v1;"), "acme.pets.v1");
        assert_eq!(of("option a = \"; package x;\"; package\n  b ;"), "b");
        assert_eq!(of("import 'a\\';package x;'; package c;"), "c");
        for none in ["", "package", "package;", "packages x;", "message A {}\npackage x;", "/* package x;", "option \""]
        {
            assert_eq!(of(none), "", "{none}");
        }
    }

    #[test]
    fn a_source_fits_the_directory_above_its_package() {
        let root = |directory: &str, path: &str| root_of(Path::new(directory), path, "acme.pets.v1");
        assert_eq!(root("/p", "proto/acme/pets/v1/a.proto"), Some("/p/proto".into()));
        assert_eq!(root("/p/proto/acme/pets", "v1/a.proto"), Some("/p/proto".into()));
        assert_eq!(root("/p/proto", "acme/pets/v1/a.proto"), None, "it fits");
        assert_eq!(root("/p", "pets.proto"), None, "it fits nowhere");
        assert_eq!(root("/", "a.proto"), None);
    }
}
