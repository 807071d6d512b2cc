//! Authentication: turns the token of a request into a [`Caller`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use quick_cache::sync::Cache;
use tokio::task::block_in_place;

use crate::actions::Caller;
use crate::metrics::{Metrics, TokenResult};
use crate::model::{OwnerName, Timestamp, TokenHash, TokenSecret};
use crate::publish::Clock;
use crate::store::{Owner, Store, StoreError, Token};

/// How long a valid token is cached. `registry token revoke --data-dir` writes to the store without the server's
/// knowledge; revoking over the API takes effect at once.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

/// The most tokens, and the most sessions, in the caches.
const REMEMBERED: usize = 4096;

/// Why a request's credentials are not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuthError {
    /// The header is malformed.
    #[error("the Authorization header is malformed; send `Bearer TOKEN`")]
    Malformed,
    /// No such token.
    #[error("the token is unknown; create one with `registry token create`")]
    Unknown,
    /// The token has expired.
    #[error("the token expired on {0}; create a new one with `registry token create`")]
    Expired(Timestamp),
    /// The token was revoked.
    #[error("the token was revoked; create a new one with `registry token create`")]
    Revoked,
    /// The user of the token is disabled.
    #[error("user {0} is disabled; an administrator of the registry can enable it again: `registry user enable {0}`")]
    Disabled(OwnerName),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct CachedToken {
    token: Token,
    user: Arc<Owner>,
    session_expires: Option<Timestamp>,
    since: Instant,
}

impl CachedToken {
    fn now(token: Token, user: Owner, session_expires: Option<Timestamp>) -> Self {
        Self { token, user: Arc::new(user), session_expires, since: Instant::now() }
    }

    fn caller(&self) -> Caller {
        Caller::User { user: Arc::clone(&self.user), scope: self.token.scope, token: Some(self.token.id) }
    }
}

/// Authenticates requests.
pub(super) struct Auth {
    store: Store,
    clock: Clock,
    metrics: Arc<Metrics>,
    tokens: Cache<TokenHash, Arc<CachedToken>>,
    sessions: Cache<TokenHash, Arc<CachedToken>>,
}

impl Auth {
    pub(super) fn new(store: Store, clock: Clock, metrics: Arc<Metrics>) -> Self {
        Self { store, clock, metrics, tokens: Cache::new(REMEMBERED), sessions: Cache::new(REMEMBERED) }
    }

    /// The caller of a request with these headers.
    ///
    /// # Errors
    /// When the token is not valid. A request without a token is of [`Caller::Anonymous`].
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<Caller, AuthError> {
        let Some(header) = headers.get(AUTHORIZATION) else { return Ok(Caller::Anonymous) };
        let text = header.to_str().map_err(|_| AuthError::Malformed)?;
        let secret = secret(text).ok_or(AuthError::Malformed)?;
        self.holder(&secret)
    }

    /// The user that holds the token `secret`.
    ///
    /// # Errors
    /// When the secret is not a valid token.
    pub(super) fn holder(&self, secret: &TokenSecret) -> Result<Caller, AuthError> {
        let believed = self.believe(&self.tokens, secret.hash(), |hash| {
            Ok(self.store.token(hash)?.map(|(token, user)| CachedToken::now(token, user, None)))
        })?;
        Ok(believed.caller())
    }

    /// The valid token `secret` and its user, to begin a session.
    ///
    /// # Errors
    /// When the secret is not a valid token.
    pub(super) fn token(&self, secret: &TokenSecret) -> Result<(Token, Owner), AuthError> {
        self.holder(secret)?;
        block_in_place(|| self.store.token(secret.hash()))?.ok_or(AuthError::Unknown)
    }

    /// The user of a browser's session.
    ///
    /// # Errors
    /// When there is no such session, or the session or its token has ended.
    pub(super) fn session(&self, secret: &TokenSecret) -> Result<Caller, AuthError> {
        let believed = self.believe(&self.sessions, secret.hash(), |hash| {
            let found = self.store.session(hash)?;
            Ok(found.map(|(session, token, user)| CachedToken::now(token, user, Some(session.expires))))
        })?;
        Ok(believed.caller())
    }

    fn believe(
        &self,
        kept: &Cache<TokenHash, Arc<CachedToken>>,
        hash: TokenHash,
        look_up: impl FnOnce(TokenHash) -> Result<Option<CachedToken>, StoreError>,
    ) -> Result<Arc<CachedToken>, AuthError> {
        let checked = self.check(kept, hash, look_up);
        match &checked {
            Ok(_) => self.metrics.checked_token(TokenResult::Accepted),
            Err(AuthError::Unknown) => self.metrics.checked_token(TokenResult::Unknown),
            Err(AuthError::Expired(_)) => self.metrics.checked_token(TokenResult::Expired),
            Err(AuthError::Revoked) => self.metrics.checked_token(TokenResult::Revoked),
            Err(AuthError::Disabled(_)) => self.metrics.checked_token(TokenResult::Disabled),
            Err(AuthError::Malformed | AuthError::Store(_)) => {}
        }
        checked
    }

    fn check(
        &self,
        kept: &Cache<TokenHash, Arc<CachedToken>>,
        hash: TokenHash,
        look_up: impl FnOnce(TokenHash) -> Result<Option<CachedToken>, StoreError>,
    ) -> Result<Arc<CachedToken>, AuthError> {
        let believed = kept.get(&hash).filter(|believed| believed.since.elapsed() < BELIEVED_FOR);
        let believed = match believed {
            Some(believed) => believed,
            None => {
                let believed = Arc::new(block_in_place(|| look_up(hash))?.ok_or(AuthError::Unknown)?);
                kept.insert(hash, Arc::clone(&believed));
                believed
            }
        };
        if believed.user.disabled.is_some() {
            return Err(AuthError::Disabled(believed.user.name.clone()));
        }
        if believed.token.revoked.is_some() {
            return Err(AuthError::Revoked);
        }
        let ends = [believed.token.expires, believed.session_expires].into_iter().flatten().min();
        match ends.filter(|expires| *expires <= self.clock.now()) {
            Some(expires) => Err(AuthError::Expired(expires)),
            None => Ok(believed),
        }
    }

    /// Clears the caches, because tokens or users have changed.
    pub(super) fn forget(&self) {
        self.tokens.clear();
        self.sessions.clear();
    }
}

/// The secret in an `Authorization` header: `Bearer x` (what users store for cargo), a bare `x`, or Basic with the
/// token as password (artifact mirrors).
pub(super) fn secret(header: &str) -> Option<TokenSecret> {
    // Not trimmed at the end: `Bearer ` without a token is not a token named Bearer.
    let header = header.trim_start();
    let Some((scheme, rest)) = header.split_once(' ') else { return TokenSecret::presented(header) };
    if scheme.eq_ignore_ascii_case("bearer") {
        return TokenSecret::presented(rest.trim());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        return TokenSecret::presented(decoded.split_once(':')?.1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_in_three_dresses() {
        let reveal = |header: &str| secret(header).map(|secret| secret.reveal().to_owned());
        assert_eq!(reveal("Bearer reg_1").as_deref(), Some("reg_1"));
        assert_eq!(reveal("bearer  reg_1").as_deref(), Some("reg_1"));
        assert_eq!(reveal("reg_1").as_deref(), Some("reg_1"));
        assert_eq!(reveal("Basic Ym90OnJlZ18x").as_deref(), Some("reg_1"));
        for bad in ["", "Bearer ", "Digest reg_1", "Basic !!!", "Basic cmVn", "Bearer a b"] {
            assert_eq!(reveal(bad), None, "{bad:?} was accepted");
        }
    }
}
