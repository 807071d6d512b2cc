//! The queue of SDKs to be made. It lives in the database, so a restart forgets nothing.

use rusqlite::{Connection, Row, ToSql, named_params, params};

use super::error::Work;
use super::lists::Page;
use super::needs::{fail_dependants, fail_those_in_need, set_needs};
use super::query::{Cut, all, one, run};
use super::records::{Job, JobState, NewJob, SdkKey};
use super::sdks::fold;
use super::{Result, Store, StoreError, turns};
use crate::model::{CommitId, CrateName, Timestamp};

/// What the messages of SDKs that could not be stored begin with, and so hold the messages of those that need them.
const UNSTORED: &str = "the crate could not be stored: ";

/// Everything about jobs, as [`read_job`] reads it.
pub(super) const SELECT: &str =
    "SELECT sdk_jobs.*, crates.name AS crate_name FROM sdk_jobs JOIN crates ON crates.id = sdk_jobs.crate_id";

/// The condition on the columns of an [`SdkKey`] whose values [`key_columns`] gives.
pub(super) const IS_KEY: &str = "commit_id = ?1 AND plugin = ?2 AND version = ?3 AND revision = ?4";

pub(super) fn key_columns(key: &SdkKey) -> [&dyn ToSql; 4] {
    [&key.commit, &key.plugin, &key.version, &key.revision]
}

pub(super) fn read_key(row: &Row<'_>) -> rusqlite::Result<SdkKey> {
    Ok(SdkKey {
        commit: row.get("commit_id")?,
        plugin: row.get("plugin")?,
        version: row.get("version")?,
        revision: row.get("revision")?,
    })
}

pub(super) fn read_job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let state = match row.get_ref("state")?.as_str()? {
        "running" => JobState::Running,
        "done" => JobState::Done,
        "failed" => JobState::Failed { message: row.get("message")? },
        _ => JobState::Queued,
    };
    Ok(Job {
        id: row.get("id")?,
        key: read_key(row)?,
        crate_name: row.get("crate_name")?,
        state,
        attempts: row.get("attempts")?,
        queued: row.get("queued")?,
        background: row.get("background")?,
        started: row.get("started")?,
        finished: row.get("finished")?,
    })
}

/// How urgent jobs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Somebody may wait for them.
    Now,
    /// Nobody does.
    Background,
}

/// Queues jobs inside a transaction. Jobs may need those behind them in the list.
pub(super) fn queue_jobs(conn: &Connection, jobs: &[NewJob], at: Timestamp, urgency: Urgency) -> Work<()> {
    let mut queued = Vec::new();
    for job in jobs {
        if insert(conn, job, at, urgency)? {
            queued.push(job);
        }
    }
    set_needs(conn, &queued)?;
    fail_those_in_need(conn, &queued, at)
}

/// Queues one job; `false` if it is queued, running or done already. One that is queued moves to whoever asks now.
fn insert(conn: &Connection, job: &NewJob, at: Timestamp, urgency: Urgency) -> Work<bool> {
    let crate_id = ensure_crate(conn, &job.crate_name, job.key.commit)?;
    let sql = "INSERT INTO sdk_jobs
                   (commit_id, plugin, version, revision, crate_id, state, attempts, queued, lane, background)
               VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6, ?7, ?8)
               ON CONFLICT (commit_id, plugin, version, revision)
               DO UPDATE SET state = 'queued', message = NULL, queued = excluded.queued, finished = NULL,
                             lane = excluded.lane, background = excluded.background
               WHERE state = 'failed'";
    let (key, background) = (&job.key, urgency == Urgency::Background);
    let values = params![key.commit, key.plugin, key.version, key.revision, crate_id, at, job.lane, background];
    if run(conn, sql, values)? > 0 {
        return Ok(true);
    }
    if !background {
        let sql = format!("UPDATE sdk_jobs SET lane = ?5, background = 0 WHERE {IS_KEY} AND state = 'queued'");
        run(conn, &sql, params![key.commit, key.plugin, key.version, key.revision, job.lane])?;
    }
    Ok(false)
}

