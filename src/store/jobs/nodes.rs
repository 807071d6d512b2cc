//! Nodes: the processes that take jobs from the queue of one database. The rules are those of
//! `lease_model.rs`, which are tested there in every order.

use std::time::Duration;

use super::node_details::{NodeDetails, describe};
use super::retries::requeue_due;
use crate::model::{NodeId, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::health::database_time;
use crate::store::db::node_beats::{NodeBeat, first_alive};
use crate::store::db::statements::query::{all, run};

/// The statement that reads the beats of all nodes.
const BEATS: &str = "SELECT id, beat FROM nodes ORDER BY id";

/// What a node learns with each beat of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beats {
    /// All nodes.
    pub nodes: Vec<NodeBeat>,
    /// The time by the clock of the database, if nodes share it.
    pub database_time: Option<Timestamp>,
}

/// Queues the running jobs again whose nodes have ended: each under a new claim, so that a node that goes on all the
/// same cannot finish it. Returns their number.
fn requeue_lost(conn: &Connection) -> Work<u64> {
    let sql = "UPDATE sdk_jobs SET state = 'queued', deaths = deaths + 1, claim = claim + 1, node_id = NULL
               WHERE state = 'running' AND (node_id IS NULL OR node_id NOT IN (SELECT id FROM nodes))";
    Ok(run(conn, sql, [])? as u64)
}

/// Adds the row of a node, unless it has one.
pub(super) fn register(conn: &Connection, node: NodeId, at: Timestamp) -> Work<()> {
    run(conn, "INSERT INTO nodes VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING", params![node, at])?;
    Ok(())
}

impl Store {
    /// Adds a node that starts. Queues the jobs that were running on nodes that have ended, which counts as a death of
    /// each, and the jobs with a retry. Returns the number of jobs.
    ///
    /// Without other nodes, every node before this one has ended.
    pub fn start_node(&self, node: NodeId, says: &NodeDetails, at: Timestamp) -> Result<u64> {
        let is_alone = !self.is_shared();
        self.write_in(&[], "resume jobs", |conn| {
            if is_alone {
                run(conn, "DELETE FROM nodes", [])?;
            }
            register(conn, node, at)?;
            describe(conn, node, says, self.crates_elsewhere())?;
            Ok(requeue_lost(conn)? + requeue_due(conn, Timestamp::from_micros(i64::MAX), at)?)
        })
    }

    /// Queues the running jobs of a node that is ending, and removes it; this does not count as a death. A job that is
    /// finished before the process ends stays done. Returns the number of jobs.
    pub fn end_node(&self, node: NodeId) -> Result<u64> {
        self.write_in(&[], "requeue running jobs", |conn| {
            let sql = "UPDATE sdk_jobs SET state = 'queued', attempts = attempts - 1, node_id = NULL
                       WHERE state = 'running' AND node_id = ?1";
            let requeued = run(conn, sql, [node])? as u64;
            run(conn, "DELETE FROM nodes WHERE id = ?1", [node])?;
            Ok(requeued)
        })
    }

    /// Queues the jobs again that `node` took at `at` without getting to know of it: the connection was lost while they
    /// were taken. It is a new claim, so if the node has another job of the very same time, that is made once more, and
    /// finished once. Returns the number of jobs.
    pub fn give_back(&self, node: NodeId, at: Timestamp) -> Result<u64> {
        self.write_in(&[], "give back a job", |conn| {
            let sql = "UPDATE sdk_jobs SET state = 'queued', attempts = attempts - 1, claim = claim + 1, node_id = NULL
                       WHERE state = 'running' AND node_id = ?1 AND started = ?2";
            Ok(run(conn, sql, params![node, at])? as u64)
        })
    }

    /// Says that `node` is alive.
    pub fn beat(&self, node: NodeId, says: &NodeDetails, at: Timestamp) -> Result<Beats> {
        self.write_quietly("say that this node is alive", |conn| {
            register(conn, node, at)?;
            describe(conn, node, says, self.crates_elsewhere())?;
            run(conn, "UPDATE nodes SET beat = beat + 1 WHERE id = ?1", [node])?;
            let nodes = all(conn, BEATS, [], NodeBeat::read)?;
            Ok(Beats { nodes, database_time: database_time(conn)? })
        })
    }

    /// The first of these nodes that beats within `patience`, if one does: the others have ended.
    pub fn first_alive(&self, seen: &[NodeBeat], patience: Duration) -> Result<Option<NodeId>> {
        first_alive(seen, patience, || self.read("look for nodes", |conn| all(conn, BEATS, [], NodeBeat::read)))
    }

