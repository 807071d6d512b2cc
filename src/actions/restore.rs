//! The last steps of a restore, on this machine or over the network: everything is compared, deliveries of webhooks that
//! wait are cancelled, the log records it, and the data directory is put in its place.

use std::net::IpAddr;
use std::path::PathBuf;

use super::actor::Actor;
use super::caller::Caller;
use crate::model::Timestamp;
use crate::publish::{Depth, damage_summary, verify};
use crate::store::{RestoreError, Restoring, Store, StoreError, StoreOptions};

/// Why deliveries that waited when the backup was made are not sent.
const CANCELLED: &str = "it waited when the backup was made that this registry was restored from";

/// What was restored.
#[derive(Debug, Clone)]
pub(crate) struct Restored {
    /// The data directory.
    pub(crate) directory: PathBuf,
    /// How many commits it has.
    pub(crate) commits: u64,
    /// How many versions of crates it has.
    pub(crate) crates: u64,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRestored {
    /// The backup cannot be read, or the place is taken.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The restored store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was backed up was damaged.
    #[error("{0}; what was backed up was damaged before; take an earlier backup")]
    Damaged(String),
}

/// Opens the restored store, which updates an older format, compares everything in it, and puts it in its place.
/// `client` is who sent it. `progress` is told what is done next.
///
/// # Errors
/// Then nothing is left of it.
pub(crate) fn finish(
    restoring: Restoring,
    client: Option<IpAddr>,
    at: Timestamp,
    progress: &mut dyn FnMut(String),
) -> Result<Restored, NotRestored> {
    let store = Store::open(restoring.path(), StoreOptions::default())?;
    let found = verify(&store, Depth::Full, &mut |step| progress(format!("comparing {step}")))?;
    if let Some(damage) = damage_summary(&found.damage) {
        return Err(NotRestored::Damaged(damage));
    }
    let (commits, crates) = (found.commits, found.crates);
    let actor = Actor { caller: &Caller::Operator, client, store: &store, at, observer: &() };
    store.transaction("record the restore", |tx| {
        let mut subject = format!("{commits} commits, {crates} versions of crates");
        // Whoever serves the original has called them, or will; a copy on trial never should.
        match tx.cancel_deliveries(CANCELLED)? {
            0 => {}
            cancelled => subject.push_str(&format!(", waiting deliveries of webhooks cancelled: {cancelled}")),
        }
        tx.audit(&actor.event("store.restore", subject))
    })?;
    drop(store);
    Ok(Restored { directory: restoring.finish()?, commits, crates })
}