/// The row of a crate of the commit's module, made if it is the first time that it is named.
fn ensure_crate(conn: &Connection, name: &CrateName, commit: CommitId) -> Work<i64> {
    let sql = "INSERT INTO crates (name, folded, module_id) SELECT ?1, ?2, module_id FROM commits WHERE id = ?3
               ON CONFLICT (name) DO NOTHING";
    run(conn, sql, params![name, fold(&name.to_string()), commit])?;
    let sql = "SELECT crates.id FROM crates JOIN commits USING (module_id) WHERE name = ?1 AND commits.id = ?2";
    let id = one(conn, sql, params![name, commit], |row| row.get(0))?;
    id.ok_or_else(|| StoreError::Missing(format!("commit {commit} of the module of crate {name}")).into())
}

pub(super) fn job_id(conn: &Connection, key: &SdkKey) -> Work<Option<i64>> {
    one(conn, &format!("SELECT id FROM sdk_jobs WHERE {IS_KEY}"), key_columns(key), |row| row.get(0))
}

impl Store {
    /// Queues jobs that are not there yet; failed ones are queued again. A job that needs a failed one fails at once,
    /// so to try again, queue both.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when a commit is not there, or an SDK that a job needs has no job; then none is queued.
    pub fn enqueue(&self, jobs: &[NewJob], at: Timestamp) -> Result<()> {
        self.write("queue SDKs", |conn| queue_jobs(conn, jobs, at, Urgency::Now))
    }

    /// Queues jobs for which nobody waits: they are made in the order of the list, behind all others. Those that are
    /// queued, running or done already are left alone.
    ///
    /// # Errors
    /// As [`Store::enqueue`].
    pub fn enqueue_background(&self, jobs: &[NewJob], at: Timestamp) -> Result<()> {
        self.write("queue SDKs", |conn| queue_jobs(conn, jobs, at, Urgency::Background))
    }

    /// Takes a queued job of those whose needs are done; whose turn it is, `turns` tells.
    ///
    /// # Errors
    /// Only when the database cannot be written.
    pub fn claim_job(&self, at: Timestamp) -> Result<Option<Job>> {
        self.write("take a job", |conn| {
            let Some(job) = turns::next(conn)? else { return Ok(None) };
            let sql = "UPDATE sdk_jobs SET state = 'running', attempts = attempts + 1, started = ?2 WHERE id = ?1";
            run(conn, sql, params![job.id, at])?;
            Ok(Some(Job { state: JobState::Running, attempts: job.attempts + 1, started: Some(at), ..job }))
        })
    }

    /// Ends a job without an SDK, and with it those that wait for it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if the job is not there (its module may have been deleted) or is done.
    pub fn fail_job(&self, job: i64, message: &str, at: Timestamp) -> Result<()> {
        self.write("record a failed job", |conn| {
            let sql = "UPDATE sdk_jobs SET state = 'failed', message = ?2, finished = ?3
                       WHERE id = ?1 AND state <> 'done'";
            if run(conn, sql, params![job, message, at])? == 0 {
                return Err(StoreError::Missing(format!("unfinished job {job}")).into());
            }
            let name = "SELECT crates.name FROM sdk_jobs JOIN crates ON crates.id = crate_id WHERE sdk_jobs.id = ?1";
            let name: Option<CrateName> = one(conn, name, [job], |row| row.get(0))?;
            name.map_or(Ok(()), |name| fail_dependants(conn, job, &name, message, at))
        })
    }

    /// Ends a job whose SDK was made but found no room; the next start tries it again, with those that wait for it.
    ///
    /// # Errors
    /// As [`Store::fail_job`].
    pub fn fail_unstored_job(&self, job: i64, reason: &str, at: Timestamp) -> Result<()> {
        self.fail_job(job, &format!("{UNSTORED}{reason}"), at)
    }

    /// Puts jobs back into the queue that were running when the process ended, or whose SDK found no room; says how
    /// many.
    ///
    /// # Errors
    /// Only when the database cannot be written.
    pub fn requeue_unfinished(&self) -> Result<u64> {
        let sql = "UPDATE sdk_jobs SET state = 'queued', message = NULL, finished = NULL
                   WHERE state = 'running' OR state = 'failed' AND instr(message, ?1) > 0";
        self.write("resume jobs", |conn| Ok(run(conn, sql, [UNSTORED])? as u64))
    }

