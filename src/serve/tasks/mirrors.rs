//! Modules of other registries that the server takes in on a schedule. How they are read is passed in with the
//! surroundings: this layer knows no client.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::{JoinSet, block_in_place};

use crate::actions::local_login::first_administrator;
use crate::model::{CommitId, Timestamp};
use crate::publish::{MirrorSource, Publisher};

/// How long after a failure the next try is made, if the module is not taken in more often.
const RETRY: Duration = Duration::from_secs(300);

/// A source with its schedule.
#[derive(Clone)]
pub struct ScheduledMirror {
    /// Where the module is read.
    pub source: Arc<dyn MirrorSource>,
    /// The time between two.
    pub every: Duration,
}

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

    fn tell(&self, number: usize, at: Timestamp, result: Result<Option<CommitId>, String>) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = states.get_mut(number) else { return };
        state.tried = Some(at);
        match result {
            Ok(commit) => (state.commit, state.problem) = (commit.or(state.commit), None),
            Err(problem) => state.problem = Some(problem),
        }
    }
}

/// Takes all modules in, each on its schedule, until the set is dropped.
pub(in crate::serve) fn start(
    mirrors: Vec<ScheduledMirror>,
    states: &Arc<Mirrors>,
    publisher: &Arc<Publisher>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (number, mirror) in mirrors.into_iter().enumerate() {
        let (states, publisher) = (Arc::clone(states), Arc::clone(publisher));
        tasks.spawn(async move {
            loop {
                let module = mirror.source.name();
                let taken = take(&*mirror.source, &publisher).await;
                match &taken {
                    Ok(Some(commit)) => tracing::info!(%module, %commit, "mirrored"),
                    Ok(None) => tracing::debug!(%module, "mirrored: nothing new"),
                    Err(problem) => tracing::error!(%module, %problem, "could not mirror"),
                }
                let rest = if taken.is_ok() { mirror.every } else { mirror.every.min(RETRY) };
                states.tell(number, publisher.clock().now(), taken);
                tokio::time::sleep(rest).await;
            }
        });
    }
    tasks
}

/// Takes in what is new. Returns the newest commit, if it was not here; or why it could not.
async fn take(source: &dyn MirrorSource, publisher: &Publisher) -> Result<Option<CommitId>, String> {
    let known = |id| block_in_place(|| matches!(publisher.store().commit(id), Ok(Some(_))));
    let mut newest = None;
    for head in source.fetch_heads(&known).await? {
        let imported = block_in_place(|| {
            let by = first_administrator(publisher.store()).map_err(|error| error.to_string())?;
            let by = by.ok_or("there is no administrator in whose name commits could be taken in")?;
            publisher.import_mirrored(head, by.id.into()).map_err(|error| error.to_string())
        })?;
        newest = imported.or(newest);
    }
    Ok(newest)
}
