//! The identity of a declaration within its module, of a fixed size: names may be of any length.

use crate::model::Sha256Digest;

/// A declaration by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeclarationId([u8; 16]);

impl DeclarationId {
    /// The message, enum or service of this full name, without a dot in front.
    #[must_use]
    pub fn named(full_name: &str) -> Self {
        Self::of(full_name.as_bytes())
    }

    /// The field, value or method of this name inside it.
    #[must_use]
    pub fn part(self, name: &str) -> Self {
        Self::of(&[&self.0, name.as_bytes()].concat())
    }

    fn of(bytes: &[u8]) -> Self {
        let digest = Sha256Digest::of(bytes);
        let (half, _) = digest.as_bytes().split_at(16);
        Self(half.try_into().unwrap_or_default())
    }

    /// From its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}
