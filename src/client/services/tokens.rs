//! Calls for tokens: create, list, revoke.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::model::{OwnerName, Scope, Timestamp, TokenId, TokenSecret};
use crate::wire::registry::v1::{CreateTokenRequest, ListTokensRequest, RevokeTokenRequest, Token, TokenServiceClient};
use crate::wire::{scope_to_wire, time_to_wire};

/// A token to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Its purpose.
    pub note: String,
    /// Its scope.
    pub scope: Scope,
    /// When it expires; never if absent.
    pub expire_time: Option<Timestamp>,
    /// Its user; the caller if absent.
    pub user: Option<OwnerName>,
}

/// A token that was created.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatedToken {
    /// The secret, which the server returns only now.
    pub secret: TokenSecret,
    /// The token without its secret.
    pub token: Token,
}

impl Client {
    fn token_service(&self) -> TokenServiceClient<Transport> {
        let (http, config) = self.parts();
        TokenServiceClient::new(http, config)
    }

    /// Creates a token.
    ///
    /// # Errors
    /// When the caller's token may not create a token of that scope or for that user.
    pub async fn create_token(&self, request: TokenRequest) -> Result<CreatedToken, ClientError> {
        let request = CreateTokenRequest {
            note: request.note,
            scope: scope_to_wire(request.scope).into(),
            expire_time: request.expire_time.map(time_to_wire).into(),
            user: request.user.map(|user| user.to_string()).unwrap_or_default(),
        };
        let answer = self.read(self.token_service().create_token(request).await)?;
        let secret = self.present("secret", TokenSecret::presented(&answer.secret))?;
        Ok(CreatedToken { secret, token: self.present("token", answer.token.into_option())? })
    }

    /// The tokens of a user, or of the caller.
    pub async fn tokens(&self, user: Option<&OwnerName>) -> Result<Vec<Token>, ClientError> {
        let request = ListTokensRequest { user: user.map(ToString::to_string).unwrap_or_default() };
        Ok(self.read(self.token_service().list_tokens(request).await)?.tokens)
    }

    /// Revokes a token at once.
    pub async fn revoke_token(&self, id: TokenId) -> Result<(), ClientError> {
        let request = RevokeTokenRequest { id: id.to_string() };
        self.read(self.token_service().revoke_token(request).await).map(drop)
    }
}
