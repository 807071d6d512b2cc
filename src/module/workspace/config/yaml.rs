//! YAML text into checked shapes, with errors that name file, line and the nearest known key.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::{Error, MessageFormatter, Spanned, UserMessageFormatter};

use super::error::{ConfigError, ConfigProblem, Place};

/// Two keys at least this similar (Jaro-Winkler) count as a misspelling.
const SIMILAR: f64 = 0.8;

/// Most characters that are shown of a line that is not as it should be.
const SHOWN: usize = 80;

/// A configuration file in memory.
pub(in crate::module::workspace) struct Document {
    path: PathBuf,
    text: String,
}

#[derive(Deserialize)]
struct Versioned {
    version: Option<Spanned<String>>,
}

impl Document {
    /// The file at `path`, which holds `text`.
    pub(in crate::module::workspace) fn new(path: PathBuf, text: String) -> Self {
        Self { path, text }
    }

    /// Where the file is.
    pub(in crate::module::workspace) fn path(&self) -> &Path {
        &self.path
    }

    /// The place of a value.
    pub(in crate::module::workspace) fn place<T>(&self, value: &Spanned<T>) -> Place {
        self.line(value.referenced.line())
    }

    /// A line of this file; 0 means all of it.
    pub(in crate::module::workspace) fn line(&self, line: u64) -> Place {
        Place { file: self.path.clone(), line }
    }

    /// The `version`, which every file has at its top; none if it is missing or empty.
    pub(in crate::module::workspace) fn version(&self) -> Result<Option<Spanned<String>>, ConfigError> {
        if self.is_empty() {
            return Ok(None);
        }
        let versioned: Versioned = self.parse()?;
        Ok(versioned.version.filter(|version| !version.value.is_empty()))
    }

    /// Whether there are only comments; YAML calls that no document, an error for `parse`.
    pub(in crate::module::workspace) fn is_empty(&self) -> bool {
        let empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        self.text.lines().all(empty)
    }

    /// The whole file as `T`.
    pub(in crate::module::workspace) fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        let options = serde_saphyr::options! { with_snippet: false };
        serde_saphyr::from_str_with_options(&self.text, options).map_err(|error| self.error(&error))
    }

    fn error(&self, error: &Error) -> ConfigError {
        let error = error.without_snippet();
        let line = error.location().map_or(0, |location| location.line());
        let problem = match error {
            Error::SerdeUnknownField { field, expected, .. } => {
                ConfigProblem::UnknownKey { key: field.clone(), hint: hint(field, expected) }
            }
            Error::Unexpected { expected, .. } => ConfigProblem::Syntax(self.expected(plain(expected), line)),
            Error::DuplicateMappingKey { key: Some(key), .. } => {
                ConfigProblem::Syntax(format!("key {key:?} stands twice"))
            }
            other => ConfigProblem::Syntax(UserMessageFormatter.format_message(other).into_owned()),
        };
        problem.at(&self.line(line))
    }

    /// A message with the expected and the actual content of a line.
    fn expected(&self, what: &str, line: u64) -> String {
        let index = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
        let text = index.and_then(|index| self.text.lines().nth(index)).unwrap_or_default().trim();
        let shown: String = text.chars().take(SHOWN).collect();
        format!("expected {what} in `{shown}`")
    }
}

/// The parser's word for a kind of value, translated for authors of configuration files.
fn plain(expected: &'static str) -> &'static str {
    match expected {
        "string scalar" => "a text",
        "sequence start" => "a list",
        "mapping start" => "keys with values",
        other => other,
    }
}

fn hint(key: &str, known: &[&'static str]) -> String {
    let similarity = |known: &str| strsim::jaro_winkler(key, known);
    let nearest = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match nearest {
        Some(nearest) if similarity(nearest) >= SIMILAR => format!("did you mean {nearest:?}?"),
        _ => format!("known keys are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the errors matter")]
    struct Shape {
        version: Option<String>,
        modules: Option<Vec<String>>,
    }

    fn error(text: &str) -> String {
        Document::new("buf.yaml".into(), text.into()).parse::<Shape>().unwrap_err().to_string()
    }

    #[test]
    fn errors_name_line_and_nearest_key() {
        insta::assert_snapshot!(error("version: v2\nmodlues: []\n"), @r#"buf.yaml:2: key "modlues" is not known here; did you mean "modules"?"#);
        insta::assert_snapshot!(error("version: v2\nx: 1\n"), @r#"buf.yaml:2: key "x" is not known here; known keys are version, modules"#);
        insta::assert_snapshot!(error("version: v2\nmodules: here\n"), @"buf.yaml:2: expected a list in `modules: here`");
        insta::assert_snapshot!(error("version: [v2]\n"), @"buf.yaml:1: expected a text in `version: [v2]`");
        insta::assert_snapshot!(error("version: v2\nversion: v2\n"), @r#"buf.yaml:2: key "version" stands twice"#);
        insta::assert_snapshot!(error("version: 'v2\n"), @"buf.yaml:1: unclosed quote");
    }

    #[test]
    fn deep_nesting_and_alias_bombs_are_errors() {
        error(&format!("modules: {}{}", "[".repeat(100_000), "]".repeat(100_000)));
        let mut bomb = "a: &a0 [x]\n".to_owned();
        for i in 0..40 {
            bomb.push_str(&format!("b{i}: &a{} [*a{i}, *a{i}, *a{i}, *a{i}, *a{i}]\n", i + 1));
        }
        assert!(Document::new("buf.yaml".into(), bomb).version().is_err());
    }
}
