//! Who uses which version of a crate.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::model::CrateName;
use crate::wire::registry::v1::{GetCrateUsageRequest, GetCrateUsageResponse, UsageServiceClient};

impl Client {
    /// The downloads of a crate; with the tokens, if the caller administers its module.
    ///
    /// # Errors
    /// When there is no such module, or the server counts no downloads.
    pub async fn crate_usage(&self, name: &CrateName) -> Result<GetCrateUsageResponse, ClientError> {
        let (http, config) = self.parts();
        let service = UsageServiceClient::<Transport>::new(http, config);
        self.read(service.get_crate_usage(GetCrateUsageRequest { crate_name: name.to_string() }).await)
    }
}
