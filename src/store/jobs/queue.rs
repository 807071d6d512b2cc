//! Adds jobs to the queue, takes them, and looks them up.

use std::collections::BTreeSet;

use super::dependencies::{fail_dependants, fail_on_failed_dependencies, set_dependencies};
use super::job::{Job, JobClaim, JobSize, NewJob, SELECT, Urgency, check_claim, known_id, read_job};
use super::nodes::register;
use super::retries::{requeue, requeue_due};
use super::schedule;
use crate::model::{CommitId, CrateName, NodeId, SdkState, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, named_params, params};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::pagination::{Page, PageWindow};
use crate::store::db::statements::query::{all, exists, one, run};
use crate::store::db::transaction::Transaction;
use crate::store::sdks::crates::ensure_crate;
use crate::store::sdks::sdk_key::{IS_KEY, SdkKey, key_columns};
use crate::store::webhooks::outbox::announce_failure;

/// The most bytes of a small job's own sources. The slowest plugin makes a crate of them in seconds.
const SMALL: i64 = 256 << 10;

/// The most bytes of all dependencies of a small job's sources. Reading them takes a fraction of a second, and mostly
/// they are cached.
const SMALL_NEEDS: i64 = 16 << 20;

/// Queues jobs inside a transaction. A job may depend on later ones of the list.
pub(in crate::store) fn queue_jobs(conn: &Connection, jobs: &[NewJob], at: Timestamp, urgency: Urgency) -> Work<()> {
    let mut queued = BTreeSet::new();
    for job in jobs {
        queued.extend(insert(conn, job, at, urgency)?);
    }
    let mut listed = Vec::new();
    for job in jobs {
        let id = known_id(conn, &job.key)?;
        if queued.contains(&id) {
            listed.push((id, job));
        }
    }
    set_dependencies(conn, &listed)?;
    fail_on_failed_dependencies(conn, &queued.into_iter().collect::<Vec<_>>(), at)
}

/// Queues one job, unless it is queued, running or done already, or has failed and no caller waits for it. Returns the
/// ids of the newly queued jobs. A job that is queued already moves to the lane of the new request.
fn insert(conn: &Connection, job: &NewJob, at: Timestamp, urgency: Urgency) -> Work<Vec<i64>> {
    let crate_id = ensure_crate(conn, &job.crate_name, job.key.commit)?;
    let sql = "INSERT INTO sdk_jobs
                   (commit_id, plugin, version, revision, crate_id, state, attempts, queued, lane, background, small)
               VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6, ?7, ?8, ?9)
               ON CONFLICT (commit_id, plugin, version, revision) DO NOTHING";
    let (key, background, small) = (&job.key, urgency == Urgency::Background, is_small(conn, job)?);
    let values = params![key.commit, key.plugin, key.version, key.revision, crate_id, at, job.lane, background, small];
    if let Some(id) = conn.insert(sql, values)? {
        return Ok(vec![id]);
    }
    if background {
        return Ok(vec![]);
    }
    let queued = ask_again(conn, job, at)?;
    let sql = format!("UPDATE sdk_jobs SET lane = ?5, background = FALSE WHERE {IS_KEY} AND state = 'queued'");
    run(conn, &sql, params![key.commit, key.plugin, key.version, key.revision, job.lane])?;
    Ok(queued)
}

/// Queues a failed job again, with the jobs that failed because of it. If it was requested itself, its attempts are
/// counted from zero.
fn ask_again(conn: &Connection, job: &NewJob, at: Timestamp) -> Work<Vec<i64>> {
    let id = known_id(conn, &job.key)?;
    if job.asked {
        run(conn, "UPDATE sdk_jobs SET attempts = 0, deaths = 0 WHERE id = ?1 AND state = 'failed'", [id])?;
    }
    requeue(conn, id, at)
}

