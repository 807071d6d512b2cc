//! Identifiers: UUIDs written as 32 lower-case hex digits, the only form that `buf` accepts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is {wrong}", wrong = wrong(_0))]
pub struct IdError(String);

fn wrong(text: &str) -> &'static str {
    if text.len() == 32 && text.bytes().all(|digit| digit == b'0') {
        "the id of nothing: all of its digits are 0"
    } else {
        "not an id: 32 hexadecimal digits without dashes are expected"
    }
}

fn parse_hex(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u128::from_str_radix(text, 16).ok()?;
    (value != 0).then(|| value.to_be_bytes())
}

macro_rules! id {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type([u8; 16]);

        impl $type {
            /// The id with these bytes, most significant first.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes, most significant first.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_hex(text).map(Self).ok_or_else(|| IdError(text.into()))
            }
        }

        impl TryFrom<String> for $type {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", u128::from_be_bytes(self.0))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// A commit: immutable content of a module.
    CommitId
);
id!(
    /// A module.
    ModuleId
);
id!(
    /// A check plugin.
    CheckPluginId
);
id!(
    /// A user or an organization.
    OwnerId
);
id!(
    /// A label.
    LabelId
);
id!(
    /// A token, as it is listed and revoked; not the secret.
    TokenId
);
id!(
    /// A webhook.
    WebhookId
);
id!(
    /// A node: a process that serves the registry.
    NodeId
);

impl CommitId {
    /// The first twelve digits, as they stand in SDK versions.
    #[must_use]
    pub fn short(&self) -> ShortCommit {
        ShortCommit(self.to_string()[..12].to_owned())
    }
}

/// The first twelve hex digits of a commit id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShortCommit(String);

impl ShortCommit {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShortCommit {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if digits { Ok(Self(text.into())) } else { Err(IdError(text.into())) }
    }
}

impl fmt::Display for ShortCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_hex_digits() {
        let id: CommitId = "ce529d32d80c4d0bb2f5c9d1d7a5f001".parse().unwrap();
        assert_eq!(id.to_string(), "ce529d32d80c4d0bb2f5c9d1d7a5f001");
        assert_eq!(id.short().as_str(), "ce529d32d80c");
        for bad in [
            "",
            "ce529d32",
            "ce529d32-d80c-4d0b-b2f5-c9d1d7a5f001",
            "00000000000000000000000000000000",
            "+e529d32d80c4d0bb2f5c9d1d7a5f001",
        ] {
            assert!(bad.parse::<CommitId>().is_err(), "{bad} was accepted");
        }
    }
}
