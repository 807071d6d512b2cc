//! Retries without a request: of jobs with a temporary failure, and of jobs that were running when the process ended.

use super::dependencies::fail_on_failed_dependencies;
use crate::model::Timestamp;
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, Work};
use crate::store::db::statements::query::{all, one, run};

/// Queues the job `root` again if it has failed, with the jobs that failed because of it. Returns their ids. Some of
/// the jobs may depend on another failed job as well.
pub(in crate::store) fn requeue(conn: &Connection, root: i64, at: Timestamp) -> Work<Vec<i64>> {
    let failed = "SELECT id FROM sdk_jobs WHERE state = 'failed' AND (id = ?1 OR root_id = ?1) ORDER BY id";
    let ids: Vec<i64> = all(conn, failed, [root], |row| row.get(0))?;
    let queue =
        "UPDATE sdk_jobs SET state = 'queued', message = NULL, finished = NULL, retry_at = NULL, root_id = NULL,
                                     queued = ?2
                 WHERE id = ?1";
    for id in &ids {
        run(conn, queue, params![id, at])?;
    }
    Ok(ids)
}

/// Queues the jobs whose retry is due at `due`; returns their number.
pub(in crate::store) fn requeue_due(conn: &Connection, due: Timestamp, at: Timestamp) -> Work<u64> {
    let sql = "SELECT id FROM sdk_jobs WHERE retry_at <= ?1 ORDER BY retry_at, id";
    let due: Vec<i64> = all(conn, sql, [due], |row| row.get(0))?;
    for root in &due {
        let queued = requeue(conn, *root, at)?;
        fail_on_failed_dependencies(conn, &queued, at)?;
    }
    Ok(due.len() as u64)
}

