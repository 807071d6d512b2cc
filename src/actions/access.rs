//! Rights on modules, by owner. A private module does not exist for a caller without the right to read it.

use crate::model::{CommitId, ModuleName, OwnerId, Scope};
use crate::store::{Module, Owner, OwnerKind, Role, Store, StoreError, Viewer, Visibility};

use super::caller::{Caller, is_administrator};
use super::error::ActionError;

/// The rights of a caller on one owner's modules, each including the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// None on private modules: they do not exist for the caller.
    None,
    /// Read private modules.
    Read,
    /// Push to modules.
    Write,
    /// Create, change and delete modules.
    Admin,
}

/// The rights of `caller` on the modules of `owner`, by token and membership.
///
/// # Errors
/// When the store fails.
pub(crate) fn access(store: &Store, caller: &Caller, owner: OwnerId) -> Result<Access, StoreError> {
    let user = match caller {
        Caller::Anonymous => return Ok(Access::None),
        Caller::Operator => return Ok(Access::Admin),
        Caller::User { user, .. } => user,
    };
    let held = if user.id == owner || is_administrator(user) {
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
pub(crate) fn require(
    store: &Store,
    caller: &Caller,
    owner: OwnerId,
    least: Access,
    doing: &str,
) -> Result<(), ActionError> {
    if access(store, caller, owner)? >= least {
        return Ok(());
    }
    let (doing, role) = (doing.to_owned(), if least == Access::Admin { "admin" } else { "writer" });
    Err(match store.owner_by_id(owner)? {
        Some(Owner { name, kind: OwnerKind::User { .. }, .. }) => ActionError::NotTheUser { doing, user: name },
        _ => ActionError::NoRole { doing, role },
    })
}

/// Whether `caller` may read `module`. The server's setting for anonymous reads is checked before.
///
/// # Errors
/// When the store fails.
pub(crate) fn may_read(store: &Store, caller: &Caller, module: &Module) -> Result<bool, StoreError> {
    may_read_of(store, caller, (module.owner, module.visibility))
}

/// Whether `caller` may read what is this visible, of that owner.
///
/// # Errors
/// When the store fails.
pub(super) fn may_read_of(
    store: &Store,
    caller: &Caller,
    (owner, visibility): (OwnerId, Visibility),
) -> Result<bool, StoreError> {
    Ok(visibility == Visibility::Public || access(store, caller, owner)? >= Access::Read)
}

/// The module `name`, if it exists for `caller`.
///
/// # Errors
/// When the store fails.
pub(crate) fn readable_module(store: &Store, caller: &Caller, name: &ModuleName) -> Result<Option<Module>, StoreError> {
    match store.module(name)? {
        Some(module) if may_read(store, caller, &module)? => Ok(Some(module)),
        _ => Ok(None),
    }
}

/// Whether `caller` may read every module that `commit` depends on. The descriptors and crates of a commit reveal
/// content of its dependencies, so the right to read the commit's own module is not enough.
///
/// # Errors
/// When the store fails.
pub(crate) fn may_read_dependencies(store: &Store, caller: &Caller, commit: CommitId) -> Result<bool, StoreError> {
    store.may_read_dependencies(viewer(caller), commit)
}

/// Refuses callers who may not read every module that a commit of `module` depends on.
///
/// # Errors
/// When the caller may not, or the store fails.
pub(crate) fn require_needs(
    store: &Store,
    caller: &Caller,
    module: &ModuleName,
    commit: CommitId,
) -> Result<(), ActionError> {
    if may_read_dependencies(store, caller, commit)? {
        Ok(())
    } else {
        Err(ActionError::HiddenDependency(module.clone()))
    }
}

/// Whether `caller` may read the private modules of all `owners`.
///
/// # Errors
/// When the store fails.
pub(crate) fn may_read_all(store: &Store, caller: &Caller, owners: &[OwnerId]) -> Result<bool, StoreError> {
    for owner in owners {
        if access(store, caller, *owner)? < Access::Read {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The user whose rights filter a list; `None` sees everything.
pub(crate) fn viewer(caller: &Caller) -> Option<Viewer> {
    match caller {
        Caller::Anonymous => Some(Viewer::Anonymous),
        Caller::User { user, .. } if is_administrator(user) => None,
        Caller::User { user, .. } => Some(Viewer::User(user.id)),
        Caller::Operator => None,
    }
}
