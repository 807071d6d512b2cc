//! Mends what is damaged, and removes what nobody needs.

use std::fs::File;
use std::time::Duration;

use super::actor::Actor;
use super::caller::Caller;
use super::error::ActionError;
use crate::model::Timestamp;
use crate::publish::{NotRegenerated, Publisher, Regenerated};
use crate::store::{CopyTarget, DamagedSdk, Ended, Leftovers, Sdk, StoreError};

/// How long tokens that expired or were revoked stay listed.
const TOKENS_STAY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long finished deliveries of webhooks stay in their log.
const DELIVERIES_STAY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a crate stays in the object store that no SDK names: until then the transaction that names it may come.
const OBJECTS_STAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What came of a damaged crate.
#[derive(Debug)]
pub(crate) enum Mended {
    /// Its bytes are those that were published.
    Intact,
    /// It was made again with the checksum that was published, and stored.
    Again,
    /// It was made again, with other bytes: nothing was stored.
    Otherwise,
    /// It could not be made again.
    Not(NotRegenerated),
}

/// Makes a crate again if its bytes are damaged or lost, and stores it if its checksum is the published one.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn mend_crate(actor: &Actor<'_>, publisher: &Publisher, sdk: &Sdk) -> Result<Mended, ActionError> {
    actor.caller.require_admin("repair crates")?;
    match actor.store.crate_bytes(sdk.module, &sdk.crate_name, &sdk.version) {
        Ok(_) => return Ok(Mended::Intact),
        Err(error) if error.is_damage() => {}
        Err(error) => return Err(error.into()),
    }
    let addresses = publisher.addresses_of(sdk)?;
    let bytes = match publisher.regenerate(sdk, &addresses) {
        Ok(Regenerated::Same(bytes)) => bytes,
        Ok(Regenerated::Different(_)) => return Ok(Mended::Otherwise),
        Err(NotRegenerated::Store(error)) if !error.is_damage() => return Err(error.into()),
        Err(reason) => return Ok(Mended::Not(reason)),
    };
    actor.store.transaction("repair a crate", |tx| {
        tx.put_crate_back(&sdk.key, &bytes)?;
        tx.audit(&actor.event("sdk.repair", format!("{} {}", sdk.crate_name, sdk.version)))
    })?;
    actor.observer.content_changed();
    Ok(Mended::Again)
}

/// Makes the crate of a damaged row again, and stores both as they were: the checksum of the row tells how that was.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn mend_row(actor: &Actor<'_>, publisher: &Publisher, row: &DamagedSdk) -> Result<Mended, ActionError> {
    actor.caller.require_admin("repair crates")?;
    let addresses = publisher.addresses_of(row.as_read())?;
    let (sdk, bytes) = match publisher.regenerate_row(row, &addresses) {
        Ok(Some(held)) => held,
        Ok(None) => return Ok(Mended::Otherwise),
        Err(NotRegenerated::Store(error)) if !error.is_damage() => return Err(error.into()),
        Err(reason) => return Ok(Mended::Not(reason)),
    };
    actor.store.transaction("repair a crate", |tx| {
        tx.put_row_back(row, &sdk, &bytes)?;
        tx.audit(&actor.event("sdk.repair", format!("{} {}", sdk.crate_name, sdk.version)))
    })?;
    actor.observer.content_changed();
    Ok(Mended::Again)
}

/// Takes the rows of the database as they are, whoever wrote them.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn accept_rows(actor: &Actor<'_>) -> Result<(), ActionError> {
    actor.caller.require_admin("accept rows of the database")?;
    Ok(actor.store.transaction("accept the rows of the database", |tx| {
        tx.audit(&actor.event("store.accept-rows", "everything"))?;
        tx.accept_rows()
    })?)
}

/// A sealed copy of everything, to be read from its beginning; its file has no name.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn copy_everything(actor: &Actor<'_>) -> Result<File, ActionError> {
    actor.caller.require_admin("copy the registry")?;
    actor.store.audit(&actor.event("store.backup", "everything"))?;
    Ok(actor.store.sealed_copy()?)
}

/// What nobody needs any more at the time of `actor`, when names rest for `name_rest`.
fn ended(actor: &Actor<'_>, name_rest: Duration) -> Ended {
    let before = |span: Duration| {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(actor.at.as_micros().saturating_sub(micros))
    };
    Ended {
        sessions: actor.at,
        tokens: before(TOKENS_STAY),
        names: before(name_rest),
        deliveries: before(DELIVERIES_STAY),
        objects: before(OBJECTS_STAY),
    }
}

/// Counts what [`remove_leftovers`] would remove.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn leftovers(actor: &Actor<'_>, name_rest: Duration) -> Result<Leftovers, ActionError> {
    actor.caller.require_admin("see what is left over")?;
    Ok(actor.store.leftovers(ended(actor, name_rest))?)
}

/// Removes sessions that have ended, tokens that ended 30 days ago, names that do not rest any more, contents of files
/// that belong to no commit, deliveries of webhooks that finished 7 days ago, and crates in the object store that no SDK
/// has named for a day.
///
/// # Errors
/// When the caller does not administer the registry, or the store fails.
pub(crate) fn remove_leftovers(actor: &Actor<'_>, name_rest: Duration) -> Result<Leftovers, ActionError> {
    actor.caller.require_admin("remove what is left over")?;
    let ended = ended(actor, name_rest);
    let rows = actor.store.transaction("remove what nobody needs", |tx| {
        let removed = tx.remove_leftovers(ended)?;
        if removed != Leftovers::default() {
            let Leftovers { sessions, tokens, names, contents, deliveries, objects: _ } = removed;
            let subject = format!(
                "{sessions} sessions, {tokens} tokens, {names} names, {contents} contents, {deliveries} deliveries"
            );
            tx.audit(&actor.event("store.clean", subject))?;
        }
        Ok::<_, StoreError>(removed)
    })?;
    // No transaction holds what is in an object store, so what was removed there is recorded after it.
    let objects = actor.store.remove_orphans(ended.objects)?;
    if objects > 0 {
        actor.store.audit(&actor.event("store.clean", format!("{objects} crates in the object store")))?;
    }
    Ok(Leftovers { objects, ..rows })
}

/// Lets a copy of a store be served, with a record that it was moved there `from` elsewhere.
///
/// # Errors
/// When the record cannot be stored, or the copy not be put in its place.
pub(crate) fn finish_move(target: CopyTarget, at: Timestamp, from: &str) -> Result<(), StoreError> {
    let event = Actor { caller: &Caller::Operator, client: None, store: target.store(), at, observer: &() }
        .event("store.migrate", from);
    target.finish(&event)
}
