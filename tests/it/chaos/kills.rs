//! A registry that is killed again and again while several clients push: at random times, and at every fail point.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use registry::fail_point::{self, FailPoint};
use tempfile::TempDir;

use super::audit;
use super::ledger::Ledger;
use super::pushers::{Door, MODULES, push_on};
use super::random::Random;
use crate::support::{Registry, signal};

/// How many clients push at the same time.
const PUSHERS: u64 = 3;

/// How long a registry may go on without coming to the fail point that ends it.
const LONGEST: Duration = Duration::from_secs(20);

/// How a cycle ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// SIGKILL, so long after the start.
    After(Duration),
    /// By itself, when it comes to the point for the nth time.
    At(FailPoint, u64),
}

/// How much is done.
pub(crate) struct Plan {
    /// How often the registry is started and killed.
    pub(crate) cycles: u64,
    /// How many cycles share a data directory.
    pub(crate) per_directory: u64,
    /// How many cycles go by between two looks at everything that is new.
    pub(crate) audit_every: u64,
    /// What the random choices begin with.
    pub(crate) seed: u64,
}

/// What happened.
#[derive(Debug, Default)]
pub(crate) struct Kills {
    /// Registries that were killed at a random time.
    pub(crate) at_random: u64,
    /// Registries that ended at each point.
    pub(crate) at_points: BTreeMap<&'static str, u64>,
    /// Pushes that were acknowledged, and found again.
    pub(crate) acknowledged: usize,
}

impl Kills {
    /// Runs the plan. Panics when anything that was acknowledged is lost or wrong, or a fail point never came.
    pub(crate) fn run(plan: &Plan, progress: impl Fn(u64, &Self)) -> Self {
        let mut kills = Self::default();
        let mut random = Random::new(plan.seed);
        let mut first = 0;
        while first < plan.cycles {
            let end = plan.cycles.min(first + plan.per_directory);
            let mut world = World::new(random.below(u64::MAX));
            for cycle in first..end {
                world.cycle(cycle, &mut kills);
                if (cycle + 1) % plan.audit_every == 0 || cycle + 1 == end {
                    world.audit();
                    progress(cycle + 1, &kills);
                }
            }
            world.finish();
            kills.acknowledged += world.ledger.len();
            first = end;
        }
        for point in FailPoint::ALL {
            let never = plan.cycles >= 2 * FailPoint::ALL.len() as u64 && !kills.at_points.contains_key(point.name());
            assert!(!never, "no registry ever came to fail point {point}");
        }
        kills
    }
}

/// One data directory, with what was acknowledged there.
struct World {
    data: TempDir,
    ledger: Ledger,
    token: Option<String>,
    random: Random,
}

impl World {
    fn new(seed: u64) -> Self {
        Self { data: tempfile::tempdir().unwrap(), ledger: Ledger::default(), token: None, random: Random::new(seed) }
    }

    /// Starts the registry, lets clients push, and kills it. Every other one ends at a fail point, in turn.
    fn cycle(&mut self, cycle: u64, kills: &mut Kills) {
        let end = match cycle % 2 {
            0 => End::After(Duration::from_millis(self.random.below(600))),
            _ => self.end_at(FailPoint::ALL[usize::try_from(cycle / 2).unwrap() % FailPoint::ALL.len()]),
        };
        match end {
            End::After(delay) => {
                let mut registry = self.start(None).unwrap_or_else(|failure| panic!("{failure}"));
                self.prepare(&registry);
                self.push_until_gone(&mut registry, Some(delay));
                kills.at_random += 1;
            }
            End::At(point, times) => {
                self.die_at(point, times);
                *kills.at_points.entry(point.name()).or_default() += 1;
            }
        }
    }

    /// Points of a push or a job come again and again; those of a migration only where there is no database yet.
    fn end_at(&mut self, point: FailPoint) -> End {
        let times = match point {
            FailPoint::MigrationWritten | FailPoint::MigrationCommitted => 1,
            FailPoint::TransactionWritten | FailPoint::TransactionCommitted => 1 + self.random.below(30),
            _ => 1 + self.random.below(6),
        };
        End::At(point, times)
    }

