//! The heartbeat of a node, and the nodes whose heartbeat has stopped.
//!
//! Clocks of machines differ, so no time is stored: a node's beat is a number that it counts up, and every other node
//! measures by its own clock how long the number stays the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::model::NodeId;
use crate::publish::Publisher;
use crate::store::{LOST_AFTER, NodeBeat};

/// The time between two beats.
const BEAT: Duration = Duration::from_secs(3);

/// Starts the thread that beats and watches the other nodes, if there may be others.
pub(super) fn start(publisher: &Arc<Publisher>) -> Option<JoinHandle<()>> {
    if !publisher.store.is_shared() {
        return None;
    }
    let publisher = Arc::clone(publisher);
    let beat = move || {
        let mut others = OtherNodes::default();
        let mut seen = publisher.work_signal.count();
        while !publisher.work_signal.is_stopping() {
            publisher.beat(&mut others);
            let next = Instant::now() + BEAT;
            while !publisher.work_signal.is_stopping() && Instant::now() < next {
                publisher.work_signal.wait_after(seen, Some(next.saturating_duration_since(Instant::now())));
                seen = publisher.work_signal.count();
            }
        }
    };
    let thread = std::thread::Builder::new().name("heartbeat".into()).spawn(beat);
    thread.inspect_err(|error| tracing::error!(%error, "no thread for the heartbeat of this node")).ok()
}

impl Publisher {
    fn beat(&self, others: &mut OtherNodes) {
        let asked = self.clock.own();
        let beats = match self.store.beat(self.node, &self.says, self.clock.now()) {
            Ok(beats) => beats,
            Err(error) => return tracing::error!(%error, "could not tell the other nodes that this one is alive"),
        };
        self.clock.put_right(asked, beats.database_time);
        for lost in others.lost(self.node, &beats.nodes, Instant::now()) {
            match self.store.take_over(lost) {
                Ok(jobs) => tracing::warn!(node = %lost.node, jobs, "a node has ended; its SDKs are made by others"),
                Err(error) => {
                    tracing::error!(%error, node = %lost.node, "could not take over from a node that has ended")
                }
            }
            self.wake(&[]);
        }
    }
}

/// The beats of the other nodes, and since when each is the same.
#[derive(Default)]
struct OtherNodes(HashMap<NodeId, (i64, Instant)>);

impl OtherNodes {
    /// Takes in the beats as they are `now`; returns those that have been the same for too long.
    fn lost(&mut self, own: NodeId, beats: &[NodeBeat], now: Instant) -> Vec<NodeBeat> {
        self.0.retain(|known, _| beats.iter().any(|beat| beat.node == *known));
        let mut lost = vec![];
        for beat in beats.iter().filter(|beat| beat.node != own) {
            let (known, since) = self.0.entry(beat.node).or_insert((beat.beat, now));
            if *known != beat.beat {
                (*known, *since) = (beat.beat, now);
            } else if now.saturating_duration_since(*since) > LOST_AFTER {
                lost.push(*beat);
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(n: u8, beat: i64) -> NodeBeat {
        NodeBeat { node: NodeId::from_bytes([n; 16]), beat }
    }

    #[test]
    fn a_node_is_lost_when_its_beat_stays_the_same_for_long() {
        let (mut others, start, own) = (OtherNodes::default(), Instant::now(), beat(1, 0).node);
        let mut at = |seconds, beats: &[NodeBeat]| others.lost(own, beats, start + Duration::from_secs(seconds));
        assert_eq!(at(0, &[beat(1, 5), beat(2, 7), beat(3, 7)]), []);
        assert_eq!(at(15, &[beat(1, 5), beat(2, 8), beat(3, 7)]), []);
        assert_eq!(at(21, &[beat(1, 5), beat(2, 8), beat(3, 7)]), [beat(3, 7)]);
        assert_eq!(at(36, &[beat(1, 5), beat(2, 8)]), [beat(2, 8)], "and never this one itself");
        assert_eq!(at(40, &[beat(1, 5), beat(2, 9), beat(3, 7)]), [], "who comes back begins anew");
    }
}
