//! The schedule: which queued job a free worker takes.
//!
//! The jobs that one module caused wait in one lane, oldest first, whichever modules they make crates of. A free worker
//! serves the lane with the fewest workers; among equal lanes, the lane that has waited longest. So a push with
//! thousands of SDKs delays another push by at most one of these SDKs. Background jobs run when all lanes are empty.
//!
//! Jobs that were running when a process ended run one at a time. If one of them ended the process, the next end shows
//! which.

use super::dependencies::READY;
use super::job::{Job, JobSize, SELECT, read_job};
use super::node_details::may_make;
use crate::model::{ModuleId, NodeId};
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::Work;
use crate::store::db::statements::query::{all, one};

/// The lanes in which jobs wait, the next lane first.
const LANES: &str = "SELECT lane FROM
        (SELECT lane, min(queued) AS oldest, min(id) AS first FROM sdk_jobs
         WHERE state = 'queued' AND background = FALSE GROUP BY lane) AS waiting
    ORDER BY (SELECT count(*) FROM sdk_jobs AS other
              WHERE other.state = 'running' AND other.background = FALSE AND other.lane = waiting.lane),
             (SELECT max(started) FROM sdk_jobs AS other WHERE other.lane = waiting.lane) NULLS FIRST,
             oldest, first";

/// The condition that at most one job is running that may end the process, so that it is known which one did.
const UNSUSPECTED: &str = "(deaths = 0 OR NOT EXISTS
    (SELECT 1 FROM sdk_jobs AS other WHERE other.state = 'running' AND other.deaths > 0))";

