//! Digests as values; `module::digest` computes those of modules.

use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;
use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};

/// A text that is not the digest it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a digest of the form {form}")]
pub struct DigestError {
    text: String,
    form: &'static str,
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let text: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    f.write_str(&text)
}

/// SHA-256: of crates (as cargo checks them), of stored files, of tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// The digest of `content`.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(sha2::Sha256::digest(content).into())
    }

    /// The digest with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl FromStr for Sha256Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let form = "64 hexadecimal digits";
        hex(text).map(Self).ok_or_else(|| DigestError { text: text.into(), form })
    }
}

/// SHAKE256 with 64 bytes of output, the hash under all module digests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shake256Digest([u8; 64]);

impl Shake256Digest {
    /// The digest of `content`.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        let mut hasher = Shake256::default();
        hasher.update(content);
        let mut digest = [0; 64];
        hasher.finalize_xof().read(&mut digest);
        Self(digest)
    }

    /// The digest with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The hex digits without a prefix.
    #[must_use]
    pub fn to_hex(&self) -> String {
        struct Hex<'a>(&'a [u8]);
        impl fmt::Display for Hex<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, self.0)
            }
        }
        Hex(&self.0).to_string()
    }
}

impl fmt::Debug for Shake256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

macro_rules! prefixed {
    ($(#[$doc:meta])* $type:ident, $prefix:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type(pub Shake256Digest);

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                write_hex(f, self.0.as_bytes())
            }
        }

        impl FromStr for $type {
            type Err = DigestError;

            fn from_str(text: &str) -> Result<Self, DigestError> {
                text.strip_prefix($prefix)
                    .and_then(hex)
                    .map(|bytes| Self(Shake256Digest(bytes)))
                    .ok_or_else(|| DigestError { text: text.into(), form: $form })
            }
        }
    };
}

prefixed!(
    /// Digest over the files of a module alone, `shake256:…`. It is also the B4 digest of a commit, because this
    /// registry keeps no v1 `buf.yaml` and `buf.lock` with a commit.
    FilesDigest, "shake256:", "shake256:<128 hexadecimal digits>"
);
prefixed!(
    /// The B5 digest of a commit, `b5:…`: its files and the digests of all its dependencies.
    ModuleDigest, "b5:", "b5:<128 hexadecimal digits>"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_survive_their_text_form() {
        let digest = Sha256Digest::of(b"");
        assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(digest.to_string().parse::<Sha256Digest>().unwrap(), digest);
        let b5 = ModuleDigest(Shake256Digest::from_bytes([7; 64]));
        assert_eq!(b5.to_string().parse::<ModuleDigest>().unwrap(), b5);
        assert!(b5.to_string().parse::<FilesDigest>().is_err());
    }
}
