//! Two nodes on one database, one of which is killed again and again while clients push to both: at random times and at
//! fail points. Connections to the database are cut, and nodes stand still for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use registry::fail_point::FailPoint;

use super::kills::Plan;
use super::random::Random;
use super::world::{Crates, World};
use crate::support::{Fault, PostgresServer, signal};

/// Longer than a node may be silent before its jobs are taken over.
const LONG_SILENCE: Duration = Duration::from_secs(26);

/// One of so many cycles has a node that stands still for that long.
const LONG_SILENCE_EVERY: u64 = 40;

/// What happened.
#[derive(Debug, Default)]
pub(crate) struct ClusterKills {
    /// Nodes that were killed at a random time.
    pub(crate) at_random: u64,
    /// Nodes that ended at each point.
    pub(crate) at_points: BTreeMap<&'static str, u64>,
    /// How often a node stood still.
    pub(crate) freezes: u64,
    /// How often all connections to the database were cut.
    pub(crate) cuts: u64,
    /// How often the answers to all commits were.
    pub(crate) unconfirmed: u64,
    /// How often the object store was busy or badly reached.
    pub(crate) objects_away: u64,
    /// How often everything was looked at.
    pub(crate) audits: u64,
    /// Pushes that were acknowledged, and found again.
    pub(crate) acknowledged: usize,
    /// Why pushes were sent again, and how often.
    pub(crate) retried: BTreeMap<String, u64>,
}

impl ClusterKills {
    /// Runs the plan on clusters of either kind in turn, beginning with `first`. Panics when anything that was
    /// acknowledged is lost or wrong, or the nodes differ.
    pub(crate) fn run(plan: &Plan, first: Crates, progress: impl Fn(u64, &Self)) -> Self {
        let mut kills = Self::default();
        let mut random = Random::new(plan.seed);
        let (mut crates, mut begin) = (first, 0);
        while begin < plan.cycles {
            let end = plan.cycles.min(begin + plan.per_directory);
            let mut world = World::new(PostgresServer::start(), crates, random.below(u64::MAX));
            for cycle in begin..end {
                kills.cycle(&mut world, cycle);
                if (cycle + 1) % plan.audit_every == 0 || cycle + 1 == end {
                    kills.audit(&mut world);
                    progress(cycle + 1, &kills);
                }
            }
            kills.acknowledged += world.acknowledged();
            begin = end;
            crates = match crates {
                Crates::InTheDatabase => Crates::InAnObjectStore,
                Crates::InAnObjectStore => Crates::InTheDatabase,
            };
        }
        kills
    }

    fn note(&mut self, retried: BTreeMap<String, u64>) {
        for (why, times) in retried {
            *self.retried.entry(why).or_default() += times;
        }
    }

    /// Lets clients push to both nodes while one of them ends and is started again.
    fn cycle(&mut self, world: &mut World, cycle: u64) {
        let retried = world.push_during(|world| {
            let victim = world.some_node();
            if cycle.is_multiple_of(2) {
                self.kill_at_random(world, victim, cycle);
            } else {
                self.end_at_point(world, victim, cycle);
            }
            world.start(victim);
            world.sleep(400);
        });
        self.note(retried);
    }

    /// One time in two, lets the object store be busy, or be reached badly, until it is healed.
    fn trouble_objects(&mut self, world: &mut World) {
        let (is_away, is_busy) = (world.one_in(2), world.one_in(2));
        let Some(objects) = world.objects.as_ref().filter(|_| is_away) else { return };
        self.objects_away += 1;
        match is_busy {
            true => objects.server.set_busy(true),
            false => objects.link.set(Fault { cut_one_in: 8, delay: 10, ..Fault::default() }),
        }
    }

    /// SIGKILL at any moment, of a node that may stand still, or while the other one does.
    fn kill_at_random(&mut self, world: &mut World, victim: usize, cycle: u64) {
        self.trouble_objects(world);
        let is_long = cycle % LONG_SILENCE_EVERY == LONG_SILENCE_EVERY / 2;
        let frozen = (is_long || world.one_in(3)).then(|| world.some_node());
        if let Some(node) = frozen {
            signal(world.process(node), "STOP");
            self.freezes += 1;
            world.sleep(2500);
            self.cut_by_chance(world);
        }
        if is_long {
            std::thread::sleep(LONG_SILENCE);
        }
        let goes_on_first = world.one_in(2);
        if let Some(node) = frozen.filter(|_| goes_on_first) {
            signal(world.process(node), "CONT");
        }
        world.sleep(600);
        self.cut_by_chance(world);
        self.kill(world, victim);
        if let Some(node) = frozen.filter(|node| !goes_on_first && *node != victim) {
            world.sleep(500);
            signal(world.process(node), "CONT");
        }
        // A node starts with an object store that it reaches.
        heal_objects(world);
        // As when all machines lose power.
        if world.one_in(5) {
            self.kill(world, 1 - victim);
            world.start(1 - victim);
        }
    }

    /// Starts a node that ends itself when it comes to the next point for the nth time; a start writes too, so it may
    /// end before it is ready.
    fn end_at_point(&mut self, world: &mut World, victim: usize, cycle: u64) {
        let points: Vec<_> = FailPoint::ALL.iter().filter(|point| !is_of_a_migration(**point)).collect();
        let point = points[usize::try_from(cycle / 2).unwrap() % points.len()];
        let most = if point.name().starts_with("transaction") { 30 } else { 6 };
        let armed = format!("{point}:{}", 1 + world.random.below(most));
        self.kill(world, victim);
        if world.try_start(victim, &armed).is_ok() {
            self.cut_by_chance(world);
            world.wait_for_end(victim, point.name());
        }
        *self.at_points.entry(point.name()).or_default() += 1;
    }

    fn kill(&mut self, world: &mut World, at: usize) {
        world.kill(at);
        self.at_random += 1;
    }

    /// Cuts all connections of the nodes, one time in two, and then perhaps the new ones, too. Some are cut when a
    /// transaction is committed, and its node does not know.
    fn cut_by_chance(&mut self, world: &mut World) {
        while world.one_in(2) {
            if world.one_in(3) {
                world.database.cut_unconfirmed(Duration::from_millis(50 + world.random.below(200)));
                self.unconfirmed += 1;
            } else {
                world.database.cut();
                self.cuts += 1;
            }
            world.sleep(60);
        }
    }

    /// Looks at everything. Every other time the jobs of killed nodes are waited for until they are taken over; otherwise
    /// nodes that nobody has heard of for long are forgotten at once, and all nodes start again.
    fn audit(&mut self, world: &mut World) {
        if self.audits.is_multiple_of(2) {
            world.restart_all();
        }
        self.audits += 1;
        world.audit();
    }
}

fn heal_objects(world: &World) {
    if let Some(objects) = &world.objects {
        objects.server.set_busy(false);
        objects.link.heal();
    }
}

fn is_of_a_migration(point: FailPoint) -> bool {
    matches!(point, FailPoint::MigrationWritten | FailPoint::MigrationCommitted)
}
