//! The audit log of a registry.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::wire::registry::v1::{AuditServiceClient, ListAuditEventsRequest, ListAuditEventsResponse};

impl Client {
    /// One page of the audit log.
    ///
    /// # Errors
    /// When the token is not an administrator's.
    pub async fn audit_events(&self, request: ListAuditEventsRequest) -> Result<ListAuditEventsResponse, ClientError> {
        let (http, config) = self.parts();
        let service = AuditServiceClient::<Transport>::new(http, config);
        self.read(service.list_audit_events(request).await)
    }
}
