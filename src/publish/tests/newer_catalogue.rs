//! The same store under a newer program, whose catalogue has newer plugins.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::model::{Plugin, Revision};
use crate::store::{NewJob, StoreError};

/// A clock on which every look is a second later.
fn ticking() -> Clock {
    let now = AtomicI64::new(1_716_475_506);
    Clock::new(move || Timestamp::from_micros(now.fetch_add(1, Ordering::Relaxed) * 1_000_000))
}

/// The catalogue without some plugins, or with others in their place.
fn catalogue(change: impl Fn(Plugin) -> Option<Plugin>) -> Catalogue {
    let plugins = Catalogue::embedded().unwrap().plugins().to_vec();
    Catalogue::of(plugins.into_iter().filter_map(change).collect())
}

fn is(plugin: &Plugin, name: &str, version: &str) -> bool {
    plugin.name.to_string() == name && plugin.version.to_string() == version
}

impl Fixture {
    /// Ends the program, and starts another on the same data.
    fn restarted(self, catalogue: Catalogue) -> Self {
        let Self { running, user, dir } = self;
        let settings = running.publisher().settings.clone();
        drop(running);
        let store = crate::store::open_for_test(dir.path());
        Self { running: Publisher::start(store, catalogue, settings, ticking()).unwrap(), user, dir }
    }

    fn add(&self, module: &str) -> Commit {
        let content = self.content(module, &[], &[("a.proto", &message(&format!("acme.{module}.v1"), "A"))]);
        self.push(vec![content], &[]).commits.remove(0)
    }

    /// The effect of cargo's first request, to its end.
    fn first_request(&self, module: &str) {
        let name = crate_name(module);
        self.running.request_crate(&self.module(module), &name).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        assert!(runtime.block_on(self.running.wait_for_crate(&name, Duration::from_secs(60))).unwrap());
    }

    fn newest(&self, commit: &Commit) -> SdkKey {
        let plugin = self.running.catalogue().find(&PROST.parse().unwrap()).unwrap();
        queue::plan::sdk_key(commit.id, plugin)
    }
}

fn crate_name(module: &str) -> crate::model::CrateName {
    format!("acme_{module}_community_neoeinstein-prost").parse().unwrap()
}

#[test]
fn heads_with_an_interest_are_made_by_a_newer_plugin_the_oldest_interest_first() {
    let old = catalogue(|plugin| (!is(&plugin, PROST, "v0.5.0") && plugin.submodule.is_none()).then_some(plugin));
    let fixture = fixture_of(&[], &[], old, ticking());
    let commits = ["zoo", "pets", "shop", "barn"].map(|module| fixture.add(module));
    for module in ["shop", "zoo", "pets"] {
        fixture.first_request(module);
    }
    let line = |fixture: &Fixture| fixture.sdks(&crate_name("zoo")).remove(0);
    let published = line(&fixture);

    let fixture = fixture.restarted(Catalogue::embedded().unwrap());
    let [zoo, pets, shop, barn] = commits.each_ref().map(|commit| fixture.newest(commit));
    fixture.wait_for_sdks(&[zoo.clone(), pets.clone(), shop.clone()]);
    let job = |key: &SdkKey| fixture.running.store().job(key).unwrap();
    let queued = [shop, zoo, pets].map(|key| job(&key).unwrap());
    assert!(queued.is_sorted_by_key(|job| job.id), "{queued:?}");
    assert!(queued.iter().all(|job| job.background), "{queued:?}");
    assert_eq!(job(&barn), None, "nobody is interested");
    let versions = fixture.versions(&crate_name("zoo").to_string());
    assert!(versions[0].starts_with("0.4.0-") && versions[1].starts_with("0.5.0-"), "{versions:?}");
    assert_eq!(line(&fixture), published);
}

