//! Comparing two versions of a module.

use crate::client::{Client, ClientError};
use crate::wire::registry::v1::{CompareRequest, CompareResponse, CompareServiceClient};

impl Client {
    /// What changed between two versions, and what breaks.
    ///
    /// # Errors
    /// When a version is unknown, or files do not compile.
    pub async fn compare(&self, request: CompareRequest) -> Result<CompareResponse, ClientError> {
        let (http, config) = self.parts();
        self.read(CompareServiceClient::new(http, config).compare(request).await)
    }
}
