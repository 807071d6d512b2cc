//! Names of deleted owners. Manifests and lock files name crates by their owner, so a name rests before anybody else
//! can take it.

use std::time::Duration;

use crate::model::{OwnerId, OwnerName, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, params};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::query::{all, exists, one, run};
use crate::store::db::transaction::Transaction;

/// A claim to a name: on whose behalf it is taken, and how long the names of other owners rest.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The user; absent when the registry itself creates an owner.
    pub by: Option<OwnerId>,
    /// The time of the claim.
    pub at: Timestamp,
    /// How long the name of a deleted owner rests.
    pub rest: Duration,
}

impl Claim {
    /// The claim of the first user of a registry, which has no deleted owners.
    #[must_use]
    pub fn first(at: Timestamp) -> Self {
        Self { by: None, at, rest: Duration::ZERO }
    }

    fn end(&self, deleted: Timestamp) -> Timestamp {
        after(deleted, self.rest)
    }
}

/// The name of a deleted owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestingName {
    /// The name.
    pub name: OwnerName,
    /// When its owner was deleted.
    pub deleted: Timestamp,
}

impl RestingName {
    /// When anybody can take the name, if names rest for `rest`.
    #[must_use]
    pub fn free_at(&self, rest: Duration) -> Timestamp {
        after(self.deleted, rest)
    }
}

fn after(deleted: Timestamp, rest: Duration) -> Timestamp {
    let rest = i64::try_from(rest.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(deleted.as_micros().saturating_add(rest))
}

fn read_resting(row: &Row<'_>) -> SqlResult<RestingName> {
    Ok(RestingName { name: row.get("name")?, deleted: row.get("deleted")? })
}

/// An owner to create, under a name that may rest.
pub(in crate::store) struct NewOwner<'a> {
    /// The id, unless an organization is created again and keeps its former id.
    pub id: OwnerId,
    pub name: &'a OwnerName,
    pub is_organization: bool,
}

/// The id of a new owner. An organization that one of its former administrators creates again keeps its former id.
pub(in crate::store) fn take_name(conn: &Connection, owner: &NewOwner<'_>, claim: &Claim) -> Work<OwnerId> {
    let sql = "SELECT owner_id, deleted FROM resting_names WHERE name = ?1";
    let resting: Option<(OwnerId, Timestamp)> = one(conn, sql, [owner.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((former, deleted)) = resting else { return Ok(owner.id) };
    // A new user never gets the id of a deleted user: an administrator of the registry may create a user of that name,
    // and must not get the rights of the deleted user.
    let again = owner.is_organization && was_administered_by(conn, owner.name, claim.by)?;
    let until = claim.end(deleted);
    if !again && claim.at < until {
        return Err(StoreError::NameRests { name: owner.name.clone(), deleted, until }.into());
    }
    run(conn, "DELETE FROM resting_names WHERE name = ?1", [owner.name])?;
    Ok(if again { former } else { owner.id })
}

/// Whether `user` administered the organization before it was deleted. An organization without administrators belonged
/// to the registry itself.
fn was_administered_by(conn: &Connection, name: &OwnerName, user: Option<OwnerId>) -> Work<bool> {
    match user {
        Some(user) => exists(conn, "SELECT 1 FROM former_admins WHERE name = ?1 AND user_id = ?2", params![name, user]),
        None => Ok(!exists(conn, "SELECT 1 FROM former_admins WHERE name = ?1", [name])?),
    }
}

/// Records that the name of an owner rests, before the owner is deleted.
pub(in crate::store) fn lay_to_rest(conn: &Connection, name: &OwnerName, owner: OwnerId, at: Timestamp) -> Work<()> {
    run(conn, "INSERT INTO resting_names VALUES (?1, ?2, ?3)", params![name, owner, at])?;
    let sql = "INSERT INTO former_admins SELECT ?1, user_id FROM members WHERE organization_id = ?2 AND role = 'admin'";
    run(conn, sql, params![name, owner])?;
    Ok(())
}

impl Store {
    /// The names of deleted owners that nobody has taken, the latest first.
    pub fn resting_names(&self) -> Result<Vec<RestingName>> {
        self.read("list names", |conn| {
            all(conn, "SELECT name, deleted FROM resting_names ORDER BY deleted DESC, name", [], read_resting)
        })
    }
}

impl Transaction<'_> {
    /// Lets anybody take the name of a deleted owner; `false` if the name does not rest.
    pub fn free_name(&self, name: &OwnerName) -> Result<bool> {
        self.run(|conn| Ok(run(conn, "DELETE FROM resting_names WHERE name = ?1", [name])? > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::owners::owner::{Member, Role};
    use crate::store::testing::{Scratch, at, organization, owner, owner_id};

    const REST: Duration = Duration::from_secs(100);

    fn claim(by: Option<u8>, seconds: i64) -> Claim {
        Claim { by: by.map(owner_id), at: at(seconds), rest: REST }
    }

    /// A store where organization `acme` (9) was deleted at second 10, which user 1 administered and user 2 wrote to.
    fn with_a_resting_name() -> Scratch {
        let store = Scratch::empty();
        for n in [1, 2] {
            store.create_owner(&owner(n, &format!("user{n}"))).unwrap();
        }
        store.create_owner(&organization(9, "acme")).unwrap();
        for (user, role) in [(1, Role::Admin), (2, Role::Writer)] {
            store.set_member(&Member { organization: owner_id(9), user: owner_id(user), role }).unwrap();
        }
        store.delete_owner(owner_id(9), at(10)).unwrap();
        store
    }

    fn taken(store: &Scratch, claim: &Claim) -> Result<OwnerId> {
        store.claim_owner(&organization(7, "acme"), claim).map(|made| made.id)
    }

    #[test]
    fn nobody_else_gets_a_name_that_rests() {
        let store = with_a_resting_name();
        for other in [Some(2), None] {
            let error = taken(&store, &claim(other, 109)).unwrap_err();
            assert!(matches!(error, StoreError::NameRests { until, .. } if until == at(110)), "{error}");
            assert!(error.to_string().contains("--name-rest"), "{error}");
        }
        assert_eq!(store.resting_names().unwrap().len(), 1);
        assert_eq!(taken(&store, &claim(Some(2), 110)).unwrap(), owner_id(7));
        assert_eq!(store.resting_names().unwrap(), []);
    }

    #[test]
    fn whoever_administered_an_organization_makes_the_same_one_again() {
        let store = with_a_resting_name();
        assert_eq!(taken(&store, &claim(Some(1), 11)).unwrap(), owner_id(9));
        store.delete_owner(owner_id(9), at(12)).unwrap();
        assert_eq!(taken(&store, &claim(None, 13)).unwrap(), owner_id(9), "nobody administered it the second time");
    }

    #[test]
    fn an_organization_that_is_made_with_its_first_member_is_no_way_around_it() {
        let store = with_a_resting_name();
        let made = |user| store.create_organization(&organization(7, "acme"), owner_id(user), &claim(Some(user), 11));
        assert!(matches!(made(2).unwrap_err(), StoreError::NameRests { .. }));
        assert_eq!(made(1).unwrap().id, owner_id(9));
        assert_eq!(store.role(owner_id(9), owner_id(1)).unwrap(), Some(Role::Admin));
    }

    #[test]
    fn a_name_that_was_freed_is_for_everybody() {
        let store = with_a_resting_name();
        assert!(store.free_name(&"acme".parse().unwrap()).unwrap());
        assert!(!store.free_name(&"acme".parse().unwrap()).unwrap());
        assert_eq!(taken(&store, &claim(Some(2), 11)).unwrap(), owner_id(7));
    }
}
