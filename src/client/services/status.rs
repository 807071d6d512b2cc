//! The state of a registry.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::wire::registry::v1::{GetStatusRequest, GetStatusResponse, StatusServiceClient};

impl Client {
    /// The state of the registry.
    ///
    /// # Errors
    /// When the token is not an administrator's.
    pub async fn status(&self) -> Result<GetStatusResponse, ClientError> {
        let (http, config) = self.parts();
        let service = StatusServiceClient::<Transport>::new(http, config);
        self.read(service.get_status(GetStatusRequest::default()).await)
    }
}
