//! Webhooks, and what they have sent.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::model::{ModuleName, OwnerName, WebhookEvent, WebhookId};
use crate::wire::registry::v1::{
    self as wire, CreateWebhookRequest, DeleteWebhookRequest, ListDeliveriesRequest, ListWebhooksRequest,
    TestWebhookRequest, Webhook, WebhookDelivery, WebhookServiceClient,
};

/// What a webhook tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookScope {
    /// One module.
    Module(ModuleName),
    /// All modules of an owner.
    Owner(OwnerName),
}

impl WebhookScope {
    fn to_wire(&self) -> wire::WebhookScope {
        let (owner, module) = match self {
            Self::Module(module) => (module.owner().to_string(), module.name().to_string()),
            Self::Owner(owner) => (owner.to_string(), String::new()),
        };
        wire::WebhookScope { owner, module }
    }
}

impl Client {
    fn webhook_service(&self) -> WebhookServiceClient<Transport> {
        let (http, config) = self.parts();
        WebhookServiceClient::new(http, config)
    }

    /// Creates a webhook; the second part of the result is the secret of its signatures, which is not told again.
    /// Without `events` it tells of all.
    ///
    /// # Errors
    /// When the caller does not administer the owner, or the address is refused.
    pub async fn create_webhook(
        &self,
        scope: &WebhookScope,
        url: &str,
        events: &[WebhookEvent],
    ) -> Result<(Webhook, String), ClientError> {
        let events = events.iter().map(|event| event.name().to_owned()).collect();
        let request = CreateWebhookRequest { scope: scope.to_wire().into(), url: url.to_owned(), events };
        let created = self.read(self.webhook_service().create_webhook(request).await)?;
        Ok((self.present("webhook", created.webhook.into_option())?, created.secret))
    }

    /// The webhooks of a module, or those of all modules of an owner.
    ///
    /// # Errors
    /// When the caller does not administer the owner.
    pub async fn webhooks(&self, scope: &WebhookScope) -> Result<Vec<Webhook>, ClientError> {
        let request = ListWebhooksRequest { scope: scope.to_wire().into() };
        Ok(self.read(self.webhook_service().list_webhooks(request).await)?.webhooks)
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// When there is no such webhook for the caller.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), ClientError> {
        let request = DeleteWebhookRequest { id: id.to_string() };
        self.read(self.webhook_service().delete_webhook(request).await).map(drop)
    }

    /// The latest deliveries of a webhook, the latest first.
    ///
    /// # Errors
    /// When there is no such webhook for the caller.
    pub async fn webhook_deliveries(&self, id: WebhookId, limit: u32) -> Result<Vec<WebhookDelivery>, ClientError> {
        let request = ListDeliveriesRequest { webhook_id: id.to_string(), limit };
        Ok(self.read(self.webhook_service().list_deliveries(request).await)?.deliveries)
    }

    /// Has a webhook send a ping, and returns the number of its delivery.
    ///
    /// # Errors
    /// When there is no such webhook for the caller.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<i64, ClientError> {
        let request = TestWebhookRequest { id: id.to_string() };
        Ok(self.read(self.webhook_service().test_webhook(request).await)?.delivery_id)
    }
}
