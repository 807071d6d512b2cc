//! What a mirror takes over beside commits, if it is asked to.

use std::fmt;
use std::str::FromStr;

/// A part of what another registry says of a module, which changes the rights or the work of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MirrorPart {
    /// Modules that became public there become public here.
    Visibility,
    /// The texts of the organization that owns the module.
    Organization,
    /// The roles of its members.
    Members,
    /// The interests: what is kept generated.
    Interests,
}

/// The text names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of visibility, organization, members and interests")]
pub struct MirrorPartError(String);

impl MirrorPart {
    /// All parts.
    pub const ALL: [Self; 4] = [Self::Visibility, Self::Organization, Self::Members, Self::Interests];

    /// Its name, in flags and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Visibility => "visibility",
            Self::Organization => "organization",
            Self::Members => "members",
            Self::Interests => "interests",
        }
    }
}

impl fmt::Display for MirrorPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for MirrorPart {
    type Err = MirrorPartError;

    fn from_str(text: &str) -> Result<Self, MirrorPartError> {
        Self::ALL.into_iter().find(|part| part.name() == text).ok_or_else(|| MirrorPartError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_name() {
        for part in MirrorPart::ALL {
            assert_eq!(part.to_string().parse(), Ok(part));
        }
        assert!("roles".parse::<MirrorPart>().unwrap_err().to_string().contains("\"roles\" is not one of visibility"));
    }
}
