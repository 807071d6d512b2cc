//! The token service: creates, lists and revokes tokens.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::tokens::{self, NewToken};
use crate::model::TokenId;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Owner, Token};
use crate::wire::registry::v1::{
    self as wire, CreateTokenRequest, CreateTokenResponse, ListTokensRequest, ListTokensResponse, RevokeTokenRequest,
    RevokeTokenResponse, TokenService,
};
use crate::wire::{scope_from_wire, scope_to_wire, time_from_wire, time_to_wire};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;

impl TokenService for Rpc {
    async fn create_token(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateTokenRequest>,
    ) -> ServiceResult<CreateTokenResponse> {
        self.write(&ctx, |call| create(call, &request.to_owned_message()))
    }

    async fn list_tokens(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListTokensRequest>,
    ) -> ServiceResult<ListTokensResponse> {
        self.read(&ctx, |call| {
            let user = holder(call, &request.to_owned_message().user)?;
            let mut tokens = call.store().tokens_of(user.id)?;
            tokens.sort_by_key(|token| std::cmp::Reverse((token.created, token.id)));
            Ok(ListTokensResponse { tokens: tokens.iter().map(|token| to_message(token, &user)).collect() })
        })
    }

    async fn revoke_token(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, RevokeTokenRequest>,
    ) -> ServiceResult<RevokeTokenResponse> {
        self.write(&ctx, |call| revoke(call, &request.to_owned_message()))
    }
}

/// The user whose tokens a request names: the caller, or any user if the caller is an administrator.
fn holder(call: &Call, name: &str) -> Answer<Owner> {
    let caller = call.user()?;
    if name.is_empty() || name == caller.name.as_str() {
        return Ok(caller.clone());
    }
    tokens::require_holder(&call.actor(), name)?;
    references::named_user(call, name)
}

fn to_message(token: &Token, user: &Owner) -> wire::Token {
    wire::Token {
        id: token.id.to_string(),
        note: token.note.clone(),
        scope: scope_to_wire(token.scope).into(),
        user: user.name.to_string(),
        create_time: time_to_wire(token.created).into(),
        expire_time: token.expires.map(time_to_wire).into(),
        revoke_time: token.revoked.map(time_to_wire).into(),
    }
}

fn create(call: &Call, request: &CreateTokenRequest) -> Answer<CreateTokenResponse> {
    let user = holder(call, &request.user)?;
    let Some(scope) = request.scope.as_known().and_then(scope_from_wire) else {
        return Err(Refusal::invalid("a token needs a scope: 1 (read), 2 (write) or 3 (admin)"));
    };
    let expires = request.expire_time.as_option().map(time_from_wire);
    let issued = tokens::create(&call.actor(), &user, NewToken { scope, note: request.note.clone(), expires })?;
    let secret = issued.secret.reveal().to_owned();
    Ok(CreateTokenResponse { secret, token: to_message(&issued.token, &user).into() })
}

fn revoke(call: &Call, request: &RevokeTokenRequest) -> Answer<RevokeTokenResponse> {
    let id: TokenId = request.id.parse()?;
    tokens::revoke(&call.actor(), id)?;
    Ok(RevokeTokenResponse {})
}

#[cfg(test)]
mod tests;
