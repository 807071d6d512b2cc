//! What the nodes of one database say of themselves, for each other and for people. The process that has a database file
//! says nothing: it is alone.

use crate::model::{NodeId, PluginName, PluginVersion, Revision, Timestamp};
use crate::store::db::connections::Store;
#[cfg(feature = "cluster")]
use crate::store::db::engine::params;
use crate::store::db::engine::{Connection, Row, SqlResult};
use crate::store::db::error::{Result, Work};
use crate::store::db::node_beats::NodeBeat;
use crate::store::db::statements::query::all;
#[cfg(feature = "cluster")]
use crate::store::db::{postgres::migrate, statements::query::run};

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeDetails {
    /// As people know it: its machine, and its port.
    pub name: String,
    /// When it started.
    pub started: Timestamp,
    /// The version of its program.
    pub program: String,
    /// The address that it writes into crates.
    pub public_url: String,
    /// The plugins by which it makes crates.
    pub plugins: Vec<(PluginName, PluginVersion, Revision)>,
}

/// A node as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeView {
    /// The node, and its beat.
    pub seen: NodeBeat,
    /// What it says of itself; one that does not is of an older program.
    pub says: Option<NodeStatement>,
}

/// What a node says of itself, as others read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStatement {
    /// As people know it.
    pub name: String,
    /// When it started.
    pub started: Timestamp,
    /// The version of its program.
    pub program: String,
    /// The newest format of a database that its program knows.
    pub format: u32,
    /// The address that it writes into crates.
    pub public_url: String,
    /// The place in an object store for its new crates; absent if that is the database.
    pub blobs: Option<String>,
}

impl Store {
    /// The nodes of the database, those too that have ended without a word not long ago. The process that has a database
    /// file is alone, and in no list.
    pub fn nodes(&self) -> Result<Vec<NodeView>> {
        if !self.is_shared() {
            return Ok(vec![]);
        }
        let sql = "SELECT id, beat, name, started, program, format, public_url, blobs
                   FROM nodes LEFT JOIN node_details ON node_id = id ORDER BY name, id";
        self.read("list the nodes", |conn| all(conn, sql, [], read_view))
    }
}

fn read_view(row: &Row<'_>) -> SqlResult<NodeView> {
    let seen = NodeBeat::read(row)?;
    let Some(name) = row.get("name")? else { return Ok(NodeView { seen, says: None }) };
    let says = NodeStatement {
        name,
        started: row.get("started")?,
        program: row.get("program")?,
        format: row.get("format")?,
        public_url: row.get("public_url")?,
        blobs: row.get("blobs")?,
    };
    Ok(NodeView { seen, says: Some(says) })
}

/// Writes down what a node with a row says of itself, unless it is written down.
#[cfg(feature = "cluster")]
pub(super) fn describe(conn: &Connection, node: NodeId, says: &NodeDetails, blobs: Option<&str>) -> Work<()> {
    if matches!(conn, Connection::Sqlite(_)) {
        return Ok(());
    }
    let sql = "INSERT INTO node_details (node_id, name, started, program, format, public_url, blobs)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    let NodeDetails { name, started, program, public_url, plugins } = says;
    let format = migrate::newest(migrate::MIGRATIONS);
    if run(conn, sql, params![node, name, started, program, format, public_url, blobs])? == 0 {
        return Ok(());
    }
    for (plugin, version, revision) in plugins {
        let sql = "INSERT INTO node_plugins (node_id, plugin, version, revision) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT DO NOTHING";
        run(conn, sql, params![node, plugin, version, revision])?;
    }
    Ok(())
}

#[cfg(not(feature = "cluster"))]
pub(super) fn describe(_: &Connection, _: NodeId, _: &NodeDetails, _: Option<&str>) -> Work<()> {
    Ok(())
}

/// The condition on `sdk_jobs` that the node which is parameter `number` may take a job: it has the plugin in exactly
/// that revision, or no node has, so that the job fails and says so. While nodes are updated, and where they have
/// different plugins, each job is left to a node that makes the crate which its version promises.
pub(super) fn may_make(conn: &Connection, number: u8) -> String {
    match conn {
        Connection::Sqlite(_) => format!("?{number} IS NOT NULL"),
        #[cfg(feature = "cluster")]
        Connection::Postgres(_) => {
            let has = "SELECT 1 FROM node_plugins AS has
                       WHERE has.plugin = sdk_jobs.plugin AND has.version = sdk_jobs.version
                         AND has.revision = sdk_jobs.revision";
            format!("(EXISTS ({has} AND has.node_id = ?{number}) OR NOT EXISTS ({has}))")
        }
    }
}
