//! The categories of breaking rules: those of `buf`, and Rust.

use std::fmt;
use std::str::FromStr;

/// A category of rules, as in the `breaking` section of `buf.yaml`, and that of Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakingCategory {
    /// Generated code of every language goes on, file by file.
    File,
    /// Generated code goes on as long as declarations stay in their package.
    Package,
    /// Old and new exchange binary messages and JSON.
    WireJson,
    /// Old and new exchange binary messages.
    Wire,
    /// What the Confluent Schema Registry asks for.
    Csr,
    /// Rust code that uses the old crate goes on: the verdict of the compare page, not a category of `buf`.
    Rust,
}

/// A text that names no category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("breaking category {0:?} is not known; use one of file, package, wire_json, wire, csr, rust")]
pub struct BreakingCategoryError(String);

impl BreakingCategory {
    /// All categories: those of `buf` from the strictest to the least strict, that of the Confluent Schema Registry, Rust.
    pub const ALL: [Self; 6] = [Self::File, Self::Package, Self::WireJson, Self::Wire, Self::Csr, Self::Rust];

    /// Its name in `buf.yaml`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::File => "FILE",
            Self::Package => "PACKAGE",
            Self::WireJson => "WIRE_JSON",
            Self::Wire => "WIRE",
            Self::Csr => "CSR",
            Self::Rust => "RUST",
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Package => "package",
            Self::WireJson => "wire_json",
            Self::Wire => "wire",
            Self::Csr => "csr",
            Self::Rust => "rust",
        }
    }
}

impl FromStr for BreakingCategory {
    type Err = BreakingCategoryError;

    fn from_str(text: &str) -> Result<Self, BreakingCategoryError> {
        let folded = text.to_ascii_lowercase().replace('-', "_");
        let found = Self::ALL.into_iter().find(|category| category.name() == folded);
        found.ok_or_else(|| BreakingCategoryError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for BreakingCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_read_in_both_spellings() {
        for category in BreakingCategory::ALL {
            assert_eq!(category.id().parse(), Ok(category));
            assert_eq!(category.name().parse(), Ok(category));
        }
        assert_eq!("wire-json".parse(), Ok(BreakingCategory::WireJson));
        assert!("wir".parse::<BreakingCategory>().unwrap_err().to_string().contains("wire_json"));
    }
}