#[test]
fn a_newer_revision_is_another_version_beside_the_published_one() {
    let fixture = fixture_of(&[], &[], Catalogue::embedded().unwrap(), ticking());
    let zoo = fixture.add("zoo");
    fixture.first_request("zoo");
    let store = |fixture: &Fixture| fixture.sdks(&crate_name("zoo"));
    let before = store(&fixture).remove(0);
    let bytes = fixture.running.store().crate_bytes(before.module, &before.crate_name, &before.version).unwrap();

    let better = catalogue(|plugin| Some(if is(&plugin, PROST, "v0.5.0") { better(plugin) } else { plugin }));
    let fixture = fixture.restarted(better);
    fixture.wait_for_sdks(&[fixture.newest(&zoo)]);
    let after = store(&fixture);
    assert_eq!(after.iter().map(|sdk| sdk.version.revision.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(after[0], before);
    assert_eq!(fixture.running.store().crate_bytes(before.module, &before.crate_name, &before.version).unwrap(), bytes);

    // Nothing is left to do for the next start.
    let embedded = fixture.restarted(Catalogue::embedded().unwrap());
    assert_eq!(embedded.running.catch_up().unwrap(), 0);
}

fn better(plugin: Plugin) -> Plugin {
    Plugin { revision: Revision(plugin.revision.0 + 1), ..plugin }
}

#[test]
fn what_failed_with_this_plugin_is_not_tried_at_every_start() {
    let fixture = fixture_of(&[], &[], Catalogue::embedded().unwrap(), ticking());
    let content = fixture.content("zoo", &[], &[("a.proto", UNGENERATABLE)]);
    let zoo = fixture.push(vec![content], &[]).commits.remove(0);
    let purpose = SdkPurpose::Keep(LabelName::main());
    let demand = SdkRequest { plugin: PROST_SERDE.parse().unwrap(), reference: String::new(), purpose, by: None };
    let key = fixture.running.request_sdk(&fixture.module("zoo"), &demand).unwrap();
    fixture.wait_for_sdks(std::slice::from_ref(&key));
    let fixture = fixture.restarted(Catalogue::embedded().unwrap());
    assert_eq!(fixture.running.catch_up().unwrap(), 0);
    let job = fixture.running.store().job(&key).unwrap().unwrap();
    assert_eq!((key.commit, job.attempts), (zoo.id, 1));
}

#[test]
fn a_crate_is_made_by_the_revision_that_its_version_says_or_not_at_all() {
    let catalogue = catalogue(|plugin| Some(if is(&plugin, PROST, "v0.5.0") { better(plugin) } else { plugin }));
    let fixture = fixture_of(&[], &[], catalogue, ticking());
    let zoo = fixture.add("zoo");
    let current = fixture.newest(&zoo);
    // As a program with the revision before leaves it, or one with a later revision beside this one.
    let others = [1, 3].map(|revision| SdkKey { revision: Revision(revision), ..current.clone() });
    let job = |key: &SdkKey| NewJob {
        key: key.clone(),
        crate_name: crate_name("zoo"),
        needs: vec![],
        after: vec![],
        lane: zoo.module,
        asked: true,
        predictable: true,
    };
    let (store, now) = (fixture.running.store(), fixture.running.clock().now());
    let jobs: Vec<_> = others.iter().chain([&current]).map(job).collect();
    store.transaction::<_, StoreError>("test", |tx| tx.enqueue(&jobs, now)).unwrap();
    fixture.running.wake(&[zoo.module]);
    fixture.wait_for_sdks(&[others[0].clone(), others[1].clone(), current]);
    assert_eq!(fixture.sdks(&crate_name("zoo")).iter().map(|sdk| sdk.version.revision.0).collect::<Vec<_>>(), [2]);
    for key in &others {
        let SdkState::Failed { message } = store.job(key).unwrap().unwrap().state else { panic!("{key:?}") };
        let (known, asked) = ("is of revision 2 here", format!("and {} is asked for", key.revision));
        assert!(message.contains(known) && message.contains(&asked), "{message}");
    }
}
