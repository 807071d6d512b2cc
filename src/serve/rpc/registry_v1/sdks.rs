//! The SDK service: lists, requests, retries and yanks SDKs.

use std::cmp::Reverse;
use std::collections::btree_map::{BTreeMap, Entry};
use std::time::Duration;

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};
use tokio::task::block_in_place;

use crate::actions::access::{may_read_dependencies, require_needs};
use crate::actions::{interests, yank};
use crate::model::{CommitId, CrateName, LabelName, ModuleName, PluginName, PluginRef, PluginVersion, SdkVersion};
use crate::publish::{Resolved, SdkPurpose, SdkRequest, resolve, resolve_commit};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module, SdkKey};
use crate::wire::registry::v1::{
    self as wire, GenerateSdkRequest, GenerateSdkResponse, ListInterestsRequest, ListInterestsResponse,
    ListSdksRequest, ListSdksResponse, RemoveInterestRequest, RemoveInterestResponse, RetrySdkRequest,
    RetrySdkResponse, SdkService, YankSdkRequest, YankSdkResponse,
};

use super::interests as interest_rpcs;
use super::sdk_list::Listing;
use crate::serve::rpc::call::context::{Call, Rpc, answer, patience};
use crate::serve::rpc::call::pagination::{Window, next_token};
use crate::serve::rpc::call::plugin_ref::plugin_ref;
use crate::serve::rpc::call::references;

/// The longest wait for a requested SDK, if the client's deadline allows it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl SdkService for Rpc {
    async fn list_sdks(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListSdksRequest>,
    ) -> ServiceResult<ListSdksResponse> {
        self.read(&ctx, |call| list(call, &request.to_owned_message()))
    }

    async fn generate_sdk(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GenerateSdkRequest>,
    ) -> ServiceResult<GenerateSdkResponse> {
        let request = request.to_owned_message();
        answer(generate(self, &ctx, &request).await.map(|sdk| GenerateSdkResponse { sdk: sdk.into() }))
    }

    async fn retry_sdk(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, RetrySdkRequest>,
    ) -> ServiceResult<RetrySdkResponse> {
        let request = request.to_owned_message();
        answer(retry(self, &ctx, &request).await.map(|sdk| RetrySdkResponse { sdk: sdk.into() }))
    }

    async fn yank_sdk(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, YankSdkRequest>,
    ) -> ServiceResult<YankSdkResponse> {
        self.write(&ctx, |call| set_yanked(call, &request.to_owned_message()))
    }

    async fn list_interests(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListInterestsRequest>,
    ) -> ServiceResult<ListInterestsResponse> {
        self.read(&ctx, |call| interest_rpcs::list(call, request.to_owned_message()))
    }

    async fn remove_interest(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, RemoveInterestRequest>,
    ) -> ServiceResult<RemoveInterestResponse> {
        self.write(&ctx, |call| interest_rpcs::remove(call, &request.to_owned_message()))
    }
}

/// A filter for listed SDKs.
struct Filter {
    plugin: Option<PluginName>,
    version: Option<PluginVersion>,
}

impl Filter {
    fn of(request: &ListSdksRequest) -> Answer<Self> {
        let invalid = |error: crate::model::PluginError| Refusal::invalid(error.to_string());
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let plugin = given(&request.plugin).map(|plugin| plugin.parse()).transpose().map_err(invalid)?;
        let version = given(&request.plugin_version).map(|version| version.parse()).transpose().map_err(invalid)?;
        Ok(Self { plugin, version })
    }

    fn passes(&self, key: &SdkKey) -> bool {
        self.plugin.as_ref().is_none_or(|plugin| *plugin == key.plugin)
            && self.version.is_none_or(|version| version == key.version)
    }
}

fn list(call: &Call, request: &ListSdksRequest) -> Answer<ListSdksResponse> {
    let module = references::named_module(call, &request.module.owner, &request.module.name)?;
    let filter = Filter::of(request)?;
    let window = Window::of(request.page_size, &request.page_token)?;
    let commit = match request.r#ref.as_str() {
        "" => None,
        reference => {
            let commit = resolve_commit(call.store(), &module, reference)?;
            require_needs(call.store(), &call.caller, &module.name, commit.id)?;
            Some(commit.id)
        }
    };
    let mut readable: BTreeMap<CommitId, bool> = BTreeMap::new();
    let mut listing = Listing::new(call);
    let mut found = vec![];
    for key in call.store().sdk_keys(module.id, commit)?.into_iter().filter(|key| filter.passes(key)) {
        let may_read = match readable.entry(key.commit) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(may_read_dependencies(call.store(), &call.caller, key.commit)?),
        };
        if may_read {
            found.push((listing.name(&key)?, key));
        }
    }
    found.sort_by_cached_key(|(named, _)| (named.name.clone(), Reverse(named.version.clone())));
    let page = window.cut(found);
    let sdks = page.items.iter().map(|(_, key)| listing.look_up(key)).collect::<Answer<_>>()?;
    Ok(ListSdksResponse { sdks, next_page_token: next_token(page.next) })
}

