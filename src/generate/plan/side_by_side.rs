//! Does pieces of work side by side, as many as there is memory for.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// Does work number 0, 1 and so on, which take the memory of `costs`; those that run at the same time take at most
/// `memory` together, or are a single one. The results come in the order of the numbers. Of several failures the first
/// one is returned, on every machine.
///
/// # Errors
/// The first failure.
pub(super) fn side_by_side<T: Send, E: Send>(
    costs: &[u64],
    memory: u64,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let threads = rayon::current_num_threads();
    let failed = AtomicUsize::new(usize::MAX);
    let one = |at: &usize| {
        // What comes before a failure may fail, too.
        if *at > failed.load(Ordering::Relaxed) {
            return None;
        }
        let made = work(*at);
        if made.is_err() {
            failed.fetch_min(*at, Ordering::Relaxed);
        }
        Some((*at, made))
    };
    // The most expensive first: where some of them fit beside each other, so do as many of those that follow.
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|at| Reverse(costs.get(*at)));
    let (mut all, mut rest) = (Vec::with_capacity(order.len()), order.as_slice());
    while !rest.is_empty() {
        let fitting = fitting(rest.iter().filter_map(|at| costs.get(*at)), memory).max(1);
        let (now, later) = if fitting < threads { rest.split_at(fitting.min(rest.len())) } else { (rest, &[][..]) };
        all.par_extend(now.par_iter().with_max_len(1).filter_map(one));
        rest = later;
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, made)| made).collect()
}

/// How many of `costs` are at most `memory` together, from the first on.
fn fitting<'c>(costs: impl Iterator<Item = &'c u64>, memory: u64) -> usize {
    let mut sum = 0_u64;
    let sums = costs.map(|cost| {
        sum = sum.saturating_add(*cost);
        sum
    });
    sums.take_while(|sum| *sum <= memory).count()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn what_runs_at_the_same_time_fits_or_is_alone() {
        let costs = [3, 90, 1, 40, 55, 7, 20, 30];
        let (taken, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let made = side_by_side(&costs, 60, |at| {
            let now = taken.fetch_add(costs[at], Ordering::SeqCst) + costs[at];
            most.fetch_max(now, Ordering::SeqCst);
            assert!(now <= 60 || now == costs[at], "{now}");
            std::thread::yield_now();
            taken.fetch_sub(costs[at], Ordering::SeqCst);
            Ok::<_, ()>(at)
        });
        assert_eq!(made, Ok((0..8).collect()));
        assert_eq!(most.into_inner(), 90);
    }

    #[test]
    fn the_first_failure_is_told() {
        for memory in [0, 10, u64::MAX] {
            let made = side_by_side(&[5, 4, 3, 2, 6], memory, |at| if at == 0 { Ok(at) } else { Err(at) });
            assert_eq!(made, Err(1));
        }
    }
}
