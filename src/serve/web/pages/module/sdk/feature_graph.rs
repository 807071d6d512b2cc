//! What the features of a crate turn on, by their places, and how much each is with all of that.

/// The features that each feature turns on itself.
pub(super) struct FeatureGraph {
    needs: Vec<Vec<usize>>,
}

/// Features that turn each other on, as one; each stands before those that it turns on.
struct Groups {
    /// The group of each feature.
    of: Vec<usize>,
    /// The groups that each group turns on itself.
    needs: Vec<Vec<usize>>,
}

impl FeatureGraph {
    /// Each of `needs` is a place in it.
    pub(super) fn new(needs: Vec<Vec<usize>>) -> Self {
        Self { needs }
    }

    /// What a feature turns on itself.
    pub(super) fn needs(&self, at: usize) -> &[usize] {
        self.needs.get(at).map_or(&[], Vec::as_slice)
    }

    /// How often a feature turns on another one itself.
    pub(super) fn edges(&self) -> usize {
        self.needs.iter().map(Vec::len).sum()
    }

    /// The features that these turn on, themselves included, each once.
    pub(super) fn with_needs(&self, wanted: &[usize]) -> Vec<usize> {
        let (mut on, mut open, mut found) = (vec![false; self.needs.len()], wanted.to_vec(), vec![]);
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut on[at], true) {
                found.push(at);
                open.extend(self.needs(at));
            }
        }
        found
    }

    /// The sizes of the first `count` features, each with all that it turns on, where `own` are the sizes of each alone.
    /// For 64 of them together each edge is followed once.
    pub(super) fn sizes(&self, own: &[u64], count: usize) -> Vec<u64> {
        let groups = self.groups();
        let mut of_groups = vec![0; groups.needs.len()];
        for (group, own) in groups.of.iter().zip(own) {
            of_groups[*group] += own;
        }
        let mut sizes = vec![0; count.min(self.needs.len())];
        for (chunk, starts) in sizes.chunks_mut(64).zip(groups.of.chunks(64)) {
            let mut on = vec![0_u64; groups.needs.len()];
            for (bit, start) in starts.iter().enumerate().take(chunk.len()) {
                on[*start] |= 1 << bit;
            }
            for (group, needs) in groups.needs.iter().enumerate() {
                let by = on[group];
                if by != 0 {
                    needs.iter().for_each(|need| on[*need] |= by);
                    let counted = chunk.iter_mut().enumerate().filter(|(bit, _)| by >> bit & 1 == 1);
                    counted.for_each(|(_, size)| *size += of_groups[group]);
                }
            }
        }
        sizes
    }

    /// By the way of Kosaraju: last left first, and then against the edges.
    fn groups(&self) -> Groups {
        let mut users = vec![vec![]; self.needs.len()];
        for (at, needs) in self.needs.iter().enumerate() {
            needs.iter().for_each(|need| users[*need].push(at));
        }
        let (mut of, mut count) = (vec![usize::MAX; self.needs.len()], 0);
        for root in self.left().into_iter().rev() {
            let mut open = vec![root];
            while let Some(at) = open.pop() {
                if of[at] == usize::MAX {
                    of[at] = count;
                    open.extend(users[at].iter().filter(|user| of[**user] == usize::MAX));
                }
            }
            // No group without a feature, if the root is in an earlier one.
            count += usize::from(of[root] == count);
        }
        let mut needs = vec![vec![]; count];
        for (at, own) in self.needs.iter().enumerate() {
            needs[of[at]].extend(own.iter().map(|need| of[*need]).filter(|need| *need != of[at]));
        }
        for needs in &mut needs {
            needs.sort_unstable();
            needs.dedup();
        }
        Groups { of, needs }
    }

    /// The features in the order in which a walk leaves them.
    fn left(&self) -> Vec<usize> {
        let (mut seen, mut left) = (vec![false; self.needs.len()], vec![]);
        for root in 0..self.needs.len() {
            let mut way = vec![];
            if !std::mem::replace(&mut seen[root], true) {
                way.push((root, 0));
            }
            while let Some((at, next)) = way.last_mut() {
                match self.needs[*at].get(*next) {
                    Some(need) => {
                        *next += 1;
                        if !std::mem::replace(&mut seen[*need], true) {
                            way.push((*need, 0));
                        }
                    }
                    None => {
                        left.push(*at);
                        way.pop();
                    }
                }
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
        move |below| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 40).unwrap() % below
        }
    }

    #[test]
    fn sizes_are_those_that_following_every_reference_gives() {
        for seed in 0..200 {
            let mut below = numbers(seed);
            let count = 1 + below(150);
            let edges = below(3 * count);
            let mut needs = vec![vec![]; count];
            for _ in 0..edges {
                needs[below(count)].push(below(count));
            }
            let own: Vec<u64> = (0..count).map(|_| below(1000) as u64).collect();
            let graph = FeatureGraph::new(needs);
            let followed = |at| graph.with_needs(&[at]).into_iter().map(|at| own[at]).sum::<u64>();
            let rows = count.min(1 + below(200));
            assert_eq!(graph.sizes(&own, rows), (0..rows).map(followed).collect::<Vec<_>>(), "{seed}");
        }
        assert!(FeatureGraph::new(vec![]).sizes(&[], 500).is_empty());
    }
}
