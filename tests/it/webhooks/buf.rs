//! Webhooks that the unmodified `buf` makes, and the call that the BSR would make.

use buffa::Message as _;
use registry::wire::buf::alpha::registry::v1alpha1::{WebhookEvent, repository::Owner};
use registry::wire::buf::alpha::webhook::v1alpha1::{EventRequest, event_payload::Payload};

use super::{Receiver, module, registry};
use crate::support::Buf;

const PATH: &str = "/buf.alpha.webhook.v1alpha1.EventService/Event";

#[test]
fn buf_makes_lists_and_deletes_webhooks_that_are_called_as_by_the_bsr() {
    let registry = registry();
    module("acme/pets").push(&registry);
    let (receiver, buf) = (Receiver::start(), Buf::new(&registry));
    let webhook = ["beta", "registry", "webhook"];
    let at = ["--remote=HOST", "--owner=acme", "--repository=pets"];
    let url = receiver.url(PATH);
    let (event, callback) = ("--event=WEBHOOK_EVENT_REPOSITORY_PUSH", format!("--callback-url={url}"));
    let [a, b, c] = webhook;
    let [remote, owner, repository] = at;
    let list = || buf.run([a, b, c, "list", remote, owner, repository]).ok();
    list().prints_exactly("[]");
    let created = buf.run([a, b, c, "create", remote, owner, repository, event, &callback]).ok().json();
    assert_eq!(created["webhook"]["callbackUrl"], url.as_str());
    assert_eq!(created["webhook"]["event"], "WEBHOOK_EVENT_REPOSITORY_PUSH");
    buf.run([a, b, c, "create", remote, owner, repository, event, &callback]).fails().says("already exists");
    buf.run([a, b, c, "create", remote, owner, repository, event, "--callback-url=http://10.0.0.1/"])
        .fails()
        .says("--webhook-allow 10.0.0.1");
    assert_eq!(list().json()["webhooks"], serde_json::json!([created["webhook"]]));

    let pushed = module("acme/pets").file("LICENSE", "Do what you like.").push(&registry);
    let call = receiver.wait(1).remove(0);
    assert_eq!((call.path.as_str(), call.header("content-type")), (PATH, "application/proto"));
    assert_eq!((call.header("connect-protocol-version"), call.header("webhook-signature")), ("1", ""));
    let event = EventRequest::decode_from_slice(&call.body).unwrap();
    assert_eq!(event.event, WebhookEvent::WEBHOOK_EVENT_REPOSITORY_PUSH);
    let payload = event.payload.into_option().unwrap().payload;
    let Some(Payload::RepositoryPush(push)) = payload else { panic!("no push: {payload:?}") };
    let (commit, repository) = (push.repository_commit.clone(), push.repository.clone());
    assert_eq!((commit.id.as_str(), commit.branch.as_str()), (pushed.commit.as_str(), "main"));
    assert_eq!((commit.author.as_str(), &commit.b5_digest[..3]), (registry.user.as_str(), "b5:"));
    assert_eq!((repository.owner_name.as_str(), repository.name.as_str()), ("acme", "pets"));
    assert!(matches!(repository.owner, Some(Owner::OrganizationId(_))) && push.event_time.is_set());

    let id = format!("--id={}", created["webhook"]["webhookId"].as_str().unwrap());
    registry.cli(["webhook", "test", &id["--id=".len()..]]).refused().says("push something to try it");
    buf.run([a, b, c, "delete", remote, &id]).ok();
    list().prints_exactly("[]");
    buf.run([a, b, c, "delete", remote, &id]).fails().says("does not exist");
}
