//! The audit log, for administrators of the registry.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::audit::{self, AuditLine};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::Window;
use crate::store::{AuditFilter, AuditRecord, AuditStart};
use crate::wire::registry::v1::{AuditEvent, AuditService, ListAuditEventsRequest, ListAuditEventsResponse};
use crate::wire::{time_from_wire, time_to_wire};

impl AuditService for Rpc {
    async fn list_audit_events(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListAuditEventsRequest>,
    ) -> ServiceResult<ListAuditEventsResponse> {
        self.read(&ctx, |call| list(call, request.to_owned_message()))
    }
}

fn list(call: &Call, request: ListAuditEventsRequest) -> Answer<ListAuditEventsResponse> {
    let limit = Window::of(request.page_size, "")?.limit;
    let start = start(&request)?;
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let filter = AuditFilter {
        since: request.since.as_option().map(time_from_wire),
        until: request.until.as_option().map(time_from_wire),
        actor: text(request.actor),
        action: text(request.action),
        subject: text(request.subject),
    };
    let mut records = audit::records(&call.actor(), filter, start, limit + 1)?;
    // One more than asked for tells whether there is another page.
    let is_last = records.len() as u64 <= limit;
    records.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match (start, records.last()) {
        (AuditStart::Newest | AuditStart::Before(_), Some(last)) if !is_last => last.id.to_string(),
        _ => String::new(),
    };
    Ok(ListAuditEventsResponse { events: records.into_iter().map(event).collect(), next_page_token: next })
}

fn start(request: &ListAuditEventsRequest) -> Answer<AuditStart> {
    match (request.after_id, request.page_token.as_str()) {
        (None, "") => Ok(AuditStart::Newest),
        (Some(id), "") => Ok(AuditStart::After(id)),
        (Some(_), _) => Err(Refusal::invalid("after_id and page_token exclude each other")),
        (None, token) => {
            let foreign = "page_token is not one that this registry gave out; leave it empty to begin with the newest";
            Ok(AuditStart::Before(token.parse().map_err(|_| Refusal::invalid(foreign))?))
        }
    }
}

fn event(record: AuditRecord) -> AuditEvent {
    let time = time_to_wire(record.event.at);
    let AuditLine { id, time: _, action, event_type, subject, actor, actor_id, token, client } = record.into();
    AuditEvent { id, time: time.into(), action, event_type, subject, actor, actor_id, token_id: token, client }
}
