//! The memory and CPU time of this process, as the operating system reports them; absent on systems that do not.

use serde::{Deserialize, Serialize};

/// The resources that a piece of work used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(in crate::publish) struct Usage {
    /// The estimate of its memory, in bytes.
    pub expected_bytes: u64,
    /// Its peak memory, in bytes, beyond the memory of the process before the work.
    pub memory_bytes: u64,
    /// CPU time in milliseconds.
    pub cpu_ms: u64,
}

/// Measures the resources of a piece of work in a process that does nothing else.
pub(in crate::publish) struct Meter {
    resident: u64,
    cpu_ms: u64,
}

impl Meter {
    pub(in crate::publish) fn start() -> Self {
        // Resets the kernel's record of the peak (proc(5), `clear_refs`).
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { resident: resident().unwrap_or_default(), cpu_ms: cpu_ms() }
    }

    /// The resources since the start, for work whose memory was estimated as `expected_bytes`.
    pub(in crate::publish) fn read(&self, expected_bytes: u64) -> Usage {
        Usage {
            expected_bytes,
            memory_bytes: peak().unwrap_or_default().saturating_sub(self.resident),
            cpu_ms: cpu_ms() - self.cpu_ms,
        }
    }
}

/// The resident memory of this process, in bytes.
pub(crate) fn resident() -> Option<u64> {
    #[cfg(not(unix))]
    return None;
    #[cfg(unix)]
    {
        let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    }
}

/// The peak of the resident memory of this process, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024)
}

/// The CPU time of this process, in milliseconds; 0 where the system does not tell.
pub(crate) fn cpu_ms() -> u64 {
    #[cfg(not(unix))]
    return 0;
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        let (seconds, nanos) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
        seconds * 1000 + nanos / 1_000_000
    }
}
