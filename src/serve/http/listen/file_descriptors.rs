//! How many connections there are file descriptors for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than anybody needs; each takes memory.
const MOST: usize = 16_384;

/// Fewer make no server.
const FEWEST: usize = 4;

/// Descriptors that are assumed to be open where the system does not tell.
const OPEN: usize = 32;

/// Lets the process have as many descriptors as it may.
pub(in crate::serve) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::debug!(%error, "the limit on descriptors stays as it is");
    }
}

/// How many connections there may be, with what is open now and some to spare: for child processes, temporary files and
/// the disk's own.
pub(super) fn connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    room(limit, std::fs::read_dir("/proc/self/fd").map_or(OPEN, Iterator::count))
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
