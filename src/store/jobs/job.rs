//! A job: the work of making one SDK, as it stands in the queue.

use rusqlite::{Connection, Row};

use crate::model::{CrateName, ModuleId, SdkState, Timestamp};
use crate::store::db::error::{StoreError, Work};
use crate::store::db::query::one;
use crate::store::sdks::sdk_key::{IS_KEY, SdkKey, key_columns, read_key};

/// Which jobs a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobSize {
    /// Whatever is next.
    Any,
    /// Only small jobs, so that one worker is always free for them soon.
    Small,
}

/// The work of making one SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Later jobs have higher numbers.
    pub id: i64,
    /// The SDK to be made.
    pub key: SdkKey,
    /// The crate that gets a version by it.
    pub crate_name: CrateName,
    /// How far it is.
    pub state: SdkState,
    /// How often a worker took it since it was last requested.
    pub attempts: u32,
    /// How often the process ended while it was running, since it was last requested.
    pub deaths: u32,
    /// When it, or the job that made it fail, is retried by itself; never if absent.
    pub retry_at: Option<Timestamp>,
    /// When it was queued, or queued again.
    pub queued: Timestamp,
    /// Whether it was queued without anybody waiting for it.
    pub background: bool,
    /// Whether there is so little to read that it is soon done.
    pub small: bool,
    /// When a worker last took it.
    pub started: Option<Timestamp>,
    /// When it was done or failed.
    pub finished: Option<Timestamp>,
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
    /// The module whose push or request caused the job: the lane in which it waits. Lanes take turns.
    pub lane: ModuleId,
    /// Whether it was requested itself, and is not only a dependency of another job.
    pub asked: bool,
    /// Whether the time that it takes follows from the size of the sources.
    pub predictable: bool,
}

/// How urgent jobs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Urgency {
    /// A caller may be waiting for them.
    Now,
    /// No caller waits for them.
    Background,
}

/// Everything about jobs, as [`read_job`] reads it.
pub(in crate::store) const SELECT: &str = "SELECT sdk_jobs.*, crates.name AS crate_name,
        coalesce(retry_at, (SELECT root.retry_at FROM sdk_jobs AS root WHERE root.id = sdk_jobs.root_id)) AS next_try
    FROM sdk_jobs JOIN crates ON crates.id = sdk_jobs.crate_id";

pub(in crate::store) fn read_job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let state = match row.get_ref("state")?.as_str()? {
        "running" => SdkState::Running,
        "done" => SdkState::Served,
        "failed" => SdkState::Failed { message: row.get("message")? },
        _ => SdkState::Queued,
    };
    Ok(Job {
        id: row.get("id")?,
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

/// The job of `key`, which must be there.
pub(in crate::store) fn known_id(conn: &Connection, key: &SdkKey) -> Work<i64> {
    let id = one(conn, &format!("SELECT id FROM sdk_jobs WHERE {IS_KEY}"), key_columns(key), |row| row.get(0))?;
    let missing = || StoreError::Missing(format!("a job for {}:{} of commit {}", key.plugin, key.version, key.commit));
    Ok(id.ok_or_else(missing)?)
}
