//! Calls for labels: list, move, archive.

use crate::client::transport::Transport;
use crate::client::{Client, ClientError, PAGE, refs};
use crate::model::{CommitId, LabelName, ModuleName};
use crate::wire::buf::registry::module::v1::list_labels_request::{ArchiveFilter, Order};
use crate::wire::buf::registry::module::v1::{
    ArchiveLabelsRequest, CreateOrUpdateLabelsRequest, Label, LabelServiceClient, ListLabelsRequest,
    UnarchiveLabelsRequest, create_or_update_labels_request,
};
use crate::wire::{BREAKING_HEADER, decode_warning};

impl Client {
    fn label_service(&self) -> LabelServiceClient<Transport> {
        let (http, config) = self.parts();
        LabelServiceClient::new(http, config)
    }

    /// The labels of a module, the last moved first.
    pub async fn labels(&self, module: &ModuleName, archived: ArchiveFilter) -> Result<Vec<Label>, ClientError> {
        let (mut labels, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListLabelsRequest {
                page_size: PAGE as u32,
                page_token: page_token.clone(),
                resource_ref: refs::resource(module, "").into(),
                order: Order::ORDER_UPDATE_TIME_DESC.into(),
                archive_filter: archived.into(),
                ..Default::default()
            };
            let page = self.read(self.label_service().list_labels(request).await)?;
            labels.extend(page.labels);
            if !self.turn_page(&mut page_token, page.next_page_token)? {
                return Ok(labels);
            }
        }
    }

    /// Moves labels to a commit. Creates missing labels, and unarchives archived ones. Returns the labels, and what the
    /// move of a default label breaks.
    ///
    /// # Errors
    /// When a label would move to an older commit.
    pub async fn set_labels(
        &self,
        module: &ModuleName,
        labels: &[LabelName],
        commit: CommitId,
    ) -> Result<(Vec<Label>, Option<String>), ClientError> {
        let value = |label| create_or_update_labels_request::Value {
            label_ref: refs::label(module, label).into(),
            commit_id: commit.to_string(),
        };
        let request = CreateOrUpdateLabelsRequest { values: labels.iter().map(value).collect() };
        let answer = self.label_service().create_or_update_labels(request).await;
        let answer = answer.map_err(|error| self.explain(&error))?;
        let breaking = answer.headers().get(BREAKING_HEADER).and_then(|value| decode_warning(value.as_bytes()));
        Ok((self.exactly(labels.len(), answer.into_owned().labels)?, breaking))
    }

    /// Hides labels from lists; they still resolve.
    ///
    /// # Errors
    /// When one is the default label.
    pub async fn archive_labels(&self, module: &ModuleName, labels: &[LabelName]) -> Result<(), ClientError> {
        let label_refs = labels.iter().map(|label| refs::label(module, label)).collect();
        self.read(self.label_service().archive_labels(ArchiveLabelsRequest { label_refs }).await).map(drop)
    }

    /// Undoes [`Client::archive_labels`].
    pub async fn unarchive_labels(&self, module: &ModuleName, labels: &[LabelName]) -> Result<(), ClientError> {
        let label_refs = labels.iter().map(|label| refs::label(module, label)).collect();
        self.read(self.label_service().unarchive_labels(UnarchiveLabelsRequest { label_refs }).await).map(drop)
    }
}