    fn die_at(&mut self, point: FailPoint, times: u64) {
        if matches!(point, FailPoint::MigrationWritten | FailPoint::MigrationCommitted) {
            return dies_in_migration(point);
        }
        if self.token.is_none() {
            let registry = self.start(None).unwrap_or_else(|failure| panic!("{failure}"));
            self.prepare(&registry);
        }
        let armed = format!("{point}:{times}");
        // A start writes too: it may end before it is ready.
        if let Ok(mut registry) = self.start(Some(&armed)) {
            self.push_until_gone(&mut registry, None);
        }
    }

    fn start(&self, armed: Option<&str>) -> Result<Registry, String> {
        Registry::try_with(|options| {
            // Without a wait pushes are acknowledged before their crates are made, so both are under way.
            options.keep(self.data.path(), self.token.as_deref()).flag("push-wait", "0");
            if let Some(armed) = armed {
                options.variable(fail_point::VARIABLE, armed);
            }
        })
    }

    /// Creates the modules, once.
    fn prepare(&mut self, registry: &Registry) {
        if self.token.is_some() {
            return;
        }
        registry.cli(["organization", "create", "acme"]).ok();
        for module in MODULES {
            registry.cli(["module", "create", module]).ok();
        }
        self.token = Some(registry.token.clone());
    }

    /// Lets clients push until the registry is gone: killed after `delay`, or by itself.
    fn push_until_gone(&mut self, registry: &mut Registry, delay: Option<Duration>) {
        let door = Door::of(registry);
        let stop = AtomicBool::new(false);
        let seeds: Vec<_> = (0..PUSHERS).map(|_| self.random.below(u64::MAX)).collect();
        std::thread::scope(|scope| {
            for seed in seeds {
                let (door, stop, ledger) = (&door, &stop, &self.ledger);
                scope.spawn(move || {
                    push_on(door, ledger, stop, Random::new(seed), |answer| {
                        panic!("a push was refused: {} {}", answer.status, answer.text())
                    });
                });
            }
            if let Some(delay) = delay {
                std::thread::sleep(delay);
                signal(registry.process().id(), "KILL");
            }
            let deadline = Instant::now() + LONGEST;
            while registry.process().try_wait().unwrap().is_none() {
                if Instant::now() > deadline {
                    stop.store(true, Ordering::Relaxed);
                    panic!("the registry never came to the fail point");
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            stop.store(true, Ordering::Relaxed);
        });
    }

    /// Starts the registry once more and looks at all that was acknowledged since the last time.
    fn audit(&mut self) {
        let registry = self.start(None).unwrap_or_else(|failure| panic!("{failure}"));
        self.prepare(&registry);
        audit::pushes_are_kept(&registry, &self.ledger.unaudited());
        audit::crates_are_whole(&registry, &self.ledger);
    }

    /// Looks at everything, old and new, and at the database itself.
    fn finish(&mut self) {
        let registry = self.start(None).unwrap_or_else(|failure| panic!("{failure}"));
        audit::pushes_are_kept(&registry, &self.ledger.all());
        drop(registry);
        audit::database_is_sound(self.data.path());
    }
}

/// A first start that ends while it makes the tables: the next one serves.
fn dies_in_migration(point: FailPoint) {
    let data = tempfile::tempdir().unwrap();
    let start = |directory: &Path, armed: &str| {
        Registry::try_with(|options| {
            options.keep(directory, None).variable(fail_point::VARIABLE, armed);
        })
    };
    assert!(start(data.path(), point.name()).is_err(), "the registry never came to fail point {point}");
    let registry = start(data.path(), "").unwrap_or_else(|failure| panic!("{failure}"));
    registry.is_well();
    drop(registry);
    audit::database_is_sound(data.path());
}
