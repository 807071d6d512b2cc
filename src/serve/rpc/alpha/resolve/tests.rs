//! Versions on a real store.

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind, words};
use crate::store::{Owner, Visibility};

const PETS: (&str, &str) = ("pets.proto", "syntax = \"proto3\"; package pets.v1; message Pet {}");
const SHOP: (&str, &str) = ("pets.proto", "syntax = \"proto3\"; package pets.v1; message Shop {}");

fn module(reference: &str) -> LocalModuleReference {
    LocalModuleReference { owner: "acme".into(), repository: "pets".into(), reference: reference.into() }
}

fn plugin(version: &str) -> GetRemotePackageVersionPlugin {
    let (owner, name) = ("community".into(), "neoeinstein-prost".into());
    GetRemotePackageVersionPlugin { owner, name, version: version.into(), revision: 0 }
}

/// A released commit on `main`, and another one on `draft`.
fn pets() -> (Registry, Owner, Commit, Commit) {
    let registry = Registry::new();
    let user = registry.user("acme");
    let module = registry.module(&user, "pets", Visibility::Public);
    let released = registry.push(&module, &[], PETS, &[]);
    let draft = registry.push(&module, &["draft"], SHOP, &[]);
    (registry, user, released, draft)
}

#[test]
fn versions_are_told_and_made() {
    let (registry, user, released, draft) = pets();
    let call = registry.call(&user, Scope::Read);
    let newest = find(&call, &requested_plugin(&plugin(""))).unwrap();
    let (bare, revision) = (newest.version.bare(), newest.revision);
    let version = |reference: &str| cargo_version(&call, &module(reference), &plugin("")).unwrap().to_string();
    assert_eq!(version(""), format!("{bare}-20240523144506-{}.{revision}", released.id.short()));
    assert_eq!(version("draft"), format!("{bare}-00000000000000-{}.{revision}", draft.id.short()));
    assert_eq!(registry.store().jobs_of_commit(draft.id).unwrap().len(), 1);
    assert_eq!(kind(cargo_version(&call, &module("nothing"), &plugin(""))), Kind::NotFound);
    assert_eq!(kind(cargo_version(&call, &module(""), &plugin("v9.9.9"))), Kind::NotFound);
    assert_eq!(kind(cargo_version(&call, &module(""), &plugin("x"))), Kind::Invalid);
}

#[test]
fn a_version_is_taken_apart_and_compared() {
    let (registry, user, released, draft) = pets();
    let call = registry.call(&user, Scope::Read);
    let version = cargo_version(&call, &module(""), &plugin("v0.5.0")).unwrap().to_string();
    let ask = |reference: &str, plugin_version: &str, sdk_version: &str| {
        let request = GetSDKInfoRequest {
            module_reference: module(reference).into(),
            plugin_reference: plugin(plugin_version).into(),
            sdk_version: sdk_version.into(),
        };
        info(&call, &request)
    };
    assert_eq!(ask("", "v0.5.0", "").unwrap().sdk_version, version);
    let told = ask("", "v0.5.0", &version).unwrap();
    assert_eq!(told.module_info.commit, released.id.to_string());
    assert_eq!(told.plugin_info.version, "v0.5.0");
    assert!(version.ends_with(&format!(".{}", told.plugin_info.plugin_revision)), "{version}");
    let text = words(ask("draft", "", &version));
    assert!(text.contains(draft.id.short().as_str()) && text.contains(released.id.short().as_str()), "{text}");
    assert_eq!(kind(ask("", "v0.4.0", &version)), Kind::Invalid);
    let unreleased = version.replace("20240523144506", "00000000000000");
    assert_eq!(kind(ask("", "", &unreleased)), Kind::Invalid);
    assert_eq!(kind(ask("", "", &version.replace(released.id.short().as_str(), "000000000001"))), Kind::NotFound);
    assert_eq!(kind(ask("", "", "1.2.3")), Kind::Invalid);
}
