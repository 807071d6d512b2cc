//! The service that `buf registry login` calls to check a token.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::store::{Owner, OwnerKind};
use crate::wire::buf::alpha::registry::v1alpha1::{
    AuthnService, GetCurrentUserRequest, GetCurrentUserResponse, User, UserType,
};
use crate::wire::time_to_wire;

use crate::serve::rpc::call::context::Rpc;

impl AuthnService for Rpc {
    async fn get_current_user(
        &self,
        ctx: RequestContext,
        _request: ServiceRequest<'_, GetCurrentUserRequest>,
    ) -> ServiceResult<GetCurrentUserResponse> {
        self.read(&ctx, |call| Ok(GetCurrentUserResponse { user: user(call.user()?).into() }))
    }
}

fn user(owner: &Owner) -> User {
    let bot = matches!(owner.kind, OwnerKind::User { bot: true, .. });
    User {
        id: owner.id.to_string(),
        create_time: time_to_wire(owner.created).into(),
        update_time: time_to_wire(owner.updated).into(),
        username: owner.name.to_string(),
        description: owner.description.clone(),
        url: owner.url.clone(),
        user_type: if bot { UserType::USER_TYPE_MACHINE } else { UserType::USER_TYPE_PERSONAL }.into(),
        ..User::default()
    }
}
