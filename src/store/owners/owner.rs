//! Users, organizations and their members.

use super::resting_name::{Claim, NewOwner, lay_to_rest, take_name};
use crate::model::{OwnerId, OwnerName, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, Work, unless_taken};
use crate::store::db::statements::pagination::{Page, PageWindow};
use crate::store::db::statements::query::{all, count, exists, one, run};
use crate::store::db::statements::sql_values::keyword_column;
use crate::store::db::transaction::Transaction;

/// The kind of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// A person or a program, with tokens.
    User {
        /// Whether the user administers the whole registry.
        admin: bool,
        /// Whether the user is a program, not a person.
        bot: bool,
    },
    /// A group of users that owns modules together.
    Organization,
}

/// A user or an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The id, which never changes.
    pub id: OwnerId,
    /// The first part of the names of its modules; never changes, because the names of crates contain it.
    pub name: OwnerName,
    /// User or organization.
    pub kind: OwnerKind,
    /// Free text for people; may be empty.
    pub description: String,
    /// The URL of its web page; may be empty.
    pub url: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Since when the user may not sign in, and no token of the user is accepted.
    pub disabled: Option<Timestamp>,
}

/// The rights of a member of an organization; each role includes the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Read the organization's private modules.
    Reader,
    /// Also push to its modules.
    Writer,
    /// Also create, change and delete modules, and manage members.
    Admin,
}

keyword_column!(Role { Reader = "reader", Writer = "writer", Admin = "admin" });

/// A user's membership in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The organization.
    pub organization: OwnerId,
    /// The user.
    pub user: OwnerId,
    /// The rights of the user in the organization.
    pub role: Role,
}

const BY_ID: &str = "SELECT * FROM owners WHERE id = ?1";

/// Reads an owner from a row with all columns of `owners`.
pub(in crate::store) fn read_owner(row: &Row<'_>) -> SqlResult<Owner> {
    let kind = match row.text("kind")? {
        "organization" => OwnerKind::Organization,
        _ => OwnerKind::User { admin: row.get("admin")?, bot: row.get("bot")? },
    };
    Ok(Owner {
        id: row.get("id")?,
        name: row.get("name")?,
        kind,
        description: row.get("description")?,
        url: row.get("url")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        disabled: row.get("disabled")?,
    })
}

fn read_owner_and_role(row: &Row<'_>) -> SqlResult<(Owner, Role)> {
    Ok((read_owner(row)?, row.get("role")?))
}

/// The columns `kind`, `admin` and `bot`.
fn kind_columns(kind: OwnerKind) -> (&'static str, bool, bool) {
    match kind {
        OwnerKind::User { admin, bot } => ("user", admin, bot),
        OwnerKind::Organization => ("organization", false, false),
    }
}

/// Takes the name and inserts the owner. Returns the owner with its final id.
fn insert_owner(conn: &Connection, owner: &Owner, claim: &Claim) -> Work<Owner> {
    let owner = {
        let is_organization = owner.kind == OwnerKind::Organization;
        let new = NewOwner { id: owner.id, name: &owner.name, is_organization };
        Owner { id: take_name(conn, &new, claim)?, ..owner.clone() }
    };
    let (kind, admin, bot) = kind_columns(owner.kind);
    let (text, times) = ((&owner.description, &owner.url), (owner.created, owner.updated));
    let values = params![owner.id, owner.name, kind, admin, bot, text.0, text.1, times.0, times.1, owner.disabled];
    let inserted = run(conn, "INSERT INTO owners VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", values);
    unless_taken(inserted, || format!("owner {}", owner.name))?;
    Ok(owner)
}

fn put_member(conn: &Connection, member: &Member) -> Work<()> {
    let sql = "INSERT INTO members VALUES (?1, ?2, ?3)
               ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role";
    run(conn, sql, params![member.organization, member.user, member.role])?;
    Ok(())
}

fn role_of(conn: &Connection, organization: OwnerId, user: OwnerId) -> Work<Option<Role>> {
    let sql = "SELECT role FROM members WHERE organization_id = ?1 AND user_id = ?2";
    one(conn, sql, [organization, user], |row| row.get(0))
}

