//! Builds the reference messages of requests.

use crate::model::{CommitId, LabelName, ModuleId, ModuleName, OwnerId, OwnerName};
use crate::wire::buf::alpha::registry::v1alpha1::LocalModuleReference;
use crate::wire::buf::registry::module::v1::resource_ref::name::Child;
use crate::wire::buf::registry::module::v1::{
    LabelRef, ModuleRef, ResourceRef, ScopedLabelRef, label_ref, module_ref, resource_ref, scoped_label_ref,
};
use crate::wire::buf::registry::owner::v1::{OrganizationRef, OwnerRef, organization_ref, owner_ref};
use crate::wire::registry::v1;

pub(super) fn module(name: &ModuleName) -> ModuleRef {
    let name = module_ref::Name { owner: name.owner().to_string(), module: name.name().to_string() };
    ModuleRef { value: name.into() }
}

pub(super) fn module_by_id(id: ModuleId) -> ModuleRef {
    ModuleRef { value: Some(module_ref::Value::Id(id.to_string())) }
}

/// The reference to a module, or to `reference` in it: a commit id or the name of a label. Empty means the module
/// itself.
pub(super) fn resource(name: &ModuleName, reference: &str) -> ResourceRef {
    let child = (!reference.is_empty()).then(|| Child::Ref(reference.to_owned()));
    let name = resource_ref::Name { owner: name.owner().to_string(), module: name.name().to_string(), child };
    ResourceRef { value: name.into() }
}

pub(super) fn commit(id: CommitId) -> ResourceRef {
    ResourceRef { value: Some(resource_ref::Value::Id(id.to_string())) }
}

pub(super) fn label(module: &ModuleName, label: &LabelName) -> LabelRef {
    let (owner, module) = (module.owner().to_string(), module.name().to_string());
    LabelRef { value: label_ref::Name { owner, module, label: label.to_string() }.into() }
}

pub(super) fn scoped_label(label: &LabelName) -> ScopedLabelRef {
    ScopedLabelRef { value: Some(scoped_label_ref::Value::Name(label.to_string())) }
}

pub(super) fn owner(name: &OwnerName) -> OwnerRef {
    OwnerRef { value: Some(owner_ref::Value::Name(name.to_string())) }
}

pub(super) fn owner_by_id(id: OwnerId) -> OwnerRef {
    OwnerRef { value: Some(owner_ref::Value::Id(id.to_string())) }
}

pub(super) fn organization(name: &OwnerName) -> OrganizationRef {
    OrganizationRef { value: Some(organization_ref::Value::Name(name.to_string())) }
}

/// The reference message of `buf.alpha`; `reference` as in [`resource`].
pub(super) fn local_module(name: &ModuleName, reference: &str) -> LocalModuleReference {
    LocalModuleReference {
        owner: name.owner().to_string(),
        repository: name.name().to_string(),
        reference: reference.to_owned(),
    }
}

/// The reference message of the registry's own API.
pub(super) fn module_name(name: &ModuleName) -> v1::ModuleName {
    v1::ModuleName { owner: name.owner().to_string(), name: name.name().to_string() }
}