    /// Whether another process serves this store: whether the beat of a node moves within `patience`.
    pub fn is_served(&self, patience: Duration) -> Result<bool> {
        let seen = self.read("look for nodes", |conn| all(conn, BEATS, [], NodeBeat::read))?;
        Ok(self.first_alive(&seen, patience)?.is_some())
    }

    /// Removes a node whose beat has not moved for long enough, and queues its running jobs, which counts as a death of
    /// each. Does nothing if the node is gone already, or its beat has moved. Returns the number of jobs.
    pub fn take_over(&self, lost: NodeBeat) -> Result<u64> {
        self.write_in(&[], "take over from a node that has ended", |conn| {
            let removed = run(conn, "DELETE FROM nodes WHERE id = ?1 AND beat = ?2", params![lost.node, lost.beat])?;
            if removed > 0 { requeue_lost(conn) } else { Ok(0) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SdkState;
    use crate::store::db::error::StoreError;
    use crate::store::jobs::job::{Job, JobSize};
    use crate::store::testing::{Scratch, at, key, new_job, node, sdk};

    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.enqueue(&[new_job(1, "pets", "prost", &[])], at(10)).unwrap();
        store
    }

    fn claim(store: &Scratch, by: u8) -> Option<Job> {
        store.claim_job(node(by), JobSize::Any, at(20)).unwrap()
    }

    fn publish(store: &Scratch, job: &Job) -> Result<()> {
        store.publish_sdk(job.claim(), &sdk(job, 1, b"bytes"), b"bytes", at(30))
    }

    #[test]
    fn who_lost_a_job_can_neither_publish_nor_fail_it() {
        let store = store();
        let lost = claim(&store, 1).unwrap();
        let seen = store.beat(node(2), at(21)).unwrap();
        assert_eq!(store.take_over(seen[0]).unwrap(), 1);
        assert!(matches!(publish(&store, &lost), Err(StoreError::Lost(_))));
        assert!(matches!(store.fail_job(lost.claim(), "late", at(22), None), Err(StoreError::Lost(_))));
        let taken = claim(&store, 2).unwrap();
        assert_eq!((taken.id, taken.deaths, taken.attempts), (lost.id, 1, 2));
        assert!(matches!(publish(&store, &lost), Err(StoreError::Lost(_))));
        publish(&store, &taken).unwrap();
        assert!(matches!(store.fail_job(lost.claim(), "late", at(31), None), Err(StoreError::Lost(_))));
        assert_eq!(store.job(&key(1, "prost")).unwrap().unwrap().state, SdkState::Served);
    }

    #[test]
    fn a_node_that_beats_is_not_taken_over_and_one_that_was_comes_back() {
        let store = store();
        let mine = claim(&store, 1).unwrap();
        let seen = store.beat(node(2), at(21)).unwrap()[0];
        store.beat(node(1), at(22)).unwrap();
        assert_eq!(store.take_over(seen).unwrap(), 0, "its beat has moved");
        let seen = store.beat(node(2), at(23)).unwrap()[0];
        assert_eq!(store.take_over(seen).unwrap(), 1);
        assert_eq!(store.take_over(seen).unwrap(), 0, "another node was first");
        let back = store.beat(node(1), at(24)).unwrap();
        assert_eq!(back.iter().map(|beat| beat.node).collect::<Vec<_>>(), [node(1), node(2)]);
        let again = claim(&store, 1).unwrap();
        assert!(publish(&store, &mine).is_err());
        publish(&store, &again).unwrap();
    }

    #[test]
    fn a_job_that_was_taken_unknowingly_is_given_back_and_no_other() {
        let store = store();
        let unknown = claim(&store, 1).unwrap();
        assert_eq!((store.give_back(node(2), at(20)).unwrap(), store.give_back(node(1), at(19)).unwrap()), (0, 0));
        assert_eq!(store.give_back(node(1), at(20)).unwrap(), 1);
        assert_eq!(store.give_back(node(1), at(20)).unwrap(), 0);
        let taken = claim(&store, 2).unwrap();
        assert_eq!((taken.id, taken.deaths, taken.attempts), (unknown.id, 0, 1));
        assert!(matches!(publish(&store, &unknown), Err(StoreError::Lost(_))));
        publish(&store, &taken).unwrap();
        assert_eq!(store.give_back(node(2), at(20)).unwrap(), 0, "it is done");
    }

    #[test]
    fn a_job_that_was_given_back_can_be_finished_until_another_takes_it() {
        let store = store();
        let first = claim(&store, 1).unwrap();
        assert_eq!(store.end_node(node(1)).unwrap(), 1);
        let second = claim(&store, 2).unwrap();
        assert!(matches!(publish(&store, &first), Err(StoreError::Lost(_))));
        assert_eq!(store.end_node(node(2)).unwrap(), 1);
        publish(&store, &second).unwrap();
        assert_eq!(claim(&store, 3), None);
    }
}
