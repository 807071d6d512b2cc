//! Tokens on a server.

use crate::actions::tokens::NewToken;
use crate::cli::arguments::server::block_on;
use crate::cli::error::CliError;
use crate::cli::output::wire_text;
use crate::client::{Client, TokenRequest};
use crate::model::{OwnerName, TokenId, TokenSecret};
use crate::wire::registry::v1::Token;
use crate::wire::scope_from_wire;

use super::view::TokenRow;

pub(super) fn create(
    client: &Client,
    user: Option<OwnerName>,
    new: NewToken,
) -> Result<(TokenSecret, TokenRow), CliError> {
    let request = TokenRequest { note: new.note, scope: new.scope, expire_time: new.expires, user };
    let created = block_on(async { Ok(client.create_token(request).await?) })?;
    Ok((created.secret, row(created.token)))
}

pub(super) fn list(client: &Client, user: Option<&OwnerName>) -> Result<Vec<TokenRow>, CliError> {
    let tokens = block_on(async { Ok(client.tokens(user).await?) })?;
    Ok(tokens.into_iter().map(row).collect())
}

pub(super) fn revoke(client: &Client, id: TokenId) -> Result<(), CliError> {
    block_on(async { Ok(client.revoke_token(id).await?) })
}

fn row(token: Token) -> TokenRow {
    let scope = token.scope.as_known().and_then(scope_from_wire);
    TokenRow {
        id: token.id,
        user: token.user,
        scope: scope.map_or_else(|| "unknown".into(), |scope| scope.to_string()),
        note: token.note,
        created: wire_text::time(token.create_time.as_option()).unwrap_or_default(),
        expires: wire_text::time(token.expire_time.as_option()),
        revoked: wire_text::time(token.revoke_time.as_option()),
    }
}
