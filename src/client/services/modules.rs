//! Calls for modules: look up, create, change, delete.

use connectrpc::ErrorCode;

use crate::client::transport::Transport;
use crate::client::{Client, ClientError, PAGE, refs};
use crate::model::{LabelName, ModuleName, OwnerName};
use crate::wire::buf::registry::module::v1::{
    CreateModulesRequest, DeleteModulesRequest, GetModulesRequest, ListModulesRequest, Module, ModuleServiceClient,
    ModuleState, ModuleVisibility, UpdateModulesRequest, create_modules_request, update_modules_request,
};

/// Changes of a module; absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleChanges {
    /// Its visibility.
    pub visibility: Option<ModuleVisibility>,
    /// Whether it is deprecated.
    pub state: Option<ModuleState>,
    /// A line about it; empty clears.
    pub description: Option<String>,
    /// The URL of its web page; empty clears.
    pub url: Option<String>,
    /// The label of references without a label.
    pub default_label: Option<LabelName>,
}

impl Client {
    fn module_service(&self) -> ModuleServiceClient<Transport> {
        let (http, config) = self.parts();
        ModuleServiceClient::new(http, config)
    }

    /// The module, if there is one of this name that the token's user may see.
    pub async fn module(&self, name: &ModuleName) -> Result<Option<Module>, ClientError> {
        match self.known_module(name).await {
            Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// The module; if it does not exist, the refusal suggests the nearest name.
    pub async fn known_module(&self, name: &ModuleName) -> Result<Module, ClientError> {
        let request = GetModulesRequest { module_refs: vec![refs::module(name)] };
        let answer = self.read(self.module_service().get_modules(request).await)?;
        self.single(answer.modules)
    }

    /// Whether the token's user may see all these modules.
    pub async fn has_modules(&self, names: &[ModuleName]) -> Result<bool, ClientError> {
        for names in names.chunks(PAGE) {
            let request = GetModulesRequest { module_refs: names.iter().map(refs::module).collect() };
            if self.find(self.module_service().get_modules(request).await)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All modules that the token's user may read, or only those of one owner.
    pub async fn list_modules(&self, owner: Option<&OwnerName>) -> Result<Vec<Module>, ClientError> {
        let owner_refs: Vec<_> = owner.map(refs::owner).into_iter().collect();
        let (mut modules, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListModulesRequest {
                page_size: PAGE as u32,
                page_token: page_token.clone(),
                owner_refs: owner_refs.clone(),
                ..Default::default()
            };
            let page = self.read(self.module_service().list_modules(request).await)?;
            modules.extend(page.modules);
            if !self.turn_page(&mut page_token, page.next_page_token)? {
                return Ok(modules);
            }
        }
    }

    /// Creates a module without commits. The default label is `main` without `default_label`.
    ///
    /// # Errors
    /// When the module exists, or its owner does not.
    pub async fn create_module(
        &self,
        name: &ModuleName,
        visibility: ModuleVisibility,
        default_label: Option<&LabelName>,
    ) -> Result<Module, ClientError> {
        let value = create_modules_request::Value {
            owner_ref: refs::owner(name.owner()).into(),
            name: name.name().to_string(),
            visibility: visibility.into(),
            default_label_name: default_label.map(ToString::to_string).unwrap_or_default(),
            ..Default::default()
        };
        let request = CreateModulesRequest { values: vec![value] };
        let answer = self.read(self.module_service().create_modules(request).await)?;
        self.single(answer.modules)
    }

    /// Changes a module.
    pub async fn update_module(&self, name: &ModuleName, changes: ModuleChanges) -> Result<Module, ClientError> {
        let value = update_modules_request::Value {
            module_ref: refs::module(name).into(),
            visibility: changes.visibility.map(Into::into),
            state: changes.state.map(Into::into),
            description: changes.description,
            url: changes.url,
            default_label_name: changes.default_label.map(|label| label.to_string()),
        };
        let request = UpdateModulesRequest { values: vec![value] };
        let answer = self.read(self.module_service().update_modules(request).await)?;
        self.single(answer.modules)
    }

    /// Deletes a module with its commits.
    pub async fn delete_module(&self, name: &ModuleName) -> Result<(), ClientError> {
        let request = DeleteModulesRequest { module_refs: vec![refs::module(name)] };
        self.read(self.module_service().delete_modules(request).await).map(drop)
    }
}
