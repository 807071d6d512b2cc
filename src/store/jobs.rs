//! The queue of SDKs to be made. It lives in the database, so a restart forgets nothing.

use rusqlite::{Connection, Row, ToSql, named_params, params};

use super::error::Work;
use super::query::{Cut, all, one, run};
use super::records::{Job, JobState, NewJob, Page, SdkKey};
use super::{Result, Store, StoreError};
use crate::model::{CommitId, CrateName, Timestamp};

const SELECT: &str =
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

fn read_job(row: &Row<'_>) -> rusqlite::Result<Job> {
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
        started: row.get("started")?,
        finished: row.get("finished")?,
    })
}

/// Queues jobs inside a transaction. Jobs may need those behind them in the list.
pub(super) fn queue_jobs(conn: &Connection, jobs: &[NewJob], at: Timestamp) -> Work<()> {
    let mut queued = Vec::new();
    for job in jobs {
        if insert(conn, job, at)? {
            queued.push(job);
        }
    }
    for job in queued {
        set_needs(conn, job)?;
    }
    fail_those_in_need(conn, at)
}

/// Queues one job; `false` if it is queued, running or done already.
fn insert(conn: &Connection, job: &NewJob, at: Timestamp) -> Work<bool> {
    let crate_id = ensure_crate(conn, &job.crate_name, job.key.commit)?;
    let sql = "INSERT INTO sdk_jobs (commit_id, plugin, version, revision, crate_id, state, attempts, queued)
               VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6)
               ON CONFLICT (commit_id, plugin, version, revision)
               DO UPDATE SET state = 'queued', message = NULL, queued = excluded.queued, finished = NULL
               WHERE state = 'failed'";
    let key = &job.key;
    Ok(run(conn, sql, params![key.commit, key.plugin, key.version, key.revision, crate_id, at])? > 0)
}

/// The row of a crate of the commit's module, made if it is the first time that it is named.
fn ensure_crate(conn: &Connection, name: &CrateName, commit: CommitId) -> Work<i64> {
    let sql = "INSERT INTO crates (name, folded, module_id) SELECT ?1, ?2, module_id FROM commits WHERE id = ?3
               ON CONFLICT (name) DO NOTHING";
    run(conn, sql, params![name, name.lib_name(), commit])?;
    let id = one(conn, "SELECT id FROM crates WHERE name = ?1", [name], |row| row.get(0))?;
    id.ok_or_else(|| StoreError::Missing(format!("commit {commit}")).into())
}

fn job_id(conn: &Connection, key: &SdkKey) -> Work<Option<i64>> {
    one(conn, &format!("SELECT id FROM sdk_jobs WHERE {IS_KEY}"), key_columns(key), |row| row.get(0))
}

fn set_needs(conn: &Connection, job: &NewJob) -> Work<()> {
    let missing = |key: &SdkKey| {
        StoreError::Missing(format!("a job for {}:{} of commit {}", key.plugin, key.version, key.commit))
    };
    let id = job_id(conn, &job.key)?.ok_or_else(|| missing(&job.key))?;
    run(conn, "DELETE FROM job_needs WHERE job_id = ?1", [id])?;
    for need in &job.needs {
        let need_id = job_id(conn, need)?.ok_or_else(|| missing(need))?;
        run(conn, "INSERT INTO job_needs VALUES (?1, ?2) ON CONFLICT DO NOTHING", [id, need_id])?;
    }
    Ok(())
}

/// Fails queued jobs that wait for a failed one, and those that wait for them.
fn fail_those_in_need(conn: &Connection, at: Timestamp) -> Work<()> {
    let failed_need = "FROM job_needs JOIN sdk_jobs AS need ON need.id = need_id
                       JOIN crates ON crates.id = need.crate_id
                       WHERE job_id = sdk_jobs.id AND need.state = 'failed'";
    let sql = format!(
        "UPDATE sdk_jobs SET state = 'failed', finished = ?1,
         message = (SELECT 'needs ' || crates.name || ', which failed: ' || need.message {failed_need}
                    ORDER BY need.id LIMIT 1)
         WHERE state = 'queued' AND EXISTS (SELECT 1 {failed_need})"
    );
    while run(conn, &sql, [at])? > 0 {}
    Ok(())
}

/// The next job. A module that has fewer running jobs goes first, so that a giant push leaves room for others.
const NEXT: &str = "state = 'queued' AND NOT EXISTS
    (SELECT 1 FROM job_needs JOIN sdk_jobs AS need ON need.id = need_id
     WHERE job_id = sdk_jobs.id AND need.state <> 'done')
    ORDER BY (SELECT count(*) FROM sdk_jobs AS other JOIN crates AS theirs ON theirs.id = other.crate_id
              WHERE other.state = 'running' AND theirs.module_id = crates.module_id),
             queued, sdk_jobs.id
    LIMIT 1";

impl Store {
    /// Queues jobs that are not there yet; failed ones are queued again.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when a commit is not there, or an SDK that a job needs has no job; then none is queued.
    pub fn enqueue(&self, jobs: &[NewJob], at: Timestamp) -> Result<()> {
        self.write("queue SDKs", |conn| queue_jobs(conn, jobs, at))
    }

    /// Takes the oldest queued job of those whose needs are done; modules take turns.
    ///
    /// # Errors
    /// Only when the database cannot be written.
    pub fn claim_job(&self, at: Timestamp) -> Result<Option<Job>> {
        self.write("take a job", |conn| {
            let Some(job) = one(conn, &format!("{SELECT} WHERE {NEXT}"), [], read_job)? else {
                return Ok(None);
            };
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
            fail_those_in_need(conn, at)
        })
    }

    /// Puts jobs back into the queue that were running when the process ended; says how many.
    ///
    /// # Errors
    /// Only when the database cannot be written.
    pub fn requeue_running(&self) -> Result<u64> {
        self.write("resume jobs", |conn| {
            Ok(run(conn, "UPDATE sdk_jobs SET state = 'queued' WHERE state = 'running'", [])? as u64)
        })
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

    /// The jobs of a crate that are queued or running.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn unfinished_jobs(&self, name: &CrateName) -> Result<Vec<Job>> {
        let sql = format!("{SELECT} WHERE crates.name = ?1 AND state IN ('queued', 'running') ORDER BY sdk_jobs.id");
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
