//! Which `.proto` files of a module's directory belong to the module: roots, includes and excludes.

use std::path::{Path, PathBuf};

use serde_saphyr::Spanned;

use super::directory::Directory;
use super::error::{ConfigError, ConfigProblem, Place};
use super::yaml::Document;

const FROM_WORKSPACE: &str = "paths are counted from the directory of buf.yaml";
const FROM_MODULE: &str = "paths are counted from the directory of buf.yaml, not from a root";

/// A directory below which imports are resolved, and the part of it that belongs to the module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::module::workspace) struct Root {
    /// The root, relative to the module's directory.
    pub(in crate::module::workspace) directory: Directory,
    /// Directories below the root; all of it belongs if there are none.
    includes: Vec<PathBuf>,
    /// Directories below the root that do not belong.
    excludes: Vec<PathBuf>,
}

impl Root {
    /// Whether a file in `directory`, relative to the root, belongs to the module.
    pub(in crate::module::workspace) fn keeps(&self, directory: &Path) -> bool {
        let included = self.includes.is_empty() || self.includes.iter().any(|include| directory.starts_with(include));
        included && !self.excludes.iter().any(|exclude| directory.starts_with(exclude))
    }

    /// Whether `directory`, relative to the root, can hold files that belong.
    pub(in crate::module::workspace) fn enters(&self, directory: &Path) -> bool {
        let towards = self.includes.iter().any(|include| include.starts_with(directory));
        let excluded = self.excludes.iter().any(|exclude| directory.starts_with(exclude));
        !excluded && (towards || self.keeps(directory))
    }
}

/// A list of directories: normalised, none twice, none inside another.
pub(in crate::module::workspace) fn list(
    kind: &'static str,
    document: &Document,
    texts: &[Spanned<String>],
) -> Result<Vec<(Directory, Place)>, ConfigError> {
    let mut listed: Vec<(Directory, Place)> = Vec::new();
    for text in texts {
        let place = document.place(text);
        let directory = Directory::parse(&text.value).map_err(|problem| problem.at(&place))?;
        let clash = listed.iter().find_map(|(other, _)| overlap(kind, other, &directory));
        if let Some(problem) = clash {
            return Err(problem.at(&place));
        }
        listed.push((directory, place));
    }
    Ok(listed)
}

fn overlap(kind: &'static str, one: &Directory, other: &Directory) -> Option<ConfigProblem> {
    if one == other {
        return Some(ConfigProblem::DuplicateDirectory { kind, directory: one.to_string() });
    }
    let (inner, outer) = match (one.holds(other), other.holds(one)) {
        (true, _) => (other, one),
        (_, true) => (one, other),
        _ => return None,
    };
    Some(ConfigProblem::NestedDirectory { kind, inner: inner.to_string(), outer: outer.to_string() })
}

/// The selection of a v2 module: one root, with includes and excludes counted from the workspace.
pub(in crate::module::workspace) fn of_v2(
    document: &Document,
    module: &Directory,
    includes: &[Spanned<String>],
    excludes: &[Spanned<String>],
) -> Result<Root, ConfigError> {
    let includes = list("include", document, includes)?;
    let excludes = list("exclude", document, excludes)?;
    for (directory, place) in &includes {
        inside("include", module, directory).map_err(|problem| problem.at(place))?;
        if let Some((exclude, _)) = excludes.iter().find(|(exclude, _)| exclude.holds(directory)) {
            let (include, exclude) = (directory.to_string(), exclude.to_string());
            return Err(ConfigProblem::IncludeExcluded { include, exclude }.at(place));
        }
    }
    for (directory, place) in &excludes {
        inside("exclude", module, directory).map_err(|problem| problem.at(place))?;
        if !includes.is_empty() && !includes.iter().any(|(include, _)| include.holds(directory)) {
            let base = "any include".to_owned();
            let path = directory.to_string();
            return Err(ConfigProblem::Elsewhere { kind: "exclude", path, base, hint: "leave it out" }.at(place));
        }
    }
    Ok(Root {
        directory: Directory::default(),
        includes: relative(module, &includes),
        excludes: relative(module, &excludes),
    })
}

fn inside(kind: &'static str, module: &Directory, directory: &Directory) -> Result<(), ConfigProblem> {
    let path = directory.to_string();
    if path.ends_with(".proto") {
        return Err(ConfigProblem::File { kind, path });
    }
    if directory == module {
        return Err(ConfigProblem::Everything { kind, path });
    }
    if !module.holds(directory) {
        let base = format!("the module's path {module}");
        return Err(ConfigProblem::Elsewhere { kind, path, base, hint: FROM_WORKSPACE });
    }
    Ok(())
}

fn relative(base: &Directory, listed: &[(Directory, Place)]) -> Vec<PathBuf> {
    let below = listed.iter().filter_map(|(directory, _)| base.relative(directory));
    below.map(|directory| directory.on(Path::new(""))).collect()
}

/// The selection of a v1 or v1beta1 module: roots (the module's directory if none), excludes counted from the module.
pub(in crate::module::workspace) fn of_v1(
    document: &Document,
    roots: &[Spanned<String>],
    excludes: &[Spanned<String>],
) -> Result<Vec<Root>, ConfigError> {
    let mut directories: Vec<_> = list("root", document, roots)?.into_iter().map(|(root, _)| root).collect();
    if directories.is_empty() {
        directories.push(Directory::default());
    }
    let excludes = list("exclude", document, excludes)?;
    for (directory, place) in &excludes {
        in_a_root(&directories, directory).map_err(|problem| problem.at(place))?;
    }
    let root =
        |directory: Directory| Root { excludes: relative(&directory, &excludes), includes: Vec::new(), directory };
    Ok(directories.into_iter().map(root).collect())
}

fn in_a_root(roots: &[Directory], exclude: &Directory) -> Result<(), ConfigProblem> {
    let (kind, path) = ("exclude", exclude.to_string());
    if path.ends_with(".proto") {
        return Err(ConfigProblem::File { kind, path });
    }
    if roots.contains(exclude) {
        return Err(ConfigProblem::Everything { kind, path });
    }
    if !roots.iter().any(|root| root.holds(exclude)) {
        return Err(ConfigProblem::Elsewhere { kind, path, base: "any root".into(), hint: FROM_MODULE });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_that_can_hold_files_of_the_module_are_entered() {
        let root =
            Root { directory: Directory::default(), includes: vec!["a/b".into()], excludes: vec!["a/b/c".into()] };
        let (enters, keeps) = (|path| root.enters(Path::new(path)), |path| root.keeps(Path::new(path)));
        assert!(enters("") && enters("a") && enters("a/b") && enters("a/b/d"));
        assert!(!enters("a/b/c") && !enters("a/b/c/e") && !enters("x") && !enters("a/bc"));
        assert!(keeps("a/b") && keeps("a/b/d") && !keeps("a") && !keeps("a/b/c/e") && !keeps(""));
    }
}
