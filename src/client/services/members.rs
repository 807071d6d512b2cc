//! Members of organizations.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::model::OwnerName;
use crate::wire::registry::v1::{
    ListMembersRequest, Member, MemberRole, MemberServiceClient, RemoveMemberRequest, SetMemberRequest,
};

impl Client {
    fn member_service(&self) -> MemberServiceClient<Transport> {
        let (http, config) = self.parts();
        MemberServiceClient::new(http, config)
    }

    /// The members of an organization, by name.
    ///
    /// # Errors
    /// When the caller does not belong to it.
    pub async fn members(&self, organization: &OwnerName) -> Result<Vec<Member>, ClientError> {
        let request = ListMembersRequest { organization: organization.to_string() };
        Ok(self.read(self.member_service().list_members(request).await)?.members)
    }

    /// Makes a user a member, or changes a member's role; `false` if nothing changed.
    ///
    /// # Errors
    /// When the caller is not an admin of it, or it would have no admin.
    pub async fn set_member(
        &self,
        organization: &OwnerName,
        user: &OwnerName,
        role: MemberRole,
    ) -> Result<bool, ClientError> {
        let member = Member { user: user.to_string(), role: role.into() };
        let request = SetMemberRequest { organization: organization.to_string(), member: member.into() };
        Ok(self.read(self.member_service().set_member(request).await)?.changed)
    }

    /// Ends a membership; `false` if there was none.
    ///
    /// # Errors
    /// When the caller is not an admin of it, or it would have no admin.
    pub async fn remove_member(&self, organization: &OwnerName, user: &OwnerName) -> Result<bool, ClientError> {
        let request = RemoveMemberRequest { organization: organization.to_string(), user: user.to_string() };
        Ok(self.read(self.member_service().remove_member(request).await)?.changed)
    }
}
