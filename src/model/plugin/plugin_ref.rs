//! Plugins: code generators by name, version and revision.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::NameError;
use crate::model::module::name::check;

/// Why a text does not name a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// Not `owner/name`.
    #[error("plugin {0:?} is not of the form owner/name or owner/name:version")]
    Form(String),
    /// One of the two parts is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Not a version such as `v0.5.0`.
    #[error("plugin version {0:?} is not of the form v1.2.3")]
    Version(String),
}

/// A plugin's name, `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PluginName {
    owner: String,
    name: String,
}

impl PluginName {
    /// The part before the slash.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The part after the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for PluginName {
    type Err = PluginError;

    fn from_str(text: &str) -> Result<Self, PluginError> {
        let (owner, name) = text.split_once('/').ok_or_else(|| PluginError::Form(text.into()))?;
        check("plugin owner", owner, 32)?;
        check("plugin", name, 100)?;
        Ok(Self { owner: owner.into(), name: name.into() })
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// A plugin's version: three numbers, written `v0.5.0` in references and `0.5.0` in crate versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PluginVersion {
    major: u64,
    minor: u64,
    patch: u64,
}

impl PluginVersion {
    /// The version without the `v`, as it starts a crate's version.
    #[must_use]
    pub fn bare(&self) -> String {
        format!("{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for PluginVersion {
    type Err = PluginError;

    /// Reads `v0.5.0` and `0.5.0`.
    fn from_str(text: &str) -> Result<Self, PluginError> {
        let bare = text.strip_prefix('v').unwrap_or(text);
        match semver::Version::parse(bare) {
            Ok(v) if v.pre.is_empty() && v.build.is_empty() => {
                Ok(Self { major: v.major, minor: v.minor, patch: v.patch })
            }
            _ => Err(PluginError::Version(text.into())),
        }
    }
}

impl fmt::Display for PluginVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.bare())
    }
}

macro_rules! through_text {
    ($($type:ty),*) => {$(
        impl TryFrom<String> for $type {
            type Error = PluginError;

            fn try_from(text: String) -> Result<Self, PluginError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    )*};
}

through_text!(PluginName, PluginVersion, PluginRef);

/// How often the packaging of one plugin version was improved: 1, 2, 3 …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision(pub u32);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A plugin as a user writes it: `owner/name`, or `owner/name:v1.2.3`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PluginRef {
    /// Which plugin.
    pub name: PluginName,
    /// Which version; the newest if absent.
    pub version: Option<PluginVersion>,
}

impl FromStr for PluginRef {
    type Err = PluginError;

    fn from_str(text: &str) -> Result<Self, PluginError> {
        let (name, version) = match text.split_once(':') {
            Some((name, version)) => (name, Some(version.parse()?)),
            None => (text, None),
        };
        Ok(Self { name: name.parse()?, version })
    }
}

impl fmt::Display for PluginRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        self.version.map_or(Ok(()), |version| write!(f, ":{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_written_as_on_the_bsr() {
        let plugin: PluginRef = "community/neoeinstein-prost:v0.5.0".parse().unwrap();
        assert_eq!(plugin.to_string(), "community/neoeinstein-prost:v0.5.0");
        assert_eq!(plugin.version.unwrap().bare(), "0.5.0");
        assert_eq!("community/neoeinstein-prost".parse::<PluginRef>().unwrap().version, None);
        for bad in ["prost", "community/", "a/b:0.5", "community/prost:v1.0.0-rc1", "Community/prost"] {
            assert!(bad.parse::<PluginRef>().is_err(), "{bad} was accepted");
        }
    }
}
