//! Browser sessions, by the hash of the cookie's secret.

use super::owner::Owner;
use super::token::Token;
use crate::model::{Timestamp, TokenHash, TokenId};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, params};
use crate::store::db::error::{Result, unless_taken};
use crate::store::db::statements::query::{one, run};
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;

/// A sign-in in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The token of the sign-in: the session has its scope and ends with it.
    pub token: TokenId,
    /// When it began.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// The most sessions of one user: forgotten sessions must not pile up.
const MOST: u64 = 100;

fn read_session(row: &Row<'_>) -> SqlResult<Session> {
    Ok(Session { token: row.get("token_id")?, created: row.get("created")?, expires: row.get("expires")? })
}

impl Store {
    /// The session of this hash, the token of its sign-in, and its user. Returns ended sessions too: the caller
    /// decides.
    pub fn session(&self, hash: TokenHash) -> Result<Option<(Session, Token, Owner)>> {
        let found = self.read("look up a session", |conn| {
            one(conn, "SELECT * FROM sessions WHERE hash = ?1", [hash], read_session)
        })?;
        let Some(session) = found else { return Ok(None) };
        Ok(self.token_by_id(session.token)?.map(|(token, owner)| (session, token, owner)))
    }
}

impl Transaction<'_> {
    /// Adds a session. Removes ended sessions, and the oldest session of a user with too many.
    ///
    /// # Errors
    /// [`AlreadyExists`](crate::store::StoreError::AlreadyExists) if the hash is taken,
    /// [`Missing`](crate::store::StoreError::Missing) without its token.
    pub fn create_session(&self, session: &Session, hash: TokenHash) -> Result<()> {
        self.run(|conn| {
            run(conn, "DELETE FROM sessions WHERE expires <= ?1", [session.created])?;
            let values = params![hash, session.token, session.created, session.expires];
            let inserted = run(conn, "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4)", values);
            unless_taken(inserted, || "session".to_owned())?;
            let sql = "DELETE FROM sessions WHERE hash IN (
                           SELECT sessions.hash FROM sessions JOIN tokens ON tokens.id = token_id
                           WHERE owner_id = (SELECT owner_id FROM tokens WHERE id = ?1)
                           ORDER BY sessions.created DESC LIMIT ?3 OFFSET ?2)";
            run(conn, sql, params![session.token, Count(MOST), i64::MAX])?;
            Ok(())
        })
    }

    /// Ends a session; `false` if there is none.
    pub fn end_session(&self, hash: TokenHash) -> Result<bool> {
        self.run(|conn| Ok(run(conn, "DELETE FROM sessions WHERE hash = ?1", [hash])? > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scope, TokenId, TokenSecret};
    use crate::store::db::error::StoreError;
    use crate::store::testing::{Scratch, at, owner, owner_id};

    fn hash(n: u8) -> TokenHash {
        TokenSecret::from_random([n; 24]).hash()
    }

    fn session(created: i64) -> Session {
        Session { token: TokenId::from_bytes([1; 16]), created: at(created), expires: at(created + 1000) }
    }

    fn signed_in() -> Scratch {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        let id = TokenId::from_bytes([1; 16]);
        let (scope, note) = (Scope::Write, String::new());
        let token = Token { id, owner: owner_id(1), scope, note, created: at(1), expires: None, revoked: None };
        store.create_token(&token, hash(0)).unwrap();
        store
    }

    #[test]
    fn a_session_leads_to_its_token_until_it_is_ended() {
        let store = signed_in();
        store.create_session(&session(5), hash(1)).unwrap();
        let (found, token, user) = store.session(hash(1)).unwrap().unwrap();
        assert_eq!((found, token.id, user), (session(5), session(5).token, owner(1, "acme")));
        assert_eq!(store.token(hash(1)).unwrap(), None, "a session is no token");
        assert!(store.end_session(hash(1)).unwrap());
        assert!(!store.end_session(hash(1)).unwrap());
        assert_eq!(store.session(hash(1)).unwrap(), None);
        let stray = Session { token: TokenId::from_bytes([9; 16]), ..session(5) };
        assert!(matches!(store.create_session(&stray, hash(2)), Err(StoreError::Missing(_))));
    }

    #[test]
    fn sessions_do_not_pile_up() {
        let store = signed_in();
        for n in 1..=102 {
            store.create_session(&session(n), hash(u8::try_from(n).unwrap())).unwrap();
        }
        assert!(store.session(hash(2)).unwrap().is_none(), "the oldest went");
        assert!(store.session(hash(3)).unwrap().is_some());
        store.create_session(&session(1050), hash(200)).unwrap();
        assert!(store.session(hash(50)).unwrap().is_none(), "it had ended");
        assert!(store.session(hash(51)).unwrap().is_some());
        store.delete_owner(owner_id(1), at(9)).unwrap();
        assert!(store.session(hash(200)).unwrap().is_none(), "its user is gone");
    }
}
