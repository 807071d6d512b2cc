//! Names of owners and modules.
//!
//! Neither contains an underscore, so that a crate name can be split into them again (`sdk::CrateName`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names that an owner may not have, because a page or an endpoint of the server stands at that path.
const RESERVED_OWNERS: &[&str] = &[
    "admin", "api", "assets", "badge", "gen", "healthz", "help", "login", "logout", "metrics", "oauth2", "plugins",
    "readyz", "search", "settings",
];

/// Names that a module may not have: the list that the public documentation of the BSR reserves.
const RESERVED_MODULES: &[&str] = &[
    "curated-plugin",
    "curated-plugins",
    "member",
    "members",
    "module",
    "modules",
    "organisation",
    "organisations",
    "organization",
    "organizations",
    "plugin",
    "plugin-set",
    "plugin-sets",
    "plugins",
    "pluginset",
    "pluginsets",
    "pro-settings",
    "registries",
    "repositories",
    "repository",
    "setting",
    "settings",
    "team",
    "teams",
    "template",
    "templates",
    "user",
    "users",
];

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is shorter or longer than a name may be.
    #[error("{kind} name {name:?} has {length} characters; it must have {min} to {max}")]
    Length {
        /// The kind of the named thing.
        kind: &'static str,
        /// The text that was refused.
        name: String,
        /// Its length in characters.
        length: usize,
        /// Fewest characters allowed.
        min: usize,
        /// Most characters allowed.
        max: usize,
    },
    /// The text holds a character that a name may not hold.
    #[error(
        "{kind} name {name:?} is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen"
    )]
    Characters {
        /// The kind of the named thing.
        kind: &'static str,
        /// The text that was refused.
        name: String,
    },
    /// The name is reserved.
    #[error("{kind} name {name:?} is reserved; choose another")]
    Reserved {
        /// The kind of the named thing.
        kind: &'static str,
        /// The text that was refused.
        name: String,
    },
    /// A module was not given as `owner/name`.
    #[error("module {0:?} is not of the form owner/name")]
    NotAModule(String),
}

/// The rule that owners, modules and plugins share.
pub(in crate::model) fn check(kind: &'static str, name: &str, max: usize) -> Result<(), NameError> {
    let length = name.chars().count();
    if !(2..=max).contains(&length) {
        return Err(NameError::Length { kind, name: name.into(), length, min: 2, max });
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let shape = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-');
    if !shape || !name.chars().all(allowed) {
        return Err(NameError::Characters { kind, name: name.into() });
    }
    Ok(())
}

macro_rules! text_name {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $max:literal, $reserved:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(name: &str) -> Result<Self, NameError> {
                check($kind, name, $max)?;
                if $reserved.contains(&name) {
                    return Err(NameError::Reserved { kind: $kind, name: name.into() });
                }
                Ok(Self(name.into()))
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(name: String) -> Result<Self, NameError> {
                name.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_name!(
    /// A user or an organization: 2 to 32 characters.
    OwnerName, "owner", 32, RESERVED_OWNERS
);
text_name!(
    /// A module's own name, the part after the slash: 2 to 100 characters.
    RepositoryName, "module", 100, RESERVED_MODULES
);

/// A module's full name, `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModuleName {
    owner: OwnerName,
    name: RepositoryName,
}

impl ModuleName {
    /// The module `name` of `owner`.
    #[must_use]
    pub fn new(owner: OwnerName, name: RepositoryName) -> Self {
        Self { owner, name }
    }

    /// The part before the slash.
    #[must_use]
    pub fn owner(&self) -> &OwnerName {
        &self.owner
    }

    /// The part after the slash.
    #[must_use]
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }
}

impl FromStr for ModuleName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (owner, name) = text.split_once('/').ok_or_else(|| NameError::NotAModule(text.into()))?;
        Ok(Self { owner: owner.parse()?, name: name.parse()? })
    }
}

impl TryFrom<String> for ModuleName {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        name.parse()
    }
}

impl From<ModuleName> for String {
    fn from(name: ModuleName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_an_owner_and_a_name() {
        let module: ModuleName = "acme/pet-apis2".parse().unwrap();
        assert_eq!(module.owner().as_str(), "acme");
        assert_eq!(module.name().as_str(), "pet-apis2");
        assert_eq!(module.to_string(), "acme/pet-apis2");
    }

    #[test]
    fn names_that_break_the_rules_are_refused() {
        for bad in [
            "acme",
            "a/pets",
            "acme/p",
            "Acme/pets",
            "acme/pet_apis",
            "acme/-pets",
            "acme/pets-",
            "acme/1pets",
            "ac.me/pets",
            "acme/x/y",
        ] {
            assert!(bad.parse::<ModuleName>().is_err(), "{bad} was accepted");
        }
        let long = format!("acme/{}", "a".repeat(101));
        assert!(matches!(long.parse::<ModuleName>(), Err(NameError::Length { length: 101, .. })));
        assert!(matches!("acme/modules".parse::<ModuleName>(), Err(NameError::Reserved { .. })));
        assert!(matches!("gen/pets".parse::<ModuleName>(), Err(NameError::Reserved { .. })));
    }
}
