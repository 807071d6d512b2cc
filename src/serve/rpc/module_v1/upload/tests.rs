//! Pushes over the handler, on a real store.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::*;
use crate::model::Scope;
use crate::serve::http::error::Kind;
use crate::serve::rpc::testing::{Registry, kind};
use crate::store::{Owner, Visibility};

fn content(module: &str, source: &str) -> Content {
    let (owner, name) = module.split_once('/').unwrap();
    let file = (format!("{name}.proto"), Bytes::copy_from_slice(source.as_bytes()));
    Content {
        module: ModuleRef::Name { owner: owner.into(), module: name.into() },
        files: vec![file],
        labels: vec![],
        source_control_url: String::new(),
        breaking: BreakingConfig::default(),
    }
}

const PETS: &str = "syntax = \"proto3\"; package pets.v1; message Pet {}";

async fn pushed(registry: &Registry, user: &Owner, contents: Vec<Content>, needs: &[String]) -> Answer<PushReply> {
    let needs = needs.iter().cloned().map(NeededRef::here).collect();
    let mut headers = HeaderMap::new();
    let token = registry.token(user, Scope::Write);
    headers.insert(AUTHORIZATION, format!("Bearer {}", token.reveal()).parse().unwrap());
    push(&registry.rpc, &RequestContext::new(headers), contents, needs).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_equal_push_finds_the_first() {
    let registry = Registry::new();
    let user = registry.user("acme");
    registry.module(&user, "pets", Visibility::Private);
    let first = pushed(&registry, &user, vec![content("acme/pets", PETS)], &[]).await.unwrap();
    let second = pushed(&registry, &user, vec![content("acme/pets", PETS)], &[]).await.unwrap();
    assert_eq!(first.commits, second.commits);
    assert_eq!(second.warning, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_crates_are_told_once() {
    let registry = Registry::new();
    let user = registry.user("acme");
    let module = registry.module(&user, "pets", Visibility::Private);
    let interest = crate::store::Interest {
        module: module.id,
        plugin: "community/neoeinstein-prost".parse().unwrap(),
        version: None,
        label: LabelName::main(),
        created: registry.state.publisher.clock().now(),
        created_by: None,
    };
    registry.store().transaction("test", |tx| tx.register_interest(&interest)).unwrap();
    let first = pushed(&registry, &user, vec![content("acme/pets", PETS)], &[]).await.unwrap();
    let add = "is ready: cargo add --registry buf acme_pets_community_neoeinstein-prost";
    assert!(first.warning.ends_with(add), "{:?}", first.warning);
    let response = first.warn(Response::new(()));
    let told = crate::wire::decode_warning(response.headers[WARNING_HEADER].as_bytes());
    assert_eq!(told, Some(first.warning));
    let second = pushed(&registry, &user, vec![content("acme/pets", PETS)], &[]).await.unwrap();
    assert_eq!(second.warning, "");
    assert!(!second.warn(Response::new(())).headers.contains_key(WARNING_HEADER));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_push_does_not_and_who_may_not_read_sees_nothing() {
    let registry = Registry::new();
    let (user, stranger) = (registry.user("acme"), registry.user("stranger"));
    registry.module(&user, "pets", Visibility::Public);
    registry.module(&user, "secrets", Visibility::Private);
    let by_stranger = |module: &str| vec![content(module, PETS)];
    assert_eq!(kind(pushed(&registry, &stranger, by_stranger("acme/pets"), &[]).await), Kind::Forbidden);
    assert_eq!(kind(pushed(&registry, &stranger, by_stranger("acme/secrets"), &[]).await), Kind::NotFound);
    let nobody = RequestContext::new(HeaderMap::new());
    let answer = push(&registry.rpc, &nobody, by_stranger("acme/pets"), vec![]).await;
    assert_eq!(kind(answer), Kind::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_makes_no_sense_is_refused_with_its_reason() {
    let registry = Registry::new();
    let user = registry.user("acme");
    registry.module(&user, "pets", Visibility::Private);
    let outside = Content { files: vec![("../a.proto".into(), Bytes::new())], ..content("acme/pets", PETS) };
    let foreign = Content { files: vec![("buf.yaml".into(), Bytes::new())], ..content("acme/pets", PETS) };
    let broken = content("acme/pets", "syntax = \"proto3\"; message {");
    let linked = Content { source_control_url: "javascript:1".into(), ..content("acme/pets", PETS) };
    let labelled = Content { labels: vec![LabelRef::Name("a:b".into())], ..content("acme/pets", PETS) };
    for bad in [outside, foreign, broken] {
        assert_eq!(kind(pushed(&registry, &user, vec![bad], &[]).await), Kind::Unprocessable);
    }
    for bad in [linked, labelled] {
        assert_eq!(kind(pushed(&registry, &user, vec![bad], &[]).await), Kind::Invalid);
    }
    let good = || vec![content("acme/pets", PETS)];
    assert_eq!(kind(pushed(&registry, &user, vec![], &[]).await), Kind::Invalid);
    assert_eq!(kind(pushed(&registry, &user, good(), &["1-2".into()]).await), Kind::Invalid);
    assert_eq!(kind(pushed(&registry, &user, good(), &["a".repeat(32)]).await), Kind::NotFound);
}
