//! Who may do what to which owner's modules. Private modules exist only for those who may read them.

use crate::model::{CommitId, ModuleName, OwnerId, Scope};
use crate::store::{Module, Owner, OwnerKind, Role, Store, StoreError, Viewer, Visibility};

use super::auth::Caller;
use super::http::error::{Answer, Refusal};

/// What a caller may do with one owner's modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// Not even see private ones.
    None,
    /// Read private ones.
    Read,
    /// Push to them.
    Write,
    /// Create, change and delete them.
    Admin,
}

/// What `caller` may do with the modules of `owner`, as far as token and membership go.
///
/// # Errors
/// When the store fails.
pub(super) fn access(store: &Store, caller: &Caller, owner: OwnerId) -> Result<Access, StoreError> {
    let Some(user) = caller.user() else { return Ok(Access::None) };
    let held = if user.id == owner || matches!(user.kind, OwnerKind::User { admin: true, .. }) {
        Access::Admin
    } else {
        match store.role(owner, user.id)? {
            None => Access::None,
            Some(Role::Reader) => Access::Read,
            Some(Role::Writer) => Access::Write,
            Some(Role::Admin) => Access::Admin,
        }
    };
    let allowed = if caller.allows(Scope::Write) { Access::Admin } else { Access::Read };
    Ok(held.min(allowed))
}

/// Refuses callers that may do less than `least` with the modules of `owner`; `doing` ends "you may not …".
///
/// # Errors
/// When the caller may not, or the store fails.
pub(super) fn require(store: &Store, caller: &Caller, owner: OwnerId, least: Access, doing: &str) -> Answer<()> {
    if access(store, caller, owner)? >= least {
        return Ok(());
    }
    let role = if least == Access::Admin { "admin" } else { "writer" };
    let message = match store.owner_by_id(owner)? {
        Some(Owner { name, kind: OwnerKind::User { .. }, .. }) => {
            format!("you may not {doing}: only user {name} may")
        }
        _ => format!(
            "you may not {doing}: that takes the role {role} in the organization, which an admin of it can give you"
        ),
    };
    Err(Refusal::forbidden(message))
}

/// Whether `caller` may read `module`; whether anonymous reads are allowed at all was decided before.
///
/// # Errors
/// When the store fails.
pub(super) fn may_read(store: &Store, caller: &Caller, module: &Module) -> Result<bool, StoreError> {
    Ok(module.visibility == Visibility::Public || access(store, caller, module.owner)? >= Access::Read)
}

/// The module `name`, if it exists for `caller`.
///
/// # Errors
/// When the store fails.
pub(super) fn readable_module(store: &Store, caller: &Caller, name: &ModuleName) -> Result<Option<Module>, StoreError> {
    match store.module(name)? {
        Some(module) if may_read(store, caller, &module)? => Ok(Some(module)),
        _ => Ok(None),
    }
}

/// Whether `caller` may read every module that `commit` needs. What is made of a commit, a descriptor or a crate, shows
/// something of each of them, so reading the commit's own module is not enough for it.
///
/// # Errors
/// When the store fails.
pub(super) fn may_read_dependencies(store: &Store, caller: &Caller, commit: CommitId) -> Result<bool, StoreError> {
    store.may_read_dependencies(viewer(caller), commit)
}

/// Refuses callers who may not read every module that a commit of `module` needs.
///
/// # Errors
/// When the caller may not, or the store fails.
pub(super) fn require_needs(store: &Store, caller: &Caller, module: &ModuleName, commit: CommitId) -> Answer<()> {
    if may_read_dependencies(store, caller, commit)? { Ok(()) } else { Err(has_hidden_dependency(module)) }
}

/// The refusal of what is made of modules that the caller may not read; their names are not told.
pub(super) fn has_hidden_dependency(module: &ModuleName) -> Refusal {
    Refusal::forbidden(format!(
        "module {module} depends on a private module that you may not read; ask for access to the modules that it imports"
    ))
}

/// Whether `caller` may read the private modules of all `owners`.
///
/// # Errors
/// When the store fails.
pub(super) fn may_read_all(store: &Store, caller: &Caller, owners: &[OwnerId]) -> Result<bool, StoreError> {
    for owner in owners {
        if access(store, caller, *owner)? < Access::Read {
            return Ok(false);
        }
    }
    Ok(true)
}

/// On whose behalf lists are made; `None` sees everything.
pub(super) fn viewer(caller: &Caller) -> Option<Viewer> {
    match caller.user() {
        None => Some(Viewer::Anonymous),
        Some(user) if matches!(user.kind, OwnerKind::User { admin: true, .. }) => None,
        Some(user) => Some(Viewer::User(user.id)),
    }
}
