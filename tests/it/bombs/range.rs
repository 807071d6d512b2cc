//! A registry for the pushes, which measures the cost of each.

use std::time::{Duration, Instant};

use crate::support::{Module, Registry, Transcript, pets};

use super::row::Row;

/// What a refusal may be long: fifty findings of a thousand bytes, and where they are.
const MOST_WORDS: usize = 80_000;
/// What any push may cost, and those that go on beside it: bytes of memory, and microseconds of all processors together.
const ANY_MEMORY: u64 = 48 << 20;
const ANY_MICROS: u64 = 2_000_000;
/// How long others may wait while a bomb is pushed; without one it is milliseconds.
const OTHERS_WAIT: Duration = Duration::from_secs(20);

/// One registry for many rows: what one leaves behind must not harm the next.
pub(super) struct Range {
    registry: Registry,
    process: u32,
    pushed: usize,
}

impl Range {
    pub(super) fn new(mut registry: Registry) -> Self {
        let process = registry.process().id();
        Module::new("acme/beside").file("a.proto", pets("name")).push(&registry);
        Self { registry, process, pushed: 0 }
    }

    /// Pushes the sources of `row`, `scale` times as large as usual, and checks what that did and cost.
    #[track_caller]
    pub(super) fn push(&mut self, row: &Row, scale: usize) {
        let (size, module) = module(row, row.count * scale);
        self.pushed += 1;
        let before = Usage::begin(self.process);
        let (verdict, waited) = std::thread::scope(|scope| {
            let push = scope.spawn(|| module.try_push(&self.registry));
            let waited = self.others();
            (push.join().unwrap(), waited)
        });
        let spent = before.end(self.process);
        let most = Usage { memory: ANY_MEMORY + row.cost.memory * size, micros: ANY_MICROS + row.cost.micros * size };
        let name = row.name;
        eprintln!(
            "{name:50} {size:9} bytes: memory {:5.1} MB ({:3}/byte), {:5.2} s ({:2} us/byte), others {waited:?}",
            spent.memory as f64 / 1e6,
            spent.memory / size,
            spent.micros as f64 / 1e6,
            spent.micros / size
        );
        check_verdict(row, scale, verdict);
        assert!(spent.memory <= most.memory, "{name}: {} bytes of memory for {size} of source", spent.memory);
        assert!(spent.micros <= most.micros, "{name}: {} us for {size} bytes of source", spent.micros);
        assert!(waited < OTHERS_WAIT, "others waited {waited:?} for {name}");
        let log = self.registry.log();
        assert!(!log.contains("panicked") && !log.contains("ERROR"), "{name}: {log}");
    }

    /// Reads, and pushes another module; the answer is how long that took.
    fn others(&self) -> Duration {
        let begun = Instant::now();
        assert_eq!(self.registry.get("/readyz").status, 200);
        Module::new("acme/beside").file("a.proto", pets(&format!("name{}", self.pushed))).push(&self.registry);
        assert_eq!(self.registry.get("/acme/beside").status, 200);
        begun.elapsed()
    }
}

fn module(row: &Row, count: usize) -> (u64, Module) {
    let (mut size, mut module) = (0, Module::new("acme/bomb"));
    for (path, text) in (row.files)(count) {
        size += text.len() as u64;
        module = module.file(&path, text);
    }
    (size, module)
}

#[track_caller]
fn check_verdict(row: &Row, scale: usize, verdict: Transcript) {
    assert!(verdict.stderr.len() < MOST_WORDS, "{}: {} bytes of words", row.name, verdict.stderr.len());
    let is_limit = ["at most", "more than the limit"].iter().any(|words| verdict.stderr.contains(words));
    match row.refusal {
        // What is larger than usual may be too large.
        _ if scale > 1 && is_limit => drop(verdict.refused()),
        Some(expected) => drop(verdict.refused().says(expected)),
        None => drop(verdict.ok()),
    }
}

/// What a process used: memory at its peak, and time of all processors.
struct Usage {
    memory: u64,
    micros: u64,
}

impl Usage {
    /// What `process` uses now; its peak is counted anew from here.
    fn begin(process: u32) -> Self {
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
        Self { memory: memory(process, "VmRSS:"), micros: micros(process) }
    }

    /// What it used since.
    fn end(self, process: u32) -> Self {
        Self {
            memory: memory(process, "VmHWM:").saturating_sub(self.memory),
            micros: micros(process).saturating_sub(self.micros),
        }
    }
}

/// A figure of `/proc/PID/status`, in bytes.
fn memory(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// User and system time: ticks of 10 ms, behind the name of the program.
fn micros(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let behind_name = stat.rsplit(')').next().unwrap();
    let ticks = behind_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
    ticks.sum::<u64>() * 10_000
}
