//! A registry whose disk fails: calls of the system on its database go wrong at a chosen moment. What was acknowledged is
//! there afterwards, clients are told that it is the disk, and a disk that works again is used again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::audit;
use super::ledger::Ledger;
use super::pushers::{Door, MODULES, push_on};
use super::random::Random;
use crate::support::{Answer, Module, Preloaded, Registry, pets};

/// How long clients push to a registry whose disk fails.
const PUSHING: Duration = Duration::from_millis(300);

/// How often clients push again until the call that fails is reached.
const MOST_ROUNDS: usize = 40;

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// `read`, `write`, `sync` or `truncate`.
    pub(crate) call: &'static str,
    /// The first such call that fails, from 1.
    pub(crate) nth: u64,
    /// `EIO`, `ENOSPC`, `EROFS` or `SHORT`.
    pub(crate) error: &'static str,
    /// Whether all later ones fail, too.
    pub(crate) always: bool,
}

impl Fault {
    /// Every kind of fault that the calls can have.
    pub(crate) fn kinds() -> Vec<Self> {
        let mut kinds = vec![];
        for (call, errors) in [
            ("write", &["EIO", "ENOSPC", "EROFS", "SHORT"][..]),
            ("sync", &["EIO", "ENOSPC", "EROFS"]),
            ("truncate", &["EIO", "EROFS"]),
            ("read", &["EIO", "SHORT"]),
        ] {
            for error in errors {
                kinds.extend([false, true].map(|always| Self { call, nth: 1, error, always }));
            }
        }
        kinds
    }

    fn variable(&self) -> String {
        let how = if self.always { "always" } else { "once" };
        format!("{}:{}:{}:{how}", self.call, self.nth, self.error)
    }

    /// Whether the disk never takes anything again.
    fn forbids_writing(&self) -> bool {
        self.always && self.error != "SHORT" && matches!(self.call, "write" | "sync")
    }
}

/// The library that lets calls fail.
static FAILING_DISK: Preloaded = Preloaded::new("tests/it/chaos/failing_disk.c");

/// What became of the registries.
#[derive(Debug, Default)]
pub(crate) struct Disks {
    /// Registries whose disk failed.
    pub(crate) runs: u64,
    /// Those that could not even start.
    pub(crate) no_start: u64,
    /// Pushes that were acknowledged, and found again.
    pub(crate) acknowledged: usize,
    /// How often each refusal came.
    pub(crate) refusals: BTreeMap<String, u64>,
}

impl Disks {
    /// Runs one registry on a disk with this fault. Panics when something acknowledged is lost or wrong, or a client is
    /// told anything but that the disk is full or fails.
    pub(crate) fn run(&mut self, fault: &Fault, seed: u64) {
        let mut random = Random::new(seed);
        let data = tempfile::tempdir().unwrap();
        let ledger = Ledger::default();
        let healthy = start(data.path(), None, None).unwrap_or_else(|failure| panic!("{failure}"));
        healthy.cli(["organization", "create", "acme"]).ok();
        for module in MODULES {
            healthy.cli(["module", "create", module]).ok();
        }
        // Chance may not have chosen this module yet, whose crate is asked for below.
        Module::new("acme/pets").file("first.proto", pets("name")).push(&healthy);
        push_for(&healthy, &ledger, Duration::from_millis(100), &mut random, |answer| {
            panic!("a push was refused: {} {}", answer.status, answer.text())
        });
        audit::crates_are_whole(&healthy, &ledger);
        let token = healthy.token.clone();
        drop(healthy);

        self.runs += 1;
        match start(data.path(), Some(&token), Some(fault)) {
            Err(_) => self.no_start += 1,
            Ok(registry) => self.endure(&registry, &ledger, fault, &mut random),
        }

        let again = start(data.path(), Some(&token), None).unwrap_or_else(|failure| panic!("{failure}"));
        audit::pushes_are_kept(&again, &ledger.all());
        audit::crates_are_whole(&again, &ledger);
        drop(again);
        audit::database_is_sound(data.path());
        self.acknowledged += ledger.len();
    }

    /// The registry goes on as far as its disk does.
    fn endure(&mut self, registry: &Registry, ledger: &Ledger, fault: &Fault, random: &mut Random) {
        let refusals = Mutex::new(BTreeMap::new());
        let pushing = |random: &mut Random| {
            push_for(registry, ledger, PUSHING, random, |answer| {
                let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
                assert!(message.contains("disk"), "{fault:?}: {} {}", answer.status, answer.text());
                *refusals.lock().unwrap().entry(message).or_insert(0) += 1;
            });
        };
        pushing(random);
        if fault.forbids_writing() {
            // On a slow machine the call that fails may not have been reached yet.
            for _ in 0..MOST_ROUNDS {
                if !refusals.lock().unwrap().is_empty() {
                    break;
                }
                pushing(random);
            }
            assert!(!refusals.lock().unwrap().is_empty(), "{fault:?}: no push found that the disk fails");
        }
        for (message, times) in refusals.into_inner().unwrap() {
            *self.refusals.entry(message).or_default() += times;
        }
        if fault.forbids_writing() {
            crates_are_still_served(registry, fault);
        }
        if !fault.always {
            let before = ledger.len();
            push_for(registry, ledger, PUSHING, random, |_| {});
            assert!(ledger.len() > before, "{fault:?}: the disk works again, and pushes do not");
        }
    }
}

/// A registry that cannot write says so, and serves what there is.
fn crates_are_still_served(registry: &Registry, fault: &Fault) {
    let page = registry.get("/gen/cargo/ac/me/acme_pets_community_neoeinstein-prost");
    assert_eq!(page.status, 200, "{fault:?}: {}", page.text());
    let ready = registry.get("/readyz");
    match (fault.call, fault.error) {
        // A sync that finds no room is a disk that fails: what was written before may be gone.
        ("write", "ENOSPC") => {
            assert_eq!((ready.status, ready.text().contains("full")), (200, true), "{fault:?}: {}", ready.text())
        }
        _ => assert_eq!(ready.status, 503, "{fault:?}: {}", ready.text()),
    }
}

fn start(directory: &Path, token: Option<&str>, fault: Option<&Fault>) -> Result<Registry, String> {
    Registry::try_with(|options| {
        options.keep(directory, token).flag("push-wait", "0");
        if let Some(fault) = fault {
            options.variable("LD_PRELOAD", FAILING_DISK.path()).variable("FAILING_DISK", &fault.variable());
        }
    })
}

fn push_for(
    registry: &Registry,
    ledger: &Ledger,
    time: Duration,
    random: &mut Random,
    refused: impl Fn(&Answer) + Sync,
) {
    let (door, stop) = (Door::of(registry), AtomicBool::new(false));
    let seeds = [random.below(u64::MAX), random.below(u64::MAX)];
    let (started, known) = (Instant::now(), ledger.len());
    std::thread::scope(|scope| {
        for seed in seeds {
            let (door, stop, refused) = (&door, &stop, &refused);
            scope.spawn(move || push_on(door, ledger, stop, Random::new(seed), refused));
        }
        // On a slow machine at least something is to be pushed.
        while started.elapsed() < time || ledger.len() == known && started.elapsed() < 10 * time {
            std::thread::sleep(Duration::from_millis(5));
        }
        stop.store(true, Ordering::Relaxed);
    });
}
