//! The other servers on a database when one starts: what all of them must agree on.

use super::error::ServeError;
use crate::publish::PublishSettings;
use crate::store::{LOST_AFTER, NodeView, Store};

/// Looks whether the servers that run on the database have the same address and the same place for crates as one with
/// these settings. A difference in the address is told in the log.
///
/// # Errors
/// [`ServeError::OtherBlobs`] if a server that runs keeps crates elsewhere: neither could read those of the other.
pub(super) fn check(store: &Store, settings: &PublishSettings) -> Result<(), ServeError> {
    let others = store.nodes()?;
    let elsewhere =
        |other: &&NodeView| other.says.as_ref().is_some_and(|says| says.blobs.as_deref() != store.crates_elsewhere());
    let elsewhere: Vec<_> = others.iter().filter(elsewhere).map(|other| other.seen).collect();
    if let Some(alive) = store.first_alive(&elsewhere, LOST_AFTER)? {
        let says = others.into_iter().filter(|other| other.seen.node == alive).find_map(|other| other.says);
        let (node, theirs) = says.map_or_else(Default::default, |says| (says.name, says.blobs));
        return Err(ServeError::OtherBlobs {
            node,
            theirs: place(theirs.as_deref()),
            own: place(store.crates_elsewhere()),
        });
    }
    for says in others.iter().filter_map(|other| other.says.as_ref()) {
        // One of the same name is the one before.
        if says.public_url != settings.public_url && says.name != settings.node_name {
            let (node, theirs, own) = (&says.name, &says.public_url, &settings.public_url);
            tracing::warn!(
                node,
                "another server writes {theirs} into crates, this one {own}: give all the same --public-url"
            );
        }
    }
    Ok(())
}

fn place(blobs: Option<&str>) -> String {
    blobs.unwrap_or("the database").to_owned()
}
