//! Jobs: each makes one SDK and is one row of the queue.

use crate::model::{CrateName, ModuleId, SdkState, Timestamp};
use crate::store::db::engine::{Connection, Row, SqlResult};
use crate::store::db::error::{StoreError, Work};
use crate::store::db::statements::query::one;
use crate::store::sdks::sdk_key::{IS_KEY, SdkKey, key_columns, read_key};

/// Which jobs a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobSize {
    /// Jobs of any size.
    Any,
    /// Only small jobs, so that large jobs never delay them.
    Small,
}

/// A job: it makes one SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number; later jobs have higher numbers.
    pub id: i64,
    /// The number of the last claim: how often it was taken by a node, or from one.
    pub claims: i64,
    /// The SDK to be made.
    pub key: SdkKey,
    /// The crate that gets a version by it.
    pub crate_name: CrateName,
    /// Its state.
    pub state: SdkState,
    /// How often a worker took it since it was last requested.
    pub attempts: u32,
    /// How often the process ended while it was running, since it was last requested.
    pub deaths: u32,
    /// When it, or the job that made it fail, is retried automatically; never if absent.
    pub retry_at: Option<Timestamp>,
    /// When it was last queued.
    pub queued: Timestamp,
    /// Whether no caller waits for it.
    pub background: bool,
    /// Whether its sources are small, so that it is done soon.
    pub small: bool,
    /// When a worker last took it.
    pub started: Option<Timestamp>,
    /// When it was done or failed.
    pub finished: Option<Timestamp>,
}

/// A node's right to finish a job, until another node takes the job over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobClaim {
    /// The number of the job.
    pub job: i64,
    /// The number of the claim.
    pub number: i64,
}

impl Job {
    /// The right to finish the job as it was taken.
    #[must_use]
    pub fn claim(&self) -> JobClaim {
        JobClaim { job: self.id, number: self.claims }
    }
}

/// A job to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The SDK to be made.
    pub key: SdkKey,
    /// The crate that gets a version by it.
    pub crate_name: CrateName,
    /// SDKs that must be published first; each has a job already or in the same call.
    pub needs: Vec<SdkKey>,
    /// SDKs to make first, whether they succeed or not; each has a job already or in the same call.
    pub after: Vec<SdkKey>,
    /// The module whose push, or whose request for an SDK, caused the job. The job waits in the lane of this module,
    /// and lanes take turns.
    pub lane: ModuleId,
    /// Whether it was requested itself, and is not only a dependency of another job.
    pub asked: bool,
    /// Whether its time can be estimated from the size of the sources.
    pub predictable: bool,
}

/// The urgency of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Urgency {
    /// A caller may be waiting for them.
    Now,
    /// No caller waits for them.
    Background,
}

/// Selects the columns that [`read_job`] reads.
pub(in crate::store) const SELECT: &str = "SELECT sdk_jobs.*, crates.name AS crate_name,
        coalesce(retry_at, (SELECT root.retry_at FROM sdk_jobs AS root WHERE root.id = sdk_jobs.root_id)) AS next_try
    FROM sdk_jobs JOIN crates ON crates.id = sdk_jobs.crate_id";

pub(in crate::store) fn read_job(row: &Row<'_>) -> SqlResult<Job> {
    let state = match row.text("state")? {
        "running" => SdkState::Running,
        "done" => SdkState::Served,
        "failed" => SdkState::Failed { message: row.get("message")? },
        _ => SdkState::Queued,
    };
    Ok(Job {
        id: row.get("id")?,
        claims: row.get("claim")?,
        key: read_key(row)?,
        crate_name: row.get("crate_name")?,
        state,
        attempts: row.get("attempts")?,
        deaths: row.get("deaths")?,
        retry_at: row.get("next_try")?,
        queued: row.get("queued")?,
        background: row.get("background")?,
        small: row.get("small")?,
        started: row.get("started")?,
        finished: row.get("finished")?,
    })
}

/// Checks that a job is still the one of whoever wants to finish it.
///
/// # Errors
/// [`StoreError::Lost`] if it was taken by another node since, or from this one. A job that is gone is not.
pub(in crate::store) fn check_claim(conn: &Connection, claim: JobClaim) -> Work<()> {
    let current: Option<i64> = one(conn, "SELECT claim FROM sdk_jobs WHERE id = ?1", [claim.job], |row| row.get(0))?;
    match current {
        Some(number) if number != claim.number => Err(StoreError::Lost(claim.job).into()),
        _ => Ok(()),
    }
}

/// The id of the job of `key`; an error if it does not exist.
pub(in crate::store) fn known_id(conn: &Connection, key: &SdkKey) -> Work<i64> {
    let id = one(conn, &format!("SELECT id FROM sdk_jobs WHERE {IS_KEY}"), key_columns(key), |row| row.get(0))?;
    let missing = || StoreError::Missing(format!("a job for {}:{} of commit {}", key.plugin, key.version, key.commit));
    Ok(id.ok_or_else(missing)?)
}
