//! The user service: looks up, lists, creates, changes and deletes users.

use std::collections::{BTreeMap, BTreeSet};

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::users::{self, NewUser, UserChange};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Owner, OwnerKind};
use crate::wire::buf::registry::owner::v1::{
    CreateUsersRequest, CreateUsersResponse, DeleteUsersRequest, DeleteUsersResponse, GetCurrentUserRequest,
    GetCurrentUserResponse, GetUsersRequest, GetUsersResponse, ListUsersRequest, ListUsersResponse, UpdateUsersRequest,
    UpdateUsersResponse, User, UserRef, UserService, UserState, UserType, create_users_request,
    list_users_request::Order, update_users_request,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, all, batch, next_token};
use crate::serve::rpc::call::{conversions, references};

impl UserService for Rpc {
    async fn get_users(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetUsersRequest>,
    ) -> ServiceResult<GetUsersResponse> {
        self.read(&ctx, |call| {
            let found = find(call, &request.to_owned_message().user_refs)?;
            Ok(GetUsersResponse { users: found.iter().filter_map(user).collect() })
        })
    }

    async fn get_current_user(
        &self,
        ctx: RequestContext,
        _request: ServiceRequest<'_, GetCurrentUserRequest>,
    ) -> ServiceResult<GetCurrentUserResponse> {
        self.read(&ctx, |call| Ok(GetCurrentUserResponse { user: user(call.user()?).into() }))
    }

    async fn list_users(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListUsersRequest>,
    ) -> ServiceResult<ListUsersResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let window = Window::of(request.page_size, &request.page_token)?;
            let page = window.cut(list(call, &request)?);
            let users = page.items.iter().filter_map(user).collect();
            Ok(ListUsersResponse { next_page_token: next_token(page.next), users })
        })
    }

    async fn create_users(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateUsersRequest>,
    ) -> ServiceResult<CreateUsersResponse> {
        self.write(&ctx, |call| create(call, &request.to_owned_message()))
    }

    async fn update_users(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateUsersRequest>,
    ) -> ServiceResult<UpdateUsersResponse> {
        self.write(&ctx, |call| update(call, &request.to_owned_message()))
    }

    async fn delete_users(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteUsersRequest>,
    ) -> ServiceResult<DeleteUsersResponse> {
        self.write(&ctx, |call| delete(call, &request.to_owned_message()))
    }
}

fn find(call: &Call, references: &[UserRef]) -> Answer<Vec<Owner>> {
    batch("user_refs", references)?;
    references.iter().map(|reference| references::user(call, reference)).collect()
}

fn user(owner: &Owner) -> Option<User> {
    match owner.kind {
        OwnerKind::User { admin, bot } => Some(conversions::user(owner, admin, bot)),
        OwnerKind::Organization => None,
    }
}

fn is_user(owner: &Owner) -> bool {
    matches!(owner.kind, OwnerKind::User { .. })
}

fn list(call: &Call, request: &ListUsersRequest) -> Answer<Vec<Owner>> {
    let oldest_first = request.order == Order::ORDER_CREATE_TIME_ASC;
    let mut found = if request.organization_refs.is_empty() {
        in_order(call, is_user, oldest_first)?
    } else {
        members(call, request, oldest_first)?
    };
    found.retain(|owner| user(owner).is_some_and(|user| passes(request, &user)));
    Ok(found)
}

/// Whether the filters by type and state let a user through.
fn passes(request: &ListUsersRequest, user: &User) -> bool {
    (request.has_types.is_empty() || request.has_types.contains(&user.r#type))
        && (request.has_states.is_empty() || request.has_states.contains(&user.state))
}

/// The members of the organizations of a request. Only members see who belongs to an organization.
fn members(call: &Call, request: &ListUsersRequest, oldest_first: bool) -> Answer<Vec<Owner>> {
    batch("organization_refs", &request.organization_refs)?;
    let mut found = BTreeMap::new();
    for reference in &request.organization_refs {
        let organization = references::organization(call, reference)?;
        for (user, _) in call.members(&organization)? {
            found.insert(user.id, user);
        }
    }
    let mut users: Vec<_> = found.into_values().collect();
    sort(&mut users, oldest_first);
    Ok(users)
}

/// All owners for which `wanted` holds, by creation. The store lists owners by name, so all are read; there are few.
pub(in crate::serve::rpc) fn in_order(
    call: &Call,
    wanted: impl Fn(&Owner) -> bool,
    oldest_first: bool,
) -> Answer<Vec<Owner>> {
    let mut owners = all(|offset, limit| call.store().list_owners(offset, limit))?;
    owners.retain(wanted);
    sort(&mut owners, oldest_first);
    Ok(owners)
}

/// Each owner once: a request to delete may name one in several ways.
pub(in crate::serve::rpc) fn distinct(mut owners: Vec<Owner>) -> Vec<Owner> {
    let mut seen = BTreeSet::new();
    owners.retain(|owner| seen.insert(owner.id));
    owners
}

/// Sorts by creation.
pub(in crate::serve::rpc) fn sort(owners: &mut [Owner], oldest_first: bool) {
    owners.sort_by_key(|owner| (owner.created, owner.id));
    if !oldest_first {
        owners.reverse();
    }
}

fn create(call: &Call, request: &CreateUsersRequest) -> Answer<CreateUsersResponse> {
    batch("values", &request.values)?;
    let new = request.values.iter().map(new_user).collect::<Answer<_>>()?;
    let owners = users::create(&call.actor(), &call.state.publisher, new)?;
    Ok(CreateUsersResponse { users: owners.iter().filter_map(user).collect() })
}

fn new_user(value: &create_users_request::Value) -> Answer<NewUser> {
    let name = value.name.parse().map_err(|error: crate::model::NameError| Refusal::invalid(error.to_string()))?;
    let bot = match value.r#type.as_known() {
        Some(UserType::USER_TYPE_UNSPECIFIED | UserType::USER_TYPE_STANDARD) => false,
        Some(UserType::USER_TYPE_BOT) => true,
        Some(UserType::USER_TYPE_SYSTEM) | None => {
            return Err(Refusal::invalid("a user's type is 1 (standard) or 2 (bot); no other can be created"));
        }
    };
    Ok(NewUser { name, bot, description: value.description.clone(), url: value.url.clone() })
}

fn update(call: &Call, request: &UpdateUsersRequest) -> Answer<UpdateUsersResponse> {
    batch("values", &request.values)?;
    let changes = request.values.iter().map(|value| change(call, value)).collect::<Answer<_>>()?;
    let users = users::update(&call.actor(), changes)?;
    Ok(UpdateUsersResponse { users: users.iter().filter_map(user).collect() })
}

fn change(call: &Call, value: &update_users_request::Value) -> Answer<UserChange> {
    let user = references::user(call, &value.user_ref)?;
    let disabled = match value.state.map(|state| state.as_known()) {
        None => None,
        Some(Some(UserState::USER_STATE_ACTIVE)) => Some(false),
        Some(Some(UserState::USER_STATE_INACTIVE)) => Some(true),
        Some(Some(UserState::USER_STATE_UNSPECIFIED) | None) => {
            return Err(Refusal::invalid("a user's state is 1 (active) or 2 (inactive)"));
        }
    };
    Ok(UserChange { user, description: value.description.clone(), url: value.url.clone(), disabled })
}

fn delete(call: &Call, request: &DeleteUsersRequest) -> Answer<DeleteUsersResponse> {
    users::delete(&call.actor(), &distinct(find(call, &request.user_refs)?))?;
    Ok(DeleteUsersResponse {})
}

#[cfg(test)]
mod tests;
