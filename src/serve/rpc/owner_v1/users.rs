//! The user service: the current user, the list of users, and new users.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::users::{self, NewUser};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Owner, OwnerKind};
use crate::wire::buf::registry::owner::v1::{
    CreateUsersRequest, CreateUsersResponse, GetCurrentUserRequest, GetCurrentUserResponse, ListUsersRequest,
    ListUsersResponse, User, UserService, UserType, create_users_request, list_users_request::Order,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::conversions;
use crate::serve::rpc::call::pagination::{Window, all, batch, next_token};

impl UserService for Rpc {
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
            let page = window.cut(in_order(call, is_user, request.order == Order::ORDER_CREATE_TIME_ASC)?);
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
