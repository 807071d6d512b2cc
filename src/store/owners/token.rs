//! Tokens, by the hash of their secrets.

use super::owner::{Owner, read_owner};
use crate::model::{OwnerId, Scope, Timestamp, TokenHash, TokenId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, ToSql, params};
use crate::store::db::error::{Result, unless_taken};
use crate::store::db::statements::query::{all, one, run};
use crate::store::db::transaction::Transaction;

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id by which it is listed and revoked.
    pub id: TokenId,
    /// Its user.
    pub owner: OwnerId,
    /// Its scope.
    pub scope: Scope,
    /// Its purpose, in the words of its creator.
    pub note: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it expires, if it does.
    pub expires: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked: Option<Timestamp>,
}

fn read_token(row: &Row<'_>) -> SqlResult<Token> {
    Ok(Token {
        id: row.get("id")?,
        owner: row.get("owner_id")?,
        scope: row.get("scope")?,
        note: row.get("note")?,
        created: row.get("created")?,
        expires: row.get("expires")?,
        revoked: row.get("revoked")?,
    })
}

impl Store {
    /// The token with this hash, and its user. Returns expired and revoked tokens too: the caller decides.
    pub fn token(&self, hash: TokenHash) -> Result<Option<(Token, Owner)>> {
        self.token_where("SELECT * FROM tokens WHERE hash = ?1", hash)
    }

    /// The token with this id, and its user. Returns expired and revoked tokens too.
    pub(in crate::store) fn token_by_id(&self, id: TokenId) -> Result<Option<(Token, Owner)>> {
        self.token_where("SELECT * FROM tokens WHERE id = ?1", id)
    }

    fn token_where(&self, sql: &str, key: impl ToSql) -> Result<Option<(Token, Owner)>> {
        self.read("look up a token", |conn| {
            let Some(token) = one(conn, sql, params![key], read_token)? else { return Ok(None) };
            let owner = one(conn, "SELECT * FROM owners WHERE id = ?1", [token.owner], read_owner)?;
            Ok(owner.map(|owner| (token, owner)))
        })
    }

    /// The tokens of a user, oldest first.
    pub fn tokens_of(&self, owner: OwnerId) -> Result<Vec<Token>> {
        self.read("list tokens", |conn| {
            all(conn, "SELECT * FROM tokens WHERE owner_id = ?1 ORDER BY created, id", [owner], read_token)
        })
    }

    /// All tokens, oldest first.
    pub fn list_tokens(&self) -> Result<Vec<Token>> {
        self.read("list tokens", |conn| all(conn, "SELECT * FROM tokens ORDER BY created, id", [], read_token))
    }
}

impl Transaction<'_> {
    /// Adds a token.
    ///
    /// # Errors
    /// [`AlreadyExists`](crate::store::StoreError::AlreadyExists) if id or secret are taken,
    /// [`Missing`](crate::store::StoreError::Missing) without its owner.
    pub fn create_token(&self, token: &Token, hash: TokenHash) -> Result<()> {
        self.run(|conn| {
            let (id, owner, scope, note) = (token.id, token.owner, token.scope, &token.note);
            let values = params![id, hash, owner, scope, note, token.created, token.expires, token.revoked];
            let inserted = run(conn, "INSERT INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", values);
            unless_taken(inserted, || format!("token {id}"))?;
            self.quotas().check_tokens(conn, token.owner, token.created)
        })
    }

    /// Revokes a token; `false` if there is none, or it was revoked before.
    pub fn revoke_token(&self, id: TokenId, at: Timestamp) -> Result<bool> {
        self.run(|conn| {
            let sql = "UPDATE tokens SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL";
            Ok(run(conn, sql, params![id, at])? > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::error::StoreError;
    use crate::store::testing::{Scratch, at, owner, owner_id, token, token_hash};

    #[test]
    fn a_token_is_found_by_its_secret_until_and_after_it_is_revoked() {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        store.create_token(&token(2), token_hash(2)).unwrap();
        store.create_token(&token(1), token_hash(1)).unwrap();
        assert_eq!(store.token(token_hash(1)).unwrap(), Some((token(1), owner(1, "acme"))));
        assert_eq!(store.token(token_hash(3)).unwrap(), None);
        assert!(store.revoke_token(token(1).id, at(50)).unwrap());
        assert!(!store.revoke_token(token(1).id, at(60)).unwrap());
        let revoked = Token { revoked: Some(at(50)), ..token(1) };
        assert_eq!(store.token(token_hash(1)).unwrap().unwrap().0, revoked);
        assert_eq!(store.tokens_of(owner_id(1)).unwrap(), [revoked.clone(), token(2)]);
        assert_eq!(store.list_tokens().unwrap(), [revoked, token(2)]);
        store.delete_owner(owner_id(1), at(50)).unwrap();
        assert_eq!(store.token(token_hash(2)).unwrap(), None);
    }

    #[test]
    fn a_token_needs_an_owner_and_a_secret_of_its_own() {
        let store = Scratch::empty();
        assert!(matches!(store.create_token(&token(1), token_hash(1)), Err(StoreError::Missing(_))));
        store.create_owner(&owner(1, "acme")).unwrap();
        store.create_token(&token(1), token_hash(1)).unwrap();
        assert!(matches!(store.create_token(&token(2), token_hash(1)), Err(StoreError::AlreadyExists(_))));
    }
}
