//! The organizations of the signed-in user, and their members.

use http::Response;

use crate::actions::access::{Access, access};
use crate::actions::members::{self, word};
use crate::actions::organizations::{self, NewOrganization};
use crate::actions::settings::{self, OwnerSettingsChange};
use crate::model::{OwnerName, UniqueNames};
use crate::publish::GateOrigin;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::Body;
use crate::serve::suggest::unknown_owner;
use crate::store::{Owner, OwnerKind, Role};

use super::super::module::settings::GateView;
use crate::serve::web::page::form::Fields;
use crate::serve::web::page::page_request::{PageRequest, see_other};

/// A member as listed.
pub(in crate::serve::web) struct MemberRow {
    pub name: String,
    pub role: &'static str,
}

/// An organization as listed.
pub(in crate::serve::web) struct OrganizationRow {
    pub name: String,
    pub role: &'static str,
    pub may_manage: bool,
    pub settings: OwnerSettingsView,
    pub members: Vec<MemberRow>,
}

/// What holds for the modules of an owner that say nothing of their own.
pub(in crate::serve::web) struct OwnerSettingsView {
    pub owner: String,
    /// The gate before a release.
    pub gate: GateView,
    /// The words for names that must be unique, each with whether it is the one that holds.
    pub unique_names: Vec<(&'static str, bool)>,
}

impl OwnerSettingsView {
    /// The settings of `owner`.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::serve::web) fn of(visit: &PageRequest<'_>, owner: &Owner) -> Answer<Self> {
        Ok(Self {
            owner: owner.name.to_string(),
            gate: GateView::of(&visit.state.publisher.owner_gate(owner)?, GateOrigin::Owner),
            unique_names: unique_names(visit.store().owner_settings(owner.id)?.unique_names.unwrap_or_default()),
        })
    }
}

/// The organizations that `user` belongs to.
pub(in crate::serve::web) fn rows(visit: &PageRequest<'_>, user: &Owner) -> Answer<Vec<OrganizationRow>> {
    let store = visit.store();
    let mut rows = vec![];
    for (organization, role) in store.organizations_of(user.id)? {
        let members = store.members(organization.id)?;
        let member = |(member, role): (Owner, Role)| MemberRow { name: member.name.to_string(), role: word(role) };
        rows.push(OrganizationRow {
            settings: OwnerSettingsView::of(visit, &organization)?,
            may_manage: access(store, &visit.caller, organization.id)? >= Access::Admin,
            name: organization.name.to_string(),
            role: word(role),
            members: members.into_iter().map(member).collect(),
        });
    }
    Ok(rows)
}

fn unique_names(held: UniqueNames) -> Vec<(&'static str, bool)> {
    UniqueNames::ALL.into_iter().map(|word| (word.as_str(), word == held)).collect()
}

/// `POST /settings/owner`: changes what holds for the modules of an owner.
pub(in crate::serve::web) fn change_settings(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let owner = owner(visit, fields.get("owner"))?;
    let change = OwnerSettingsChange {
        breaking: Some(settings::gate(fields.get("breaking"))?),
        unique_names: Some(settings::unique_names(fields.get("unique_names"))?),
    };
    settings::update_owner(&visit.actor(), &owner, change)?;
    let section = if owner.kind == OwnerKind::Organization { "organizations" } else { "modules" };
    Ok(see_other(&format!("/settings#{section}")))
}

/// `POST /settings/organizations`: creates an organization with the caller as its first admin.
pub(in crate::serve::web) fn create(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    visit.caller.require_write()?;
    let name: OwnerName = fields.get("name").parse().map_err(|error| Refusal::invalid(format!("{error}")))?;
    let new = NewOrganization { name, description: String::new(), url: String::new() };
    organizations::create(&visit.actor(), &visit.state.publisher, vec![new])?;
    Ok(see_other("/settings#organizations"))
}

/// `POST /settings/members`: adds, changes or removes a member.
pub(in crate::serve::web) fn set_member(visit: &PageRequest<'_>, fields: &Fields) -> Answer<Response<Body>> {
    let organization = owner(visit, fields.get("organization"))?;
    let user = owner(visit, fields.get("user"))?;
    let role = match fields.get("role") {
        "reader" => Some(Role::Reader),
        "writer" => Some(Role::Writer),
        "admin" => Some(Role::Admin),
        "none" => None,
        other => return Err(Refusal::invalid(format!("role {other:?} is unknown; use reader, writer or admin"))),
    };
    members::set(&visit.actor(), &organization, &user, role)?;
    Ok(see_other("/settings#organizations"))
}

fn owner(visit: &PageRequest<'_>, text: &str) -> Answer<Owner> {
    let name: OwnerName = text.parse().map_err(|error| Refusal::invalid(format!("{error}")))?;
    match visit.store().owner(&name)? {
        Some(owner) => Ok(owner),
        None => Err(unknown_owner(visit.store(), &name)?),
    }
}
