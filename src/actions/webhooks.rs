//! Creates, lists, tries and deletes webhooks. All of it takes an admin of the owner: an address may be a secret, and
//! what a webhook tells of private modules is for those who may read them.

use super::access::{Access, access, require};
use super::actor::Actor;
use super::error::ActionError;
use crate::model::{WebhookEvent, WebhookEvents, WebhookId, WebhookPolicy, WebhookSecret, WebhookUrl};
use crate::publish::new_ids;
use crate::store::{Delivery, Module, Owner, Webhook, WebhookFormat};

/// What a webhook tells of.
pub(crate) enum WebhookScope {
    /// One module.
    Module(Module),
    /// All modules of an owner.
    Owner(Owner),
}

impl WebhookScope {
    fn name(&self) -> String {
        match self {
            Self::Module(module) => module.name.to_string(),
            Self::Owner(owner) => owner.name.to_string(),
        }
    }

    fn require_admin(&self, actor: &Actor<'_>) -> Result<(), ActionError> {
        actor.caller.require_write()?;
        let owner = match self {
            Self::Module(module) => module.owner,
            Self::Owner(owner) => owner.id,
        };
        let doing = format!("see or change webhooks of {}", self.name());
        require(actor.store, actor.caller, owner, Access::Admin, &doing)
    }
}

/// A webhook to create.
pub(crate) struct NewWebhook {
    /// What it tells of.
    pub(crate) scope: WebhookScope,
    /// The address that it sends to.
    pub(crate) url: String,
    /// The events.
    pub(crate) events: WebhookEvents,
    /// How it writes them. Webhooks in the format of the BSR do not sign: nobody could be told the secret.
    pub(crate) format: WebhookFormat,
}

/// Creates a webhook, and its secret if it signs.
///
/// # Errors
/// When the caller does not administer the owner, the address is refused, a webhook of the same modules has it, or the
/// owner has too many.
pub(crate) fn create(
    actor: &Actor<'_>,
    policy: &WebhookPolicy,
    new: NewWebhook,
) -> Result<(Webhook, Option<WebhookSecret>), ActionError> {
    let NewWebhook { scope, url, events, format } = new;
    scope.require_admin(actor)?;
    let url: WebhookUrl = url.parse()?;
    policy.check_host(url.host())?;
    let secret = match format {
        WebhookFormat::Json => Some(new_ids::webhook_secret()?),
        WebhookFormat::Buf => None,
    };
    let (owner, module) = match &scope {
        WebhookScope::Module(module) => (module.owner, Some(module.id)),
        WebhookScope::Owner(owner) => (owner.id, None),
    };
    let webhook = Webhook {
        id: new_ids::webhook(),
        owner,
        module,
        url: url.as_str().to_owned(),
        format,
        events,
        secret,
        created: actor.at,
        created_by: actor.user_id(),
        dropped: 0,
    };
    actor.store.transaction("create a webhook", |tx| {
        tx.create_webhook(&webhook)?;
        // The rest of the address may be a secret.
        let subject = format!("{} of {} to {}", webhook.id, scope.name(), url.host());
        Ok::<_, ActionError>(tx.audit(&actor.event("webhook.create", subject))?)
    })?;
    actor.observer.content_changed();
    Ok((webhook, secret))
}

/// The webhooks of a module, or those of all modules of an owner, the oldest first.
///
/// # Errors
/// When the caller does not administer the owner.
pub(crate) fn list(actor: &Actor<'_>, scope: &WebhookScope) -> Result<Vec<Webhook>, ActionError> {
    scope.require_admin(actor)?;
    Ok(match scope {
        WebhookScope::Module(module) => actor.store.webhooks(module.owner, Some(module.id))?,
        WebhookScope::Owner(owner) => actor.store.webhooks(owner.id, None)?,
    })
}

/// Deletes a webhook with all that it has sent and was to send.
///
/// # Errors
/// When there is no such webhook for the caller.
pub(crate) fn delete(actor: &Actor<'_>, id: WebhookId) -> Result<(), ActionError> {
    let webhook = managed(actor, id)?;
    actor.store.transaction("delete a webhook", |tx| {
        if tx.delete_webhook(webhook.id)? {
            tx.audit(&actor.event("webhook.delete", id.to_string()))?;
        }
        Ok::<_, ActionError>(())
    })?;
    actor.observer.content_changed();
    Ok(())
}

/// The latest deliveries of a webhook, the latest first.
///
/// # Errors
/// When there is no such webhook for the caller.
pub(crate) fn deliveries(actor: &Actor<'_>, id: WebhookId, most: u64) -> Result<Vec<Delivery>, ActionError> {
    Ok(actor.store.deliveries(managed(actor, id)?.id, most)?)
}

/// Has a webhook send a ping, and returns the number of the delivery.
///
/// # Errors
/// When there is no such webhook for the caller, it knows no ping, or too much waits for it.
pub(crate) fn test(actor: &Actor<'_>, id: WebhookId) -> Result<i64, ActionError> {
    let webhook = managed(actor, id)?;
    if webhook.format == WebhookFormat::Buf {
        return Err(ActionError::NoPing(id));
    }
    let delivery = actor.store.transaction("try a webhook", |tx| {
        let delivery = tx.ping(&webhook, actor.at)?.ok_or(ActionError::WebhookBusy(id))?;
        tx.audit(&actor.event("webhook.test", id.to_string()))?;
        Ok::<_, ActionError>(delivery)
    })?;
    actor.observer.content_changed();
    Ok(delivery)
}

/// The webhook, if the caller may manage it: for others it does not exist.
fn managed(actor: &Actor<'_>, id: WebhookId) -> Result<Webhook, ActionError> {
    actor.caller.require_write()?;
    let webhook = actor.store.webhook(id)?.ok_or(ActionError::UnknownWebhook(id))?;
    if access(actor.store, actor.caller, webhook.owner)? < Access::Admin {
        return Err(ActionError::UnknownWebhook(id));
    }
    Ok(webhook)
}

/// The events of the webhooks that `buf` makes.
pub(crate) fn events_of_buf() -> WebhookEvents {
    WebhookEvents::of([WebhookEvent::Push])
}
