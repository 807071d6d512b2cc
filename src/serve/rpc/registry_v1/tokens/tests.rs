//! Tokens on a real store.

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind};

fn request(scope: Scope, user: &str) -> CreateTokenRequest {
    CreateTokenRequest { scope: scope_to_wire(scope).into(), user: user.into(), ..Default::default() }
}

#[test]
fn no_token_makes_one_that_may_do_more() {
    let registry = Registry::new();
    let (user, admin) = (registry.user("acme"), registry.admin("root"));
    let call = registry.call(&user, Scope::Write);
    assert!(create(&call, &request(Scope::Write, "")).is_ok());
    assert_eq!(kind(create(&call, &request(Scope::Admin, ""))), Kind::Forbidden);
    assert_eq!(kind(create(&call, &request(Scope::Read, "root"))), Kind::Forbidden);
    assert_eq!(kind(create(&call, &CreateTokenRequest::default())), Kind::Invalid);
    let call = registry.call(&admin, Scope::Admin);
    assert_eq!(create(&call, &request(Scope::Write, "acme")).unwrap().token.user, "acme");
    // An administrator with a lesser token is like anyone else.
    assert_eq!(kind(create(&registry.call(&admin, Scope::Write), &request(Scope::Read, "acme"))), Kind::Forbidden);
}

#[test]
fn a_token_expires_in_the_future() {
    let registry = Registry::new();
    let call = registry.call(&registry.user("acme"), Scope::Write);
    let at = |time| CreateTokenRequest { expire_time: time_to_wire(time).into(), ..request(Scope::Read, "") };
    assert_eq!(kind(create(&call, &at(call.actor().at))), Kind::Invalid);
    assert!(create(&call, &at(call.actor().at.next_second())).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_at_once() {
    let registry = Registry::new();
    let (user, other) = (registry.user("acme"), registry.user("other"));
    let call = registry.call(&user, Scope::Write);
    let made = create(&call, &request(Scope::Read, "")).unwrap();
    let secret = crate::model::TokenSecret::presented(&made.secret).unwrap();
    assert!(registry.state.auth.holder(&secret).is_ok());
    let request = RevokeTokenRequest { id: made.token.id.clone() };
    assert_eq!(kind(revoke(&registry.call(&other, Scope::Write), &request)), Kind::NotFound);
    revoke(&call, &request).unwrap();
    assert!(registry.state.auth.holder(&secret).is_err());
    assert!(revoke(&call, &request).is_ok(), "revoking twice changes nothing");
}
