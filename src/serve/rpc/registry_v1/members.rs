//! Members of organizations.

use buffa::EnumValue;
use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::members;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Owner, OwnerKind, Role};
use crate::wire::registry::v1::{
    ListMembersRequest, ListMembersResponse, Member, MemberRole, MemberService, RemoveMemberRequest,
    RemoveMemberResponse, SetMemberRequest, SetMemberResponse,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;

impl MemberService for Rpc {
    async fn list_members(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListMembersRequest>,
    ) -> ServiceResult<ListMembersResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message().organization))
    }

    async fn set_member(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, SetMemberRequest>,
    ) -> ServiceResult<SetMemberResponse> {
        self.write(&ctx, |call| {
            let request = request.to_owned_message();
            let role = role_from_wire(request.member.role)?;
            let changed = set(call, &request.organization, &request.member.user, Some(role))?;
            Ok(SetMemberResponse { changed })
        })
    }

    async fn remove_member(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, RemoveMemberRequest>,
    ) -> ServiceResult<RemoveMemberResponse> {
        self.write(&ctx, |call| {
            let request = request.to_owned_message();
            Ok(RemoveMemberResponse { changed: set(call, &request.organization, &request.user, None)? })
        })
    }
}

fn list(call: &Call, organization: &str) -> Answer<ListMembersResponse> {
    let members = call.members(&named(call, organization)?)?;
    let member = |(user, role): (Owner, Role)| Member { user: user.name.to_string(), role: to_wire(role).into() };
    Ok(ListMembersResponse { members: members.into_iter().map(member).collect() })
}

fn set(call: &Call, organization: &str, user: &str, role: Option<Role>) -> Answer<bool> {
    let (organization, user) = (named(call, organization)?, references::named_owner(call, user)?);
    Ok(members::set(&call.actor(), &organization, &user, role)?)
}

fn named(call: &Call, name: &str) -> Answer<Owner> {
    let owner = references::named_owner(call, name)?;
    match owner.kind {
        OwnerKind::Organization => Ok(owner),
        OwnerKind::User { .. } => Err(Refusal::not_found(format!("{name} is a user, not an organization"))),
    }
}

fn to_wire(role: Role) -> MemberRole {
    match role {
        Role::Reader => MemberRole::MEMBER_ROLE_READER,
        Role::Writer => MemberRole::MEMBER_ROLE_WRITER,
        Role::Admin => MemberRole::MEMBER_ROLE_ADMIN,
    }
}

/// The role that came over the wire.
///
/// # Errors
/// When it is missing or unknown.
pub(super) fn role_from_wire(role: EnumValue<MemberRole>) -> Answer<Role> {
    match role.as_known() {
        Some(MemberRole::MEMBER_ROLE_READER) => Ok(Role::Reader),
        Some(MemberRole::MEMBER_ROLE_WRITER) => Ok(Role::Writer),
        Some(MemberRole::MEMBER_ROLE_ADMIN) => Ok(Role::Admin),
        Some(MemberRole::MEMBER_ROLE_UNSPECIFIED) | None => {
            Err(Refusal::invalid("role is missing or unknown; use 1 (reader), 2 (writer) or 3 (admin)"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::{Registry, kind};

    #[test]
    fn admins_manage_members_and_the_last_of_them_stays() {
        let registry = Registry::new();
        let (boss, sam) = (registry.user("boss"), registry.user("sam"));
        registry.organization("acme", &[(&boss, Role::Admin)]);
        let (call, sams) = (registry.call(&boss, Scope::Write), registry.call(&sam, Scope::Write));
        assert_eq!(kind(list(&sams, "acme")), Kind::Forbidden);
        assert_eq!(kind(set(&sams, "acme", "sam", Some(Role::Admin))), Kind::Forbidden);
        assert!(set(&call, "acme", "sam", Some(Role::Writer)).unwrap());
        assert!(!set(&call, "acme", "sam", Some(Role::Writer)).unwrap(), "it was so already");
        assert_eq!(list(&sams, "acme").unwrap().members.len(), 2);
        assert_eq!(kind(set(&sams, "acme", "sam", Some(Role::Admin))), Kind::Forbidden);
        for role in [None, Some(Role::Reader)] {
            assert_eq!(kind(set(&call, "acme", "boss", role)), Kind::Precondition, "{role:?}");
        }
        assert!(set(&call, "acme", "sam", None).unwrap() && !set(&call, "acme", "sam", None).unwrap());
        assert_eq!(kind(list(&sams, "acme")), Kind::Forbidden);
    }

    #[test]
    fn members_are_users_and_belong_to_organizations() {
        let registry = Registry::new();
        let boss = registry.user("boss");
        registry.organization("acme", &[(&boss, Role::Admin)]);
        registry.organization("other", &[]);
        let call = registry.call(&boss, Scope::Write);
        assert_eq!(kind(set(&call, "acme", "other", Some(Role::Reader))), Kind::Invalid);
        assert_eq!(kind(set(&call, "boss", "boss", Some(Role::Reader))), Kind::NotFound);
        assert_eq!(kind(set(&call, "acme", "nobody", Some(Role::Reader))), Kind::NotFound);
        assert_eq!(kind(role_from_wire(EnumValue::from(MemberRole::default()))), Kind::Invalid);
    }
}
