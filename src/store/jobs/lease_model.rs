//! The protocol of jobs and nodes as a model, and a search through all of its states.
//!
//! A node is a process with an id of its own that takes jobs from the queue of a shared database. It counts a beat up in
//! its row every few seconds. Another node that has not seen the beat move for long enough declares it dead: it deletes
//! the row and queues the node's jobs again. The node may be alive all the same (stopped by its system, cut off from the
//! database), go on building, and try to publish.
//!
//! Every claim of a job gets the next claim number of the job, and so does every take-over. Who publishes or fails a job
//! names the claim number that it got, and is refused if the job has another one by now.

use std::collections::{HashMap, HashSet, VecDeque};

const NODES: usize = 2;
const JOBS: usize = 2;

/// How often nodes may crash, stop or end in one run. Each is a loss of what the node knew, and after all losses the
/// search asks whether the jobs can still be done.
const MOST_LOSSES: u8 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Progress {
    Queued,
    Running,
    Done,
}

/// A row of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct JobRow {
    state: Progress,
    claim: u8,
    /// The id of the node that runs it.
    owner: Option<u8>,
    published: u8,
}

/// What a node's process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Process {
    Up,
    /// It does nothing for any time, and then goes on.
    Stopped,
    /// It was told to end: it takes no jobs, has given its jobs back, and finishes what it is building.
    Ending,
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    process: Process,
    id: u8,
    /// The job that it builds, with its claim number.
    building: Option<(usize, u8)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    jobs: [JobRow; JOBS],
    /// The ids with a row in the table of nodes.
    registered: Vec<u8>,
    nodes: [Node; NODES],
    next_id: u8,
    losses: u8,
}

impl World {
    fn start() -> Self {
        let job = JobRow { state: Progress::Queued, claim: 0, owner: None, published: 0 };
        let gone = Node { process: Process::Gone, id: 0, building: None };
        Self { jobs: [job; JOBS], registered: vec![], nodes: [gone; NODES], next_id: 1, losses: 0 }
    }

    fn is_done(&self) -> bool {
        self.jobs.iter().all(|job| job.state == Progress::Done)
    }

    fn is_registered(&self, id: u8) -> bool {
        self.registered.contains(&id)
    }

    /// Every state that one step leads to.
    fn steps(&self) -> Vec<Self> {
        let of_node = (0..NODES).flat_map(|at| match self.nodes[at].process {
            Process::Gone => vec![self.begin(at)],
            Process::Up => self.steps_of_running(at),
            Process::Stopped => vec![self.go_on(at)],
            Process::Ending => vec![self.publish(at), Some(self.with(at, |node| node.process = Process::Gone))],
        });
        of_node.flatten().collect()
    }

    fn steps_of_running(&self, at: usize) -> Vec<Option<Self>> {
        let mut steps = vec![self.claim(at), self.publish(at), self.fail_for_now(at), self.end(at)];
        steps.extend(self.registered.iter().map(|id| self.declare_dead(at, *id)));
        if self.losses < MOST_LOSSES {
            steps.push(Some(self.lose(at, Process::Gone)));
            steps.push(Some(self.lose(at, Process::Stopped)));
        }
        steps
    }

    fn with(&self, at: usize, change: impl FnOnce(&mut Node)) -> Self {
        let mut next = self.clone();
        change(&mut next.nodes[at]);
        if next.nodes[at].process == Process::Gone {
            next.nodes[at] = Node { process: Process::Gone, id: 0, building: None };
        }
        next
    }

    fn register(&mut self, at: usize) {
        self.nodes[at].id = self.next_id;
        self.registered.push(self.next_id);
        self.next_id += 1;
    }

    fn begin(&self, at: usize) -> Option<Self> {
        let mut next = self.with(at, |node| node.process = Process::Up);
        next.register(at);
        // Jobs of nodes without a row are found by whoever starts.
        next.take_over(|owner, registered| !registered.contains(&owner));
        Some(next)
    }

    fn claim(&self, at: usize) -> Option<Self> {
        let node = self.nodes[at];
        if node.building.is_some() || !self.is_registered(node.id) {
            return None;
        }
        let found = self.jobs.iter().position(|job| job.state == Progress::Queued)?;
        let mut next = self.clone();
        let job = &mut next.jobs[found];
        *job = JobRow { state: Progress::Running, claim: job.claim + 1, owner: Some(node.id), ..*job };
        next.nodes[at].building = Some((found, job.claim));
        Some(next)
    }

    /// The build is finished, and the crate goes into the database if the claim still holds.
    fn publish(&self, at: usize) -> Option<Self> {
        let (built, claim) = self.nodes[at].building?;
        let mut next = self.with(at, |node| node.building = None);
        let job = &mut next.jobs[built];
        if job.claim == claim {
            *job = JobRow { state: Progress::Done, owner: None, published: job.published + 1, ..*job };
        }
        Some(next)
    }

