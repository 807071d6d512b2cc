//! The output of a token: as JSON, and as a row of a table.

use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::model::TokenSecret;

/// A token in the output.
#[derive(Debug, Serialize)]
pub(super) struct TokenRow {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) scope: String,
    pub(super) note: String,
    pub(super) created: String,
    pub(super) expires: Option<String>,
    pub(super) revoked: Option<String>,
}

#[derive(Serialize)]
struct CreatedToken<'a> {
    token: &'a str,
    #[serde(flatten)]
    shown: &'a TokenRow,
}

pub(super) fn print_created(output: &mut Output, secret: &TokenSecret, shown: &TokenRow) -> Result<(), CliError> {
    let token = secret.reveal();
    let until = shown.expires.as_ref().map_or_else(String::new, |time| format!(" until {time}"));
    output.say(format!("token {} of {} has scope {}{until}; it is shown only now", shown.id, shown.user, shown.scope));
    output.result(&CreatedToken { token, shown }, || vec![token])?;
    Ok(())
}

pub(super) fn rows(tokens: &[TokenRow]) -> Vec<String> {
    let cells = tokens.iter().map(|token| {
        let ends = match (&token.revoked, &token.expires) {
            (Some(time), _) => format!("revoked {time}"),
            (None, Some(time)) => time.clone(),
            (None, None) => "never".to_owned(),
        };
        let [id, user, scope, created, note] =
            [&token.id, &token.user, &token.scope, &token.created, &token.note].map(String::clone);
        [id, user, scope, created, ends, note]
    });
    table(["ID", "USER", "SCOPE", "CREATED", "EXPIRES", "NOTE"], cells.collect())
}
