//! Programs of two neighbouring versions on one database: whom an update of its format would leave out.

use std::path::Path;
use std::time::Duration;

use super::driver::Session;
use crate::model::NodeId;
use crate::store::db::engine::Row;
use crate::store::db::error::{StoreError, Work};
use crate::store::db::node_beats::{NodeBeat, first_alive};

/// A node of a program that is too old for a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OldNode {
    seen: NodeBeat,
    /// As people know it.
    name: String,
}

/// The nodes of programs older than `oldest_program`. Before nodes described themselves (`are_described`) their programs
/// knew the first format alone.
pub(super) fn older_nodes(session: &Session, are_described: bool, oldest_program: u32) -> Work<Vec<OldNode>> {
    let sql = match are_described {
        true => {
            "SELECT id, beat, name, program FROM nodes LEFT JOIN node_details ON node_id = id
             WHERE coalesce(format, 1) < ?1 ORDER BY id"
        }
        false => {
            "SELECT id, beat, CAST(NULL AS TEXT) AS name, CAST(NULL AS TEXT) AS program FROM nodes
             WHERE ?1 > 1 ORDER BY id"
        }
    };
    let mut found = vec![];
    session.query(sql, [oldest_program], |row| {
        let row = Row::Postgres(row);
        let id: NodeId = row.get("id")?;
        let (name, program): (Option<String>, Option<String>) = (row.get("name")?, row.get("program")?);
        let name = match (name, program) {
            (Some(name), Some(program)) => format!("{name} (version {program})"),
            _ => format!("node {id}"),
        };
        found.push(OldNode { seen: NodeBeat { node: id, beat: row.get("beat")? }, name });
        Ok(true)
    })?;
    Ok(found)
}

/// Waits until none of the nodes can be running any more.
///
/// # Errors
/// [`StoreError::OlderNodes`] as soon as one of them beats.
pub(super) fn require_silence(session: &Session, name: &Path, nodes: &[OldNode], patience: Duration) -> Work<()> {
    let seen: Vec<_> = nodes.iter().map(|node| node.seen).collect();
    let beats = || -> Work<Vec<NodeBeat>> {
        let mut beats = vec![];
        session.query("SELECT id, beat FROM nodes", [], |row| {
            beats.push(NodeBeat::read(&Row::Postgres(row))?);
            Ok(true)
        })?;
        Ok(beats)
    };
    if first_alive(&seen, patience, beats)?.is_none() {
        return Ok(());
    }
    let nodes = nodes.iter().map(|node| node.name.clone()).collect();
    Err(StoreError::OlderNodes { path: name.into(), nodes }.into())
}

/// Removes nodes that have ended. Whoever starts queues their jobs again.
pub(super) fn remove(session: &Session, nodes: &[OldNode]) -> Work<()> {
    for node in nodes {
        session.execute("DELETE FROM nodes WHERE id = ?1", [node.seen.node])?;
    }
    Ok(())
}
