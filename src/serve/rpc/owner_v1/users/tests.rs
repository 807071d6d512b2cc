//! Users on a real store.

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind, words};
use crate::store::{Role, Visibility};
use crate::wire::buf::registry::owner::v1::{OrganizationRef, organization_ref, user_ref};

fn named(name: &str) -> UserRef {
    UserRef { value: Some(user_ref::Value::Name(name.into())) }
}

fn described(name: &str, description: &str) -> UpdateUsersRequest {
    let value = update_users_request::Value {
        user_ref: named(name).into(),
        description: Some(description.into()),
        ..Default::default()
    };
    UpdateUsersRequest { values: vec![value] }
}

fn deleted(call: &Call, names: &[&str]) -> Answer<DeleteUsersResponse> {
    delete(call, &DeleteUsersRequest { user_refs: names.iter().map(|name| named(name)).collect() })
}

fn names(call: &Call, request: &ListUsersRequest) -> Vec<String> {
    list(call, request).unwrap().into_iter().map(|user| user.name.to_string()).collect()
}

#[test]
fn users_describe_themselves_and_administrators_everybody() {
    let registry = Registry::new();
    let (root, sam, stranger) = (registry.admin("root"), registry.user("sam"), registry.user("stranger"));
    let call = |user| registry.call(user, Scope::Write);
    for by in [&sam, &root] {
        let users = update(&call(by), &described("sam", &format!("by {}", by.name))).unwrap().users;
        assert_eq!(users[0].description, format!("by {}", by.name));
    }
    assert_eq!(kind(update(&call(&stranger), &described("sam", "mine"))), Kind::Forbidden);
    assert_eq!(kind(update(&registry.call(&sam, Scope::Read), &described("sam", "mine"))), Kind::Forbidden);
    assert_eq!(kind(update(&call(&sam), &described("sam", &"x".repeat(351)))), Kind::Invalid);
    registry.organization("acme", &[(&sam, Role::Admin)]);
    assert_eq!(kind(update(&call(&sam), &described("acme", "mine"))), Kind::NotFound);
    assert_eq!(find(&call(&stranger), &[named("sam")]).unwrap()[0].description, "by root");
}

#[test]
fn administrators_make_users_inactive_and_active_again() {
    let registry = Registry::new();
    let (sam, root) = (registry.user("sam"), registry.admin("root"));
    let (own, admin) = (registry.call(&sam, Scope::Write), registry.call(&root, Scope::Admin));
    let become_ = |user: &str, state: UserState| {
        let mut request = described(user, "");
        request.values[0].description = None;
        request.values[0].state = Some(state.into());
        request
    };
    assert!(update(&own, &become_("sam", UserState::USER_STATE_ACTIVE)).is_ok(), "it is so already");
    let inactive = become_("sam", UserState::USER_STATE_INACTIVE);
    assert_eq!(kind(update(&own, &inactive)), Kind::Forbidden);
    let users = update(&admin, &inactive).unwrap().users;
    assert_eq!(users[0].state, UserState::USER_STATE_INACTIVE);
    let has_states = vec![UserState::USER_STATE_INACTIVE.into()];
    let wanted = ListUsersRequest { has_states, ..Default::default() };
    assert_eq!(list(&admin, &wanted).unwrap().len(), 1);
    let last = become_("root", UserState::USER_STATE_INACTIVE);
    assert_eq!(kind(update(&admin, &last)), Kind::Precondition);
    assert!(update(&admin, &become_("sam", UserState::USER_STATE_ACTIVE)).is_ok());
    assert_eq!(kind(update(&admin, &become_("sam", UserState::USER_STATE_UNSPECIFIED))), Kind::Invalid);
}

#[test]
fn administrators_delete_users_who_own_and_alone_administer_nothing() {
    let registry = Registry::new();
    let (root, sam, pat) = (registry.admin("root"), registry.user("sam"), registry.user("pat"));
    let acme = registry.organization("acme", &[(&sam, Role::Admin), (&pat, Role::Admin)]);
    let module = registry.module(&sam, "pets", Visibility::Private);
    let call = registry.call(&root, Scope::Admin);
    for (by, scope) in [(&root, Scope::Write), (&sam, Scope::Admin)] {
        assert_eq!(kind(deleted(&registry.call(by, scope), &["sam"])), Kind::Forbidden);
    }
    assert_eq!(kind(deleted(&call, &["acme"])), Kind::NotFound);
    assert_eq!(words(deleted(&call, &["sam"])), "owner sam has 1 modules; delete them first");
    registry.store().transaction("test", |tx| tx.delete_modules(&[module.id])).unwrap();
    let last = "user root is the only administrator of the registry and cannot be deleted or disabled";
    assert_eq!(words(deleted(&call, &["root"])), last);
    // All or nothing.
    let last = "pat is the last admin of acme; give another member the role admin first";
    assert_eq!(words(deleted(&call, &["sam", "pat"])), last);
    assert!(deleted(&call, &["sam", "sam"]).is_ok());
    assert_eq!(kind(find(&call, &[named("sam")])), Kind::NotFound);
    let members = registry.store().members(acme.id).unwrap();
    assert_eq!(members, [(pat, Role::Admin)]);
    registry.admin("other");
    assert!(deleted(&call, &["root"]).is_ok());
}

#[test]
fn a_list_is_of_the_wanted_types_and_of_organizations_that_the_caller_belongs_to() {
    let registry = Registry::new();
    let (sam, stranger) = (registry.user("sam"), registry.user("stranger"));
    registry.organization("acme", &[(&sam, Role::Reader)]);
    let call = registry.call(&sam, Scope::Read);
    let all = ListUsersRequest { order: Order::ORDER_CREATE_TIME_ASC.into(), ..Default::default() };
    assert_eq!(names(&call, &all).len(), 2);
    let people = ListUsersRequest { has_types: vec![UserType::USER_TYPE_STANDARD.into()], ..all.clone() };
    assert_eq!(names(&call, &people).len(), 2);
    for nobody in [
        ListUsersRequest { has_types: vec![UserType::USER_TYPE_BOT.into()], ..all.clone() },
        ListUsersRequest { has_states: vec![UserState::USER_STATE_INACTIVE.into()], ..all.clone() },
    ] {
        assert!(names(&call, &nobody).is_empty());
    }
    let acme = OrganizationRef { value: Some(organization_ref::Value::Name("acme".into())) };
    let members = ListUsersRequest { organization_refs: vec![acme], ..all };
    assert_eq!(names(&call, &members), ["sam"]);
    assert_eq!(kind(list(&registry.call(&stranger, Scope::Read), &members)), Kind::Forbidden);
}
