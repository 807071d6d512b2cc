//! Two nodes on one database, clients that push to both, and a look at everything that was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use registry::fail_point;
use tempfile::TempDir;

use super::audit;
use super::ledger::{Acknowledged, Ledger};
use super::pushers::{Door, Doors, MODULES, push_to_any};
use super::random::Random;
use crate::support::object_store::{BUCKET, KEY_ID, ObjectServer, SECRET};
use crate::support::{Answer, Database, End, Link, PostgresServer, Registry, run, signal};

/// How many clients push at the same time.
const PUSHERS: u64 = 3;

/// How long a node may go on without coming to the fail point that ends it. The other one takes part of the work.
const LONGEST: Duration = Duration::from_secs(60);

/// How long it may take until nothing is queued. The jobs of a killed node are taken over after 20 s.
const TAKEN_OVER: Duration = Duration::from_secs(180);

/// Whether the crates of a cluster are in its database or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crates {
    InTheDatabase,
    InAnObjectStore,
}

/// An object store, and the link over which both nodes reach it.
pub(crate) struct Objects {
    pub(crate) server: ObjectServer,
    pub(crate) link: Link,
}

impl Objects {
    fn start() -> Self {
        let server = ObjectServer::start();
        Self { link: Link::to(End::Port(server.port())), server }
    }
}

/// One database with its nodes, and what was acknowledged there.
pub(crate) struct World {
    pub(crate) database: Database,
    /// That of the nodes to the database.
    pub(crate) links: [Link; 2],
    /// One of its own, whose settings are changed.
    pub(crate) server: PostgresServer,
    pub(crate) objects: Option<Objects>,
    directories: [TempDir; 2],
    nodes: [Option<Registry>; 2],
    doors: Arc<Doors>,
    ledger: Arc<Ledger>,
    token: Option<String>,
    pub(super) random: Random,
}

/// Ends the clients also when a check fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    pub(crate) fn new(server: PostgresServer, crates: Crates, seed: u64) -> Self {
        let database = Database::on(&server);
        let mut world = Self {
            links: [(); 2].map(|()| database.link()),
            database,
            server,
            objects: (crates == Crates::InAnObjectStore).then(Objects::start),
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

    pub(crate) fn node(&self, at: usize) -> &Registry {
        self.nodes[at].as_ref().expect("a node that runs")
    }

    pub(super) fn process(&mut self, at: usize) -> u32 {
        self.nodes[at].as_mut().expect("a node that runs").process().id()
    }

    pub(super) fn one_in(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    pub(super) fn some_node(&mut self) -> usize {
        usize::from(self.one_in(2))
    }

    /// How many pushes were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.ledger.len()
    }

    pub(super) fn start(&mut self, at: usize) {
        self.try_start(at, "").unwrap_or_else(|failure| panic!("{failure}"));
    }

    pub(super) fn try_start(&mut self, at: usize, armed: &str) -> Result<(), String> {
        let node = Registry::try_with(|options| {
            // Without a wait pushes are acknowledged before their crates are made, so both are under way.
            options.keep(self.directories[at].path(), self.token.as_deref()).flag("push-wait", "0");
            options.flag("store", &self.database.address_over(&self.links[at]));
            options.variable(fail_point::VARIABLE, armed);
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
        let place = format!("s3://{BUCKET}/registry?endpoint=http://127.0.0.1:{}", objects.link.port());
        vec![
            ("REGISTRY_BLOBS", place),
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
    }

    /// Lets clients push to both nodes during `trouble`. Returns why pushes were sent again, and how often.
    pub(crate) fn push_during(&mut self, trouble: impl FnOnce(&mut Self)) -> BTreeMap<String, u64> {
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
            trouble(self);
        });
        retried.into_inner().unwrap()
    }

    pub(super) fn wait_for_end(&mut self, at: usize, point: &str) {
        let deadline = Instant::now() + LONGEST;
        let node = self.nodes[at].as_mut().expect("a node that runs");
        while node.process().try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the node never came to {point}");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.forget(at);
    }

    pub(super) fn kill(&mut self, at: usize) {
        self.nodes[at].as_mut().expect("a node that runs").stop();
        self.forget(at);
    }

    /// Lets go of a node that has ended; whatever happened, it did not panic.
    fn forget(&mut self, at: usize) {
        did_not_panic(&self.nodes[at].take().expect("a node that ran"));
    }

    /// Any time up to this one.
    pub(super) fn sleep(&mut self, most_millis: u64) {
        std::thread::sleep(Duration::from_millis(self.random.below(most_millis)));
    }

    /// Looks at everything, on both nodes.
    pub(crate) fn audit(&self) {
        self.wait_until_nothing_is_queued();
        let new = self.ledger.unaudited();
        for at in [0, 1] {
            audit::pushes_are_kept(self.node(at), &new);
            audit::crates_are_whole(self.node(at), &self.ledger);
            did_not_panic(self.node(at));
        }
        self.nodes_show_the_same();
        self.everything_is_served();
        self.times_increase();
        self.verifies();
    }

    /// Starts both nodes again. Those that nobody has heard of for long are forgotten at once.
    pub(super) fn restart_all(&mut self) {
        for at in [0, 1] {
            signal(self.process(at), "TERM");
            self.wait_for_end(at, "its end by SIGTERM");
        }
        self.database.connect().execute("DELETE FROM nodes", &[]).unwrap();
        [0, 1].into_iter().for_each(|at| self.start(at));
    }

    fn wait_until_nothing_is_queued(&self) {
        let deadline = Instant::now() + TAKEN_OVER;
        // What failed because the database was away is made again at its time.
        let is_left = "state IN ('queued', 'running') OR retry_at IS NOT NULL";
        let left = || self.count(&format!("SELECT count(*) FROM sdk_jobs WHERE {is_left}"));
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

fn did_not_panic(node: &Registry) {
    let log = node.log();
    assert!(!log.contains("panicked"), "{log}");
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
