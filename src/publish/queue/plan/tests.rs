//! Plans over commits that are not stored.

use super::*;
use crate::model::{FilesDigest, ModuleDigest, OwnerId, Shake256Digest, Timestamp};
use crate::publish::new_ids;
use crate::store::Visibility;

const PROST: &str = "community/neoeinstein-prost";
const TONIC: &str = "community/neoeinstein-tonic";

fn planned(name: &str, dependencies: &[&PlannedCommit]) -> PlannedCommit {
    let now = Timestamp::from_micros(1_716_475_506_000_000);
    let owner = OwnerId::from_bytes([1; 16]);
    let module = Module {
        id: new_ids::module(),
        name: format!("acme/{name}").parse().unwrap(),
        owner,
        visibility: Visibility::Public,
        deprecated: false,
        description: String::new(),
        url: String::new(),
        default_label: LabelName::main(),
        created: now,
        updated: now,
    };
    let digest = Shake256Digest::from_bytes([1; 64]);
    let commit = Commit {
        id: new_ids::commit(),
        module: module.id,
        created: now,
        released: true,
        files_digest: FilesDigest(digest),
        digest: ModuleDigest(digest),
        created_by: owner,
        source_control_url: String::new(),
    };
    let dependencies = dependencies.iter().map(|planned| planned.commit.id).collect();
    PlannedCommit { module, commit, labels: vec![LabelName::main()], services: true, dependencies }
}

/// The jobs for `last` by `plugin`, as `name plugin: needs`.
fn jobs(commits: &[PlannedCommit], last: &PlannedCommit, plugin: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let store = crate::store::open_for_test(dir.path());
    let catalogue = Catalogue::embedded().unwrap();
    let mut plan = Plan::new(&store, &catalogue, commits, last.module.id);
    plan.add(last.commit.id, catalogue.find(&plugin.parse().unwrap()).unwrap()).unwrap();
    let text = |key: &SdkKey| {
        let name = &commits.iter().find(|planned| planned.commit.id == key.commit).unwrap().module.name;
        format!("{} {}", name.name(), key.plugin.name().trim_start_matches("neoeinstein-"))
    };
    let (jobs, due) = plan.finish();
    assert_eq!(due, [jobs.last().unwrap().key.clone()]);
    let needs = |job: &NewJob| job.needs.iter().map(text).collect::<Vec<_>>().join(", ");
    jobs.iter().map(|job| format!("{}: {}", text(&job.key), needs(job))).collect()
}

#[test]
fn each_sdk_waits_for_what_nothing_else_waits_for() {
    let base = planned("base", &[]);
    let left = planned("left", &[&base]);
    let right = planned("right", &[&base]);
    let app = planned("app", &[&base, &left, &right]);
    let commits = [base, left, right, app.clone()];
    let mut made = jobs(&commits, &app, TONIC);
    assert_eq!(made.len(), 5, "{made:?}");
    assert_eq!(made.pop().unwrap(), "app tonic: app prost");
    let app = made.pop().unwrap();
    assert!(app == "app prost: left prost, right prost" || app == "app prost: right prost, left prost", "{app}");
    assert_eq!(made.remove(0), "base prost: ");
}

#[test]
fn a_dependency_at_another_commit_is_waited_for_as_well() {
    let (old, new) = (planned("base", &[]), planned("base", &[]));
    let left = planned("left", &[&old]);
    let app = planned("app", &[&new, &left]);
    let made = jobs(&[old, new, left, app.clone()], &app, PROST);
    assert_eq!(made.last().unwrap(), "app prost: left prost, base prost");
    assert_eq!(made.iter().filter(|job| *job == "base prost: ").count(), 2, "{made:?}");
}

#[test]
fn a_chain_of_modules_may_be_longer_than_the_stack() {
    let mut chain: Vec<PlannedCommit> = vec![];
    for n in 0..1500 {
        let needs: Vec<_> = chain.iter().collect();
        let next = planned(&format!("m{n}"), &needs);
        chain.push(next);
    }
    let last = chain.last().unwrap().clone();
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let made = small.spawn(move || jobs(&chain, &last, PROST)).unwrap().join().unwrap();
    assert_eq!(made.len(), 1500);
    assert_eq!(made[1499], "m1499 prost: m1498 prost");
}
