//! Computes for how many connections there are file descriptors.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most connections, because each takes memory.
const MOST: usize = 16_384;

/// The fewest connections with which a server can work.
const FEWEST: usize = 4;

/// The number of open descriptors that is assumed where the system does not report it.
const OPEN: usize = 32;

/// Raises the process's limit on descriptors to the most that it may have.
#[cfg(unix)]
pub(in crate::serve) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::debug!(%error, "the limit on descriptors stays as it is");
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(in crate::serve) fn raise_limit() {}

/// The number of connections that the limit on descriptors allows, beside the open descriptors and a reserve for child
/// processes, temporary files and the database.
pub(super) fn connections() -> usize {
    let limit = most();
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    room(limit, std::fs::read_dir("/proc/self/fd").map_or(OPEN, Iterator::count))
}

/// The process's limit on descriptors; none if there is no limit.
pub(in crate::serve) fn most() -> Option<u64> {
    #[cfg(unix)]
    return getrlimit(Resource::Nofile).current;
    #[cfg(not(unix))]
    return None;
}

fn room(limit: usize, open: usize) -> usize {
    let spare = 12 + (limit / 16).min(256);
    limit.saturating_sub(open + spare).clamp(FEWEST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_descriptors_leave_room_for_files_and_many_are_not_all_used() {
        assert_eq!(room(64, 20), 28);
        assert_eq!(room(1024, 20), 928);
        assert_eq!(room(usize::MAX, 20), MOST);
        assert_eq!(room(16, 20), FEWEST);
    }
}
