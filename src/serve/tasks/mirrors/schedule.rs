//! Takes modules of other registries in, each on its schedule.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinSet, block_in_place};

use super::source::{FetchedSettings, ScheduledMirror, ScheduledSource};
use crate::actions::Caller;
use crate::actions::foreign_settings::{TakenOver, take_over};
use crate::actions::local_login::first_administrator;
use crate::model::{CommitId, ForeignModule, ModuleName, Scope};
use crate::serve::rpc::foreign_settings;
use crate::serve::state::State;
use crate::store::Owner;
use crate::wire::registry::v1::ImportSettingsRequest;

/// How long after a failure the next try is made, if the module is not taken in more often.
const RETRY: Duration = Duration::from_secs(300);

/// Takes all modules in, each on its schedule, until the set is dropped.
pub(in crate::serve) fn start(mirrors: Vec<ScheduledMirror>, state: &Arc<State>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (number, mirror) in mirrors.into_iter().enumerate() {
        let state = Arc::clone(state);
        tasks.spawn(async move { repeat(number, &mirror, &state).await });
    }
    tasks
}

async fn repeat(number: usize, mirror: &ScheduledMirror, state: &State) {
    let module = mirror.source.name();
    let mut told = vec![];
    loop {
        let taken = take(&*mirror.source, state).await;
        let taken = taken.map(|(commit, settings)| {
            match commit {
                Some(commit) => tracing::info!(%module, %commit, "mirrored"),
                None => tracing::debug!(%module, "mirrored: nothing new"),
            }
            settings.changes.iter().for_each(|change| tracing::info!(%module, "mirrored: {change}"));
            // What cannot be taken over is the same each time; it is told when it changes.
            if settings.left_out != told {
                settings.left_out.iter().for_each(|left_out| tracing::warn!(%module, "not taken over: {left_out}"));
                told = settings.left_out;
            }
            commit
        });
        if let Err(problem) = &taken {
            tracing::error!(%module, %problem, "could not mirror");
        }
        let rest = if taken.is_ok() { mirror.every } else { mirror.every.min(RETRY) };
        state.mirrors.tell(number, state.publisher.clock().now(), taken);
        tokio::time::sleep(rest).await;
    }
}

/// Takes in what is new. Returns the newest commit, if it was not here, and what came of the settings; or why it could
/// not.
async fn take(source: &dyn ScheduledSource, state: &State) -> Result<(Option<CommitId>, TakenOver), String> {
    let publisher = &state.publisher;
    let known = |id| block_in_place(|| matches!(publisher.store().commit(id), Ok(Some(_))));
    let mut newest = None;
    let mut modules: Vec<ForeignModule> = vec![];
    for head in source.fetch_heads(&known).await? {
        let others = head.fetched.modules.iter().filter(|module| modules.iter().all(|known| known.name != module.name));
        let others: Vec<_> = others.cloned().collect();
        modules.extend(others);
        let imported = block_in_place(|| {
            let by = administrator(state)?;
            publisher.import_mirrored(head, by.id.into()).map_err(|error| error.to_string())
        })?;
        newest = imported.or(newest);
    }
    let settings = source.fetch_settings(modules).await?;
    Ok((newest, block_in_place(|| take_all_over(state, settings))?))
}

/// The user in whose name the server mirrors.
fn administrator(state: &State) -> Result<Owner, String> {
    let by = first_administrator(state.store()).map_err(|error| error.to_string())?;
    by.ok_or_else(|| "there is no administrator in whose name commits could be taken in".to_owned())
}

fn take_all_over(state: &State, settings: FetchedSettings) -> Result<TakenOver, String> {
    let caller = Caller::User { user: Arc::new(administrator(state)?), scope: Scope::Admin, token: None };
    let mut all = TakenOver { left_out: settings.unread, ..TakenOver::default() };
    for request in settings.requests {
        let taken = take_one_over(state, &caller, request)?;
        all.changes.extend(taken.changes);
        all.left_out.extend(taken.left_out);
    }
    Ok(all)
}

fn take_one_over(state: &State, caller: &Caller, request: ImportSettingsRequest) -> Result<TakenOver, String> {
    let name: ModuleName = format!("{}/{}", request.module.owner, request.module.name)
        .parse()
        .map_err(|error| format!("the other registry sent a name that is none: {error}"))?;
    let settings = foreign_settings(request).map_err(|refusal| refusal.message)?;
    let module = state.store().module(&name).map_err(|error| error.to_string())?;
    let module = module.ok_or_else(|| format!("module {name} was deleted here"))?;
    take_over(&state.actor(caller, None), &state.publisher, module, &settings).map_err(|error| error.to_string())
}
