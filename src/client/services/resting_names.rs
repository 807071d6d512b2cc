//! Names of deleted organizations.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError};
use crate::model::OwnerName;
use crate::wire::registry::v1::{FreeNameRequest, ListRestingNamesRequest, NameServiceClient, RestingName};

impl Client {
    fn name_service(&self) -> NameServiceClient<Transport> {
        let (http, config) = self.parts();
        NameServiceClient::new(http, config)
    }

    /// The names of deleted organizations that nobody has taken, the latest first.
    ///
    /// # Errors
    /// When the token is not an administrator's.
    pub async fn resting_names(&self) -> Result<Vec<RestingName>, ClientError> {
        let request = ListRestingNamesRequest::default();
        Ok(self.read(self.name_service().list_resting_names(request).await)?.names)
    }

    /// Lets anybody take the name of a deleted organization from now on.
    ///
    /// # Errors
    /// When the name does not rest, or the token is not an administrator's.
    pub async fn free_name(&self, name: &OwnerName) -> Result<(), ClientError> {
        let request = FreeNameRequest { name: name.to_string() };
        self.read(self.name_service().free_name(request).await).map(drop)
    }
}
