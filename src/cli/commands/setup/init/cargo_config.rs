//! The registry in cargo's configuration (<https://doc.rust-lang.org/cargo/reference/config.html>).

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use crate::cli::arguments::registry_name::RegistryName;
use crate::config::client::cargo_index;

/// What cargo starts for a token.
const PROVIDER: &str = "registry";

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum MergeError {
    /// It is not TOML.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// A key holds no table.
    #[error("`{0}` is not a table")]
    NoTable(String),
    /// The name is that of another registry.
    #[error("registry {name} is {index} there; choose another name with --name, or remove that line")]
    NameConflict {
        /// The name.
        name: String,
        /// The index in the file.
        index: String,
    },
}

/// The new text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merged {
    pub text: String,
    /// A credential provider that was there, and is another one.
    pub kept_provider: Option<String>,
}

/// The file that cargo reads for this directory: the one that is there, as cargo prefers the old name.
pub(super) fn file_of(dir: &Path) -> PathBuf {
    let old = dir.join(".cargo/config");
    if old.is_file() { old } else { dir.join(".cargo/config.toml") }
}

/// `text` with the registry in it; everything else stays.
pub(super) fn merged(text: &str, name: &RegistryName, url: &str) -> Result<Merged, MergeError> {
    let syntax = |error: toml_edit::TomlError| MergeError::Syntax(error.message().into());
    let mut file: DocumentMut = text.parse().map_err(syntax)?;
    let mut registries = Table::new();
    registries.set_implicit(true);
    let registries = file.entry("registries").or_insert(Item::Table(registries));
    let registries = registries.as_table_like_mut().ok_or_else(|| MergeError::NoTable("registries".into()))?;
    let is_new = !registries.contains_key(name.as_str());
    let registry = registries.entry(name.as_str()).or_insert(Item::Table(Table::new()));
    if let Some(table) = registry.as_table_mut().filter(|_| is_new) {
        table.decor_mut().set_prefix(if text.is_empty() { comment(name) } else { format!("\n{}", comment(name)) });
    }
    let no_table = || MergeError::NoTable(format!("registries.{name}"));
    let registry = registry.as_table_like_mut().ok_or_else(no_table)?;
    let index = cargo_index(url);
    match registry.get("index").map(|item| item.as_str().unwrap_or_default().to_owned()) {
        Some(other) if other != index => return Err(MergeError::NameConflict { name: name.to_string(), index: other }),
        Some(_) => {}
        None => _ = registry.insert("index", value(index)),
    }
    let kept_provider = registry.get("credential-provider").map(|item| item.to_string().trim().to_owned());
    if kept_provider.is_none() {
        registry.insert("credential-provider", value(PROVIDER));
    }
    let is_ours = |provider: &String| provider.contains(PROVIDER);
    Ok(Merged { text: file.to_string(), kept_provider: kept_provider.filter(|provider| !is_ours(provider)) })
}

fn comment(name: &RegistryName) -> String {
    format!(
        "# Crates of Protobuf modules: `cargo add --registry {name} CRATE`, after one `registry login`.\n\
         # With cargo 1.100 and a global-min-publish-age, add `min-publish-age = \"0\"` for new versions at once.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://registry.example.com";

    fn name(text: &str) -> RegistryName {
        text.parse().unwrap()
    }

    #[test]
    fn a_new_file_holds_the_registry_alone() {
        let merged = merged("", &name("buf"), URL).unwrap();
        assert_eq!(
            merged.text,
            "# Crates of Protobuf modules: `cargo add --registry buf CRATE`, after one `registry login`.\n\
             # With cargo 1.100 and a global-min-publish-age, add `min-publish-age = \"0\"` for new versions at once.\n\
             [registries.buf]\n\
             index = \"sparse+https://registry.example.com/gen/cargo/\"\n\
             credential-provider = \"registry\"\n"
        );
    }

    #[test]
    fn what_stands_there_stays_and_a_second_time_changes_nothing() {
        let before = "# ours\n[build]\njobs = 2 # two\n\n[registries.other]\nindex = \"sparse+https://o/\"\n";
        let once = merged(before, &name("acme"), URL).unwrap().text;
        assert!(once.starts_with(before) && once.contains("\n[registries.acme]\n"), "{once}");
        assert_eq!(merged(&once, &name("acme"), URL).unwrap().text, once);
        let with_key = "[registries]\nbuf = { index = \"sparse+https://registry.example.com/gen/cargo/\" }\n";
        let text = merged(with_key, &name("buf"), URL).unwrap().text;
        assert!(text.contains("credential-provider = \"registry\" }"), "{text}");
    }

    #[test]
    fn another_provider_stays_and_is_told() {
        let before = "[registries.buf]\ncredential-provider = \"cargo:token\"\n";
        let merged = merged(before, &name("buf"), URL).unwrap();
        assert_eq!(merged.kept_provider.as_deref(), Some("\"cargo:token\""));
        assert!(merged.text.contains("index = \"sparse+https://registry.example.com/gen/cargo/\""), "{}", merged.text);
    }

    #[test]
    fn what_is_another_registry_or_no_configuration_is_left_alone() {
        let taken = merged("[registries.buf]\nindex = \"sparse+https://o/\"\n", &name("buf"), URL).unwrap_err();
        assert_eq!(
            taken.to_string(),
            "registry buf is sparse+https://o/ there; choose another name with --name, or remove that line"
        );
        assert!(matches!(merged("[registries", &name("buf"), URL), Err(MergeError::Syntax(_))));
        assert!(matches!(merged("registries = 1", &name("buf"), URL), Err(MergeError::NoTable(_))));
    }
}