impl Store {
    /// Whether there is no owner yet, as in a new data directory.
    pub fn is_empty(&self) -> Result<bool> {
        self.read("look for owners", |conn| Ok(!exists(conn, "SELECT 1 FROM owners", [])?))
    }

    /// The owner with this name.
    pub fn owner(&self, name: &OwnerName) -> Result<Option<Owner>> {
        self.read("look up an owner", |conn| one(conn, "SELECT * FROM owners WHERE name = ?1", [name], read_owner))
    }

    /// The owner with this id.
    pub fn owner_by_id(&self, id: OwnerId) -> Result<Option<Owner>> {
        self.read("look up an owner", |conn| one(conn, BY_ID, [id], read_owner))
    }

    /// The owners with these ids, in the same order.
    pub fn owners(&self, ids: &[OwnerId]) -> Result<Vec<Option<Owner>>> {
        self.read("look up owners", |conn| ids.iter().map(|id| one(conn, BY_ID, [id], read_owner)).collect())
    }

    /// Users and organizations by name.
    pub fn list_owners(&self, offset: u64, limit: u64) -> Result<Page<Owner>> {
        let cut = PageWindow::new(offset, limit);
        self.read("list owners", |conn| {
            let values = named_params! { ":limit": cut.limit(), ":offset": cut.offset() };
            let sql = "SELECT * FROM owners ORDER BY name LIMIT :limit OFFSET :offset";
            Ok(cut.page(all(conn, sql, values, read_owner)?))
        })
    }

    /// The role of the user in the organization; `None` without membership.
    pub fn role(&self, organization: OwnerId, user: OwnerId) -> Result<Option<Role>> {
        self.read("look up a member", |conn| role_of(conn, organization, user))
    }

    /// The members of an organization, by name.
    pub fn members(&self, organization: OwnerId) -> Result<Vec<(Owner, Role)>> {
        self.read("list members", |conn| {
            let sql = "SELECT owners.*, role FROM members JOIN owners ON owners.id = user_id
                       WHERE organization_id = ?1 ORDER BY name";
            all(conn, sql, [organization], read_owner_and_role)
        })
    }

    /// The organizations that a user is a member of, by name.
    pub fn organizations_of(&self, user: OwnerId) -> Result<Vec<(Owner, Role)>> {
        self.read("list organizations", |conn| {
            let sql = "SELECT owners.*, role FROM members JOIN owners ON owners.id = organization_id
                       WHERE user_id = ?1 ORDER BY name";
            all(conn, sql, [user], read_owner_and_role)
        })
    }
}

