//! Calls for SDKs: versions, states, requests, yanks, interests.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError, PAGE, refs};
use crate::model::{CrateName, LabelName, ModuleName, PluginRef, SdkVersion};
use crate::wire::buf::alpha::registry::v1alpha1::{
    GetCargoVersionRequest, GetRemotePackageVersionPlugin, GetSDKInfoRequest, GetSDKInfoResponse, ResolveServiceClient,
};
use crate::wire::registry::v1::{
    GenerateSdkRequest, Interest, ListInterestsRequest, ListSdksRequest, RemoveInterestRequest, RetrySdkRequest, Sdk,
    SdkServiceClient, YankSdkRequest,
};

/// The SDKs of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkRequest {
    /// The module.
    pub module: ModuleName,
    /// A commit id or the name of a label. Empty means all commits in a list, the default label elsewhere.
    pub reference: String,
    /// The plugin; its newest version if it has none.
    pub plugin: PluginRef,
}

impl Client {
    fn sdk_service(&self) -> SdkServiceClient<Transport> {
        let (http, config) = self.parts();
        SdkServiceClient::new(http, config)
    }

    fn resolve_service(&self) -> ResolveServiceClient<Transport> {
        let (http, config) = self.parts();
        ResolveServiceClient::new(http, config)
    }

    /// The version that the crate of this module and plugin has at the reference.
    ///
    /// # Errors
    /// When the module, reference or plugin is unknown.
    pub async fn sdk_version(&self, sdk: &SdkRequest) -> Result<SdkVersion, ClientError> {
        let request = GetCargoVersionRequest {
            plugin_reference: plugin(&sdk.plugin).into(),
            module_reference: refs::local_module(&sdk.module, &sdk.reference).into(),
        };
        let answer = self.read(self.resolve_service().get_cargo_version(request).await)?;
        answer.version.parse().map_err(|error| self.malformed(error))
    }

    /// The facts about a version of the crate, or about the version at the reference if none is given.
    ///
    /// # Errors
    /// When the module, reference, plugin or version is unknown, or the version belongs to another reference.
    pub async fn sdk_info(
        &self,
        sdk: &SdkRequest,
        version: Option<&SdkVersion>,
    ) -> Result<GetSDKInfoResponse, ClientError> {
        let request = GetSDKInfoRequest {
            plugin_reference: plugin(&sdk.plugin).into(),
            module_reference: refs::local_module(&sdk.module, &sdk.reference).into(),
            sdk_version: version.map(ToString::to_string).unwrap_or_default(),
        };
        self.read(self.resolve_service().get_sdk_info(request).await)
    }

    /// The SDKs of a module, by crate and then newest first: of one commit or label if `reference` is not empty, of one
    /// plugin or one version of it with `plugin`.
    pub async fn sdks(
        &self,
        module: &ModuleName,
        reference: &str,
        plugin: Option<&PluginRef>,
    ) -> Result<Vec<Sdk>, ClientError> {
        let (mut sdks, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListSdksRequest {
                module: refs::module_name(module).into(),
                r#ref: reference.to_owned(),
                plugin: plugin.map(|plugin| plugin.name.to_string()).unwrap_or_default(),
                plugin_version: plugin.map(version).unwrap_or_default(),
                page_size: PAGE as u32,
                page_token: page_token.clone(),
            };
            let page = self.read(self.sdk_service().list_sdks(request).await)?;
            sdks.extend(page.sdks);
            if !self.turn_page(&mut page_token, page.next_page_token)? {
                return Ok(sdks);
            }
        }
    }

    /// Requests an SDK, and with `keep` registers an interest for the label. Does not wait for the SDK.
    ///
    /// # Errors
    /// When the server refuses. The failure of a plugin is not an error, but the state of the SDK.
    pub async fn generate_sdk(&self, sdk: &SdkRequest, keep: bool) -> Result<Sdk, ClientError> {
        let request = GenerateSdkRequest {
            module: refs::module_name(&sdk.module).into(),
            r#ref: sdk.reference.clone(),
            plugin: sdk.plugin.name.to_string(),
            plugin_version: version(&sdk.plugin),
            register_interest: keep,
            no_wait: true,
        };
        let answer = self.read(self.sdk_service().generate_sdk(request).await)?;
        self.present("SDK", answer.sdk.into_option())
    }

    /// An SDK in its present state.
    ///
    /// # Errors
    /// When the SDK was deleted with its module.
    pub async fn refresh_sdk(&self, sdk: &Sdk) -> Result<Sdk, ClientError> {
        let name: CrateName = sdk.crate_name.parse().map_err(|error| self.malformed(error))?;
        let version: SdkVersion = sdk.version.parse().map_err(|error| self.malformed(error))?;
        let plugin = PluginRef { name: name.plugin().clone(), version: Some(version.plugin) };
        let of_commit = self.sdks(name.module(), &sdk.commit_id, Some(&plugin)).await?;
        let found = of_commit.into_iter().find(|other| other.version == sdk.version);
        self.present("SDK", found)
    }

    /// Tries a failed SDK again. Does not wait for it.
    ///
    /// # Errors
    /// When there is none, or it has not failed.
    pub async fn retry_sdk(&self, sdk: &Sdk) -> Result<Sdk, ClientError> {
        let (crate_name, version) = (sdk.crate_name.clone(), sdk.version.clone());
        let request = RetrySdkRequest { crate_name, version, no_wait: true };
        let answer = self.read(self.sdk_service().retry_sdk(request).await)?;
        self.present("SDK", answer.sdk.into_option())
    }

    /// Keeps cargo from choosing a version, or allows it again. Projects with the version in their lock file still
    /// build.
    pub async fn yank_sdk(&self, sdk: &Sdk, yanked: bool) -> Result<Sdk, ClientError> {
        let request = YankSdkRequest { crate_name: sdk.crate_name.clone(), version: sdk.version.clone(), yanked };
        let answer = self.read(self.sdk_service().yank_sdk(request).await)?;
        self.present("SDK", answer.sdk.into_option())
    }

    /// The interests, of one module or of all.
    pub async fn interests(&self, module: Option<&ModuleName>) -> Result<Vec<Interest>, ClientError> {
        let request = ListInterestsRequest { module: module.map(refs::module_name).into() };
        Ok(self.read(self.sdk_service().list_interests(request).await)?.interests)
    }

    /// Removes an interest in a label, the default label if none is given; generated crates stay. A plugin with a
    /// version ends only the interest in that version, one without only that in the newest.
    pub async fn remove_interest(
        &self,
        module: &ModuleName,
        label: Option<&LabelName>,
        plugin: &PluginRef,
    ) -> Result<(), ClientError> {
        let request = RemoveInterestRequest {
            module: refs::module_name(module).into(),
            label: label.map(ToString::to_string).unwrap_or_default(),
            plugin: plugin.to_string(),
        };
        self.read(self.sdk_service().remove_interest(request).await).map(drop)
    }
}

fn version(plugin: &PluginRef) -> String {
    plugin.version.map(|version| version.to_string()).unwrap_or_default()
}

fn plugin(plugin: &PluginRef) -> GetRemotePackageVersionPlugin {
    GetRemotePackageVersionPlugin {
        owner: plugin.name.owner().to_owned(),
        name: plugin.name.name().to_owned(),
        version: version(plugin),
        revision: 0,
    }
}
