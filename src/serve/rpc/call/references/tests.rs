//! What references lead to, and for whom.

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind, words};
use crate::store::{Role, Visibility};

fn named(module: &str, child: Child) -> ResourceRef {
    let (owner, module) = module.split_once('/').unwrap();
    ResourceRef::Name { owner: owner.into(), module: module.into(), child }
}

fn reference(text: &str) -> Child {
    Child::Ref(text.into())
}

const A: (&str, &str) = ("a.proto", "syntax = \"proto3\"; package a.v1; message A {}");
const B: (&str, &str) = ("a.proto", "syntax = \"proto3\"; package a.v1; message B {}");

#[test]
fn present_but_empty_is_absent() {
    let wire = |child| {
        let name = v1::resource_ref::Name { owner: "acme".into(), module: "pets".into(), child: Some(child) };
        ResourceRef::from(v1::ResourceRef { value: name.into() })
    };
    use v1::resource_ref::name::Child as Wire;
    assert_eq!(wire(Wire::Ref(String::new())), named("acme/pets", Child::Module));
    assert_eq!(wire(Wire::LabelName(String::new())), named("acme/pets", Child::Module));
    assert_eq!(wire(Wire::Ref("v1".into())), named("acme/pets", reference("v1")));
    assert_eq!(ResourceRef::from(v1beta1::ResourceRef::default()), ResourceRef::Missing);
}

#[test]
fn names_labels_and_ids_lead_to_their_records() {
    let registry = Registry::new();
    let user = registry.user("acme");
    let module = registry.module(&user, "pets", Visibility::Public);
    let call = registry.call(&user, Scope::Read);
    assert_eq!(kind(commit(&call, &named("acme/pets", Child::Module))), Kind::Precondition);

    let first = registry.push(&module, &["main", "v1"], A, &[]);
    registry.later();
    let second = registry.push(&module, &[], B, &[]);
    let found = |child| commit(&call, &named("acme/pets", child)).unwrap().1.id;
    assert_eq!(found(Child::Module), second.id);
    assert_eq!(found(reference("v1")), first.id);
    assert_eq!(found(Child::Label("v1".into())), first.id);
    assert_eq!(found(reference(&first.id.to_string())), first.id);

    let by_id = |id: String| resource(&call, &ResourceRef::Id(id)).unwrap();
    let label = registry.store().label(module.id, &"v1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(by_id(second.id.to_string()), Resource::Commit(module.clone(), second));
    assert_eq!(by_id(label.id.to_string()), Resource::Label(module.clone(), label));
    assert_eq!(by_id(module.id.to_string()), Resource::Module(module));
}

#[test]
fn what_is_not_there_is_told_with_the_nearest_that_is() {
    let registry = Registry::new();
    let user = registry.user("acme");
    let module = registry.module(&user, "pets", Visibility::Public);
    registry.push(&module, &["release"], A, &[]);
    let call = registry.call(&user, Scope::Read);
    let text = words(resource(&call, &named("acme/pest", Child::Module)));
    assert!(text.contains("acme/pest") && text.ends_with("did you mean acme/pets?"), "{text}");
    let text = words(resource(&call, &named("acme/pets", reference("releases"))));
    assert!(text.ends_with("did you mean release?"), "{text}");
    assert_eq!(kind(resource(&call, &named("acme/Pets", Child::Module))), Kind::Invalid);
    assert_eq!(kind(resource(&call, &ResourceRef::Missing)), Kind::Invalid);
    assert_eq!(kind(resource(&call, &ResourceRef::Id("00-11".into()))), Kind::Invalid);
    assert_eq!(kind(named_user(&call, "nobody")), Kind::NotFound);
}

#[test]
fn a_private_module_is_there_for_members_only() {
    let registry = Registry::new();
    let (member, stranger, admin) = (registry.user("member"), registry.user("stranger"), registry.admin("root"));
    let acme = registry.organization("acme", &[(&member, Role::Reader)]);
    let module = registry.module(&acme, "secrets", Visibility::Private);
    let pushed = registry.push(&module, &[], A, &[]);
    let label = registry.store().label(module.id, &LabelName::main()).unwrap().unwrap();
    let references = [
        named("acme/secrets", Child::Module),
        ResourceRef::Id(pushed.id.to_string()),
        ResourceRef::Id(module.id.to_string()),
        ResourceRef::Id(label.id.to_string()),
    ];
    for reference in &references {
        for user in [&member, &admin] {
            assert!(resource(&registry.call(user, Scope::Read), reference).is_ok(), "{reference:?}");
        }
        for call in [registry.call(&stranger, Scope::Admin), registry.anonymous()] {
            assert_eq!(kind(resource(&call, reference)), Kind::NotFound, "{reference:?}");
        }
    }
    let text = words(resource(&registry.call(&stranger, Scope::Read), &named("acme/secret", Child::Module)));
    assert!(!text.contains("secrets"), "{text}");
}
