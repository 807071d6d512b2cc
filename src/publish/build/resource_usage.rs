//! The memory and processor time of this process, by the system's count; absent on systems that do not report them.

use serde::{Deserialize, Serialize};

/// The resources that a piece of work took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(in crate::publish) struct Usage {
    /// Bytes of memory that it was expected to take at most.
    pub expected_bytes: u64,
    /// Bytes of memory at its peak, beyond those of the process before.
    pub memory_bytes: u64,
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
}

/// Measures the resources of a piece of work in a process that does nothing else.
pub(in crate::publish) struct Meter {
    resident: u64,
    cpu_ms: u64,
}

impl Meter {
    pub(in crate::publish) fn start() -> Self {
        // The peak from here on.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { resident: resident().unwrap_or_default(), cpu_ms: cpu_ms() }
    }

    /// The resources since the start, for work that was expected to take `expected_bytes`.
    pub(in crate::publish) fn read(&self, expected_bytes: u64) -> Usage {
        Usage {
            expected_bytes,
            memory_bytes: peak().unwrap_or_default().saturating_sub(self.resident),
            cpu_ms: cpu_ms() - self.cpu_ms,
        }
    }
}

/// Bytes of memory that this process has now.
pub(in crate::publish) fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Most bytes of memory that this process has had.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024)
}

fn cpu_ms() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds * 1000 + nanos / 1_000_000
}
