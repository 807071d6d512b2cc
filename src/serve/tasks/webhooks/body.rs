//! The bodies that are sent.

use buffa::Message as _;
use serde_json::{Value, json};

use crate::model::Sha256Digest;
use crate::publish::Publisher;
use crate::store::{Commit, Delivery, Module, OwnerKind, Store, StoreError, Visibility, Webhook, WebhookFormat};
use crate::wire::buf::alpha::registry::v1alpha1 as registry;
use crate::wire::buf::alpha::webhook::v1alpha1::{EventPayload, EventRequest, RepositoryPushEvent, event_payload};
use crate::wire::time_to_wire;

/// The `webhook-id` of a delivery: the same for each try, and another one for each delivery, also of a registry that was
/// restored from a backup and counts its deliveries from there on.
pub(in crate::serve) fn message_id(delivery: &Delivery) -> String {
    let Delivery { webhook, id, created, .. } = delivery;
    let digest = Sha256Digest::of(format!("{webhook} {id} {}", created.as_micros()).as_bytes()).to_string();
    format!("msg_{}", digest.get(..32).unwrap_or_default())
}

/// The body of a delivery. `url` is the server's address.
///
/// # Errors
/// When the store fails.
pub(super) fn of(
    publisher: &Publisher,
    delivery: &Delivery,
    webhook: &Webhook,
    url: &str,
) -> Result<Vec<u8>, StoreError> {
    match webhook.format {
        WebhookFormat::Json => json_body(delivery, url),
        WebhookFormat::Buf => push_event(publisher, delivery),
    }
}

fn json_body(delivery: &Delivery, url: &str) -> Result<Vec<u8>, StoreError> {
    let data: Value = serde_json::from_str(&delivery.data)
        .map_err(|error| StoreError::Corrupt(format!("delivery {} has no JSON: {error}", delivery.id)))?;
    let body = json!({
        "type": delivery.event.name(), "timestamp": delivery.created.to_string(), "registry": url, "data": data,
    });
    Ok(body.to_string().into_bytes())
}

/// The request that the BSR sends to `buf.alpha.webhook.v1alpha1.EventService/Event`.
fn push_event(publisher: &Publisher, delivery: &Delivery) -> Result<Vec<u8>, StoreError> {
    let store = publisher.store();
    let missing = || StoreError::Missing("the module or commit of the event".into());
    let module = delivery.module.map(|module| store.module_by_id(module)).transpose()?.flatten();
    let commit = delivery.commit.map(|commit| store.commit(commit)).transpose()?.flatten();
    let (module, commit) = module.zip(commit).ok_or_else(missing)?;
    let push = RepositoryPushEvent {
        event_time: time_to_wire(delivery.created).into(),
        repository_commit: repository_commit(publisher, &module, &commit)?.into(),
        repository: repository(store, &module)?.into(),
    };
    let payload = EventPayload { payload: Some(event_payload::Payload::from(push)) };
    let event = registry::WebhookEvent::WEBHOOK_EVENT_REPOSITORY_PUSH.into();
    Ok(EventRequest { event, payload: payload.into() }.encode_to_vec())
}

fn repository_commit(
    publisher: &Publisher,
    module: &Module,
    commit: &Commit,
) -> Result<registry::RepositoryCommit, StoreError> {
    let (store, files_digest) = (publisher.store(), publisher.b4_digest(commit)?.to_string());
    let labels = store.labels_of_commit(commit.id)?;
    let default = labels.iter().find(|label| label.name == module.default_label);
    let branch = default.or(labels.first()).map(|label| label.name.to_string());
    let author = store.owner_by_id(commit.created_by)?.map(|user| user.name.to_string());
    Ok(registry::RepositoryCommit {
        id: commit.id.to_string(),
        create_time: time_to_wire(commit.created).into(),
        digest: files_digest.clone(),
        name: commit.id.to_string(),
        branch: branch.unwrap_or_default(),
        author: author.unwrap_or_default(),
        manifest_digest: files_digest,
        b5_digest: commit.digest.to_string(),
    })
}

fn repository(store: &Store, module: &Module) -> Result<registry::Repository, StoreError> {
    let id = module.owner.to_string();
    let owner = match store.owner_by_id(module.owner)?.map(|owner| owner.kind) {
        Some(OwnerKind::User { .. }) => registry::repository::Owner::UserId(id),
        _ => registry::repository::Owner::OrganizationId(id),
    };
    let visibility = match module.visibility {
        Visibility::Public => registry::Visibility::VISIBILITY_PUBLIC,
        Visibility::Private => registry::Visibility::VISIBILITY_PRIVATE,
    };
    Ok(registry::Repository {
        id: module.id.to_string(),
        create_time: time_to_wire(module.created).into(),
        update_time: time_to_wire(module.updated).into(),
        name: module.name.name().to_string(),
        owner: Some(owner),
        visibility: visibility.into(),
        deprecated: module.deprecated,
        owner_name: module.name.owner().to_string(),
        description: module.description.clone(),
        url: module.url.clone(),
        default_branch: module.default_label.to_string(),
    })
}
