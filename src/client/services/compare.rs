//! Comparing two versions of a module, and what pushes found.

use crate::client::{Client, ClientError, refs};
use crate::model::{ChangeCount, ChangeCounts, CommitId, DeclarationKind, ModuleName};
use crate::wire::registry::v1::{
    CompareRequest, CompareResponse, CompareServiceClient, DeclarationChanges, GetVerdictsRequest,
};

impl Client {
    /// What changed between two versions, and what breaks.
    ///
    /// # Errors
    /// When a version is unknown, or files do not compile.
    pub async fn compare(&self, request: CompareRequest) -> Result<CompareResponse, ClientError> {
        let (http, config) = self.parts();
        self.read(CompareServiceClient::new(http, config).compare(request).await)
    }

    /// How many declarations a commit changed, as its push counted them; none for a commit that was compared with
    /// nothing, and from a server that does not count.
    ///
    /// # Errors
    /// When the module has no such commit.
    pub async fn changes(&self, module: &ModuleName, commit: CommitId) -> Result<ChangeCounts, ClientError> {
        let request =
            GetVerdictsRequest { module: refs::module_name(module).into(), commit_ids: vec![commit.to_string()] };
        let (http, config) = self.parts();
        match self.read(CompareServiceClient::new(http, config).get_verdicts(request).await) {
            Err(ClientError::Unknown { .. }) => Ok(ChangeCounts::new()),
            found => {
                let changes = found?.verdicts.into_iter().flat_map(|verdict| verdict.changes);
                Ok(changes.filter_map(|changes| count_of(&changes)).collect())
            }
        }
    }
}

/// The counts of one kind; none for a kind of a newer server.
fn count_of(changes: &DeclarationChanges) -> Option<(DeclarationKind, ChangeCount)> {
    let kind = DeclarationKind::ALL.into_iter().find(|kind| kind.as_str() == changes.kind)?;
    let DeclarationChanges { added, removed, changed, .. } = *changes;
    Some((kind, ChangeCount { added, removed, changed }))
}
