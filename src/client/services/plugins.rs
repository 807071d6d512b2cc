//! The plugin catalogue.

use crate::client::{Client, ClientError};
use crate::wire::registry::v1::{ListPluginsRequest, Plugin, PluginServiceClient};

impl Client {
    /// Every version of every plugin that the server can run.
    pub async fn plugins(&self) -> Result<Vec<Plugin>, ClientError> {
        let (http, config) = self.parts();
        let answer = PluginServiceClient::new(http, config).list_plugins(ListPluginsRequest::default()).await;
        Ok(self.read(answer)?.plugins)
    }
}
