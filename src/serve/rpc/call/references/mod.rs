//! Looks up the references of a request: module, label, commit, owner. Records that the caller may not read do not
//! exist.

use crate::actions::access::readable_module;
use crate::model::{CommitId, LabelId, LabelName, ModuleId, ModuleName, OwnerId, OwnerName};
use crate::publish::{self, Resolved, resolve_commit};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::suggest;
use crate::store::{Commit, Label, Module, Owner, OwnerKind};
use crate::wire::buf::registry::module::{v1, v1beta1};
use crate::wire::buf::registry::owner::v1 as owner_wire;

use super::context::Call;

/// A reference to a module, of either API version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::rpc) enum ModuleRef {
    /// Neither arm is set.
    Missing,
    Id(String),
    Name {
        owner: String,
        module: String,
    },
}

/// A reference to a module, a label or a commit, of either API version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::rpc) enum ResourceRef {
    /// Neither arm is set.
    Missing,
    Id(String),
    Name {
        owner: String,
        module: String,
        child: Child,
    },
}

/// The part of a module that a reference names. An empty name counts as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::rpc) enum Child {
    /// The module itself.
    Module,
    /// A label, and nothing else.
    Label(String),
    /// A commit, or else a label.
    Ref(String),
}

impl Child {
    fn label(name: String) -> Self {
        if name.is_empty() { Self::Module } else { Self::Label(name) }
    }

    fn reference(text: String) -> Self {
        if text.is_empty() { Self::Module } else { Self::Ref(text) }
    }
}

/// The messages of both API versions have the same fields.
macro_rules! from_wire {
    ($api:ident) => {
        impl From<$api::ModuleRef> for ModuleRef {
            fn from(wire: $api::ModuleRef) -> Self {
                use $api::module_ref::Value;
                match wire.value {
                    None => Self::Missing,
                    Some(Value::Id(id)) => Self::Id(id),
                    Some(Value::Name(name)) => Self::Name { owner: name.owner, module: name.module },
                }
            }
        }

        impl From<$api::ResourceRef> for ResourceRef {
            fn from(wire: $api::ResourceRef) -> Self {
                use $api::resource_ref::{Value, name};
                let name = match wire.value {
                    None => return Self::Missing,
                    Some(Value::Id(id)) => return Self::Id(id),
                    Some(Value::Name(name)) => name,
                };
                let child = match name.child {
                    None => Child::Module,
                    Some(name::Child::LabelName(label)) => Child::label(label),
                    Some(name::Child::Ref(text)) => Child::reference(text),
                };
                Self::Name { owner: name.owner, module: name.module, child }
            }
        }
    };
}

from_wire!(v1);
from_wire!(v1beta1);

/// The record that a [`ResourceRef`] names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::rpc) enum Resource {
    Module(Module),
    Label(Module, Label),
    Commit(Module, Commit),
}

const MISSING: &str = "a reference in the request is empty; set its id or its name";

/// The name `owner/module`.
///
/// # Errors
/// When either part is not a valid name.
pub(in crate::serve::rpc) fn module_name(owner: &str, module: &str) -> Answer<ModuleName> {
    let invalid = |error: crate::model::NameError| Refusal::invalid(error.to_string());
    Ok(ModuleName::new(owner.parse().map_err(invalid)?, module.parse().map_err(invalid)?))
}

/// The module of that name, if the caller may read it.
///
/// # Errors
/// When the name is not valid, or there is no such module for the caller.
pub(in crate::serve::rpc) fn named_module(call: &Call, owner: &str, module: &str) -> Answer<Module> {
    let name = module_name(owner, module)?;
    match readable_module(call.store(), &call.caller, &name)? {
        Some(module) => Ok(module),
        None => Err(call.no_module(&name)?),
    }
}

/// The module that `reference` names.
///
/// # Errors
/// As [`named_module`].
pub(in crate::serve::rpc) fn module(call: &Call, reference: &ModuleRef) -> Answer<Module> {
    match reference {
        ModuleRef::Missing => Err(Refusal::invalid(MISSING)),
        ModuleRef::Name { owner, module } => named_module(call, owner, module),
        ModuleRef::Id(id) => {
            let found = match id.parse::<ModuleId>() {
                Ok(id) => readable_by_id(call, id)?,
                Err(error) => return Err(Refusal::invalid(error.to_string())),
            };
            found.ok_or_else(|| Refusal::not_found(format!("there is no module with the id {id} in this registry")))
        }
    }
}

fn readable_by_id(call: &Call, id: ModuleId) -> Answer<Option<Module>> {
    match call.store().module_by_id(id)? {
        Some(module) if call.may_read(&module)? => Ok(Some(module)),
        _ => Ok(None),
    }
}

