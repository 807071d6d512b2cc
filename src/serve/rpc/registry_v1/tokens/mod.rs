//! Tokens: made, listed, revoked.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::model::{IdError, Scope, Timestamp, TokenId};
use crate::publish::new_ids;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Owner, OwnerKind, Token};
use crate::wire::registry::v1::{
    self as wire, CreateTokenRequest, CreateTokenResponse, ListTokensRequest, ListTokensResponse, RevokeTokenRequest,
    RevokeTokenResponse, TokenService,
};
use crate::wire::{scope_from_wire, scope_to_wire, time_from_wire, time_to_wire};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;

/// Most characters of a note.
const LONGEST_NOTE: usize = 250;

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
            Ok(ListTokensResponse { tokens: tokens.iter().map(|token| shown(token, &user)).collect() })
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

/// The user whose tokens are meant: the caller, or for an administrator anyone.
fn holder(call: &Call, name: &str) -> Answer<Owner> {
    let caller = call.user()?;
    if name.is_empty() || name == caller.name.as_str() {
        return Ok(caller.clone());
    }
    call.require_admin("manage the tokens of others")?;
    references::named_user(call, name)
}

fn shown(token: &Token, user: &Owner) -> wire::Token {
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
    let now = call.now();
    let token = Token {
        id: new_ids::token(),
        owner: user.id,
        scope: wanted_scope(call, &user, request)?,
        note: wanted_note(&request.note)?,
        created: now,
        expires: request.expire_time.as_option().map(|time| later(time_from_wire(time), now)).transpose()?,
        revoked: None,
    };
    let secret = new_ids::secret().map_err(|error| Refusal::internal(&error))?;
    call.store().create_token(&token, secret.hash())?;
    call.audit("token.create", format!("{} of {}", token.id, user.name));
    Ok(CreateTokenResponse { secret: secret.reveal().to_owned(), token: shown(&token, &user).into() })
}

fn wanted_scope(call: &Call, user: &Owner, request: &CreateTokenRequest) -> Answer<Scope> {
    let Some(scope) = request.scope.as_known().and_then(scope_from_wire) else {
        return Err(Refusal::invalid("a token needs a scope: 1 (read), 2 (write) or 3 (admin)"));
    };
    if !call.caller.allows(scope) {
        let message =
            format!("a token of scope {scope} cannot be made with a token of a lower scope; use one of scope {scope}");
        return Err(Refusal::forbidden(message));
    }
    if scope == Scope::Admin && !matches!(user.kind, OwnerKind::User { admin: true, .. }) {
        let message = format!(
            "user {} is no administrator, so a token of scope admin would be of no use; use scope write",
            user.name
        );
        return Err(Refusal::invalid(message));
    }
    Ok(scope)
}

fn wanted_note(note: &str) -> Answer<String> {
    let length = note.chars().count();
    if length > LONGEST_NOTE {
        return Err(Refusal::invalid(format!("the note has {length} characters; at most {LONGEST_NOTE} are kept")));
    }
    Ok(note.to_owned())
}

fn later(time: Timestamp, now: Timestamp) -> Answer<Timestamp> {
    if time > now {
        Ok(time)
    } else {
        Err(Refusal::invalid(format!("the token would expire on {time}, which is past")))
    }
}

fn revoke(call: &Call, request: &RevokeTokenRequest) -> Answer<RevokeTokenResponse> {
    let id: TokenId = request.id.parse().map_err(|error: IdError| Refusal::invalid(error.to_string()))?;
    let known =
        if call.caller.is_admin() { call.store().list_tokens()? } else { call.store().tokens_of(call.user()?.id)? };
    if !known.iter().any(|token| token.id == id) {
        return Err(Refusal::not_found(format!(
            "you have no token {id}; `registry token list` shows those that you have"
        )));
    }
    if call.store().revoke_token(id, call.now())? {
        call.audit("token.revoke", id.to_string());
    }
    call.state.auth.forget();
    Ok(RevokeTokenResponse {})
}

#[cfg(test)]
mod tests;
