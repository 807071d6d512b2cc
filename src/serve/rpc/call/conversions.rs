//! Converts records to RPC messages.

use crate::model::{FilesDigest, ModuleDigest, Timestamp};
use crate::store::{Commit, Label, Module, Owner, OwnerKind, Visibility};
use crate::wire::buf::registry::module::v1::{self, CommitCheckStatus, ModuleState, ModuleVisibility};
use crate::wire::buf::registry::module::v1beta1;
use crate::wire::buf::registry::owner::v1 as owner_wire;
use crate::wire::time_to_wire;

/// A module.
pub(in crate::serve::rpc) fn module(module: &Module) -> v1::Module {
    let state = if module.deprecated { ModuleState::MODULE_STATE_DEPRECATED } else { ModuleState::MODULE_STATE_ACTIVE };
    v1::Module {
        id: module.id.to_string(),
        create_time: time_to_wire(module.created).into(),
        update_time: time_to_wire(module.updated).into(),
        name: module.name.name().to_string(),
        owner_id: module.owner.to_string(),
        visibility: visibility(module.visibility).into(),
        state: state.into(),
        description: module.description.clone(),
        url: module.url.clone(),
        default_label_name: module.default_label.to_string(),
    }
}

fn visibility(visibility: Visibility) -> ModuleVisibility {
    match visibility {
        Visibility::Public => ModuleVisibility::MODULE_VISIBILITY_PUBLIC,
        Visibility::Private => ModuleVisibility::MODULE_VISIBILITY_PRIVATE,
    }
}

/// A commit of `module`, with its B5 digest.
pub(in crate::serve::rpc) fn commit(module: &Module, commit: &Commit) -> v1::Commit {
    let ModuleDigest(digest) = commit.digest;
    let value = digest.as_bytes().to_vec().into();
    v1::Commit {
        id: commit.id.to_string(),
        create_time: time_to_wire(commit.created).into(),
        owner_id: module.owner.to_string(),
        module_id: module.id.to_string(),
        digest: v1::Digest { r#type: v1::DigestType::DIGEST_TYPE_B5.into(), value }.into(),
        created_by_user_id: commit.created_by.to_string(),
        source_control_url: commit.source_control_url.clone(),
    }
}

/// The kind of digest that a client of API v1beta1 requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve::rpc) enum BetaDigest {
    /// The b4 digest, over the files; `buf.lock` v1 holds it.
    B4(FilesDigest),
    /// The b5 digest, over files and dependencies.
    B5,
}

/// A commit of `module` for API v1beta1.
pub(in crate::serve::rpc) fn beta_commit(module: &Module, record: &Commit, wanted: BetaDigest) -> v1beta1::Commit {
    let (kind, digest) = match wanted {
        BetaDigest::B4(FilesDigest(files)) => (v1beta1::DigestType::DIGEST_TYPE_B4, files),
        BetaDigest::B5 => (v1beta1::DigestType::DIGEST_TYPE_B5, record.digest.0),
    };
    let current = commit(module, record);
    v1beta1::Commit {
        id: current.id,
        create_time: current.create_time,
        owner_id: current.owner_id,
        module_id: current.module_id,
        digest: v1beta1::Digest { r#type: kind.into(), value: digest.as_bytes().to_vec().into() }.into(),
        created_by_user_id: current.created_by_user_id,
        source_control_url: current.source_control_url,
    }
}

/// A label of `module`.
pub(in crate::serve::rpc) fn label(module: &Module, label: &Label) -> v1::Label {
    v1::Label {
        id: label.id.to_string(),
        create_time: time_to_wire(label.created).into(),
        update_time: time_to_wire(label.updated).into(),
        archive_time: label.archived.map(time_to_wire).into(),
        name: label.name.to_string(),
        owner_id: module.owner.to_string(),
        module_id: module.id.to_string(),
        commit_id: label.commit.to_string(),
        updated_by_user_id: label.updated_by.to_string(),
        commit_check_state: check_state(label.updated).into(),
    }
}

/// The state of commit checks, which this registry does not have.
pub(in crate::serve::rpc) fn check_state(since: Timestamp) -> v1::CommitCheckState {
    v1::CommitCheckState {
        status: CommitCheckStatus::COMMIT_CHECK_STATUS_DISABLED.into(),
        update_time: time_to_wire(since).into(),
    }
}

/// A user or an organization.
pub(in crate::serve::rpc) fn owner(owner: &Owner) -> owner_wire::Owner {
    let value = match owner.kind {
        OwnerKind::User { admin, bot } => user(owner, admin, bot).into(),
        OwnerKind::Organization => organization(owner).into(),
    };
    owner_wire::Owner { value }
}

/// A user with these flags.
pub(in crate::serve::rpc) fn user(owner: &Owner, admin: bool, bot: bool) -> owner_wire::User {
    use owner_wire::{UserInstanceRole, UserState, UserType, UserVerificationStatus};
    let kind = if bot { UserType::USER_TYPE_BOT } else { UserType::USER_TYPE_STANDARD };
    let role =
        if admin { UserInstanceRole::USER_INSTANCE_ROLE_ADMIN } else { UserInstanceRole::USER_INSTANCE_ROLE_MEMBER };
    let state = if owner.disabled.is_some() { UserState::USER_STATE_INACTIVE } else { UserState::USER_STATE_ACTIVE };
    owner_wire::User {
        id: owner.id.to_string(),
        create_time: time_to_wire(owner.created).into(),
        update_time: time_to_wire(owner.updated).into(),
        name: owner.name.to_string(),
        r#type: kind.into(),
        state: state.into(),
        description: owner.description.clone(),
        url: owner.url.clone(),
        verification_status: UserVerificationStatus::USER_VERIFICATION_STATUS_UNVERIFIED.into(),
        user_instance_role: role.into(),
    }
}

/// An organization.
pub(in crate::serve::rpc) fn organization(owner: &Owner) -> owner_wire::Organization {
    use owner_wire::{OrganizationVerificationStatus as Status, OrganizationVisibility};
    owner_wire::Organization {
        id: owner.id.to_string(),
        create_time: time_to_wire(owner.created).into(),
        update_time: time_to_wire(owner.updated).into(),
        name: owner.name.to_string(),
        description: owner.description.clone(),
        url: owner.url.clone(),
        verification_status: Status::ORGANIZATION_VERIFICATION_STATUS_UNVERIFIED.into(),
        visibility: OrganizationVisibility::ORGANIZATION_VISIBILITY_PUBLIC.into(),
    }
}
