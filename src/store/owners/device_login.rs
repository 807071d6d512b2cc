//! Logins that a program has started, by the hash of the code that it asks with. A user approves one in a browser, and the
//! program gets its token when it asks the next time, on whichever node.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{OwnerId, Scope, Timestamp, TokenHash};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, FromSqlError, Row, SqlError, SqlResult, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{count, exists, one, run};
use crate::store::db::statements::sql_values::keyword_column;
use crate::store::db::transaction::Transaction;

/// The program that wants to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAsker {
    /// The name that the program gives itself, which is not verified.
    pub program: String,
    /// The user agent of its request, which is not verified either.
    pub agent: String,
    /// The address of the program.
    pub client: IpAddr,
    /// The network of the address, for the limit.
    pub network: IpNet,
}

/// What a user has decided of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginDecision {
    /// Nobody has decided yet.
    Pending,
    /// This user has approved a token of this scope.
    Approved(OwnerId, Scope),
    /// A user has denied it.
    Denied,
}

/// A login that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLogin {
    /// The code that the user enters.
    pub user_code: String,
    /// The program.
    pub asker: LoginAsker,
    /// When it was started.
    pub started: Timestamp,
    /// When the program last asked, and was not told to slow down.
    pub asked: Option<Timestamp>,
    /// The decision.
    pub decision: LoginDecision,
}

/// The most logins that wait.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// In all.
    pub all: u64,
    /// Of one network.
    pub of_network: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Approved,
    Denied,
}

keyword_column!(State { Pending = "pending", Approved = "approved", Denied = "denied" });

fn read_login(row: &Row<'_>) -> SqlResult<DeviceLogin> {
    let invalid = |column: &str| SqlError::Column { column: column.into(), source: FromSqlError::InvalidType };
    let client = row.text("client")?.parse().map_err(|_| invalid("client"))?;
    let network = row.text("network")?.parse().map_err(|_| invalid("network"))?;
    let decision = match row.get("state")? {
        State::Pending => LoginDecision::Pending,
        State::Denied => LoginDecision::Denied,
        State::Approved => LoginDecision::Approved(row.get("owner_id")?, row.get("scope")?),
    };
    Ok(DeviceLogin {
        user_code: row.get("user_code")?,
        asker: LoginAsker { program: row.get("program")?, agent: row.get("agent")?, client, network },
        started: row.get("started")?,
        asked: row.get("asked")?,
        decision,
    })
}

/// Ends the oldest login of a network that is at its limit, and of the network with the most logins if there are too
/// many.
fn make_room(conn: &Connection, network: &str, limits: LoginLimits) -> Work<()> {
    let oldest_of = |network: &str| {
        let sql = "DELETE FROM device_logins WHERE device_hash =
                       (SELECT device_hash FROM device_logins WHERE network = ?1 ORDER BY started, device_hash LIMIT 1)";
        run(conn, sql, [network])?;
        Ok(())
    };
    if count(conn, "SELECT count(*) FROM device_logins WHERE network = ?1", [network])? >= limits.of_network {
        return oldest_of(network);
    }
    if count(conn, "SELECT count(*) FROM device_logins", [])? < limits.all {
        return Ok(());
    }
    let sql = "SELECT network FROM device_logins GROUP BY network ORDER BY count(*) DESC, network LIMIT 1";
    let fullest: Option<String> = one(conn, sql, [], |row| row.get(0))?;
    fullest.map_or(Ok(()), |network| oldest_of(&network))
}

impl Store {
    /// The login of a program, however it was decided.
    pub fn device_login(&self, device: TokenHash) -> Result<Option<DeviceLogin>> {
        let sql = "SELECT * FROM device_logins WHERE device_hash = ?1";
        self.read("look up a login", |conn| one(conn, sql, [device], read_login))
    }

    /// The login that waits for a decision under this code.
    pub fn waiting_login(&self, user_code: &str) -> Result<Option<DeviceLogin>> {
        let sql = "SELECT * FROM device_logins WHERE user_code = ?1 AND state = 'pending'";
        self.read("look up a login", |conn| one(conn, sql, [user_code], read_login))
    }

    /// Notes that the program has asked.
    pub fn note_login_asked(&self, device: TokenHash, at: Timestamp) -> Result<()> {
        self.write_quietly("note a request for a login", |conn| {
            run(conn, "UPDATE device_logins SET asked = ?2 WHERE device_hash = ?1", params![device, at])?;
            Ok(())
        })
    }

    /// Adds a login, in place of older ones if there are too many. `false` if another one has its code. Removes those that
    /// were started before `live_since`.
    pub fn start_login(
        &self,
        device: TokenHash,
        login: &DeviceLogin,
        live_since: Timestamp,
        limits: LoginLimits,
    ) -> Result<bool> {
        self.write_quietly("start a login", |conn| {
            run(conn, "DELETE FROM device_logins WHERE started < ?1", [live_since])?;
            if exists(conn, "SELECT 1 FROM device_logins WHERE user_code = ?1", [&login.user_code])? {
                return Ok(false);
            }
            let (asker, network) = (&login.asker, login.asker.network.to_string());
            make_room(conn, &network, limits)?;
            let sql = "INSERT INTO device_logins VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, 'pending', NULL, NULL)";
            let client = asker.client.to_string();
            run(
                conn,
                sql,
                params![device, login.user_code, asker.program, asker.agent, client, network, login.started],
            )?;
            Ok(true)
        })
    }
}