    /// The job that makes, or made, an SDK.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn job(&self, key: &SdkKey) -> Result<Option<Job>> {
        let sql = format!("{SELECT} WHERE {IS_KEY}");
        self.read("look up a job", |conn| one(conn, &sql, key_columns(key), read_job))
    }

    /// All jobs of a commit, in the order in which they were first queued.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn jobs_of_commit(&self, commit: CommitId) -> Result<Vec<Job>> {
        let sql = format!("{SELECT} WHERE commit_id = ?1 ORDER BY sdk_jobs.id");
        self.read("list jobs", |conn| all(conn, &sql, [commit], read_job))
    }

    /// The jobs of a crate that are queued or running, but for those that nobody waits for.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn unfinished_jobs(&self, name: &CrateName) -> Result<Vec<Job>> {
        let sql = format!(
            "{SELECT} WHERE crates.name = ?1 AND state IN ('queued', 'running') AND background = 0 ORDER BY sdk_jobs.id"
        );
        self.read("list jobs", |conn| all(conn, &sql, [name], read_job))
    }

    /// The jobs that failed, latest first.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn failed_jobs(&self, offset: u64, limit: u64) -> Result<Page<Job>> {
        let cut = Cut::new(offset, limit);
        let sql = format!(
            "{SELECT} WHERE state = 'failed' ORDER BY finished DESC, sdk_jobs.id DESC LIMIT :limit OFFSET :offset"
        );
        self.read("list jobs", |conn| {
            let values = named_params! { ":limit": cut.limit(), ":offset": cut.offset() };
            Ok(cut.page(all(conn, &sql, values, read_job)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scratch, at, crate_name, key, new_job, sdk};
    use super::*;

    /// `acme/pets` with commit 1 and `acme/shop` with commit 2.
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[], vec![]);
        store
    }

    fn claim(store: &Scratch) -> Option<Job> {
        store.claim_job(at(20)).unwrap()
    }

    fn publish(store: &Scratch, job: &Job) {
        store.publish_sdk(job.id, &sdk(job, job.key.commit.as_bytes()[0], b"bytes"), b"bytes", at(30)).unwrap();
    }

    fn state(store: &Scratch, key: &SdkKey) -> JobState {
        store.job(key).unwrap().unwrap().state
    }

    #[test]
    fn a_job_waits_for_what_it_needs() {
        let store = store();
        let jobs = [new_job(1, "pets", "tonic", &[key(1, "prost")]), new_job(1, "pets", "prost", &[])];
        store.enqueue(&jobs, at(10)).unwrap();
        let prost = claim(&store).unwrap();
        assert_eq!((&prost.key, prost.attempts, prost.started), (&key(1, "prost"), 1, Some(at(20))));
        assert_eq!(store.job(&prost.key).unwrap(), Some(prost.clone()));
        assert_eq!(claim(&store), None);
        publish(&store, &prost);
        assert_eq!(claim(&store).unwrap().key, key(1, "tonic"));
        assert_eq!(claim(&store), None);
    }

    #[test]
    fn a_failure_takes_those_along_that_wait_for_it() {
        let store = store();
        let jobs = [
            new_job(1, "pets", "prost", &[]),
            new_job(1, "pets", "tonic", &[key(1, "prost")]),
            new_job(2, "shop", "tonic", &[key(1, "tonic")]),
            new_job(2, "shop", "prost", &[]),
        ];
        store.enqueue(&jobs, at(10)).unwrap();
        let prost = claim(&store).unwrap();
        store.fail_job(prost.id, "no such field", at(21)).unwrap();
        let message = "needs acme_pets_community_prost, which failed: no such field".to_owned();
        assert_eq!(state(&store, &key(1, "tonic")), JobState::Failed { message: message.clone() });
        assert_eq!(state(&store, &key(2, "tonic")), JobState::Failed { message }, "the root is what is to be mended");
        assert_eq!(state(&store, &key(2, "prost")), JobState::Queued);
        assert_eq!(store.failed_jobs(0, 2).unwrap().next, Some(2));
        assert_eq!(store.failed_jobs(0, 3).unwrap().items.len(), 3);

        store.enqueue(&[new_job(1, "pets", "connect", &[key(1, "prost")])], at(22)).unwrap();
        assert!(matches!(state(&store, &key(1, "connect")), JobState::Failed { .. }));
    }

    #[test]
    fn failed_jobs_are_queued_again_and_others_left_alone() {
        let store = store();
        let jobs = [new_job(1, "pets", "prost", &[]), new_job(1, "pets", "tonic", &[key(1, "prost")])];
        store.enqueue(&jobs, at(10)).unwrap();
        let first = claim(&store).unwrap();
        store.enqueue(&jobs, at(11)).unwrap();
        assert_eq!(state(&store, &first.key), JobState::Running);
        store.fail_job(first.id, "out of luck", at(12)).unwrap();
        store.enqueue(&jobs, at(13)).unwrap();
        let second = claim(&store).unwrap();
        assert_eq!((second.id, second.attempts, second.queued, second.finished), (first.id, 2, at(13), None));
        publish(&store, &second);
        store.enqueue(&jobs, at(14)).unwrap();
        assert_eq!(state(&store, &first.key), JobState::Done);
        assert_eq!(store.jobs_of_commit(first.key.commit).unwrap().len(), 2);
        assert_eq!(store.unfinished_jobs(&crate_name("pets", "prost")).unwrap(), []);
        assert!(matches!(store.fail_job(first.id, "too late", at(15)), Err(StoreError::Missing(_))));
    }

    #[test]
    fn running_jobs_are_resumed_after_a_restart() {
        let store = store();
        store.enqueue(&[new_job(1, "pets", "prost", &[])], at(10)).unwrap();
        let lost = claim(&store).unwrap();
        let store = store.reopen();
        assert_eq!(claim(&store), None);
        assert_eq!(store.requeue_unfinished().unwrap(), 1);
        assert_eq!(claim(&store).map(|job| (job.id, job.attempts)), Some((lost.id, 2)));
    }

    #[test]
    fn what_found_no_room_is_tried_at_the_next_start_and_other_failures_are_not() {
        let store = store();
        let jobs = [new_job(1, "pets", "tonic", &[key(1, "prost")]), new_job(1, "pets", "prost", &[])];
        store.enqueue(&jobs, at(10)).unwrap();
        store.enqueue(&[new_job(2, "shop", "prost", &[])], at(11)).unwrap();
        let (pets, shop) = (claim(&store).unwrap(), claim(&store).unwrap());
        store.fail_unstored_job(pets.id, "the disk is full", at(12)).unwrap();
        store.fail_job(shop.id, "a broken plugin", at(12)).unwrap();
        assert!(matches!(state(&store, &key(1, "tonic")), JobState::Failed { .. }));
        assert_eq!(store.requeue_unfinished().unwrap(), 2);
        assert_eq!(state(&store, &key(1, "prost")), JobState::Queued);
        assert_eq!(state(&store, &key(1, "tonic")), JobState::Queued);
        assert_eq!(state(&store, &key(2, "prost")), JobState::Failed { message: "a broken plugin".into() });
    }

    #[test]
    fn a_job_for_the_crate_of_another_module_is_refused() {
        let store = store();
        store.enqueue(&[new_job(1, "pets", "prost", &[])], at(10)).unwrap();
        let error = store.enqueue(&[new_job(2, "pets", "prost", &[])], at(10)).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)), "{error}");
        let error = store.enqueue(&[new_job(9, "pets", "prost", &[])], at(10)).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)), "no such commit: {error}");
    }

    #[test]
    fn a_job_that_needs_itself_is_refused() {
        let store = store();
        assert!(store.enqueue(&[new_job(1, "pets", "prost", &[key(1, "prost")])], at(10)).is_err());
        assert_eq!(store.job(&key(1, "prost")).unwrap(), None);
    }
}