/// The next job of this size that is ready and that `node` may make, if there is one.
pub(in crate::store) fn next(conn: &Connection, node: NodeId, size: JobSize) -> Work<Option<Job>> {
    let sized = match size {
        JobSize::Any => "TRUE",
        JobSize::Small => "small AND deaths = 0",
    };
    let own = may_make(conn, 1);
    let ready = format!("{own} AND {READY} AND {UNSUSPECTED} AND {sized} ORDER BY queued, sdk_jobs.id LIMIT 1");
    let in_lane = format!("{SELECT} WHERE state = 'queued' AND background = FALSE AND lane = ?2 AND {ready}");
    let lanes: Vec<ModuleId> = all(conn, LANES, [], |row| row.get(0))?;
    for lane in lanes {
        if let Some(job) = one(conn, &in_lane, params![node, lane], read_job)? {
            return Ok(Some(job));
        }
    }
    one(conn, &format!("{SELECT} WHERE state = 'queued' AND background = TRUE AND {ready}"), [node], read_job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SdkState;
    use crate::store::jobs::job::NewJob;
    use crate::store::modules::commit::Dependency;
    use crate::store::modules::write_set::{NewCommit, WriteSet};
    use crate::store::testing::{
        Scratch, at, commit, commit_id, key, module, module_id, new_job, node, owner_id, sdk, snapshot,
    };

    /// `acme/pets`, `acme/shop` and `acme/zoo`, each with a commit of its number.
    fn store() -> Scratch {
        let store = Scratch::with_modules();
        store.create_module(&module(3, "acme/zoo", 1)).unwrap();
        for n in 1..=3 {
            store.push_one(n, n, &[], vec![]);
        }
        store
    }

    /// What a single worker makes, in this order, until nothing is left. Each job takes a second.
    fn made(store: &Scratch) -> Vec<String> {
        let mut made = vec![];
        while let Some(job) = store.claim(at(100 + made.len() as i64)) {
            publish(store, &job);
            made.push(short(&job));
        }
        made
    }

    fn publish(store: &Scratch, job: &Job) {
        store.publish_sdk(job.claim(), &sdk(job, job.key.commit.as_bytes()[0], b"bytes"), b"bytes", at(90)).unwrap();
    }

    /// `pets aa`.
    fn short(job: &Job) -> String {
        job.crate_name.to_string().trim_start_matches("acme_").replace("_community_", " ")
    }

    fn jobs(commit: u8, name: &str, plugins: &[&str]) -> Vec<NewJob> {
        plugins.iter().map(|plugin| new_job(commit, name, plugin, &[])).collect()
    }

    #[test]
    fn workers_are_shared_among_modules() {
        let store = store();
        store.enqueue(&jobs(1, "pets", &["aa", "bb", "cc"]), at(10)).unwrap();
        store.enqueue(&jobs(2, "shop", &["aa", "bb"]), at(11)).unwrap();
        // Nothing ends, as if there were a worker for each.
        let order: Vec<_> = std::iter::from_fn(|| store.claim(at(20))).map(|job| short(&job)).collect();
        assert_eq!(order, ["pets aa", "shop aa", "pets bb", "shop bb", "pets cc"]);
    }

    #[test]
    fn one_worker_serves_modules_in_turn() {
        let store = store();
        store.enqueue(&jobs(1, "pets", &["aa", "bb", "cc", "dd"]), at(10)).unwrap();
        store.enqueue(&jobs(2, "shop", &["aa", "bb"]), at(11)).unwrap();
        store.enqueue(&jobs(3, "zoo", &["aa"]), at(12)).unwrap();
        let expected = ["pets aa", "shop aa", "zoo aa", "pets bb", "shop bb", "pets cc", "pets dd"];
        assert_eq!(made(&store), expected);
    }

    #[test]
    fn what_a_giant_needs_of_other_modules_takes_the_giants_turns() {
        let store = store();
        let for_pets = |job: NewJob| NewJob { lane: module_id(1), ..job };
        let mut giant: Vec<_> = jobs(2, "shop", &["aa", "bb", "cc"]).into_iter().map(for_pets).collect();
        giant.push(new_job(1, "pets", "aa", &[key(2, "cc")]));
        store.enqueue(&giant, at(10)).unwrap();
        store.enqueue(&jobs(3, "zoo", &["aa", "bb"]), at(11)).unwrap();
        assert_eq!(made(&store), ["shop aa", "zoo aa", "shop bb", "zoo bb", "shop cc", "pets aa"]);
    }

    #[test]
    fn what_is_asked_for_again_goes_with_whoever_asks_now() {
        let store = store();
        store.enqueue(&jobs(1, "pets", &["aa", "bb", "cc", "dd"]), at(10)).unwrap();
        let needed = NewJob { lane: module_id(2), ..new_job(1, "pets", "dd", &[]) };
        store.enqueue(&[new_job(2, "shop", "aa", &[key(1, "dd")]), needed], at(11)).unwrap();
        assert_eq!(made(&store), ["pets aa", "pets dd", "pets bb", "shop aa", "pets cc"]);
    }

    #[test]
    fn what_nobody_waits_for_is_made_last_in_the_order_of_its_list() {
        let store = store();
        store.enqueue_background(&[jobs(3, "zoo", &["aa"]), jobs(1, "pets", &["aa", "bb"])].concat(), at(10)).unwrap();
        store.enqueue(&jobs(1, "pets", &["cc", "dd"]), at(11)).unwrap();
        let first = store.claim(at(12)).unwrap();
        publish(&store, &first);
        store.enqueue(&jobs(2, "shop", &["aa"]), at(13)).unwrap();
        assert_eq!(short(&first), "pets cc");
        assert_eq!(made(&store), ["shop aa", "pets dd", "zoo aa", "pets aa", "pets bb"]);
    }

    #[test]
    fn somebody_who_asks_brings_it_forward_and_nothing_sends_it_back() {
        let store = store();
        store.enqueue_background(&jobs(1, "pets", &["aa", "bb"]), at(10)).unwrap();
        store.enqueue(&jobs(2, "shop", &["aa"]), at(11)).unwrap();
        store.enqueue(&jobs(1, "pets", &["bb"]), at(12)).unwrap();
        store.enqueue_background(&jobs(2, "shop", &["aa"]), at(13)).unwrap();
        assert_eq!(made(&store), ["pets bb", "shop aa", "pets aa"]);
        assert_eq!(store.job(&key(1, "aa")).unwrap().unwrap().state, SdkState::Served);
    }

    #[test]
    fn of_those_that_may_have_ended_the_process_one_is_made_at_a_time() {
        let store = store();
        store.enqueue(&jobs(1, "pets", &["aa", "bb"]), at(10)).unwrap();
        store.claim(at(20)).unwrap();
        store.claim(at(20)).unwrap();
        let store = store.reopen();
        store.start_alone(node(2), at(21));
        store.enqueue(&jobs(2, "shop", &["aa"]), at(22)).unwrap();
        let taken = [store.claim(at(23)).unwrap(), store.claim(at(23)).unwrap()];
        assert_eq!(taken.each_ref().map(short), ["shop aa", "pets aa"]);
        assert_eq!(store.claim(at(24)), None);
        publish(&store, &taken[1]);
        assert_eq!(short(&store.claim(at(25)).unwrap()), "pets bb");
    }

    #[test]
    fn small_jobs_are_those_of_little_source_whose_time_can_be_told() {
        let store = store();
        let push = |n: u8, module: u8, bytes: usize, needs: &[u8]| {
            let need = |need: &u8| Dependency { commit: commit_id(*need), direct: true };
            let (dependencies, files) = (
                needs.iter().map(need).collect(),
                snapshot(&[("a.proto", &"x".repeat(bytes / 2)), ("b.proto", &"y".repeat(bytes / 2))]),
            );
            let commits = vec![NewCommit {
                commit: commit(n, module),
                snapshot: &files,
                options: None,
                services: true,
                dependencies,
            }];
            let (labels, jobs, indexed) = (vec![], vec![], vec![]);
            store.push(&WriteSet { commits, labels, jobs, indexed, at: at(9), by: owner_id(1) }).unwrap();
        };
        push(11, 1, 300 << 10, &[]);
        push(12, 2, 17 << 20, &[]);
        push(13, 3, 100, &[12]);
        let at_any_time = NewJob { predictable: false, ..new_job(2, "shop", "aa", &[]) };
        let large = [(11, "pets"), (12, "shop"), (13, "zoo")].map(|(commit, name)| new_job(commit, name, "aa", &[]));
        store.enqueue(&[&large[..], &[at_any_time, new_job(3, "zoo", "aa", &[])]].concat(), at(10)).unwrap();
        let claim = |size| store.claim_job(node(1), size, at(20)).unwrap().map(|job| job.key.commit);
        assert_eq!(claim(JobSize::Small), Some(commit_id(3)));
        assert_eq!(claim(JobSize::Small), None);
        assert_eq!(std::iter::from_fn(|| claim(JobSize::Any)).count(), 4);
    }
}
