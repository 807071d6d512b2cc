//! Searching modules, crates and declarations.

use crate::client::{Client, ClientError, PAGE};
use crate::wire::registry::v1::{SearchRequest, SearchResponse, SearchServiceClient};

impl Client {
    /// What the caller may read and whose name is like `query`, at most `most` of each kind.
    ///
    /// # Errors
    /// When the query is empty.
    pub async fn search(&self, query: &str, most: u32) -> Result<SearchResponse, ClientError> {
        let (http, config) = self.parts();
        let request = SearchRequest { query: query.to_owned(), page_size: most.min(PAGE as u32) };
        self.read(SearchServiceClient::new(http, config).search(request).await)
    }
}
