//! The beats of nodes, by which each is known to be alive.

use std::time::Duration;

use super::engine::{Row, SqlResult};
use crate::model::NodeId;

/// How long the beat of a node may stay the same before it is held to have ended. A build that goes on all the same is
/// refused at its end, so a node that only hangs for this long loses work and nothing else.
pub const LOST_AFTER: Duration = Duration::from_secs(20);

/// How often somebody who waits for a beat looks.
const LOOK: Duration = Duration::from_millis(250);

/// A node of the registry as another one sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeBeat {
    /// The node.
    pub node: NodeId,
    /// A number that grows as long as the node is alive.
    pub beat: i64,
}

impl NodeBeat {
    pub(in crate::store) fn read(row: &Row<'_>) -> SqlResult<Self> {
        Ok(Self { node: row.get("id")?, beat: row.get("beat")? })
    }
}

/// The first of these nodes whose beat moves within `patience`, if there is one; `beats` reads all that there are. Waits
/// no longer than any of them has a row.
pub(in crate::store) fn first_alive<E>(
    seen: &[NodeBeat],
    patience: Duration,
    beats: impl Fn() -> std::result::Result<Vec<NodeBeat>, E>,
) -> std::result::Result<Option<NodeId>, E> {
    let mut looks = patience.as_millis() / LOOK.as_millis();
    loop {
        let now = beats()?;
        let mut left = seen.iter().filter_map(|known| now.iter().find(|beat| beat.node == known.node)).peekable();
        if left.peek().is_none() {
            return Ok(None);
        }
        if let Some(moved) = left.find(|beat| !seen.contains(beat)) {
            return Ok(Some(moved.node));
        }
        if looks == 0 {
            return Ok(None);
        }
        looks -= 1;
        std::thread::sleep(LOOK);
    }
}
