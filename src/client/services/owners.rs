//! Users and organizations.

use http::header::DATE;

use crate::client::transport::Transport;
use crate::client::{Client, ClientError, PAGE, refs};
use crate::model::{OwnerName, Timestamp};
use crate::wire::buf::registry::owner::v1::{
    CreateOrganizationsRequest, CreateUsersRequest, DeleteOrganizationsRequest, GetCurrentUserRequest,
    GetOrganizationsRequest, GetOwnersRequest, ListOrganizationsRequest, ListUsersRequest, Organization,
    OrganizationServiceClient, Owner, OwnerServiceClient, UpdateOrganizationsRequest, UpdateUsersRequest, User,
    UserRef, UserServiceClient, UserState, UserType, create_organizations_request, create_users_request,
    update_organizations_request, update_users_request, user_ref,
};

/// The user as whom the server authenticated the caller, and the time of the server's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoAndWhen {
    /// The name of the user.
    pub user: String,
    /// The server's time, if it told it.
    pub at: Option<Timestamp>,
}

impl Client {
    fn user_service(&self) -> UserServiceClient<Transport> {
        let (http, config) = self.parts();
        UserServiceClient::new(http, config)
    }

    fn organization_service(&self) -> OrganizationServiceClient<Transport> {
        let (http, config) = self.parts();
        OrganizationServiceClient::new(http, config)
    }

    /// The user of the token.
    ///
    /// # Errors
    /// When the token is not valid.
    pub async fn current_user(&self) -> Result<User, ClientError> {
        let answer = self.read(self.user_service().get_current_user(GetCurrentUserRequest::default()).await)?;
        self.present("user", answer.user.into_option())
    }

    /// The user of the token, and the server's time, for whoever wonders what is wrong.
    ///
    /// # Errors
    /// When the token is not valid.
    pub async fn ask_who_and_when(&self) -> Result<WhoAndWhen, ClientError> {
        let answer = self.user_service().get_current_user(GetCurrentUserRequest::default()).await;
        let answer = answer.map_err(|error| self.explain(&error))?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let at = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let at = at.map(|at| Timestamp::from_micros(at.timestamp().as_microsecond()));
        let user = self.present("user", answer.into_owned().user.into_option())?;
        Ok(WhoAndWhen { user: user.name, at })
    }

    /// All users.
    pub async fn users(&self) -> Result<Vec<User>, ClientError> {
        let (mut users, mut page_token) = (Vec::new(), String::new());
        loop {
            let request =
                ListUsersRequest { page_size: PAGE as u32, page_token: page_token.clone(), ..Default::default() };
            let page = self.read(self.user_service().list_users(request).await)?;
            users.extend(page.users);
            if !self.turn_page(&mut page_token, page.next_page_token)? {
                return Ok(users);
            }
        }
    }

    /// Creates a user: a person, or a bot for programs.
    ///
    /// # Errors
    /// When the name is taken, or the token is not an administrator's.
    pub async fn create_user(&self, name: &OwnerName, kind: UserType) -> Result<User, ClientError> {
        let value = create_users_request::Value { name: name.to_string(), r#type: kind.into(), ..Default::default() };
        let request = CreateUsersRequest { values: vec![value] };
        let answer = self.read(self.user_service().create_users(request).await)?;
        self.single(answer.users)
    }

    /// Disables a user, so that no token and no session of the user is accepted, or enables the user again.
    ///
    /// # Errors
    /// When the token is not an administrator's, or the user is the only administrator.
    pub async fn set_user_state(&self, name: &OwnerName, state: UserState) -> Result<User, ClientError> {
        let user = UserRef { value: Some(user_ref::Value::Name(name.to_string())) };
        let value =
            update_users_request::Value { user_ref: user.into(), state: Some(state.into()), ..Default::default() };
        let request = UpdateUsersRequest { values: vec![value] };
        let answer = self.read(self.user_service().update_users(request).await)?;
        self.single(answer.users)
    }

    /// The user or organization of this name, if there is one.
    pub async fn owner(&self, name: &OwnerName) -> Result<Option<Owner>, ClientError> {
        let (http, config) = self.parts();
        let request = GetOwnersRequest { owner_refs: vec![refs::owner(name)] };
        let answer = self.find(OwnerServiceClient::new(http, config).get_owners(request).await)?;
        answer.map(|answer| self.single(answer.owners)).transpose()
    }

    /// The organization of this name, if there is one.
    pub async fn organization(&self, name: &OwnerName) -> Result<Option<Organization>, ClientError> {
        let request = GetOrganizationsRequest { organization_refs: vec![refs::organization(name)] };
        let answer = self.find(self.organization_service().get_organizations(request).await)?;
        answer.map(|answer| self.single(answer.organizations)).transpose()
    }

    /// The organization of this name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn known_organization(&self, name: &OwnerName) -> Result<Organization, ClientError> {
        let request = GetOrganizationsRequest { organization_refs: vec![refs::organization(name)] };
        let answer = self.read(self.organization_service().get_organizations(request).await)?;
        self.single(answer.organizations)
    }

    /// All organizations.
    pub async fn organizations(&self) -> Result<Vec<Organization>, ClientError> {
        let (mut organizations, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListOrganizationsRequest {
                page_size: PAGE as u32,
                page_token: page_token.clone(),
                ..Default::default()
            };
            let page = self.read(self.organization_service().list_organizations(request).await)?;
            organizations.extend(page.organizations);
            if !self.turn_page(&mut page_token, page.next_page_token)? {
                return Ok(organizations);
            }
        }
    }

    /// Creates an organization that the token's user administers.
    ///
    /// # Errors
    /// When the name is taken.
    pub async fn create_organization(&self, name: &OwnerName) -> Result<Organization, ClientError> {
        let value = create_organizations_request::Value { name: name.to_string(), ..Default::default() };
        let request = CreateOrganizationsRequest { values: vec![value] };
        let answer = self.read(self.organization_service().create_organizations(request).await)?;
        self.single(answer.organizations)
    }

    /// Changes the texts of an organization; an absent one stays, an empty one clears.
    ///
    /// # Errors
    /// When the token's user does not administer it.
    pub async fn update_organization(
        &self,
        name: &OwnerName,
        description: Option<String>,
        url: Option<String>,
    ) -> Result<Organization, ClientError> {
        let organization_ref = refs::organization(name).into();
        let value = update_organizations_request::Value { organization_ref, description, url, ..Default::default() };
        let request = UpdateOrganizationsRequest { values: vec![value] };
        let answer = self.read(self.organization_service().update_organizations(request).await)?;
        self.single(answer.organizations)
    }

    /// Deletes an organization that owns no module.
    pub async fn delete_organization(&self, name: &OwnerName) -> Result<(), ClientError> {
        let request = DeleteOrganizationsRequest { organization_refs: vec![refs::organization(name)] };
        self.read(self.organization_service().delete_organizations(request).await).map(drop)
    }
}