/// The commit `id` with its module, if the caller may read it.
///
/// # Errors
/// When the store fails.
pub(in crate::serve::rpc) fn readable_commit(call: &Call, id: CommitId) -> Answer<Option<(Module, Commit)>> {
    let Some(commit) = call.store().commit(id)? else { return Ok(None) };
    Ok(readable_by_id(call, commit.module)?.map(|module| (module, commit)))
}

/// The record that `reference` names.
///
/// # Errors
/// When there is no such record for the caller.
pub(in crate::serve::rpc) fn resource(call: &Call, reference: &ResourceRef) -> Answer<Resource> {
    let (owner, name, child) = match reference {
        ResourceRef::Missing => return Err(Refusal::invalid(MISSING)),
        ResourceRef::Id(id) => return by_id(call, id),
        ResourceRef::Name { owner, module, child } => (owner, module, child),
    };
    let module = named_module(call, owner, name)?;
    let text = match child {
        Child::Module => return Ok(Resource::Module(module)),
        Child::Label(label) => {
            label.parse::<LabelName>().map_err(|error| Refusal::invalid(error.to_string()))?;
            label
        }
        Child::Ref(text) => text,
    };
    Ok(match publish::resolve(call.store(), &module, text)? {
        Resolved::Module => Resource::Module(module),
        Resolved::Label(label) => Resource::Label(module, label),
        Resolved::Commit(commit) => Resource::Commit(module, commit),
    })
}

fn by_id(call: &Call, id: &str) -> Answer<Resource> {
    let commit: CommitId = id.parse().map_err(|error: crate::model::IdError| Refusal::invalid(error.to_string()))?;
    if let Some((module, commit)) = readable_commit(call, commit)? {
        return Ok(Resource::Commit(module, commit));
    }
    let bytes = *commit.as_bytes();
    if let Some(module) = readable_by_id(call, ModuleId::from_bytes(bytes))? {
        return Ok(Resource::Module(module));
    }
    if let Some((module, label)) = readable_label(call, LabelId::from_bytes(bytes))? {
        return Ok(Resource::Label(module, label));
    }
    Err(Refusal::not_found(format!("there is no commit, module or label with the id {id} in this registry")))
}

/// The commit that `reference` leads to, with its module: a module leads to the head of its default label.
///
/// # Errors
/// When there is no such record for the caller, or the default label has no commit.
pub(in crate::serve::rpc) fn commit(call: &Call, reference: &ResourceRef) -> Answer<(Module, Commit)> {
    commit_of(call, resource(call, reference)?)
}

/// The commit that `resource` leads to, with its module.
///
/// # Errors
/// When the default label has no commit.
pub(in crate::serve::rpc) fn commit_of(call: &Call, resource: Resource) -> Answer<(Module, Commit)> {
    match resource {
        Resource::Commit(module, commit) => Ok((module, commit)),
        Resource::Module(module) => {
            let commit = resolve_commit(call.store(), &module, "")?;
            Ok((module, commit))
        }
        Resource::Label(module, label) => {
            let head = call.store().commit(label.commit)?;
            let gone = || Refusal::not_found(format!("commit {} of label {} is gone", label.commit, label.name));
            Ok((module, head.ok_or_else(gone)?))
        }
    }
}

/// A label by its id, found through the commit of the newest entry in its history.
fn readable_label(call: &Call, id: LabelId) -> Answer<Option<(Module, Label)>> {
    let history = call.store().label_history(id, true, 0, 1)?;
    let Some(newest) = history.items.first() else { return Ok(None) };
    let labels = call.store().labels_of_commit(newest.commit)?;
    let Some(label) = labels.into_iter().find(|label| label.id == id) else { return Ok(None) };
    Ok(readable_by_id(call, label.module)?.map(|module| (module, label)))
}

/// The label with this id, with its module.
///
/// # Errors
/// When there is none for the caller.
pub(in crate::serve::rpc) fn label_by_id(call: &Call, id: &str) -> Answer<(Module, Label)> {
    let parsed = id.parse::<LabelId>().map_err(|error| Refusal::invalid(error.to_string()))?;
    let found = readable_label(call, parsed)?;
    found.ok_or_else(|| Refusal::not_found(format!("there is no label with the id {id} in this registry")))
}

