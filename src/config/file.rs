//! The TOML file of `--config`: one key per setting, by the setting's name, and a table per plugin and per mirror.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, Value};

use super::ConfigError;
use super::line_number::line_of;
use super::mirrors::{self, ConfiguredMirror};
use super::plugins::{self, ConfiguredPlugin};
use super::settings_table::{ALL, Kind, Setting};

/// One value of the file, as text, and its line.
pub(super) struct FileValue {
    pub(super) texts: Vec<String>,
    pub(super) line: usize,
}

/// A file that was read: the values by the name of their setting.
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) values: BTreeMap<&'static str, FileValue>,
    pub(super) plugins: Vec<ConfiguredPlugin>,
    pub(super) mirrors: Vec<ConfiguredMirror>,
}

impl ConfigFile {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let line = |span: Option<Range<usize>>| line_of(text, span);
        let document = Document::parse(text).map_err(|error| ConfigError::Syntax {
            path: path.into(),
            line: line(error.span()),
            message: error.message().into(),
        })?;
        let mut values = BTreeMap::new();
        let plugins = plugins::read(path, text, &document)?;
        let mirrors = mirrors::read(path, text, &document)?;
        for (key, item) in document.iter().filter(|(key, _)| ![plugins::KEY, mirrors::KEY].contains(key)) {
            let line = line(document.key(key).and_then(toml_edit::Key::span));
            let setting = ALL.iter().find(|setting| setting.name == key).ok_or_else(|| ConfigError::UnknownKey {
                path: path.into(),
                line,
                key: key.into(),
                hint: hint(key),
            })?;
            let texts = texts(setting.kind, item).ok_or(ConfigError::WrongType {
                path: path.into(),
                line,
                key: setting.name,
                expected: expected(setting),
            })?;
            values.insert(setting.name, FileValue { texts, line });
        }
        Ok(Self { path: path.into(), values, plugins, mirrors })
    }
}

fn hint(key: &str) -> String {
    let near = ALL.iter().map(|setting| (strsim::jaro_winkler(key, setting.name), setting.name));
    match near.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((similarity, name)) if similarity > 0.8 => format!("did you mean {name:?}?"),
        _ => "`registry config` lists all keys".into(),
    }
}

fn texts(kind: Kind, item: &Item) -> Option<Vec<String>> {
    let value = item.as_value()?;
    match kind {
        Kind::Text | Kind::Secret => Some(vec![value.as_str()?.into()]),
        Kind::Number => Some(vec![number(value)?]),
        Kind::Switch => Some(vec![value.as_bool()?.to_string()]),
        Kind::List => value.as_array()?.iter().map(|entry| entry.as_str().map(Into::into)).collect(),
    }
}

fn number(value: &Value) -> Option<String> {
    match value {
        Value::Integer(number) => Some(number.value().to_string()),
        Value::String(size) => Some(size.value().clone()),
        _ => None,
    }
}

fn expected(setting: &Setting) -> &'static str {
    match setting.kind {
        Kind::Text | Kind::Secret => "a string",
        Kind::Number if setting.value == "SIZE" => "a number of bytes, or a string such as \"64MiB\"",
        Kind::Number => "a number",
        Kind::Switch => "true or false",
        Kind::List => "an array of strings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        ConfigFile::parse(Path::new("registry.toml"), text).err().unwrap().to_string()
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
        assert_eq!(
            refusal("# ours\nlisten = \"127.0.0.1:1\"\nmax_file = 3\n"),
            "registry.toml:3: unknown key \"max_file\"; did you mean \"max-files\"?"
        );
        assert_eq!(refusal("zzz = 1"), "registry.toml:1: unknown key \"zzz\"; `registry config` lists all keys");
        assert!(refusal("[listen]\nport = 1").contains("listen must be a string"));
    }

    #[test]
    fn wrong_shapes_and_broken_toml_name_their_line() {
        assert_eq!(refusal("\nworkers = true"), "registry.toml:2: workers must be a number");
        assert_eq!(refusal("eager-plugins = \"a/b\""), "registry.toml:1: eager-plugins must be an array of strings");
        assert!(refusal("listen = \"x\"\nlisten = ").starts_with("registry.toml:2: not valid TOML"));
    }

    #[test]
    fn values_are_read_with_their_line() {
        let file = ConfigFile::parse(
            Path::new("f"),
            "max-files = 7\nanonymous-reads = true\n\neager-plugins = [\"a/b\", \"c/d\"]\nmax-file-bytes = \"1KiB\"",
        );
        let values = file.ok().unwrap().values;
        assert_eq!(values["max-files"].texts, ["7"]);
        assert_eq!(values["eager-plugins"].texts, ["a/b", "c/d"]);
        assert_eq!(values["eager-plugins"].line, 4);
        assert_eq!(values["max-file-bytes"].texts, ["1KiB"]);
    }
}
