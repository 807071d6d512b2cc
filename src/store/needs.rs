//! What a job waits for: others that it needs, and fails with, and others that only go first.

use rusqlite::Connection;

use super::StoreError;
use super::error::Work;
use super::jobs::job_id;
use super::query::{all, exists, one, run};
use super::records::{NewJob, SdkKey};
use crate::model::{CrateName, Timestamp};

/// The condition on `sdk_jobs` that a job waits for nothing any more.
pub(super) const READY: &str = "NOT EXISTS
    (SELECT 1 FROM job_needs JOIN sdk_jobs AS need ON need.id = need_id
     WHERE job_id = sdk_jobs.id AND need.state <> 'done' AND NOT (soft AND need.state = 'failed'))";

/// Records what the jobs wait for. All that they name must have jobs.
pub(super) fn set_needs(conn: &Connection, jobs: &[&NewJob]) -> Work<()> {
    for job in jobs {
        let id = known_id(conn, &job.key)?;
        run(conn, "DELETE FROM job_needs WHERE job_id = ?1", [id])?;
        for need in &job.needs {
            let values = [id, known_id(conn, need)?];
            run(conn, "INSERT INTO job_needs VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING", values)?;
        }
    }
    for job in jobs {
        let id = known_id(conn, &job.key)?;
        for first in &job.after {
            go_first(conn, known_id(conn, first)?, id)?;
        }
    }
    Ok(())
}

fn known_id(conn: &Connection, key: &SdkKey) -> Work<i64> {
    let missing = || StoreError::Missing(format!("a job for {}:{} of commit {}", key.plugin, key.version, key.commit));
    Ok(job_id(conn, key)?.ok_or_else(missing)?)
}

/// Lets `first` go before `id`, unless it waits for `id` itself. Needs follow commits, which know only older ones;
/// an order does not, so only an order can close a circle.
fn go_first(conn: &Connection, first: i64, id: i64) -> Work<()> {
    let waits = "WITH RECURSIVE reached (id) AS
                     (VALUES (?1) UNION SELECT need_id FROM job_needs JOIN reached ON job_id = reached.id)
                 SELECT 1 FROM reached WHERE id = ?2";
    if !exists(conn, waits, [first, id])? {
        run(conn, "INSERT INTO job_needs VALUES (?2, ?1, 1) ON CONFLICT DO NOTHING", [first, id])?;
    }
    Ok(())
}

