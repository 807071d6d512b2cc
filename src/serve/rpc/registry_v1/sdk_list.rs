//! Converts SDKs to messages: crate, version, state, and the `cargo add` line.

use std::collections::BTreeMap;

use crate::model::{CommitId, CrateName, ModuleId, SdkState, SdkVersion};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Job, Sdk, SdkKey};
use crate::wire::registry::v1 as wire;

use crate::serve::rpc::call::context::Call;

/// The `cargo add` line for this version of a crate, pinned unless cargo would choose the version anyway. `newest` is
/// the newest version that cargo may choose now.
fn cargo_add(name: &CrateName, version: &SdkVersion, newest: Option<&SdkVersion>) -> String {
    let chosen = version.time.is_released() && newest.is_none_or(|newest| version >= newest);
    let pin = if chosen { String::new() } else { format!("@={version}") };
    format!("cargo add --registry buf {name}{pin}")
}

/// The crate name and version of an SDK, which may not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::rpc) struct NamedSdk {
    pub name: CrateName,
    pub version: SdkVersion,
    module: ModuleId,
}

/// Looks up each record that several SDKs share only once.
pub(in crate::serve::rpc) struct Listing<'a> {
    call: &'a Call,
    commits: BTreeMap<CommitId, (crate::store::Module, crate::store::Commit)>,
    newest: BTreeMap<CrateName, Option<SdkVersion>>,
}

impl<'a> Listing<'a> {
    pub(in crate::serve::rpc) fn new(call: &'a Call) -> Self {
        Self { call, commits: BTreeMap::new(), newest: BTreeMap::new() }
    }

    /// The crate name and version of the SDK of `key`.
    pub(in crate::serve::rpc) fn name(&mut self, key: &SdkKey) -> Answer<NamedSdk> {
        if !self.commits.contains_key(&key.commit) {
            let store = self.call.store();
            let gone = || Refusal::not_found(format!("commit {} is gone", key.commit));
            let commit = store.commit(key.commit)?.ok_or_else(gone)?;
            let module = store.module_by_id(commit.module)?.ok_or_else(gone)?;
            self.commits.insert(key.commit, (module, commit));
        }
        let (module, commit) = &self.commits[&key.commit];
        let name = CrateName::new(module.name.clone(), key.plugin.clone());
        let version = SdkVersion::new(key.version, key.revision, commit.id, commit.released_at());
        Ok(NamedSdk { name, version, module: module.id })
    }

    /// The `cargo add` line of an SDK.
    pub(in crate::serve::rpc) fn cargo_add(&mut self, named: &NamedSdk) -> Answer<String> {
        let newest = self.newest(named.module, &named.name)?;
        Ok(cargo_add(&named.name, &named.version, newest.as_ref()))
    }

    /// The newest version of a crate that cargo may choose.
    fn newest(&mut self, module: ModuleId, name: &CrateName) -> Answer<Option<SdkVersion>> {
        if let Some(known) = self.newest.get(name) {
            return Ok(known.clone());
        }
        let sdks = self.call.store().sdks_of_crate(module, name)?;
        let newest = sdks.into_iter().filter(|sdk| !sdk.yanked).map(|sdk| sdk.version).max();
        self.newest.insert(name.clone(), newest.clone());
        Ok(newest)
    }

    /// The SDK of `key`, read from the store.
    pub(in crate::serve::rpc) fn look_up(&mut self, key: &SdkKey) -> Answer<wire::Sdk> {
        let store = self.call.store();
        let (sdk, job) = (store.sdk(key)?, store.job(key)?);
        let (sdk, job) = (sdk.as_ref(), job.as_ref());
        let named = self.name(key)?;
        let cargo_add = self.cargo_add(&named)?;
        let (state, message) = state(sdk, job);
        Ok(wire::Sdk {
            crate_name: named.name.to_string(),
            version: named.version.to_string(),
            commit_id: key.commit.to_string(),
            plugin_owner: key.plugin.owner().to_owned(),
            plugin_name: key.plugin.name().to_owned(),
            plugin_version: key.version.to_string(),
            plugin_revision: key.revision.0,
            state: state.into(),
            message,
            checksum: sdk.map(|sdk| sdk.checksum.to_string()).unwrap_or_default(),
            size_bytes: sdk.map_or(0, |sdk| sdk.size),
            released: named.version.time.is_released(),
            yanked: sdk.is_some_and(|sdk| sdk.yanked),
            cargo_add,
        })
    }
}

fn state(sdk: Option<&Sdk>, job: Option<&Job>) -> (wire::SdkState, String) {
    if sdk.is_some() {
        return (wire::SdkState::SDK_STATE_SERVED, String::new());
    }
    match job.map(|job| &job.state) {
        Some(SdkState::Running) => (wire::SdkState::SDK_STATE_RUNNING, String::new()),
        Some(SdkState::Failed { message }) => (wire::SdkState::SDK_STATE_FAILED, message.clone()),
        Some(SdkState::Queued | SdkState::Served) | None => (wire::SdkState::SDK_STATE_QUEUED, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_would_choose_is_added_without_a_pin() {
        let name: CrateName = "acme_pets_community_prost".parse().unwrap();
        let version = |text: &str| text.parse::<SdkVersion>().unwrap();
        let (old, new) =
            (version("0.5.0-20240523144506-ce529d32d80c.1"), version("0.5.0-20250523144506-ae529d32d80c.1"));
        let plain = "cargo add --registry buf acme_pets_community_prost";
        assert_eq!(cargo_add(&name, &new, Some(&old)), plain);
        assert_eq!(cargo_add(&name, &new, Some(&new)), plain);
        assert_eq!(cargo_add(&name, &new, None), plain);
        assert_eq!(cargo_add(&name, &old, Some(&new)), format!("{plain}@={old}"));
        let draft = version("0.5.0-00000000000000-ce529d32d80c.1");
        assert_eq!(cargo_add(&name, &draft, None), format!("{plain}@={draft}"));
    }
}
