//! What came of mirrors, for those who ask.

use std::sync::{Mutex, PoisonError};

use super::source::ScheduledMirror;
use crate::model::{CommitId, Timestamp};

/// What came of a mirror at its last try.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct MirrorState {
    /// The module, with its registry in front.
    pub module: String,
    /// When it was last tried.
    pub tried: Option<Timestamp>,
    /// The newest commit that was taken in.
    pub commit: Option<CommitId>,
    /// Why the last try failed; none if it did not.
    pub problem: Option<String>,
}

/// What came of all mirrors, for those who ask.
#[derive(Debug, Default)]
pub(in crate::serve) struct Mirrors(Mutex<Vec<MirrorState>>);

impl Mirrors {
    pub(in crate::serve) fn of(mirrors: &[ScheduledMirror]) -> Self {
        let state = |mirror: &ScheduledMirror| MirrorState { module: mirror.source.name(), ..MirrorState::default() };
        Self(Mutex::new(mirrors.iter().map(state).collect()))
    }

    /// The state of each at this moment.
    pub(in crate::serve) fn states(&self) -> Vec<MirrorState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn tell(&self, number: usize, at: Timestamp, result: Result<Option<CommitId>, String>) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = states.get_mut(number) else { return };
        state.tried = Some(at);
        match result {
            Ok(commit) => (state.commit, state.problem) = (commit.or(state.commit), None),
            Err(problem) => state.problem = Some(problem),
        }
    }
}