/// Requests an SDK. That takes the right to read, like cargo's first request for a crate; an interest takes the right
/// to push.
async fn generate(rpc: &Rpc, ctx: &RequestContext, request: &GenerateSdkRequest) -> Answer<wire::Sdk> {
    let call = if request.register_interest { rpc.writer(ctx)? } else { rpc.reader(ctx)? };
    let key = block_in_place(|| {
        let module = references::named_module(&call, &request.module.owner, &request.module.name)?;
        let purpose = match request.register_interest {
            true => SdkPurpose::Keep(kept_label(&call, &module, &request.r#ref)?),
            false => SdkPurpose::Once,
        };
        let plugin = plugin_ref(&request.plugin, &request.plugin_version)?;
        let (reference, by) = (request.r#ref.clone(), Some(call.actor().author()?));
        demand(&call, &module, &SdkRequest { plugin, reference, purpose, by })
    })?;
    wait_for_sdk(&call, ctx, &key, request.no_wait).await
}

/// The label of the requested interest.
fn kept_label(call: &Call, module: &Module, reference: &str) -> Answer<LabelName> {
    match resolve(call.store(), module, reference)? {
        Resolved::Module => Ok(module.default_label.clone()),
        Resolved::Label(label) => Ok(label.name),
        Resolved::Commit(commit) => Err(Refusal::invalid(format!(
            "{} is a commit, and nothing is ever pushed to a commit; name a label to keep generated",
            commit.id
        ))),
    }
}

fn demand(call: &Call, module: &Module, request: &SdkRequest) -> Answer<SdkKey> {
    let commit = resolve_commit(call.store(), module, &request.reference)?;
    require_needs(call.store(), &call.caller, &module.name, commit.id)?;
    Ok(interests::request_sdk(&call.actor(), &call.state.publisher, module, request)?)
}

/// Waits for an SDK unless `no_wait` is set, and returns it with its state.
async fn wait_for_sdk(call: &Call, ctx: &RequestContext, key: &SdkKey, no_wait: bool) -> Answer<wire::Sdk> {
    if no_wait {
        return block_in_place(|| Listing::new(call).look_up(key));
    }
    let most = if ctx.time_remaining().is_some() { LONGEST_WAIT } else { call.state.push_wait };
    call.state.publisher.wait_for_sdks(std::slice::from_ref(key), patience(ctx, most)).await?;
    block_in_place(|| Listing::new(call).look_up(key))
}

async fn retry(rpc: &Rpc, ctx: &RequestContext, request: &RetrySdkRequest) -> Answer<wire::Sdk> {
    let call = rpc.writer(ctx)?;
    let key = block_in_place(|| {
        let crate_version = CrateVersion::find(&call, &request.crate_name, &request.version)?;
        let CrateVersion { name, version, module, commit } = crate_version;
        let plugin = PluginRef { name: name.plugin().clone(), version: Some(version.plugin) };
        let (reference, by) = (commit.id.to_string(), Some(call.actor().author()?));
        let key = demand(&call, &module, &SdkRequest { plugin, reference, purpose: SdkPurpose::Retry, by })?;
        if key.revision != version.revision {
            tracing::debug!(crate_name = %name, %version, revision = %key.revision, "retried at the current revision");
        }
        Ok::<_, Refusal>(key)
    })?;
    wait_for_sdk(&call, ctx, &key, request.no_wait).await
}

fn set_yanked(call: &Call, request: &YankSdkRequest) -> Answer<YankSdkResponse> {
    let CrateVersion { name, version, module, .. } = CrateVersion::find(call, &request.crate_name, &request.version)?;
    yank::require_right(&call.actor(), &module)?;
    let missing = || Refusal::not_found(format!("crate {name} has no version {version} in the index"));
    let sdk = call.store().sdk_by_version(&name, &version)?.ok_or_else(missing)?;
    yank::set_yanked(&call.actor(), &module, &sdk, request.yanked)?;
    Ok(YankSdkResponse { sdk: Listing::new(call).look_up(&sdk.key)?.into() })
}

/// A version of a crate, published or not, with its commit.
struct CrateVersion {
    name: CrateName,
    version: SdkVersion,
    module: Module,
    commit: Commit,
}

impl CrateVersion {
    fn find(call: &Call, name: &str, version: &str) -> Answer<Self> {
        let invalid = |error: crate::model::SdkError| Refusal::invalid(error.to_string());
        let (name, version): (CrateName, SdkVersion) =
            (name.parse().map_err(invalid)?, version.parse().map_err(invalid)?);
        let of: &ModuleName = name.module();
        let module = references::named_module(call, of.owner().as_str(), of.name().as_str())?;
        let missing = || {
            Refusal::not_found(format!(
                "module {of} has no commit {}, so crate {name} has no version {version}",
                version.commit
            ))
        };
        let commit = call.store().commit_by_short(module.id, &version.commit)?.ok_or_else(missing)?;
        require_needs(call.store(), &call.caller, of, commit.id)?;
        Ok(Self { name, version, module, commit })
    }
}
