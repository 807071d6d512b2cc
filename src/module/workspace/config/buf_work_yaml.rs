//! `buf.work.yaml`: a v1 workspace, a list of module directories.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use super::directory::Directory;
use super::error::{ConfigError, ConfigProblem};
use super::selection;
use super::yaml::Document;

const SUPPORTED: &str = "v1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    directories: Option<Vec<Spanned<String>>>,
}

/// Reads and checks a `buf.work.yaml`; the directories come sorted, none is `.` and none lies in another.
pub(in crate::module::workspace) fn parse(document: &Document) -> Result<Vec<Directory>, ConfigError> {
    let whole = document.line(0);
    let version = document.version()?.ok_or(ConfigProblem::MissingVersion { supported: SUPPORTED }.at(&whole))?;
    if version.value != SUPPORTED {
        let problem = ConfigProblem::UnsupportedVersion { version: version.value.clone(), supported: SUPPORTED };
        return Err(problem.at(&document.place(&version)));
    }
    let shape: Shape = document.parse()?;
    let listed = selection::list("directory", document, &shape.directories.unwrap_or_default())?;
    if listed.is_empty() {
        return Err(ConfigProblem::Empty("directories").at(&whole));
    }
    if let Some((_, place)) = listed.iter().find(|(directory, _)| *directory == Directory::default()) {
        return Err(ConfigProblem::WholeWorkspace.at(place));
    }
    let mut directories: Vec<_> = listed.into_iter().map(|(directory, _)| directory).collect();
    directories.sort();
    Ok(directories)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(text: &str) -> Result<Vec<Directory>, ConfigError> {
        parse(&Document::new("buf.work.yaml".into(), text.into()))
    }

    #[test]
    fn directories_are_listed_once_and_below_the_workspace() {
        let sorted = work("version: v1\ndirectories: [b, ./a/]\n").unwrap();
        assert_eq!(sorted.iter().map(Directory::to_string).collect::<Vec<_>>(), ["a", "b"]);
        let error = |text: &str| work(text).unwrap_err().to_string();
        insta::assert_snapshot!(error("version: v2\ndirectories: [a]\n"), @r#"buf.work.yaml:1: version "v2" is not supported; use one of v1"#);
        insta::assert_snapshot!(error("version: v1\ndirectories:\n"), @"buf.work.yaml: `directories` is empty; list at least one directory");
        insta::assert_snapshot!(error("version: v1\ndirectories: [.]\n"), @"buf.work.yaml:2: directory `.` cannot be listed in buf.work.yaml; list the directories below it");
        insta::assert_snapshot!(error("version: v1\ndirectories:\n- a/b\n- a\n"), @"buf.work.yaml:4: directory a/b lies inside directory a; keep one of them");
        insta::assert_snapshot!(error("version: v1\ndirectories:\n- ../a\n"), @r#"buf.work.yaml:3: directory "../a" must be relative, with `/` between its parts, and stay inside the directory of this file"#);
    }
}