impl Store {
    /// When the next retry is due, if there is one.
    pub fn next_retry(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(retry_at) FROM sdk_jobs WHERE retry_at IS NOT NULL";
        self.read("look for jobs to be tried again", |conn| Ok(one(conn, sql, [], |row| row.get(0))?.flatten()))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::SdkState;
    use crate::store::jobs::job::NewJob;
    use crate::store::testing::{Scratch, at, key, new_job, node};

    /// `acme/pets` with commit 1 and `acme/shop` with commit 2; of the first prost, of both what needs it.
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[], vec![]);
        let prost = key(1, "prost");
        let jobs = [
            new_job(1, "pets", "prost", &[]),
            new_job(1, "pets", "tonic", std::slice::from_ref(&prost)),
            new_job(2, "shop", "prost", &[prost]),
        ];
        store.enqueue(&jobs, at(10)).unwrap();
        store
    }

    fn states(store: &Scratch) -> Vec<SdkState> {
        let keys = [key(1, "prost"), key(1, "tonic"), key(2, "prost")];
        keys.iter().map(|key| store.job(key).unwrap().unwrap().state).collect()
    }

    #[test]
    fn jobs_that_were_running_when_the_process_ended_are_resumed_and_it_counts() {
        let mut store = store();
        for deaths in 0..3 {
            let lost = store.claim(at(20)).unwrap();
            assert_eq!((lost.attempts, lost.deaths), (deaths + 1, deaths));
            store = store.reopen();
            assert_eq!(store.claim(at(20)), None);
            assert_eq!(store.start_alone(node(2), at(21)), 1);
        }
        let last = store.claim(at(22)).unwrap();
        store.fail_job(last.claim(), "enough", at(23), None).unwrap();
        assert_eq!(store.reopen().start_alone(node(2), at(24)), 0);
    }

    #[test]
    fn an_end_that_was_announced_does_not_count() {
        let store = store();
        let given_back = store.claim(at(20)).unwrap();
        store.end_node(node(1)).unwrap();
        let store = store.reopen();
        assert_eq!(store.start_alone(node(2), at(21)), 0);
        let again = store.claim(at(22)).unwrap();
        assert_eq!((again.id, again.attempts, again.deaths), (given_back.id, 1, 0));
    }

    #[test]
    fn who_asks_forgives_what_was() {
        let store = store();
        store.claim(at(20)).unwrap();
        let store = store.reopen();
        store.start_alone(node(2), at(21));
        let again = store.claim(at(22)).unwrap();
        store.fail_job(again.claim(), "the plugin refused", at(23), None).unwrap();
        store.enqueue_background(&[new_job(1, "pets", "prost", &[])], at(24)).unwrap();
        assert_eq!(store.claim(at(25)), None, "nobody has asked");
        store.enqueue(&[NewJob { asked: false, ..new_job(1, "pets", "prost", &[]) }], at(25)).unwrap();
        let needed = store.claim(at(25)).unwrap();
        assert_eq!((needed.id, needed.deaths), (again.id, 1), "another one that needs it is no reason to forget");
        store.fail_job(needed.claim(), "the plugin refused", at(25), None).unwrap();
        store.enqueue(&[new_job(1, "pets", "prost", &[])], at(26)).unwrap();
        let asked = store.claim(at(27)).unwrap();
        assert_eq!((asked.id, asked.attempts, asked.deaths), (again.id, 1, 0));
    }

    #[test]
    fn what_failed_for_now_is_tried_again_in_time_with_those_that_need_it() {
        let store = store();
        let prost = store.claim(at(20)).unwrap();
        assert_eq!(store.next_retry().unwrap(), None);
        store.fail_job(prost.claim(), "no thread", at(21), Some(at(30))).unwrap();
        assert_eq!(store.next_retry().unwrap(), Some(at(30)));
        assert!(states(&store).iter().all(|state| matches!(state, SdkState::Failed { .. })));
        let shop = store.job(&key(2, "prost")).unwrap().unwrap();
        assert_eq!(shop.retry_at, Some(at(30)), "with the one that it needs");
        assert_eq!(store.claim(at(29)), None);
        let again = store.claim(at(30)).unwrap();
        assert_eq!((again.id, again.attempts, again.retry_at), (prost.id, 2, None));
        assert_eq!(states(&store), [SdkState::Running, SdkState::Queued, SdkState::Queued]);
        assert_eq!(store.next_retry().unwrap(), None);
    }

    #[test]
    fn a_start_does_not_wait_for_the_time_of_the_next_try_and_leaves_verdicts_alone() {
        let store = store();
        let prost = store.claim(at(20)).unwrap();
        store.fail_job(prost.claim(), "the disk is full", at(21), Some(at(1000))).unwrap();
        let store = store.reopen();
        assert_eq!(store.start_alone(node(2), at(22)), 1);
        assert!(states(&store).iter().all(|state| *state == SdkState::Queued));
        let prost = store.claim(at(23)).unwrap();
        store.fail_job(prost.claim(), "no such option", at(24), None).unwrap();
        let before = states(&store);
        let store = store.reopen();
        assert_eq!(store.start_alone(node(2), at(25)), 0);
        assert_eq!(states(&store), before);
    }

    #[test]
    fn of_two_failed_needs_the_one_that_is_left_is_named() {
        let store = store();
        store.enqueue(&[new_job(2, "shop", "serde", &[])], at(11)).unwrap();
        let both = [key(1, "prost"), key(2, "serde")];
        store.enqueue(&[new_job(2, "shop", "tonic", &both)], at(12)).unwrap();
        let (first, second) = (store.claim(at(20)).unwrap(), store.claim(at(20)).unwrap());
        store.fail_job(first.claim(), "no thread", at(21), Some(at(30))).unwrap();
        store.fail_job(second.claim(), "no such option", at(22), None).unwrap();
        store.claim(at(30)).unwrap();
        let message = "needs acme_shop_community_serde, which failed: no such option".into();
        assert_eq!(store.job(&key(2, "tonic")).unwrap().unwrap().state, SdkState::Failed { message });
    }
}
