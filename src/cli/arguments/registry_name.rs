//! The name of a registry in cargo's configuration.

use std::fmt;
use std::str::FromStr;

/// A name for `--registry` of cargo and `[registries.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct RegistryName(String);

/// Why a text is no name of a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a registry in cargo: write letters, digits, `-` and `_`, and not `crates-io`")]
pub(in crate::cli) struct RegistryNameError(String);

impl Default for RegistryName {
    fn default() -> Self {
        Self("buf".into())
    }
}

impl FromStr for RegistryName {
    type Err = RegistryNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if is_plain && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text != "crates-io" {
            Ok(Self(text.into()))
        } else {
            Err(RegistryNameError(text.into()))
        }
    }
}

impl RegistryName {
    pub(in crate::cli) fn as_str(&self) -> &str {
        &self.0
    }

    /// The environment variable for a key of the registry
    /// (<https://doc.rust-lang.org/cargo/reference/config.html#environment-variables>).
    pub(in crate::cli) fn variable(&self, key: &str) -> String {
        format!("CARGO_REGISTRIES_{}_{key}", self.0.to_ascii_uppercase().replace('-', "_"))
    }
}

impl fmt::Display for RegistryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_cargo_takes() {
        let name: RegistryName = "acme-sdks".parse().unwrap();
        assert_eq!(name.variable("INDEX"), "CARGO_REGISTRIES_ACME_SDKS_INDEX");
        for bad in ["", "a b", "1st", "crates-io", "a.b", "é"] {
            assert!(bad.parse::<RegistryName>().is_err(), "{bad}");
        }
    }
}
