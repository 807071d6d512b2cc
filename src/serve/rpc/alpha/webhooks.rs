//! The service that `buf beta registry webhook` calls.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::webhooks::{self, NewWebhook, WebhookScope, events_of_buf};
use crate::model::{WebhookEvent, WebhookId};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::{Window, next_token};
use crate::serve::rpc::call::references;
use crate::store::{Module, Webhook, WebhookFormat};
use crate::wire::buf::alpha::registry::v1alpha1::{
    self as wire, CreateWebhookRequest, CreateWebhookResponse, DeleteWebhookRequest, DeleteWebhookResponse,
    ListWebhooksRequest, ListWebhooksResponse, WebhookService,
};
use crate::wire::time_to_wire;

/// `buf` reads one page only, so a page holds as many as there may be on one.
const PAGE: u32 = 250;

impl WebhookService for Rpc {
    async fn create_webhook(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateWebhookRequest>,
    ) -> ServiceResult<CreateWebhookResponse> {
        self.write(&ctx, |call| create(call, request.to_owned_message()))
    }

    async fn delete_webhook(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteWebhookRequest>,
    ) -> ServiceResult<DeleteWebhookResponse> {
        self.write(&ctx, |call| {
            let id = request.to_owned_message().webhook_id;
            let id: WebhookId = id.parse()?;
            webhooks::delete(&call.actor(), id)?;
            Ok(DeleteWebhookResponse {})
        })
    }

    /// Changes nothing, but takes a token that may.
    async fn list_webhooks(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListWebhooksRequest>,
    ) -> ServiceResult<ListWebhooksResponse> {
        self.write(&ctx, |call| list(call, &request.to_owned_message()))
    }
}

fn create(call: &Call, request: CreateWebhookRequest) -> Answer<CreateWebhookResponse> {
    let module = references::named_module(call, &request.owner_name, &request.repository_name)?;
    if request.webhook_event != wire::WebhookEvent::WEBHOOK_EVENT_REPOSITORY_PUSH {
        let message = "webhook_event is missing or unknown; use 1 (WEBHOOK_EVENT_REPOSITORY_PUSH)";
        return Err(Refusal::invalid(message));
    }
    let scope = WebhookScope::Module(module.clone());
    let new = NewWebhook { scope, url: request.callback_url, events: events_of_buf(), format: WebhookFormat::Buf };
    let (webhook, _) = webhooks::create(&call.actor(), &call.state.webhook_policy, new)?;
    Ok(CreateWebhookResponse { webhook: to_message(&module, webhook).into() })
}

/// The webhooks that tell of pushes; those of other events have no word in `buf`.
fn list(call: &Call, request: &ListWebhooksRequest) -> Answer<ListWebhooksResponse> {
    let module = references::named_module(call, &request.owner_name, &request.repository_name)?;
    let mut webhooks = webhooks::list(&call.actor(), &WebhookScope::Module(module.clone()))?;
    webhooks.retain(|webhook| webhook.events.contains(WebhookEvent::Push));
    let page = Window::of(PAGE, &request.page_token)?.cut(webhooks);
    let webhooks = page.items.into_iter().map(|webhook| to_message(&module, webhook)).collect();
    Ok(ListWebhooksResponse { webhooks, next_page_token: next_token(page.next) })
}

fn to_message(module: &Module, webhook: Webhook) -> wire::Webhook {
    wire::Webhook {
        event: wire::WebhookEvent::WEBHOOK_EVENT_REPOSITORY_PUSH.into(),
        webhook_id: webhook.id.to_string(),
        create_time: time_to_wire(webhook.created).into(),
        update_time: time_to_wire(webhook.created).into(),
        repository_name: module.name.name().to_string(),
        owner_name: module.name.owner().to_string(),
        callback_url: webhook.url,
    }
}