/// Fails those of `jobs`, just queued, that need a failed one, and those that wait for them.
pub(super) fn fail_those_in_need(conn: &Connection, jobs: &[&NewJob], at: Timestamp) -> Work<()> {
    let sql = "SELECT crates.name, need.message FROM job_needs JOIN sdk_jobs AS need ON need.id = need_id
               JOIN crates ON crates.id = need.crate_id
               WHERE job_id = ?1 AND NOT soft AND need.state = 'failed' ORDER BY need.id LIMIT 1";
    for job in jobs {
        let id = known_id(conn, &job.key)?;
        let need: Option<(CrateName, String)> = one(conn, sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some((name, message)) = need {
            fail_all(conn, vec![id], &in_need_of(&name, &message), at)?;
        }
    }
    Ok(())
}

/// Fails those that wait for the failed job `id` of crate `name`.
pub(super) fn fail_dependants(conn: &Connection, id: i64, name: &CrateName, message: &str, at: Timestamp) -> Work<()> {
    fail_all(conn, dependants(conn, id)?, &in_need_of(name, message), at)
}

/// Fails the queued ones of `open` and all that need them. A chain may be long, so this is no recursion.
fn fail_all(conn: &Connection, mut open: Vec<i64>, message: &str, at: Timestamp) -> Work<()> {
    let sql = "UPDATE sdk_jobs SET state = 'failed', message = ?2, finished = ?3 WHERE id = ?1 AND state = 'queued'";
    while let Some(id) = open.pop() {
        if run(conn, sql, rusqlite::params![id, message, at])? > 0 {
            open.extend(dependants(conn, id)?);
        }
    }
    Ok(())
}

fn dependants(conn: &Connection, id: i64) -> Work<Vec<i64>> {
    all(conn, "SELECT job_id FROM job_needs WHERE need_id = ?1 AND NOT soft", [id], |row| row.get(0))
}

/// Names the job at the root: whoever reads it wants to know what to mend, however long the chain.
fn in_need_of(name: &CrateName, message: &str) -> String {
    const FAILED: &str = ", which failed: ";
    if message.starts_with("needs ") && message.contains(FAILED) {
        return message.to_owned();
    }
    format!("needs {name}{FAILED}{message}")
}

#[cfg(test)]
mod tests {
    use super::super::records::JobState;
    use super::super::testing::{Scratch, at, key, new_job};
    use super::*;

    /// `acme/pets` with commits 1 and 3, and `acme/shop` with commit 2.
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        for (commit, module) in [(1, 1), (2, 2), (3, 1)] {
            store.push_one(commit, module, &[], vec![]);
        }
        store
    }

    fn after(job: NewJob, first: SdkKey) -> NewJob {
        NewJob { after: vec![first], ..job }
    }

    fn claim(store: &Scratch) -> Option<SdkKey> {
        store.claim_job(at(20)).unwrap().map(|job| job.key)
    }

    #[test]
    fn what_only_goes_first_may_fail() {
        let store = store();
        let jobs = [after(new_job(1, "pets", "prost", &[]), key(3, "prost")), new_job(3, "pets", "prost", &[])];
        store.enqueue(&jobs, at(10)).unwrap();
        let first = store.claim_job(at(20)).unwrap().unwrap();
        assert_eq!((&first.key, claim(&store)), (&key(3, "prost"), None));
        store.fail_job(first.id, "no such field", at(21)).unwrap();
        assert_eq!(claim(&store), Some(key(1, "prost")));
    }

    #[test]
    fn an_order_that_would_close_a_circle_is_none() {
        let store = store();
        let (one, two, three) = (key(1, "prost"), key(2, "prost"), key(3, "prost"));
        store
            .enqueue(
                &[new_job(3, "pets", "prost", &[]), after(new_job(2, "shop", "prost", &[]), three.clone())],
                at(10),
            )
            .unwrap();
        // Commit 1 needs 2, and 3 would have to wait for 1: but 2 waits for 3.
        store.enqueue(&[new_job(1, "pets", "prost", std::slice::from_ref(&two))], at(11)).unwrap();
        let failed = store.claim_job(at(12)).unwrap().unwrap();
        store.fail_job(failed.id, "once", at(13)).unwrap();
        store.enqueue(&[after(new_job(3, "pets", "prost", &[]), one.clone())], at(14)).unwrap();
        let order: Vec<_> = std::iter::from_fn(|| {
            let job = store.claim_job(at(20)).unwrap()?;
            store.fail_job(job.id, "next", at(21)).unwrap();
            Some(job.key)
        })
        .collect();
        assert_eq!(order, [three, two], "and 1 fails with 2");
        assert!(matches!(store.job(&one).unwrap().unwrap().state, JobState::Failed { .. }));
    }

    #[test]
    fn a_long_chain_fails_at_once_and_names_its_root() {
        let store = store();
        let plugin = |n: usize| format!("p{n}");
        let job = |n: usize| {
            let needs: Vec<_> = n.checked_sub(1).map(|need| key(1, &plugin(need))).into_iter().collect();
            new_job(1, "pets", &plugin(n), &needs)
        };
        store.enqueue(&(0..3000).map(job).collect::<Vec<_>>(), at(10)).unwrap();
        let first = store.claim_job(at(20)).unwrap().unwrap();
        store.fail_job(first.id, "no such field", at(21)).unwrap();
        let last = store.job(&key(1, &plugin(2999))).unwrap().unwrap();
        let message = "needs acme_pets_community_p0, which failed: no such field".into();
        assert_eq!(last.state, JobState::Failed { message });
    }
}
