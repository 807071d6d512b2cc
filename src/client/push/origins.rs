//! Where the files of a push are on disk, for findings that name them as they are imported.

use std::collections::HashMap;
use std::path::PathBuf;

use super::PushError;
use super::contents::Content;
use crate::client::ClientError;
use crate::model::{Diagnostic, Diagnostics};

/// The absolute path of each file, by the path that it is imported by.
#[derive(Debug, Clone, Default)]
pub struct Origins(HashMap<String, PathBuf>);

impl Origins {
    pub(super) fn of(contents: &[Content]) -> Self {
        let files = contents.iter().flat_map(|content| &content.origins);
        Self(files.map(|(path, origin)| (path.to_string(), origin.clone())).collect())
    }

    /// The error of a push or comparison of these files: findings in their sources name absolute paths. Files of
    /// dependencies keep their names.
    #[must_use]
    pub fn locate(&self, error: ClientError) -> PushError {
        match error {
            ClientError::Refused { findings: Some(findings), .. } => {
                PushError::Invalid(Diagnostics(findings.0.into_iter().map(|found| self.on_disk(found)).collect()))
            }
            other => other.into(),
        }
    }

    fn on_disk(&self, found: Diagnostic) -> Diagnostic {
        match self.0.get(&found.path) {
            Some(origin) => Diagnostic { path: origin.display().to_string(), ..found },
            None => found,
        }
    }
}