impl Transaction<'_> {
    /// Decides a login that waits; `false` if none waits under this code.
    ///
    /// # Errors
    /// [`StoreError::Limit`](crate::store::StoreError::Limit) if who approves has too many tokens.
    pub fn decide_login(&self, user_code: &str, decision: LoginDecision, at: Timestamp) -> Result<bool> {
        let (state, by) = match decision {
            LoginDecision::Pending => return Ok(false),
            LoginDecision::Denied => (State::Denied, None),
            LoginDecision::Approved(by, scope) => (State::Approved, Some((by, scope))),
        };
        let (by, scope) = by.unzip();
        self.run(|conn| {
            let sql = "UPDATE device_logins SET state = ?2, owner_id = ?3, scope = ?4
                       WHERE user_code = ?1 AND state = 'pending'";
            let is_decided = run(conn, sql, params![user_code, state, by, scope])? > 0;
            by.map_or(Ok(()), |user| self.quotas().check_tokens(conn, user, at))?;
            Ok(is_decided)
        })
    }

    /// Ends a login; `false` if it has ended already.
    pub fn end_login(&self, device: TokenHash) -> Result<bool> {
        self.run(|conn| Ok(run(conn, "DELETE FROM device_logins WHERE device_hash = ?1", [device])? > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TokenSecret;
    use crate::store::testing::{Scratch, at, owner, owner_id};

    const LIMITS: LoginLimits = LoginLimits { all: 6, of_network: 3 };

    fn device(n: u8) -> TokenHash {
        TokenSecret::from_random([n; 24]).hash()
    }

    fn login(n: u8, host: u8) -> DeviceLogin {
        let client = IpAddr::from([10, 0, 0, host]);
        let asker = LoginAsker { program: "buf".into(), agent: "agent".into(), client, network: client.into() };
        let (started, decision) = (at(n.into()), LoginDecision::Pending);
        DeviceLogin { user_code: format!("CODE-{n}"), asker, started, asked: None, decision }
    }

    fn start(store: &Scratch, n: u8, host: u8) -> bool {
        store.start_login(device(n), &login(n, host), at(0), LIMITS).unwrap()
    }

    fn lives(store: &Scratch, n: u8) -> bool {
        store.device_login(device(n)).unwrap().is_some()
    }

    fn decide(store: &Scratch, code: &str, decision: LoginDecision) -> bool {
        store.transaction("test", |tx| tx.decide_login(code, decision, at(9))).unwrap()
    }

    #[test]
    fn a_login_is_decided_once_and_ended_once() {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        assert!(start(&store, 1, 1));
        assert!(!store.start_login(device(2), &login(1, 1), at(0), LIMITS).unwrap(), "the code is taken");
        store.note_login_asked(device(1), at(7)).unwrap();
        let found = store.waiting_login("CODE-1").unwrap().unwrap();
        assert_eq!(found, DeviceLogin { asked: Some(at(7)), ..login(1, 1) });
        let approved = LoginDecision::Approved(owner_id(1), Scope::Write);
        assert!(decide(&store, "CODE-1", approved));
        assert!(!decide(&store, "CODE-1", LoginDecision::Denied), "it was decided already");
        assert_eq!(store.waiting_login("CODE-1").unwrap(), None);
        assert_eq!(store.device_login(device(1)).unwrap().unwrap().decision, approved);
        let end = || store.transaction("test", |tx| tx.end_login(device(1))).unwrap();
        assert_eq!((end(), end(), lives(&store, 1)), (true, false, false));
    }

    #[test]
    fn logins_end_by_themselves_and_with_who_approved_them() {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        assert!(start(&store, 1, 1) && start(&store, 2, 1));
        assert!(decide(&store, "CODE-2", LoginDecision::Approved(owner_id(1), Scope::Read)));
        assert!(store.start_login(device(3), &login(3, 1), at(2), LIMITS).unwrap());
        assert_eq!([1, 2, 3].map(|n| lives(&store, n)), [false, true, true]);
        store.delete_owner(owner_id(1), at(9)).unwrap();
        assert!(!lives(&store, 2));
    }

    #[test]
    fn who_starts_many_ends_the_own_oldest_and_a_crowd_none_of_one() {
        let store = Scratch::empty();
        assert!(start(&store, 1, 1));
        (2..=5).for_each(|n| assert!(start(&store, n, 2)));
        assert_eq!([1, 2, 3, 4, 5].map(|n| lives(&store, n)), [true, false, true, true, true]);
        (6..=9).for_each(|n| assert!(start(&store, n, n)));
        assert_eq!([1, 3, 4, 5].map(|n| lives(&store, n)), [true, false, false, true], "of the network with the most");
        assert!(lives(&store, 9));
    }
}
