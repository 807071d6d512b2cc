//! A token on the command line: its id, or the beginning of it.

use std::str::FromStr;

use crate::cli::error::CliError;
use crate::model::TokenId;

use super::view::TokenRow;

/// An id or its beginning, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenIdArg {
    Whole(TokenId),
    Beginning(String),
}

impl FromStr for TokenIdArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Whole(id));
        }
        let is_beginning = (1..32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match is_beginning {
            true => Ok(Self::Beginning(text.to_ascii_lowercase())),
            false => {
                Err(format!("{text:?} is not the id of a token: write its 32 hexadecimal digits, or the first of them"))
            }
        }
    }
}

impl TokenIdArg {
    /// The id, looked up among `tokens` if only its beginning was given.
    pub(super) fn find(&self, tokens: impl FnOnce() -> Result<Vec<TokenRow>, CliError>) -> Result<TokenId, CliError> {
        let beginning = match self {
            Self::Whole(id) => return Ok(*id),
            Self::Beginning(beginning) => beginning,
        };
        let tokens = tokens()?;
        let ids: Vec<_> = tokens.iter().map(|token| token.id.as_str()).filter(|id| id.starts_with(beginning)).collect();
        match ids[..] {
            [id] => id.parse().map_err(|error| CliError::CannotRun(format!("the list holds no ids: {error}"))),
            [] => Err(CliError::Refused(format!(
                "none of your tokens has an id that begins with {beginning}; `registry token list` shows them, and a \
                 token of somebody else takes its whole id"
            ))),
            _ => Err(CliError::Refused(format!("several tokens begin with {beginning}: {}", ids.join(", ")))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 2] = ["0f3c0000000000000000000000000000", "0f3d0000000000000000000000000000"];

    fn find(text: &str) -> Result<String, String> {
        let row = |id: &str| TokenRow {
            id: id.into(),
            user: String::new(),
            scope: String::new(),
            note: String::new(),
            created: String::new(),
            expires: None,
            revoked: None,
        };
        let argument: TokenIdArg = text.parse()?;
        let found = argument.find(|| Ok(IDS.iter().copied().map(row).collect()));
        found.map(|id| id.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_beginning_of_an_id_is_enough_when_no_other_has_it() {
        assert_eq!(find("0F3C").unwrap(), IDS[0]);
        assert_eq!(find(IDS[1]).unwrap(), IDS[1]);
        assert!(find("0f3").unwrap_err().contains(&IDS.join(", ")));
        assert!(find("1").unwrap_err().contains("registry token list"));
        assert!(find("xyz").is_err() && find("").is_err());
    }
}
