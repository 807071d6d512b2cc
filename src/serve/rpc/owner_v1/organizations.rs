//! The organization service: looks up, lists, creates, changes and deletes organizations.

use std::collections::BTreeMap;

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::organizations::{self, NewOrganization, OrganizationChange};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Owner, OwnerKind};
use crate::wire::buf::registry::owner::v1::{
    CreateOrganizationsRequest, CreateOrganizationsResponse, DeleteOrganizationsRequest, DeleteOrganizationsResponse,
    GetOrganizationsRequest, GetOrganizationsResponse, ListOrganizationsRequest, ListOrganizationsResponse,
    OrganizationRef, OrganizationService, OrganizationVisibility, UpdateOrganizationsRequest,
    UpdateOrganizationsResponse, create_organizations_request, list_organizations_request::Order,
    update_organizations_request,
};

use super::users::{distinct, in_order, sort};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, batch, next_token};
use crate::serve::rpc::call::{conversions, references};

impl OrganizationService for Rpc {
    async fn get_organizations(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetOrganizationsRequest>,
    ) -> ServiceResult<GetOrganizationsResponse> {
        self.read(&ctx, |call| {
            let found = find(call, &request.to_owned_message().organization_refs)?;
            Ok(GetOrganizationsResponse { organizations: found.iter().map(conversions::organization).collect() })
        })
    }

    async fn list_organizations(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListOrganizationsRequest>,
    ) -> ServiceResult<ListOrganizationsResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let window = Window::of(request.page_size, &request.page_token)?;
            let page = window.cut(list(call, &request)?);
            let organizations = page.items.iter().map(conversions::organization).collect();
            Ok(ListOrganizationsResponse { next_page_token: next_token(page.next), organizations })
        })
    }

    async fn create_organizations(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateOrganizationsRequest>,
    ) -> ServiceResult<CreateOrganizationsResponse> {
        self.write(&ctx, |call| create(call, &request.to_owned_message()))
    }

    async fn update_organizations(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateOrganizationsRequest>,
    ) -> ServiceResult<UpdateOrganizationsResponse> {
        self.write(&ctx, |call| update(call, &request.to_owned_message()))
    }

    async fn delete_organizations(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteOrganizationsRequest>,
    ) -> ServiceResult<DeleteOrganizationsResponse> {
        self.write(&ctx, |call| delete(call, &request.to_owned_message()))
    }
}

fn find(call: &Call, references: &[OrganizationRef]) -> Answer<Vec<Owner>> {
    batch("organization_refs", references)?;
    references.iter().map(|reference| references::organization(call, reference)).collect()
}

fn list(call: &Call, request: &ListOrganizationsRequest) -> Answer<Vec<Owner>> {
    let oldest_first = request.order == Order::ORDER_CREATE_TIME_ASC;
    if request.user_refs.is_empty() {
        return in_order(call, |owner| owner.kind == OwnerKind::Organization, oldest_first);
    }
    batch("user_refs", &request.user_refs)?;
    let mut found = BTreeMap::new();
    for reference in &request.user_refs {
        let user = references::user(call, reference)?;
        for (organization, _) in call.store().organizations_of(user.id)? {
            found.insert(organization.id, organization);
        }
    }
    let mut organizations: Vec<_> = found.into_values().collect();
    sort(&mut organizations, oldest_first);
    Ok(organizations)
}

fn create(call: &Call, request: &CreateOrganizationsRequest) -> Answer<CreateOrganizationsResponse> {
    batch("values", &request.values)?;
    let new = request.values.iter().map(new_organization).collect::<Answer<_>>()?;
    let organizations = organizations::create(&call.actor(), &call.state.publisher, new)?;
    Ok(CreateOrganizationsResponse { organizations: organizations.iter().map(conversions::organization).collect() })
}

fn new_organization(value: &create_organizations_request::Value) -> Answer<NewOrganization> {
    let name = value.name.parse().map_err(|error: crate::model::NameError| Refusal::invalid(error.to_string()))?;
    check_visibility(value.visibility)?;
    Ok(NewOrganization { name, description: value.description.clone(), url: value.url.clone() })
}

/// Refuses private organizations: everyone who may read the registry sees organizations; only modules can be private.
fn check_visibility(wanted: Option<buffa::EnumValue<OrganizationVisibility>>) -> Answer<()> {
    if wanted.is_some_and(|wanted| wanted == OrganizationVisibility::ORGANIZATION_VISIBILITY_PRIVATE) {
        let message = "this registry has no private organizations; make the organization's modules private instead";
        return Err(Refusal::invalid(message));
    }
    Ok(())
}

fn update(call: &Call, request: &UpdateOrganizationsRequest) -> Answer<UpdateOrganizationsResponse> {
    batch("values", &request.values)?;
    let changes = request.values.iter().map(|value| change(call, value)).collect::<Answer<_>>()?;
    let organizations = organizations::update(&call.actor(), changes)?;
    Ok(UpdateOrganizationsResponse { organizations: organizations.iter().map(conversions::organization).collect() })
}

fn change(call: &Call, value: &update_organizations_request::Value) -> Answer<OrganizationChange> {
    let organization = references::organization(call, &value.organization_ref)?;
    check_visibility(value.visibility)?;
    Ok(OrganizationChange { organization, description: value.description.clone(), url: value.url.clone() })
}

fn delete(call: &Call, request: &DeleteOrganizationsRequest) -> Answer<DeleteOrganizationsResponse> {
    organizations::delete(&call.actor(), &distinct(find(call, &request.organization_refs)?))?;
    Ok(DeleteOrganizationsResponse {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::{Registry, kind};
    use crate::store::Visibility;
    use crate::wire::buf::registry::owner::v1::organization_ref;

    fn created(call: &Call, name: &str) -> Answer<CreateOrganizationsResponse> {
        let value = create_organizations_request::Value { name: name.into(), ..Default::default() };
        create(call, &CreateOrganizationsRequest { values: vec![value] })
    }

    fn deleted(call: &Call, name: &str) -> Answer<DeleteOrganizationsResponse> {
        let reference = OrganizationRef { value: Some(organization_ref::Value::Name(name.into())) };
        delete(call, &DeleteOrganizationsRequest { organization_refs: vec![reference] })
    }

    #[test]
    fn whoever_creates_an_organization_administers_it() {
        let registry = Registry::new();
        let (founder, stranger) = (registry.user("founder"), registry.user("stranger"));
        let (call, others) = (registry.call(&founder, Scope::Write), registry.call(&stranger, Scope::Write));
        assert!(created(&call, "acme").is_ok());
        assert_eq!(kind(created(&others, "acme")), Kind::AlreadyExists);
        assert_eq!(kind(created(&others, "founder")), Kind::AlreadyExists);
        assert_eq!(kind(created(&others, "Acme")), Kind::Invalid);
        let acme = references::named_owner(&call, "acme").unwrap();
        let module = registry.module(&acme, "pets", Visibility::Private);
        assert_eq!(kind(deleted(&others, "acme")), Kind::Forbidden);
        assert_eq!(kind(deleted(&call, "acme")), Kind::Precondition);
        registry.store().transaction("test", |tx| tx.delete_modules(&[module.id])).unwrap();
        assert!(deleted(&call, "acme").is_ok());
        assert_eq!(kind(deleted(&call, "founder")), Kind::NotFound);
    }
}
