//! Dependencies between jobs. A job fails when a hard dependency fails; a soft dependency only runs first.

use super::job::{NewJob, known_id};
use crate::model::{CrateName, Timestamp};
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::Work;
use crate::store::db::statements::query::{all, exists, one, run};
use crate::store::webhooks::outbox::announce_failure;

/// The most failed dependants of one job that webhooks are told of: a chain may be long, and nobody else writes meanwhile.
const MOST_ANNOUNCED: u32 = 500;

/// The condition on `sdk_jobs` that a job waits for no other job.
pub(in crate::store) const READY: &str = "NOT EXISTS
    (SELECT 1 FROM job_needs JOIN sdk_jobs AS need ON need.id = need_id
     WHERE job_id = sdk_jobs.id AND need.state <> 'done' AND NOT (soft AND need.state = 'failed'))";

/// Records the dependencies of jobs, each given with its id. Every SDK that they name must have a job.
pub(in crate::store) fn set_dependencies(conn: &Connection, jobs: &[(i64, &NewJob)]) -> Work<()> {
    for (id, job) in jobs {
        run(conn, "DELETE FROM job_needs WHERE job_id = ?1", [id])?;
        for need in &job.needs {
            let values = [*id, known_id(conn, need)?];
            run(conn, "INSERT INTO job_needs VALUES (?1, ?2, FALSE) ON CONFLICT DO NOTHING", values)?;
        }
    }
    for (id, job) in jobs {
        for first in &job.after {
            go_first(conn, known_id(conn, first)?, *id)?;
        }
    }
    Ok(())
}

/// Makes the job `first` run before `id`, unless it waits for `id` itself. Hard dependencies follow commits, which
/// depend on older commits only. A soft dependency can be on any job, so only a soft one can close a cycle.
fn go_first(conn: &Connection, first: i64, id: i64) -> Work<()> {
    let waits = "WITH RECURSIVE reached (id) AS
                     (VALUES (?1) UNION SELECT need_id FROM job_needs JOIN reached ON job_id = reached.id)
                 SELECT 1 FROM reached WHERE id = ?2";
    if !exists(conn, waits, [first, id])? {
        run(conn, "INSERT INTO job_needs VALUES (?2, ?1, TRUE) ON CONFLICT DO NOTHING", [first, id])?;
    }
    Ok(())
}

/// A job that failed by itself, not because of a dependency.
struct Root {
    id: i64,
    name: CrateName,
    message: String,
}

/// The job whose failure made `id` fail, or `id` itself: the message of a failure names the job to mend, at the end of
/// the chain of dependencies.
fn root_of(conn: &Connection, id: i64) -> Work<Option<Root>> {
    let sql = "SELECT root.id, crates.name, root.message
               FROM sdk_jobs JOIN sdk_jobs AS root ON root.id = coalesce(sdk_jobs.root_id, sdk_jobs.id)
               JOIN crates ON crates.id = root.crate_id WHERE sdk_jobs.id = ?1 AND root.state = 'failed'";
    one(conn, sql, [id], |row| Ok(Root { id: row.get(0)?, name: row.get(1)?, message: row.get(2)? }))
}

/// Fails the just queued `jobs` that depend on a failed one, and their dependants.
pub(in crate::store) fn fail_on_failed_dependencies(conn: &Connection, jobs: &[i64], at: Timestamp) -> Work<()> {
    let sql = "SELECT need_id FROM job_needs JOIN sdk_jobs AS need ON need.id = need_id
               WHERE job_id = ?1 AND NOT soft AND need.state = 'failed' ORDER BY need_id LIMIT 1";
    for id in jobs {
        let need: Option<i64> = one(conn, sql, [id], |row| row.get(0))?;
        if let Some(root) = need.map(|need| root_of(conn, need)).transpose()?.flatten() {
            fail_all(conn, vec![*id], &root, at)?;
        }
    }
    Ok(())
}

/// Fails the dependants of the failed job `id`.
pub(in crate::store) fn fail_dependants(conn: &Connection, id: i64, at: Timestamp) -> Work<()> {
    let Some(root) = root_of(conn, id)? else { return Ok(()) };
    fail_all(conn, dependants(conn, id)?, &root, at)
}

/// Fails the queued jobs among `open` and all their dependants. Not recursive, because a chain may be too long for the
/// stack.
fn fail_all(conn: &Connection, mut open: Vec<i64>, root: &Root, at: Timestamp) -> Work<()> {
    let message = format!("needs {}, which failed: {}", root.name, root.message);
    let sql = "UPDATE sdk_jobs SET state = 'failed', message = ?2, finished = ?3, root_id = ?4
               WHERE id = ?1 AND state = 'queued'";
    let mut announced = 0;
    while let Some(id) = open.pop() {
        if run(conn, sql, params![id, message, at, root.id])? > 0 {
            announced += 1;
            if announced <= MOST_ANNOUNCED {
                announce_failure(conn, id, at)?;
            }
            open.extend(dependants(conn, id)?);
        }
    }
    Ok(())
}

fn dependants(conn: &Connection, id: i64) -> Work<Vec<i64>> {
    all(conn, "SELECT job_id FROM job_needs WHERE need_id = ?1 AND NOT soft", [id], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SdkState;
    use crate::store::sdks::sdk_key::SdkKey;
    use crate::store::testing::{Scratch, at, key, new_job};

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
        store.claim(at(20)).map(|job| job.key)
    }

    #[test]
    fn what_only_goes_first_may_fail() {
        let store = store();
        let jobs = [after(new_job(1, "pets", "prost", &[]), key(3, "prost")), new_job(3, "pets", "prost", &[])];
        store.enqueue(&jobs, at(10)).unwrap();
        let first = store.claim(at(20)).unwrap();
        assert_eq!((&first.key, claim(&store)), (&key(3, "prost"), None));
        store.fail_job(first.claim(), "no such field", at(21), None).unwrap();
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
        let failed = store.claim(at(12)).unwrap();
        store.fail_job(failed.claim(), "once", at(13), None).unwrap();
        store.enqueue(&[after(new_job(3, "pets", "prost", &[]), one.clone())], at(14)).unwrap();
        let order: Vec<_> = std::iter::from_fn(|| {
            let job = store.claim(at(20))?;
            store.fail_job(job.claim(), "next", at(21), None).unwrap();
            Some(job.key)
        })
        .collect();
        assert_eq!(order, [three, two], "and 1 fails with 2");
        assert!(matches!(store.job(&one).unwrap().unwrap().state, SdkState::Failed { .. }));
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
        let first = store.claim(at(20)).unwrap();
        store.fail_job(first.claim(), "no such field", at(21), None).unwrap();
        let last = store.job(&key(1, &plugin(2999))).unwrap().unwrap();
        let message = "needs acme_pets_community_p0, which failed: no such field".into();
        assert_eq!(last.state, SdkState::Failed { message });
    }
}
