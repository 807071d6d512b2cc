//! What a registry says of a module beside its commits: read from the source of a mirror, taken over by its target.

use connectrpc::ErrorCode;

use crate::client::{Client, ClientError, refs};
use crate::model::{ForeignModule, MirrorPart};
use crate::wire::buf::registry::module::v1::{ModuleState, ModuleVisibility};
use crate::wire::registry::v1::{
    ImportSettingsRequest, ImportSettingsResponse, ImportedOrganization, MirrorServiceClient,
};

/// What a registry says of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleSettings {
    /// The request that another registry takes it over with.
    pub request: ImportSettingsRequest,
    /// What could not be read, a phrase each.
    pub unread: Vec<String>,
}

impl Client {
    /// What this registry says of `module`, with these parts of it.
    ///
    /// # Errors
    /// When the server does not respond. What it does not know, or does not tell the token's user, is unread.
    pub async fn module_settings(
        &self,
        module: &ForeignModule,
        parts: &[MirrorPart],
    ) -> Result<ModuleSettings, ClientError> {
        let (has, owner) = (|part| parts.contains(&part), module.name.owner());
        let mut request = ImportSettingsRequest { make_public: has(MirrorPart::Visibility), ..request(module) };
        let mut unread = vec![];
        if has(MirrorPart::Organization) || has(MirrorPart::Members) {
            // None if the owner is a user.
            let organization = self.organization(owner).await?;
            if has(MirrorPart::Members) && organization.is_some() {
                request.members = told(self.members(owner).await, || format!("members of {owner}"), &mut unread)?;
            }
            let texts = organization.filter(|_| has(MirrorPart::Organization)).map(|organization| {
                let (description, url) = (organization.description, organization.url);
                ImportedOrganization { description, url }
            });
            request.organization = texts.into();
        }
        if has(MirrorPart::Interests) {
            let interests = self.interests(Some(&module.name)).await;
            request.interests = told(interests, || format!("interests in {}", module.name), &mut unread)?;
        }
        Ok(ModuleSettings { request, unread })
    }

    /// Takes over what another registry says of a module; `None` if this one is too old to do so.
    ///
    /// # Errors
    /// When the token's user does not administer the module.
    pub async fn import_settings(
        &self,
        request: ImportSettingsRequest,
    ) -> Result<Option<ImportSettingsResponse>, ClientError> {
        let (http, config) = self.parts();
        match MirrorServiceClient::new(http, config).import_settings(request).await {
            Err(error) if error.code == ErrorCode::Unimplemented => Ok(None),
            answer => self.read(answer).map(Some),
        }
    }
}

/// The request for what is known of a module with its commits.
fn request(module: &ForeignModule) -> ImportSettingsRequest {
    ImportSettingsRequest {
        module: refs::module_name(&module.name).into(),
        description: module.description.clone(),
        url: module.url.clone(),
        state: match module.deprecated {
            true => ModuleState::MODULE_STATE_DEPRECATED,
            false => ModuleState::MODULE_STATE_ACTIVE,
        }
        .into(),
        visibility: match module.public {
            true => ModuleVisibility::MODULE_VISIBILITY_PUBLIC,
            false => ModuleVisibility::MODULE_VISIBILITY_PRIVATE,
        }
        .into(),
        ..Default::default()
    }
}

/// What the server told; or nothing and a phrase, if it does not know such a thing or does not tell this caller.
fn told<T>(
    read: Result<Vec<T>, ClientError>,
    what: impl FnOnce() -> String,
    unread: &mut Vec<String>,
) -> Result<Vec<T>, ClientError> {
    match read {
        Err(ClientError::Unknown { .. }) => {
            unread.push(format!("{}: the other registry knows no such thing", what()));
            Ok(vec![])
        }
        Err(error) if error.is_refusal() => {
            unread.push(format!("{}: the other registry refused: {error}", what()));
            Ok(vec![])
        }
        read => read,
    }
}