/// Whether the sources of the job and their dependencies are small, so that it is done soon.
fn is_small(conn: &Connection, job: &NewJob) -> Work<bool> {
    let sql = "SELECT source_bytes <= ?2 AND ?3 >=
                   (SELECT coalesce(sum(need.source_bytes), 0) FROM commit_dependencies
                    JOIN commits AS need ON need.id = dependency_id WHERE commit_id = commits.id)
               FROM commits WHERE id = ?1";
    let small: Option<Option<bool>> = one(conn, sql, params![job.key.commit, SMALL, SMALL_NEEDS], |row| row.get(0))?;
    Ok(job.predictable && small.flatten().unwrap_or_default())
}

impl Transaction<'_> {
    /// Queues new jobs, and failed jobs again. A job that depends on a failed job fails at once, so a retry must queue
    /// both.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when a commit does not exist, or an SDK that a job depends on has no job; then no job is
    /// queued.
    pub fn enqueue(&self, jobs: &[NewJob], at: Timestamp) -> Result<()> {
        self.run(|conn| queue_jobs(conn, jobs, at, Urgency::Now))
    }
}

impl Store {
    /// Queues jobs in the background: they run in the order of the list, after all others. Jobs that are queued,
    /// running or done already stay as they are.
    ///
    /// # Errors
    /// As [`Transaction::enqueue`].
    pub fn enqueue_background(&self, jobs: &[NewJob], at: Timestamp) -> Result<()> {
        self.write_in(&[], "queue SDKs", |conn| queue_jobs(conn, jobs, at, Urgency::Background))
    }

    /// Takes the next queued job for `node` by the [`super::schedule`], among the jobs whose dependencies are done. Queues
    /// due retries first.
    pub fn claim_job(&self, node: NodeId, size: JobSize, at: Timestamp) -> Result<Option<Job>> {
        self.write_quietly("take a job", |conn| {
            requeue_due(conn, at, at)?;
            let Some(job) = schedule::next(conn, node, size)? else { return Ok(None) };
            register(conn, node, at)?;
            let sql = "UPDATE sdk_jobs SET state = 'running', attempts = attempts + 1, started = ?2, node_id = ?3,
                                           claim = claim + 1
                       WHERE id = ?1";
            run(conn, sql, params![job.id, at, node])?;
            let (attempts, claims) = (job.attempts + 1, job.claims + 1);
            Ok(Some(Job { state: SdkState::Running, attempts, claims, started: Some(at), ..job }))
        })
    }

    /// Fails a job and its dependants. The job is retried at `retry_at`; without it, only on request.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if the job does not exist (its module may have been deleted) or is done;
    /// [`StoreError::Lost`] if another node has it.
    pub fn fail_job(&self, claim: JobClaim, message: &str, at: Timestamp, retry_at: Option<Timestamp>) -> Result<()> {
        self.write_in(&[], "record a failed job", |conn| {
            check_claim(conn, claim)?;
            let job = claim.job;
            let sql =
                "UPDATE sdk_jobs SET state = 'failed', message = ?2, finished = ?3, retry_at = ?4, root_id = NULL,
                                           node_id = NULL
                       WHERE id = ?1 AND state <> 'done'";
            if run(conn, sql, params![job, message, at, retry_at])? == 0 {
                return Err(StoreError::Missing(format!("unfinished job {job}")).into());
            }
            announce_failure(conn, job, at)?;
            fail_dependants(conn, job, at)
        })
    }

    /// The job of an SDK.
    pub fn job(&self, key: &SdkKey) -> Result<Option<Job>> {
        let sql = format!("{SELECT} WHERE {IS_KEY}");
        self.read("look up a job", |conn| one(conn, &sql, key_columns(key), read_job))
    }

    /// All jobs of a commit, in the order in which they were first queued.
    pub fn jobs_of_commit(&self, commit: CommitId) -> Result<Vec<Job>> {
        let sql = format!("{SELECT} WHERE commit_id = ?1 ORDER BY sdk_jobs.id");
        self.read("list jobs", |conn| all(conn, &sql, [commit], read_job))
    }