/// The label that `reference` names, with its module; archived or not.
///
/// # Errors
/// When there is none for the caller.
pub(in crate::serve::rpc) fn label(call: &Call, reference: &v1::LabelRef) -> Answer<(Module, Label)> {
    let (module, name) = match label_place(call, reference)? {
        LabelPlace::Existing(module, label) => return Ok((module, label)),
        LabelPlace::New(module, name) => (module, name),
    };
    // `resolve` makes the refusal of an unknown label, with a suggestion.
    match publish::resolve(call.store(), &module, name.as_str())? {
        Resolved::Label(label) => Ok((module, label)),
        _ => Err(Refusal::not_found(format!("module {} has no label {name}", module.name))),
    }
}

/// A label that exists, or the name of a new one.
pub(in crate::serve::rpc) enum LabelPlace {
    Existing(Module, Label),
    New(Module, LabelName),
}

/// The label that `reference` names, or the name of a new label.
///
/// # Errors
/// When there is no such module or id for the caller, or the name is not valid.
pub(in crate::serve::rpc) fn label_place(call: &Call, reference: &v1::LabelRef) -> Answer<LabelPlace> {
    use v1::label_ref::Value;
    let wanted = match &reference.value {
        None => return Err(Refusal::invalid(MISSING)),
        Some(Value::Id(id)) => return label_by_id(call, id).map(|(module, label)| LabelPlace::Existing(module, label)),
        Some(Value::Name(name)) => name,
    };
    let module = named_module(call, &wanted.owner, &wanted.module)?;
    let name: LabelName =
        wanted.label.parse().map_err(|error: crate::model::LabelError| Refusal::invalid(error.to_string()))?;
    Ok(match call.store().label(module.id, &name)? {
        Some(label) => LabelPlace::Existing(module, label),
        None => LabelPlace::New(module, name),
    })
}

/// The owner of that name.
///
/// # Errors
/// When the name is not valid, or there is no such owner.
pub(in crate::serve::rpc) fn named_owner(call: &Call, name: &str) -> Answer<Owner> {
    let name: OwnerName = name.parse().map_err(|error: crate::model::NameError| Refusal::invalid(error.to_string()))?;
    match call.store().owner(&name)? {
        Some(owner) => Ok(owner),
        None => Err(suggest::unknown_owner(call.store(), &name)?),
    }
}

fn owner_by_id(call: &Call, id: &str) -> Answer<Owner> {
    let parsed = id.parse::<OwnerId>().map_err(|error| Refusal::invalid(error.to_string()))?;
    let found = call.store().owner_by_id(parsed)?;
    found.ok_or_else(|| Refusal::not_found(format!("there is no user or organization with the id {id}")))
}

/// The user or organization that `reference` names.
///
/// # Errors
/// When there is none.
pub(in crate::serve::rpc) fn owner(call: &Call, reference: &owner_wire::OwnerRef) -> Answer<Owner> {
    use owner_wire::owner_ref::Value;
    match &reference.value {
        None => Err(Refusal::invalid(MISSING)),
        Some(Value::Id(id)) => owner_by_id(call, id),
        Some(Value::Name(name)) => named_owner(call, name),
    }
}

/// The organization that `reference` names.
///
/// # Errors
/// When there is none, or it is a user.
pub(in crate::serve::rpc) fn organization(call: &Call, reference: &owner_wire::OrganizationRef) -> Answer<Owner> {
    use owner_wire::organization_ref::Value;
    let owner = match &reference.value {
        None => return Err(Refusal::invalid(MISSING)),
        Some(Value::Id(id)) => owner_by_id(call, id)?,
        Some(Value::Name(name)) => named_owner(call, name)?,
    };
    match owner.kind {
        OwnerKind::Organization => Ok(owner),
        OwnerKind::User { .. } => Err(Refusal::not_found(format!("{} is a user, not an organization", owner.name))),
    }
}

/// The user that `reference` names.
///
/// # Errors
/// When there is none, or it is an organization.
pub(in crate::serve::rpc) fn user(call: &Call, reference: &owner_wire::UserRef) -> Answer<Owner> {
    use owner_wire::user_ref::Value;
    let owner = match &reference.value {
        None => return Err(Refusal::invalid(MISSING)),
        Some(Value::Id(id)) => owner_by_id(call, id)?,
        Some(Value::Name(name)) => named_owner(call, name)?,
    };
    only_user(owner)
}

/// The user of that name.
///
/// # Errors
/// When there is none, or it is an organization.
pub(in crate::serve::rpc) fn named_user(call: &Call, name: &str) -> Answer<Owner> {
    only_user(named_owner(call, name)?)
}

fn only_user(owner: Owner) -> Answer<Owner> {
    match owner.kind {
        OwnerKind::User { .. } => Ok(owner),
        OwnerKind::Organization => Err(Refusal::not_found(format!("{} is an organization, not a user", owner.name))),
    }
}

#[cfg(test)]
mod tests;
