//! Modules on a real store.

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind, words};
use crate::store::Role;
use crate::wire::buf::registry::module::v1::module_ref;
use crate::wire::buf::registry::owner::v1::{OwnerRef, owner_ref};

fn value(owner: &str, name: &str) -> create_modules_request::Value {
    let owner = OwnerRef { value: Some(owner_ref::Value::Name(owner.into())) };
    create_modules_request::Value { owner_ref: owner.into(), name: name.into(), ..Default::default() }
}

fn created(call: &Call, values: Vec<create_modules_request::Value>) -> Answer<CreateModulesResponse> {
    create(call, &CreateModulesRequest { values }, "localhost:8780")
}

fn module_ref(name: &str) -> ModuleRef {
    let (owner, module) = name.split_once('/').unwrap();
    ModuleRef { value: module_ref::Name { owner: owner.into(), module: module.into() }.into() }
}

#[test]
fn a_module_is_private_and_on_main_unless_somebody_says_otherwise() {
    let registry = Registry::new();
    let call = registry.call(&registry.user("acme"), Scope::Write);
    let module = created(&call, vec![value("acme", "pets")]).unwrap().modules.remove(0);
    assert_eq!(module.visibility, ModuleVisibility::MODULE_VISIBILITY_PRIVATE);
    assert_eq!(module.default_label_name, "main");
    assert_eq!(kind(created(&call, vec![value("acme", "pets")])), Kind::AlreadyExists);
}

#[test]
fn names_and_owners_are_checked_before_anything_is_created() {
    let registry = Registry::new();
    let call = registry.call(&registry.user("acme"), Scope::Write);
    assert_eq!(kind(created(&call, vec![value("acme", "bad_Name.x")])), Kind::Invalid);
    let text = words(created(&call, vec![value("acne", "pets")]));
    assert!(text.contains("no user or organization acne") && text.contains("acme"), "{text}");
    assert_eq!(kind(created(&call, vec![value("acme", "a1"), value("acme", "a1")])), Kind::AlreadyExists);
    assert_eq!(kind(created(&call, vec![value("acme", "b1"), value("nobody", "b2")])), Kind::NotFound);
    assert_eq!(kind(get(&call, GetModulesRequest { module_refs: vec![module_ref("acme/b1")] })), Kind::NotFound);
}

#[test]
fn in_an_organization_admins_create_and_writers_do_not() {
    let registry = Registry::new();
    let (boss, writer) = (registry.user("boss"), registry.user("writer"));
    registry.organization("acme", &[(&boss, Role::Admin), (&writer, Role::Writer)]);
    let by = |user, scope, name| created(&registry.call(user, scope), vec![value("acme", name)]);
    assert_eq!(kind(by(&writer, Scope::Admin, "pets")), Kind::Forbidden);
    assert!(by(&boss, Scope::Write, "pets").is_ok());
    assert_eq!(kind(by(&boss, Scope::Read, "shop")), Kind::Forbidden);
}

#[test]
fn an_update_clears_what_is_empty_and_leaves_what_is_absent() {
    let registry = Registry::new();
    let user = registry.user("acme");
    let call = registry.call(&user, Scope::Write);
    let described = create_modules_request::Value {
        description: "Pets".into(),
        url: "https://pets.example".into(),
        ..value("acme", "pets")
    };
    created(&call, vec![described]).unwrap();
    let updated = |value: update_modules_request::Value| {
        let value = update_modules_request::Value { module_ref: module_ref("acme/pets").into(), ..value };
        update(&call, UpdateModulesRequest { values: vec![value] }).map(|mut response| response.modules.remove(0))
    };
    let nothing = updated(Default::default()).unwrap();
    assert_eq!((nothing.description.as_str(), nothing.url.as_str()), ("Pets", "https://pets.example"));
    let deprecated = Some(ModuleState::MODULE_STATE_DEPRECATED.into());
    let change =
        update_modules_request::Value { description: Some(String::new()), state: deprecated, ..Default::default() };
    let changed = updated(change).unwrap();
    assert_eq!((changed.description.as_str(), changed.url.as_str()), ("", "https://pets.example"));
    assert_eq!(changed.state, ModuleState::MODULE_STATE_DEPRECATED);
    let future = update_modules_request::Value { default_label_name: Some("trunk".into()), ..Default::default() };
    assert_eq!(updated(future).unwrap().default_label_name, "trunk");
}

#[test]
fn several_owners_are_listed_as_one() {
    let registry = Registry::new();
    let (acme, zoo) = (registry.user("acme"), registry.user("zoo"));
    let mut names = vec![];
    for (owner, name) in [(&acme, "first"), (&zoo, "second"), (&acme, "third"), (&zoo, "fourth")] {
        registry.module(owner, name, Visibility::Public);
        registry.later();
        names.push(name);
    }
    let call = registry.call(&acme, Scope::Read);
    let owner = |name: &str| OwnerRef { value: Some(owner_ref::Value::Name(name.into())) };
    let mut request = ListModulesRequest {
        page_size: 3,
        owner_refs: vec![owner("acme"), owner("zoo")],
        order: list_modules_request::Order::ORDER_CREATE_TIME_ASC.into(),
        ..Default::default()
    };
    let mut listed = vec![];
    loop {
        let page = list(&call, &request).unwrap();
        listed.extend(page.modules.into_iter().map(|module| module.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, names);
}

#[test]
fn what_others_need_stays_and_their_private_names_stay_private() {
    let registry = Registry::new();
    let (acme, zoo) = (registry.user("acme"), registry.user("zoo"));
    let base = registry.module(&acme, "base", Visibility::Public);
    let base_commit = registry.push(&base, &[], ("b.proto", "syntax = \"proto3\"; message B {}"), &[]);
    let source = ("p.proto", "syntax = \"proto3\"; import \"b.proto\"; message P { B b = 1; }");
    for (owner, name) in [(&acme, "mine"), (&zoo, "hidden")] {
        registry.push(&registry.module(owner, name, Visibility::Private), &[], source, &[&base_commit]);
    }
    let call = registry.call(&acme, Scope::Write);
    let request = || DeleteModulesRequest { module_refs: vec![module_ref("acme/base")] };
    assert_eq!(kind(delete(&call, request())), Kind::Precondition);
    let text = words(delete(&call, request()));
    assert!(text.contains("acme/mine, modules that you may not see") && !text.contains("hidden"), "{text}");
}
