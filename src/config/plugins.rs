//! The `[[plugin]]` tables of the file: plugins that are programs of their own.

use std::path::Path;

use toml_edit::{Document, TableLike};

use super::ConfigError;
use super::line_number::line_of;
use crate::model::{EXTERNAL_KEYS, ExternalPlugin, nearest};

/// The key of the tables.
pub(super) const KEY: &str = "plugin";

/// A plugin of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredPlugin {
    /// The plugin.
    pub plugin: ExternalPlugin,
    /// Where it stands, as `file:line`.
    pub place: String,
}

/// The tables of `document`, which was parsed from `text`.
pub(super) fn read(path: &Path, text: &str, document: &Document<&str>) -> Result<Vec<ConfiguredPlugin>, ConfigError> {
    let Some((key, item)) = document.as_table().get_key_value(KEY) else { return Ok(Vec::new()) };
    let line = |span| line_of(text, span);
    let Some(tables) = item.as_array_of_tables() else {
        let problem = "write one table [[plugin]] per plugin".to_owned();
        return Err(ConfigError::Plugin { path: path.into(), line: line(key.span()), problem });
    };
    let lines: Vec<_> = tables.iter().map(|table| line(table.span())).collect();
    for table in tables {
        check_keys(path, text, table)?;
    }
    let plugins = deserialize(path, text)?;
    let place = |line| format!("{}:{line}", path.display());
    Ok(plugins.into_iter().zip(lines).map(|(plugin, line)| ConfiguredPlugin { plugin, place: place(line) }).collect())
}

fn check_keys(path: &Path, text: &str, table: &dyn TableLike) -> Result<(), ConfigError> {
    let Some((name, _)) = table.iter().find(|(name, _)| !EXTERNAL_KEYS.contains(name)) else { return Ok(()) };
    let line = line_of(text, table.key(name).and_then(toml_edit::Key::span));
    let hint = match nearest(name, EXTERNAL_KEYS.iter().copied()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("a [[plugin]] has {}", EXTERNAL_KEYS.join(", ")),
    };
    Err(ConfigError::UnknownKey { path: path.into(), line, key: name.into(), hint })
}

fn deserialize(path: &Path, text: &str) -> Result<Vec<ExternalPlugin>, ConfigError> {
    #[derive(serde::Deserialize)]
    struct Tables {
        plugin: Vec<ExternalPlugin>,
    }
    let tables: Tables = toml_edit::de::from_str(text).map_err(|error| ConfigError::Plugin {
        path: path.into(),
        line: line_of(text, error.span()),
        problem: error.message().to_owned(),
    })?;
    Ok(tables.plugin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str) -> Result<Vec<ConfiguredPlugin>, String> {
        let document = Document::parse(text).unwrap();
        read(Path::new("r.toml"), text, &document).map_err(|error| error.to_string())
    }

    const DTO: &str = "workers = 2\n\n[[plugin]]\nname = \"acme/dto\"\nversion = \"v1.0.0\"\ncommand = \"dto\"\n";

    #[test]
    fn every_table_is_a_plugin_with_its_place() {
        let two = tables(&format!("{DTO}{}", DTO.replace("workers = 2", "").replace("v1.0.0", "v1.1.0"))).unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!((two[1].plugin.version.to_string(), two[1].place.as_str()), ("v1.1.0".to_owned(), "r.toml:9"));
        assert!(tables("workers = 2\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let refused = |text: &str| tables(text).unwrap_err();
        assert_eq!(
            refused(&format!("{DTO}optoins = []\n")),
            "r.toml:7: unknown key \"optoins\"; did you mean \"options\"?"
        );
        assert_eq!(refused("plugin = 3\n"), "r.toml:1: [[plugin]]: write one table [[plugin]] per plugin");
        let error = refused(&DTO.replace("v1.0.0", "1"));
        assert_eq!(error, "r.toml:5: [[plugin]]: plugin version \"1\" is not of the form v1.2.3");
        assert!(refused(&DTO.replace("name", "revision")).starts_with("r.toml:"));
        assert!(refused(&DTO.replace("\"dto\"", "[]")).contains("the command is empty"));
    }
}