    fn fail_for_now(&self, at: usize) -> Option<Self> {
        let (built, claim) = self.nodes[at].building?;
        // A job is tried again any number of times; one is enough here.
        if claim > 1 {
            return None;
        }
        let mut next = self.with(at, |node| node.building = None);
        let job = &mut next.jobs[built];
        if job.claim == claim {
            *job = JobRow { state: Progress::Queued, owner: None, ..*job };
        }
        Some(next)
    }

    fn end(&self, at: usize) -> Option<Self> {
        if self.losses >= MOST_LOSSES {
            return None;
        }
        let id = self.nodes[at].id;
        let mut next = self.with(at, |node| node.process = Process::Ending);
        next.losses += 1;
        for job in next.jobs.iter_mut().filter(|job| job.owner == Some(id)) {
            *job = JobRow { state: Progress::Queued, owner: None, ..*job };
        }
        next.registered.retain(|registered| *registered != id);
        Some(next)
    }

    fn lose(&self, at: usize, process: Process) -> Self {
        let mut next = self.with(at, |node| node.process = process);
        next.losses += 1;
        next
    }

    fn go_on(&self, at: usize) -> Option<Self> {
        let mut next = self.with(at, |node| node.process = Process::Up);
        // Its next beat finds no row and adds it again. What it is building it builds in vain.
        let id = next.nodes[at].id;
        if !next.is_registered(id) {
            next.registered.push(id);
        }
        Some(next)
    }

    /// The node `at` has not seen the beat of `id` move for long enough.
    fn declare_dead(&self, at: usize, id: u8) -> Option<Self> {
        let is_beating = |node: &Node| node.process == Process::Up && node.id == id;
        if self.nodes[at].id == id || self.nodes.iter().any(is_beating) {
            return None;
        }
        let mut next = self.clone();
        next.registered.retain(|registered| *registered != id);
        next.take_over(|owner, _| owner == id);
        Some(next)
    }

    /// Queues the running jobs of lost owners again, each under the next claim number.
    fn take_over(&mut self, is_lost: impl Fn(u8, &[u8]) -> bool) {
        let registered = self.registered.clone();
        for job in self.jobs.iter_mut().filter(|job| job.owner.is_some_and(|owner| is_lost(owner, &registered))) {
            *job = JobRow { state: Progress::Queued, claim: job.claim + 1, owner: None, ..*job };
        }
    }

    fn check(&self) {
        for (at, job) in self.jobs.iter().enumerate() {
            assert!(job.published <= 1, "published twice: {self:?}");
            assert_eq!(job.state == Progress::Done, job.published == 1, "{self:?}");
            let can_publish = self.nodes.iter().filter(|node| node.building == Some((at, job.claim))).count();
            assert!(can_publish <= 1, "two nodes could publish: {self:?}");
            let has_lost_it = |node: &Node| node.process != Process::Ending && job.owner != Some(node.id);
            let holders = self.nodes.iter().filter(|node| node.building == Some((at, job.claim)));
            assert!(!holders.into_iter().any(has_lost_it), "who lost a job could publish it: {self:?}");
            if job.state == Progress::Running {
                let owner = job.owner.expect("a running job has an owner");
                assert!(self.is_registered(owner), "nobody would miss the owner: {self:?}");
            }
        }
    }
}

/// All states that can be reached, with the states that lead to each.
fn explore() -> (Vec<World>, HashMap<World, usize>, Vec<Vec<usize>>) {
    let (mut states, mut numbers, mut before) = (vec![], HashMap::new(), vec![]);
    let mut waiting = VecDeque::from([(World::start(), None)]);
    while let Some((world, from)) = waiting.pop_front() {
        let number = *numbers.entry(world.clone()).or_insert(states.len());
        let is_new = number == states.len();
        if is_new {
            world.check();
            states.push(world.clone());
            before.push(vec![]);
            waiting.extend(world.steps().into_iter().map(|next| (next, Some(number))));
        }
        before[number].extend(from);
    }
    (states, numbers, before)
}

#[test]
fn in_every_order_of_losses_each_job_is_published_once_and_none_is_forgotten() {
    let (states, numbers, before) = explore();
    assert_eq!(numbers.len(), states.len());
    let mut reaching: HashSet<usize> = HashSet::new();
    let mut waiting: Vec<usize> = (0..states.len()).filter(|at| states[*at].is_done()).collect();
    while let Some(at) = waiting.pop() {
        if reaching.insert(at) {
            waiting.extend(&before[at]);
        }
    }
    let stuck = (0..states.len()).find(|at| !reaching.contains(at));
    assert!(stuck.is_none(), "from here the jobs are never done: {:?}", stuck.map(|at| &states[at]));
    assert!(states.len() > 10_000, "{} states are too few to have met the losses", states.len());
}
