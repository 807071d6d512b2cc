//! Two nodes on one database, one of which is killed again and again while clients push to both: at random times and at
//! fail points. Connections to the database are cut, and nodes stand still for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use registry::fail_point::{self, FailPoint};
use tempfile::TempDir;

use super::audit;
use super::kills::Plan;
use super::ledger::{Acknowledged, Ledger};
use super::pushers::{Door, Doors, MODULES, push_to_any};
use super::random::Random;
use crate::support::object_store::{BUCKET, KEY_ID, ObjectServer, SECRET};
use crate::support::{Answer, Database, PostgresServer, Registry, run, signal};

/// How many clients push at the same time.
const PUSHERS: u64 = 3;

/// How long a node may go on without coming to the fail point that ends it. The other one takes part of the work.
const LONGEST: Duration = Duration::from_secs(60);

/// How long it may take until nothing is queued. The jobs of a killed node are taken over after 20 s.
const TAKEN_OVER: Duration = Duration::from_secs(180);

/// Longer than a node may be silent before its jobs are taken over.
const LONG_SILENCE: Duration = Duration::from_secs(26);

/// One of so many cycles has a node that stands still for that long.
const LONG_SILENCE_EVERY: u64 = 40;

/// Whether the crates of a cluster are in its database or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crates {
    InTheDatabase,
    InAnObjectStore,
}

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
            let mut world = World::new(crates, random.below(u64::MAX));
            for cycle in begin..end {
                world.cycle(cycle, &mut kills);
                if (cycle + 1) % plan.audit_every == 0 || cycle + 1 == end {
                    world.audit(&mut kills);
                    progress(cycle + 1, &kills);
                }
            }
            kills.acknowledged += world.ledger.len();
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
}

/// One database with its nodes, and what was acknowledged there.
struct World {
    database: Database,
    /// One of its own, whose settings are changed.
    _server: PostgresServer,
    objects: Option<ObjectServer>,
    directories: [TempDir; 2],
    nodes: [Option<Registry>; 2],
    doors: Arc<Doors>,
    ledger: Arc<Ledger>,
    token: Option<String>,
    random: Random,
}