impl Transaction<'_> {
    /// Creates a user or an organization, and returns it as stored: a deleted organization that one of its
    /// administrators creates again gets its former id.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if the name (or the id) is taken, by a user or by an organization;
    /// [`StoreError::NameRests`] if the name belonged to another owner not long ago.
    pub fn claim_owner(&self, owner: &Owner, claim: &Claim) -> Result<Owner> {
        self.run(|conn| insert_owner(conn, owner, claim))
    }

    /// Creates an organization that `user` administers, and returns it as stored.
    ///
    /// # Errors
    /// As [`Self::claim_owner`], and [`StoreError::Limit`] if the user administers too many organizations.
    pub fn create_organization(&self, organization: &Owner, user: OwnerId, claim: &Claim) -> Result<Owner> {
        self.run(|conn| {
            let organization = insert_owner(conn, organization, claim)?;
            put_member(conn, &Member { organization: organization.id, user, role: Role::Admin })?;
            self.quotas().check_organizations(conn, user)?;
            Ok(organization)
        })
    }

    /// Changes description, URL, a user's flags, and whether the user is disabled. The name and the kind never change.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such user or organization.
    pub fn update_owner(&self, owner: &Owner) -> Result<()> {
        self.run(|conn| {
            let (kind, admin, bot) = kind_columns(owner.kind);
            let sql = "UPDATE owners SET admin = ?3, bot = ?4, description = ?5, url = ?6, updated = ?7,
                       disabled = ?8 WHERE id = ?1 AND kind = ?2";
            let (updated, disabled) = (owner.updated, owner.disabled);
            let values = params![owner.id, kind, admin, bot, owner.description, owner.url, updated, disabled];
            match run(conn, sql, values)? {
                0 => Err(StoreError::Missing(format!("{kind} {}", owner.name)).into()),
                _ => Ok(()),
            }
        })
    }

    /// Deletes an owner with its tokens and memberships. From `at` on the name rests.
    ///
    /// # Errors
    /// [`StoreError::OwnerHasModules`] and [`StoreError::OwnerHasCheckPlugins`] while it has some; [`StoreError::Missing`] if there is no such owner.
    pub fn delete_owner(&self, id: OwnerId, at: Timestamp) -> Result<()> {
        self.run(|conn| {
            let Some(owner) = one(conn, BY_ID, [id], read_owner)? else {
                return Err(StoreError::Missing(format!("owner {id}")).into());
            };
            let modules = count(conn, "SELECT count(*) FROM modules WHERE owner_id = ?1", [id])?;
            if modules > 0 {
                return Err(StoreError::OwnerHasModules { owner: owner.name, modules }.into());
            }
            let plugins = count(conn, "SELECT count(*) FROM check_plugins WHERE owner_id = ?1", [id])?;
            if plugins > 0 {
                return Err(StoreError::OwnerHasCheckPlugins { owner: owner.name, plugins }.into());
            }
            lay_to_rest(conn, &owner.name, owner.id, at)?;
            run(conn, "DELETE FROM owners WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Makes a user a member of an organization, or changes a member's role.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if the user or the organization does not exist.
    pub fn set_member(&self, member: &Member) -> Result<()> {
        self.run(|conn| put_member(conn, member))
    }

    /// The role of the user in the organization, as [`Store::role`].
    pub fn role(&self, organization: OwnerId, user: OwnerId) -> Result<Option<Role>> {
        self.run(|conn| role_of(conn, organization, user))
    }

    /// Whether anybody administers the organization.
    pub fn has_admin(&self, organization: OwnerId) -> Result<bool> {
        let sql = "SELECT 1 FROM members WHERE organization_id = ?1 AND role = 'admin'";
        self.run(|conn| exists(conn, sql, [organization]))
    }

    /// The first organization by name that nobody but this user administers.
    pub fn organization_with_only_admin(&self, user: OwnerId) -> Result<Option<OwnerName>> {
        let sql = "SELECT name FROM members AS own JOIN owners ON owners.id = own.organization_id
                   WHERE own.user_id = ?1 AND own.role = 'admin' AND NOT EXISTS (
                       SELECT 1 FROM members AS other WHERE other.organization_id = own.organization_id
                       AND other.role = 'admin' AND other.user_id <> ?1)
                   ORDER BY name LIMIT 1";
        self.run(|conn| one(conn, sql, [user], |row| row.get(0)))
    }

    /// Whether a user beside this one administers the registry, and may sign in.
    pub fn has_other_administrator(&self, user: OwnerId) -> Result<bool> {
        let sql = "SELECT 1 FROM owners WHERE admin AND disabled IS NULL AND id <> ?1";
        self.run(|conn| exists(conn, sql, [user]))
    }

    /// Ends a membership; `false` if there was none.
    pub fn remove_member(&self, organization: OwnerId, user: OwnerId) -> Result<bool> {
        self.run(|conn| {
            let sql = "DELETE FROM members WHERE organization_id = ?1 AND user_id = ?2";
            Ok(run(conn, sql, [organization, user])? > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, module, organization, owner, owner_id};

    #[test]
    fn owners_are_found_by_name_and_id() {
        let store = Scratch::empty();
        assert!(store.is_empty().unwrap());
        let bot =
            Owner { kind: OwnerKind::User { admin: true, bot: true }, url: "https://x".into(), ..owner(1, "robot") };
        let team = organization(2, "acme");
        store.create_owner(&bot).unwrap();
        store.create_owner(&team).unwrap();
        assert!(!store.is_empty().unwrap());
        assert_eq!(store.owner(&bot.name).unwrap(), Some(bot.clone()));
        assert_eq!(store.owner_by_id(team.id).unwrap(), Some(team.clone()));
        let found = store.owners(&[owner_id(2), owner_id(9), owner_id(1), owner_id(2)]).unwrap();
        assert_eq!(found, [Some(team.clone()), None, Some(bot.clone()), Some(team.clone())]);
        let first = store.list_owners(0, 1).unwrap();
        assert_eq!((first.items, first.next), (vec![team], Some(1)));
        let last = store.list_owners(1, 1).unwrap();
        assert_eq!((last.items, last.next), (vec![bot], None));
    }

    #[test]
    fn a_character_that_one_engine_cannot_keep_in_a_text_is_another_with_both() {
        let store = Scratch::empty();
        store.create_owner(&Owner { description: "a\0b".into(), ..owner(1, "acme") }).unwrap();
        assert_eq!(store.owner_by_id(owner_id(1)).unwrap().unwrap().description, "a\u{fffd}b");
    }

    #[test]
    fn a_name_is_taken_once_by_user_or_organization() {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        let error = store.create_owner(&organization(2, "acme")).unwrap_err();
        assert_eq!(error.to_string(), "owner acme already exists");
        assert!(matches!(error, StoreError::AlreadyExists(_)));
    }

    #[test]
    fn a_change_keeps_name_and_kind() {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        let admin = OwnerKind::User { admin: true, bot: false };
        let changed = Owner { kind: admin, description: "d".into(), updated: at(9), ..owner(1, "acme") };
        store.update_owner(&Owner { name: "other".parse().unwrap(), ..changed.clone() }).unwrap();
        assert_eq!(store.owner_by_id(owner_id(1)).unwrap(), Some(changed));
        let error = store.update_owner(&organization(1, "acme")).unwrap_err();
        assert_eq!(error.to_string(), "organization acme does not exist");
    }

    #[test]
    fn an_owner_with_modules_stays() {
        let store = Scratch::empty();
        store.create_owner(&owner(1, "acme")).unwrap();
        store.create_module(&module(1, "acme/pets", 1)).unwrap();
        let error = store.delete_owner(owner_id(1), at(50)).unwrap_err();
        assert!(matches!(error, StoreError::OwnerHasModules { modules: 1, .. }), "{error}");
        store.delete_modules(&[module(1, "acme/pets", 1).id]).unwrap();
        store.delete_owner(owner_id(1), at(50)).unwrap();
        assert!(matches!(store.delete_owner(owner_id(1), at(50)), Err(StoreError::Missing(_))));
    }

    #[test]
    fn membership_ends_with_either_side() {
        let store = Scratch::empty();
        for n in [1, 2] {
            store.create_owner(&owner(n, &format!("user{n}"))).unwrap();
        }
        let team = organization(3, "team");
        store.create_owner(&team).unwrap();
        let member = |user, role| Member { organization: owner_id(3), user: owner_id(user), role };
        store.set_member(&member(2, Role::Reader)).unwrap();
        store.set_member(&member(1, Role::Writer)).unwrap();
        store.set_member(&member(2, Role::Admin)).unwrap();
        assert_eq!(store.role(owner_id(3), owner_id(2)).unwrap(), Some(Role::Admin));
        let members = store.members(owner_id(3)).unwrap();
        assert_eq!(members, [(owner(1, "user1"), Role::Writer), (owner(2, "user2"), Role::Admin)]);
        assert_eq!(store.organizations_of(owner_id(1)).unwrap(), [(team, Role::Writer)]);
        assert!(store.remove_member(owner_id(3), owner_id(1)).unwrap());
        assert!(!store.remove_member(owner_id(3), owner_id(1)).unwrap());
        store.delete_owner(owner_id(2), at(50)).unwrap();
        assert!(store.members(owner_id(3)).unwrap().is_empty());
        assert!(matches!(store.set_member(&member(9, Role::Admin)), Err(StoreError::Missing(_))));
    }
}
