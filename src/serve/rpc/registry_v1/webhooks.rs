//! Webhooks of modules and owners, and their deliveries.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::webhooks::{self, NewWebhook, WebhookScope};
use crate::model::{WebhookEventError, WebhookEvents, WebhookId};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;
use crate::serve::tasks::webhooks::message_id;
use crate::store::{Delivery, DeliveryState, Webhook, WebhookFormat};
use crate::wire::registry::v1::{
    self as wire, CreateWebhookRequest, CreateWebhookResponse, DeleteWebhookRequest, DeleteWebhookResponse,
    ListDeliveriesRequest, ListDeliveriesResponse, ListWebhooksRequest, ListWebhooksResponse, TestWebhookRequest,
    TestWebhookResponse, WebhookDelivery, WebhookDeliveryState, WebhookService,
};
use crate::wire::time_to_wire;

/// How many deliveries are listed by default, and at most.
const DELIVERIES: (u32, u32) = (20, 250);

// Those that only list take a token that may change things too: an address may be a secret.
impl WebhookService for Rpc {
    async fn create_webhook(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateWebhookRequest>,
    ) -> ServiceResult<CreateWebhookResponse> {
        self.write(&ctx, |call| create(call, request.to_owned_message()))
    }

    async fn list_webhooks(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListWebhooksRequest>,
    ) -> ServiceResult<ListWebhooksResponse> {
        self.write(&ctx, |call| {
            let (scope, message) = scope(call, request.to_owned_message().scope.into_option())?;
            let webhooks = webhooks::list(&call.actor(), &scope)?.into_iter();
            let webhooks = webhooks.map(|webhook| to_message(call, webhook, &message)).collect::<Answer<_>>()?;
            Ok(ListWebhooksResponse { webhooks })
        })
    }

    async fn delete_webhook(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteWebhookRequest>,
    ) -> ServiceResult<DeleteWebhookResponse> {
        self.write(&ctx, |call| {
            webhooks::delete(&call.actor(), id(&request.to_owned_message().id)?)?;
            Ok(DeleteWebhookResponse {})
        })
    }

    async fn list_deliveries(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListDeliveriesRequest>,
    ) -> ServiceResult<ListDeliveriesResponse> {
        self.write(&ctx, |call| deliveries(call, &request.to_owned_message()))
    }

    async fn test_webhook(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, TestWebhookRequest>,
    ) -> ServiceResult<TestWebhookResponse> {
        self.write(&ctx, |call| {
            let delivery_id = webhooks::test(&call.actor(), id(&request.to_owned_message().id)?)?;
            Ok(TestWebhookResponse { delivery_id })
        })
    }
}

fn id(text: &str) -> Answer<WebhookId> {
    Ok(text.parse()?)
}

fn scope(call: &Call, scope: Option<wire::WebhookScope>) -> Answer<(WebhookScope, wire::WebhookScope)> {
    let message = scope.unwrap_or_default();
    let scope = if message.module.is_empty() {
        WebhookScope::Owner(references::named_owner(call, &message.owner)?)
    } else {
        WebhookScope::Module(references::named_module(call, &message.owner, &message.module)?)
    };
    Ok((scope, message))
}

fn create(call: &Call, request: CreateWebhookRequest) -> Answer<CreateWebhookResponse> {
    let (scope, message) = scope(call, request.scope.into_option())?;
    let invalid = |error: WebhookEventError| Refusal::invalid(error.to_string());
    let events = request.events.iter().map(|event| event.parse().map_err(invalid)).collect::<Answer<Vec<_>>>()?;
    let (url, events, format) = (request.url, WebhookEvents::of(events), WebhookFormat::Json);
    let new = NewWebhook { scope, url, events, format };
    let (webhook, secret) = webhooks::create(&call.actor(), &call.state.webhook_policy, new)?;
    let secret = secret.map_or_else(String::new, |secret| secret.reveal());
    Ok(CreateWebhookResponse { webhook: to_message(call, webhook, &message)?.into(), secret })
}

fn to_message(call: &Call, webhook: Webhook, scope: &wire::WebhookScope) -> Answer<wire::Webhook> {
    let user = webhook.created_by.map(|user| call.store().owner_by_id(user)).transpose()?.flatten();
    Ok(wire::Webhook {
        id: webhook.id.to_string(),
        scope: scope.clone().into(),
        url: webhook.url,
        events: webhook.events.iter().map(|event| event.name().to_owned()).collect(),
        is_bsr: webhook.format == WebhookFormat::Buf,
        create_time: time_to_wire(webhook.created).into(),
        created_by: user.map_or_else(String::new, |user| user.name.to_string()),
        dropped_events: webhook.dropped,
    })
}

fn deliveries(call: &Call, request: &ListDeliveriesRequest) -> Answer<ListDeliveriesResponse> {
    let (default, most) = DELIVERIES;
    if request.limit > most {
        return Err(Refusal::invalid(format!("limit is {}; at most {most} deliveries are listed", request.limit)));
    }
    let limit = if request.limit == 0 { default } else { request.limit };
    let found = webhooks::deliveries(&call.actor(), id(&request.webhook_id)?, limit.into())?.into_iter();
    let deliveries = found.map(|delivery| delivery_to_message(call, delivery)).collect::<Answer<_>>()?;
    Ok(ListDeliveriesResponse { deliveries })
}

fn delivery_to_message(call: &Call, delivery: Delivery) -> Answer<WebhookDelivery> {
    let module = delivery.module.map(|module| call.store().module_by_id(module)).transpose()?.flatten();
    let state = match delivery.state {
        DeliveryState::Pending => WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_PENDING,
        DeliveryState::Delivered => WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_DELIVERED,
        DeliveryState::Failed => WebhookDeliveryState::WEBHOOK_DELIVERY_STATE_FAILED,
    };
    Ok(WebhookDelivery {
        id: delivery.id,
        message_id: message_id(&delivery),
        event: delivery.event.name().to_owned(),
        module: module.map_or_else(String::new, |module| module.name.to_string()),
        state: state.into(),
        create_time: time_to_wire(delivery.created).into(),
        tries: delivery.tries,
        last_try_time: delivery.last_try.map(time_to_wire).into(),
        next_try_time: delivery.next_try.map(time_to_wire).into(),
        status: delivery.status.map_or(0, u32::from),
        message: delivery.message.unwrap_or_default(),
    })
}
