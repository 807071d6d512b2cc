//! What work costs: time, processor time and memory, read from `/proc`.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(20);

/// Units of processor time in `/proc/PID/stat`, per second: `USER_HZ` of Linux.
const TICKS: f64 = 100.0;

/// What something took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of processors.
    pub(crate) cpu: f64,
    /// Most resident memory of all processes together, in MB.
    pub(crate) peak: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s, CPU {:.2} s, {:.0} MB", self.wall, self.cpu, self.peak)
    }
}

/// Runs `command` to its end, which must be a good one, and says what it and its children took.
pub(crate) fn of(command: &mut Command) -> Cost {
    try_of(command).unwrap_or_else(|| panic!("{command:?} failed"))
}

/// The same; nothing if it ends badly.
pub(crate) fn try_of(command: &mut Command) -> Option<Cost> {
    let (cost, is_good) = whatever_comes_of(command);
    is_good.then_some(cost)
}

/// The same, and whether it ended well.
pub(crate) fn whatever_comes_of(command: &mut Command) -> (Cost, bool) {
    let (done, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    let (before, started) = (waited_for(), Instant::now());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("could not start {command:?}: {e}"));
    let root = child.id();
    let status = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                peak.fetch_max(resident(root), Ordering::Relaxed);
                std::thread::sleep(EVERY);
            }
        });
        let status = child.wait().unwrap();
        done.store(true, Ordering::Relaxed);
        status
    });
    let wall = started.elapsed().as_secs_f64();
    let peak = peak.into_inner() as f64 / 1024.0;
    (Cost { wall, cpu: waited_for() - before, peak }, status.success())
}

/// Processor time of a running process so far, in seconds.
pub(crate) fn cpu_of(pid: u32) -> f64 {
    ticks(&format!("/proc/{pid}/stat"), 11)
}

/// Processor time of all children that ended, in seconds.
fn waited_for() -> f64 {
    ticks("/proc/self/stat", 13)
}

/// Two fields of a `stat` file, counted behind the program's name.
fn ticks(path: &str, field: usize) -> f64 {
    let text = std::fs::read_to_string(path).unwrap();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[field].parse::<f64>().unwrap() + fields[field + 1].parse::<f64>().unwrap()) / TICKS
}

/// A memory figure of a process in MB, such as `VmHWM`.
pub(crate) fn memory(pid: u32, figure: &str) -> f64 {
    status(pid, figure).map_or(0.0, |kilobytes| kilobytes as f64 / 1024.0)
}

fn status(pid: u32, figure: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find(|line| line.split(':').next() == Some(figure))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Resident memory of a process and all below it, in kB.
fn resident(root: u32) -> u64 {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        parents.insert(pid, status(pid, "PPid").unwrap_or_default());
    }
    let is_below = |mut pid: u32| loop {
        match parents.get(&pid) {
            _ if pid == root => break true,
            Some(parent) if *parent > 1 => pid = u32::try_from(*parent).unwrap_or_default(),
            _ => break false,
        }
    };
    parents.keys().filter(|pid| is_below(**pid)).filter_map(|pid| status(*pid, "VmRSS")).sum()
}
