//! Versions of SDKs: `buf registry sdk version` and `buf registry sdk info`.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::access::require_needs;
use crate::model::{Plugin, PluginRef, Revision, SdkVersion};
use crate::publish::{SdkPurpose, SdkRequest, resolve_commit};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module, SdkKey};
use crate::wire::buf::alpha::registry::v1alpha1::{
    GetCargoVersionRequest, GetCargoVersionResponse, GetRemotePackageVersionPlugin, GetSDKInfoRequest,
    GetSDKInfoResponse, LocalModuleReference, ResolveService, get_sdk_info_response,
};
use crate::wire::time_to_wire;

use super::plugin_curation::{RequestedPlugin, find};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;

impl ResolveService for Rpc {
    async fn get_cargo_version(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetCargoVersionRequest>,
    ) -> ServiceResult<GetCargoVersionResponse> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            let version = cargo_version(call, &request.module_reference, &request.plugin_reference)?;
            Ok(GetCargoVersionResponse { version: version.to_string() })
        })
    }

    async fn get_sdk_info(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetSDKInfoRequest>,
    ) -> ServiceResult<GetSDKInfoResponse> {
        self.read(&ctx, |call| info(call, &request.to_owned_message()))
    }
}

fn requested_plugin(wire: &GetRemotePackageVersionPlugin) -> RequestedPlugin<'_> {
    RequestedPlugin { owner: &wire.owner, name: &wire.name, version: &wire.version, revision: wire.revision }
}

/// The SDK version for cargo, which is known before the crate exists. The SDK is queued as well, because the caller is
/// about to use it.
fn cargo_version(
    call: &Call,
    module: &LocalModuleReference,
    plugin: &GetRemotePackageVersionPlugin,
) -> Answer<SdkVersion> {
    let plugin = find(call, &requested_plugin(plugin))?;
    let reference = &module.reference;
    let module = references::named_module(call, &module.owner, &module.repository)?;
    let commit = resolve_commit(call.store(), &module, reference)?;
    require_needs(call.store(), &call.caller, &module.name, commit.id)?;
    ensure_queued(call, &module, &commit, plugin)?;
    Ok(SdkVersion::new(plugin.version, plugin.revision, commit.id, commit.released_at()))
}

/// Queues an SDK that was never requested. A failed SDK is not retried.
fn ensure_queued(call: &Call, module: &Module, commit: &Commit, plugin: &Plugin) -> Answer<()> {
    let key =
        SdkKey { commit: commit.id, plugin: plugin.name.clone(), version: plugin.version, revision: plugin.revision };
    if call.store().job(&key)?.is_none() && call.store().sdk(&key)?.is_none() {
        let by = call.actor().author().ok();
        let (reference, purpose) = (commit.id.to_string(), SdkPurpose::Once);
        let demand = SdkRequest { plugin: plugin.reference(), reference, purpose, by };
        call.state.publisher.request_sdk(module, &demand)?;
    }
    Ok(())
}

fn info(call: &Call, request: &GetSDKInfoRequest) -> Answer<GetSDKInfoResponse> {
    let (reference, plugin) = (&request.module_reference, requested_plugin(&request.plugin_reference));
    let module = references::named_module(call, &reference.owner, &reference.repository)?;
    let given = match request.sdk_version.as_str() {
        "" => None,
        text => Some(text.parse::<SdkVersion>().map_err(|error| Refusal::invalid(error.to_string()))?),
    };
    let (commit, plugin, revision) = match &given {
        None => {
            let plugin = find(call, &plugin)?;
            (resolve_commit(call.store(), &module, &reference.reference)?, plugin, plugin.revision)
        }
        Some(version) => {
            let commit = commit_of(call, &module, &reference.reference, version)?;
            (commit, plugin_of(call, &plugin, version)?, version.revision)
        }
    };
    require_needs(call.store(), &call.caller, &module.name, commit.id)?;
    let version = SdkVersion::new(plugin.version, revision, commit.id, commit.released_at());
    if let Some(given) = given.filter(|given| *given != version) {
        let message = format!("SDK version {given} does not exist: that of commit {} is {version}", commit.id.short());
        return Err(Refusal::invalid(message));
    }
    Ok(GetSDKInfoResponse {
        module_info: module_info(&module, &commit).into(),
        plugin_info: plugin_info(plugin, revision).into(),
        sdk_version: version.to_string(),
    })
}

/// The commit in an SDK version. If there is a reference, it must lead to the same commit.
fn commit_of(call: &Call, module: &Module, reference: &str, version: &SdkVersion) -> Answer<Commit> {
    let found = call.store().commit_by_short(module.id, &version.commit)?;
    let missing = || {
        Refusal::not_found(format!(
            "module {} has no commit {}, which SDK version {version} names",
            module.name, version.commit
        ))
    };
    let commit = found.ok_or_else(missing)?;
    if reference.is_empty() {
        return Ok(commit);
    }
    let named = resolve_commit(call.store(), module, reference)?;
    if named.id != commit.id {
        let message = format!(
            "SDK version {version} is made of commit {}, but {}:{reference} is commit {}; leave one of them out",
            version.commit,
            module.name,
            named.id.short()
        );
        return Err(Refusal::invalid(message));
    }
    Ok(commit)
}

/// The plugin in an SDK version. If a plugin version is requested, it must be the same.
fn plugin_of<'a>(call: &'a Call, wanted: &RequestedPlugin<'_>, version: &SdkVersion) -> Answer<&'a Plugin> {
    let reference = wanted.reference()?;
    let other_version = reference.version.filter(|named| *named != version.plugin);
    if let Some(named) = other_version {
        let message = format!("SDK version {version} is of plugin version {}, not {named}", version.plugin);
        return Err(Refusal::invalid(message));
    }
    if wanted.revision != 0 && wanted.revision != version.revision.0 {
        let message =
            format!("SDK version {version} is of plugin revision {}, not {}", version.revision, wanted.revision);
        return Err(Refusal::invalid(message));
    }
    let reference = PluginRef { version: Some(version.plugin), ..reference };
    let found = call.state.publisher.catalogue().find(&reference);
    let plugin = found.map_err(|error| Refusal::not_found(error.to_string()))?;
    if version.revision > plugin.revision {
        let message =
            format!("plugin {reference} has no revision {} here; the latest is {}", version.revision, plugin.revision);
        return Err(Refusal::not_found(message));
    }
    Ok(plugin)
}

fn module_info(module: &Module, commit: &Commit) -> get_sdk_info_response::ModuleInfo {
    get_sdk_info_response::ModuleInfo {
        owner: module.name.owner().to_string(),
        name: module.name.name().to_string(),
        commit: commit.id.to_string(),
        module_commit_create_time: time_to_wire(commit.created).into(),
    }
}

fn plugin_info(plugin: &Plugin, revision: Revision) -> get_sdk_info_response::PluginInfo {
    get_sdk_info_response::PluginInfo {
        owner: plugin.name.owner().to_owned(),
        name: plugin.name.name().to_owned(),
        version: plugin.version.to_string(),
        plugin_revision: revision.0,
    }
}

#[cfg(test)]
mod tests;