/// Ends the clients also when a check fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    fn new(crates: Crates, seed: u64) -> Self {
        let server = PostgresServer::start();
        let mut world = Self {
            database: Database::on(&server),
            _server: server,
            objects: (crates == Crates::InAnObjectStore).then(ObjectServer::start),
            directories: [(); 2].map(|()| tempfile::tempdir().unwrap()),
            nodes: [None, None],
            doors: Arc::default(),
            ledger: Arc::default(),
            token: None,
            random: Random::new(seed),
        };
        world.start(0);
        let first = world.node(0);
        first.cli(["organization", "create", "acme"]).ok();
        for module in MODULES {
            first.cli(["module", "create", module]).ok();
        }
        world.token = Some(first.token.clone());
        world.start(1);
        world
    }

    fn node(&self, at: usize) -> &Registry {
        self.nodes[at].as_ref().expect("a node that runs")
    }

    fn process(&mut self, at: usize) -> u32 {
        self.nodes[at].as_mut().expect("a node that runs").process().id()
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    fn some_node(&mut self) -> usize {
        usize::from(self.one_in(2))
    }

    fn start(&mut self, at: usize) {
        self.try_start(at, "").unwrap_or_else(|failure| panic!("{failure}"));
    }

    fn try_start(&mut self, at: usize, armed: &str) -> Result<(), String> {
        let node = Registry::try_with(|options| {
            // Without a wait pushes are acknowledged before their crates are made, so both are under way.
            options.keep(self.directories[at].path(), self.token.as_deref()).flag("push-wait", "0");
            options.flag("store", self.database.address()).variable(fail_point::VARIABLE, armed);
            for (name, value) in self.environment() {
                options.variable(name, &value);
            }
        })?;
        self.doors.open(at, Door::of(&node));
        self.nodes[at] = Some(node);
        Ok(())
    }

    /// Where crates are.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let Some(objects) = &self.objects else { return vec![] };
        let place = format!("s3://{BUCKET}/registry?endpoint=http://127.0.0.1:{}", objects.port());
        vec![
            ("REGISTRY_BLOBS", place),
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
    }

    /// Lets clients push to both nodes while one of them ends and is started again.
    fn cycle(&mut self, cycle: u64, kills: &mut ClusterKills) {
        let (stop, retried) = (AtomicBool::new(false), Mutex::new(BTreeMap::new()));
        let seeds: Vec<_> = (0..PUSHERS).map(|_| self.random.below(u64::MAX)).collect();
        let (doors, ledger) = (Arc::clone(&self.doors), Arc::clone(&self.ledger));
        std::thread::scope(|scope| {
            let _stop = StopAtEnd(&stop);
            for seed in seeds {
                let (doors, ledger, stop, retried) = (&doors, &ledger, &stop, &retried);
                scope.spawn(move || {
                    push_to_any(doors, ledger, stop, Random::new(seed), |answer| {
                        *retried.lock().unwrap().entry(why_again(answer)).or_default() += 1;
                    });
                });
            }
            let victim = self.some_node();
            if cycle.is_multiple_of(2) {
                self.kill_at_random(victim, cycle, kills);
            } else {
                self.end_at_point(victim, cycle, kills);
            }
            self.start(victim);
            self.sleep(400);
        });
        kills.note(retried.into_inner().unwrap());
    }

    /// SIGKILL at any moment, of a node that may stand still, or while the other one does.
    fn kill_at_random(&mut self, victim: usize, cycle: u64, kills: &mut ClusterKills) {
        let is_long = cycle % LONG_SILENCE_EVERY == LONG_SILENCE_EVERY / 2;
        let frozen = (is_long || self.one_in(3)).then(|| self.some_node());
        if let Some(node) = frozen {
            signal(self.process(node), "STOP");
            kills.freezes += 1;
            self.sleep(2500);
            self.cut_by_chance(kills);
        }
        if is_long {
            std::thread::sleep(LONG_SILENCE);
        }
        let goes_on_first = self.one_in(2);
        if let Some(node) = frozen.filter(|_| goes_on_first) {
            signal(self.process(node), "CONT");
        }
        self.sleep(600);
        self.cut_by_chance(kills);
        self.kill(victim, kills);
        if let Some(node) = frozen.filter(|node| !goes_on_first && *node != victim) {
            self.sleep(500);
            signal(self.process(node), "CONT");
        }
        // As when all machines lose power.
        if self.one_in(5) {
            self.kill(1 - victim, kills);
            self.start(1 - victim);
        }
    }

    /// Starts a node that ends itself when it comes to the next point for the nth time; a start writes too, so it may
    /// end before it is ready.
    fn end_at_point(&mut self, victim: usize, cycle: u64, kills: &mut ClusterKills) {
        let points: Vec<_> = FailPoint::ALL.iter().filter(|point| !is_of_a_migration(**point)).collect();
        let point = points[usize::try_from(cycle / 2).unwrap() % points.len()];
        let most = if point.name().starts_with("transaction") { 30 } else { 6 };
        let armed = format!("{point}:{}", 1 + self.random.below(most));
        self.kill(victim, kills);
        if self.try_start(victim, &armed).is_ok() {
            self.cut_by_chance(kills);
            self.wait_for_end(victim, point.name());
        }
        *kills.at_points.entry(point.name()).or_default() += 1;
    }

    fn wait_for_end(&mut self, at: usize, point: &str) {
        let deadline = Instant::now() + LONGEST;
        let node = self.nodes[at].as_mut().expect("a node that runs");
        while node.process().try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the node never came to fail point {point}");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.forget(at);
    }

    fn kill(&mut self, at: usize, kills: &mut ClusterKills) {
        self.nodes[at].as_mut().expect("a node that runs").stop();
        kills.at_random += 1;
        self.forget(at);
    }

    /// Lets go of a node that has ended; whatever happened, it did not panic.
    fn forget(&mut self, at: usize) {
        let log = self.nodes[at].take().expect("a node that ran").log();
        assert!(!log.contains("panicked"), "{log}");
    }

    fn sleep(&mut self, most_millis: u64) {
        std::thread::sleep(Duration::from_millis(self.random.below(most_millis)));
    }

    /// Cuts all connections of the nodes, one time in two, and then perhaps the new ones, too. Some are cut when a
    /// transaction is committed, and its node does not know.
    fn cut_by_chance(&mut self, kills: &mut ClusterKills) {
        while self.one_in(2) {
            if self.one_in(3) {
                self.database.cut_unconfirmed(Duration::from_millis(50 + self.random.below(200)));
                kills.unconfirmed += 1;
            } else {
                self.database.cut();
                kills.cuts += 1;
            }
            self.sleep(60);
        }
    }

    /// Looks at everything, on both nodes. Every other time the jobs of killed nodes are waited for until they are taken
    /// over; otherwise nodes that nobody has heard of for long are forgotten at once, and all nodes start again.
    fn audit(&mut self, kills: &mut ClusterKills) {
        if kills.audits.is_multiple_of(2) {
            self.restart_all();
        }
        kills.audits += 1;
        self.wait_until_nothing_is_queued();
        let new = self.ledger.unaudited();
        for at in [0, 1] {
            audit::pushes_are_kept(self.node(at), &new);
            audit::crates_are_whole(self.node(at), &self.ledger);
        }
        self.nodes_show_the_same();
        self.everything_is_served();
        self.times_increase();
        self.verifies();
    }

    fn restart_all(&mut self) {
        for at in [0, 1] {
            signal(self.process(at), "TERM");
            self.wait_for_end(at, "its end by SIGTERM");
        }
        self.database.connect().execute("DELETE FROM nodes", &[]).unwrap();
        [0, 1].into_iter().for_each(|at| self.start(at));
    }

    fn wait_until_nothing_is_queued(&self) {
        let deadline = Instant::now() + TAKEN_OVER;
        let left = || self.count("SELECT count(*) FROM sdk_jobs WHERE state IN ('queued', 'running')");
        while left() > 0 {
            assert!(Instant::now() < deadline, "{} jobs are still not done", left());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn count(&self, sql: &str) -> i64 {
        self.database.connect().query_one(sql, &[]).unwrap().get(0)
    }

    fn nodes_show_the_same(&self) {
        let pages = [0, 1].map(|at| audit::index_pages(self.node(at)));
        for ((name, here), (_, there)) in pages[0].iter().zip(&pages[1]) {
            assert_eq!((here.status, here.text()), (there.status, there.text()), "{name} differs between the nodes");
        }
    }

    fn everything_is_served(&self) {
        assert_eq!(self.count("SELECT count(*) FROM sdk_jobs WHERE state <> 'done'"), 0, "a job is not done");
        let missing = "SELECT count(*) FROM sdk_jobs j WHERE NOT EXISTS (SELECT 1 FROM sdks s WHERE s.plugin = j.plugin
                       AND s.commit_id = j.commit_id AND s.version = j.version AND s.revision = j.revision)";
        assert_eq!(self.count(missing), 0, "a job is done, and there is no SDK");
    }

    /// What was pushed after the acknowledgement of another push is younger, and no two released commits of a module
    /// share a second, in which the versions of their crates count.
    fn times_increase(&self) {
        let rows = "SELECT encode(id, 'hex'), created, released FROM commits";
        let rows = self.database.connect().query(rows, &[]).unwrap();
        let times: BTreeMap<String, (i64, bool)> =
            rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        for module in MODULES {
            let mut pushes: Vec<_> = self.ledger.all().into_iter().filter(|(_, push)| push.module == module).collect();
            let time = |id: &str| times[&id.replace('-', "")];
            let released = pushes.iter().map(|(id, _)| time(id)).filter(|(_, released)| *released);
            let released: Vec<_> = released.map(|(created, _)| created / 1_000_000).collect();
            let seconds: BTreeSet<_> = released.iter().collect();
            assert_eq!(seconds.len(), released.len(), "two versions of {module} have the same time");
            pushes.sort_by_key(|(_, push)| push.begun);
            younger_than_before(&pushes, |id| time(id).0);
        }
    }

    fn verifies(&self) {
        let mut command = self.node(0).command();
        command.args(["verify", "--store", self.database.address()]).envs(self.environment());
        run(&mut command).ok();
    }
}

fn is_of_a_migration(point: FailPoint) -> bool {
    matches!(point, FailPoint::MigrationWritten | FailPoint::MigrationCommitted)
}

/// Expects of pushes in the order of their begin that each is younger than all that were acknowledged before it.
fn younger_than_before(pushes: &[(String, Acknowledged)], created: impl Fn(&str) -> i64) {
    let mut by_end: Vec<_> = pushes.iter().collect();
    by_end.sort_by_key(|(_, push)| push.done);
    let (mut ended, mut newest) = (by_end.into_iter().peekable(), i64::MIN);
    for (id, push) in pushes {
        while let Some((before, _)) = ended.next_if(|(_, other)| other.done < push.begun) {
            newest = newest.max(created(before));
        }
        assert!(created(id) > newest, "commit {id} of {} is not younger than one before it", push.module);
    }
}

/// Why a push is sent again: the connection is lost, or the node cannot do it now. Anything else is a fault.
fn why_again(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else { return "no answer".to_owned() };
    let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(answer.status, 503, "a push was refused: {}", answer.text());
    format!("{}: {message}", answer.status)
}