    /// The jobs of a crate that are queued or running, without background jobs.
    pub fn unfinished_jobs(&self, name: &CrateName) -> Result<Vec<Job>> {
        let sql = format!(
            "{SELECT} WHERE crates.name = ?1 AND state IN ('queued', 'running') AND background = FALSE ORDER BY sdk_jobs.id"
        );
        self.read("list jobs", |conn| all(conn, &sql, [name], read_job))
    }

    /// Whether a job is unfinished, and was not queued again since it was read.
    pub fn is_unfinished(&self, job: &Job) -> Result<bool> {
        let sql = "SELECT 1 FROM sdk_jobs WHERE id = ?1 AND queued = ?2 AND state IN ('queued', 'running')";
        self.read("look up a job", |conn| exists(conn, sql, params![job.id, job.queued]))
    }

    /// The failed jobs, latest first.
    pub fn failed_jobs(&self, offset: u64, limit: u64) -> Result<Page<Job>> {
        let cut = PageWindow::new(offset, limit);
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
    use super::*;
    use crate::store::testing::{Scratch, at, crate_name, key, new_job, sdk};

    /// `acme/pets` with commit 1 and `acme/shop` with commit 2.
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[], vec![]);
        store
    }

    fn claim(store: &Scratch) -> Option<Job> {
        store.claim(at(20))
    }

    fn publish(store: &Scratch, job: &Job) {
        store.publish_sdk(job.claim(), &sdk(job, job.key.commit.as_bytes()[0], b"bytes"), b"bytes", at(30)).unwrap();
    }

    fn state(store: &Scratch, key: &SdkKey) -> SdkState {
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
        store.fail_job(prost.claim(), "no such field", at(21), None).unwrap();
        let message = "needs acme_pets_community_prost, which failed: no such field".to_owned();
        assert_eq!(state(&store, &key(1, "tonic")), SdkState::Failed { message: message.clone() });
        assert_eq!(state(&store, &key(2, "tonic")), SdkState::Failed { message }, "the root is what is to be mended");
        assert_eq!(state(&store, &key(2, "prost")), SdkState::Queued);
        assert_eq!(store.failed_jobs(0, 2).unwrap().next, Some(2));
        assert_eq!(store.failed_jobs(0, 3).unwrap().items.len(), 3);

        store.enqueue(&[new_job(1, "pets", "connect", &[key(1, "prost")])], at(22)).unwrap();
        assert!(matches!(state(&store, &key(1, "connect")), SdkState::Failed { .. }));
    }

    #[test]
    fn failed_jobs_are_queued_again_and_others_left_alone() {
        let store = store();
        let jobs = [new_job(1, "pets", "prost", &[]), new_job(1, "pets", "tonic", &[key(1, "prost")])];
        store.enqueue(&jobs, at(10)).unwrap();
        let first = claim(&store).unwrap();
        store.enqueue(&jobs, at(11)).unwrap();
        assert_eq!(state(&store, &first.key), SdkState::Running);
        store.fail_job(first.claim(), "out of luck", at(12), None).unwrap();
        store.enqueue(&jobs, at(13)).unwrap();
        let second = claim(&store).unwrap();
        assert_eq!((second.id, second.attempts, second.queued, second.finished), (first.id, 1, at(13), None));
        publish(&store, &second);
        store.enqueue(&jobs, at(14)).unwrap();
        assert_eq!(state(&store, &first.key), SdkState::Served);
        assert_eq!(store.jobs_of_commit(first.key.commit).unwrap().len(), 2);
        assert_eq!(store.unfinished_jobs(&crate_name("pets", "prost")).unwrap(), []);
        assert!(matches!(store.fail_job(second.claim(), "too late", at(15), None), Err(StoreError::Missing(_))));
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
