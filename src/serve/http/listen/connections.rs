//! The open connections: their limits, and which of them is closed to make room for a new one.
//!
//! A stranger is a client that has sent no valid token. When all places are taken, the server closes the connection for
//! whose client it has waited longest: one without a request, or a stranger's whose client makes no progress;
//! strangers' connections first. A quarter of the places is never given to strangers' requests, so a connection there
//! can always make room. So strangers never keep out clients with a token.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::config::ConnectionSettings;

use super::activity::Activity;
use super::busy_strangers::{BusyStranger, BusyStrangers};

/// How long a new connection waits for another one to be closed, which takes long only when the machine is busy.
const CLOSING: Duration = Duration::from_secs(1);

/// The connections that are open.
pub(in crate::serve) struct Connections {
    most: usize,
    per_address: usize,
    /// The most strangers' connections with requests.
    strangers: usize,
    busy_strangers: BusyStrangers,
    closed: AtomicU64,
    refused: AtomicU64,
    /// Whether there will be no more soon.
    ending: AtomicBool,
    /// Notified when a place is free again.
    freed: Notify,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: HashMap<u64, Entry>,
    by_address: HashMap<IpAddr, usize>,
    next: u64,
}

struct Entry {
    address: IpAddr,
    activity: Arc<Activity>,
    /// Whether it was told to end. Its file descriptor is free once it has ended.
    ending: bool,
}

/// Why there is no place for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::serve) enum NoPlace {
    /// All connections have requests.
    #[error("all {0} connections are in use; try again, or raise the server's --max-connections")]
    All(usize),
    /// All connections from this address have requests.
    #[error(
        "all {0} connections from this address are in use; try again, or raise the server's --max-connections-per-address"
    )]
    OfAddress(usize),
    /// All connections for strangers' requests have requests.
    #[error(
        "all {0} connections for requests without a token are in use; send a token, try again, or raise the server's \
         --max-connections"
    )]
    OfStrangers(usize),
}

/// Numbers of connections, for metrics.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct Counts {
    /// Open connections.
    pub open: usize,
    /// Connections that were closed to make room.
    pub closed: u64,
    /// Connections and requests that found no place.
    pub refused: u64,
}

impl Connections {
    /// The limit is that of the settings, and not more than there are file descriptors for.
    pub(in crate::serve) fn new(settings: &ConnectionSettings) -> Arc<Self> {
        let room = super::file_descriptors::connections();
        let most = settings.most.unwrap_or(room);
        if most > room {
            tracing::warn!(
                max_connections = most,
                room,
                "there are not enough file descriptors for the connections of the setting"
            );
        }
        Arc::new(Self::with(most, settings.per_address.unwrap_or(most.div_ceil(2))))
    }

    fn with(most: usize, per_address: usize) -> Self {
        Self {
            most,
            per_address,
            strangers: most - most.div_ceil(4),
            busy_strangers: BusyStrangers::default(),
            closed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            ending: AtomicBool::new(false),
            freed: Notify::new(),
            table: Mutex::default(),
        }
    }

    pub(in crate::serve) fn counts(&self) -> Counts {
        Counts {
            open: self.table().open.len(),
            closed: self.closed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Tells load balancers to open no more.
    pub(super) fn announce_end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the server was asked to stop, and takes requests for a while yet.
    pub(in crate::serve) fn are_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// A place for a connection from `peer`; closes another connection if necessary.
    ///
    /// # Errors
    /// When no other connection can make room.
    pub(super) async fn enter(self: &Arc<Self>, peer: IpAddr) -> Result<Place, NoPlace> {
        let entered = tokio::time::timeout(CLOSING, async {
            loop {
                if let Some(place) = self.try_enter(network(peer))? {
                    return Ok(place);
                }
                self.freed.notified().await;
            }
        });
        let entered = entered.await.unwrap_or(Err(NoPlace::All(self.most)));
        if entered.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        entered
    }

    /// A place, or `None` while another connection is being closed.
    fn try_enter(self: &Arc<Self>, address: IpAddr) -> Result<Option<Place>, NoPlace> {
        let mut table = self.table();
        let of_address = table.by_address.get(&address).copied().unwrap_or_default();
        if of_address >= self.per_address {
            let closing = self.end_waiting(&mut table, of_address, |entry| entry.address == address);
            return if closing { Ok(None) } else { Err(NoPlace::OfAddress(self.per_address)) };
        }
        let open = table.open.len();
        if open >= self.most {
            return if self.end_waiting(&mut table, open, |_| true) { Ok(None) } else { Err(NoPlace::All(self.most)) };
        }
        let (number, activity) = (table.next, Activity::new());
        table.next += 1;
        table.open.insert(number, Entry { address, activity: Arc::clone(&activity), ending: false });
        *table.by_address.entry(address).or_default() += 1;
        Ok(Some(Place { connections: Arc::clone(self), number, activity }))
    }

    /// Tells connections to end whose clients the server waits for. Ends several of many connections at once, so that
    /// the search stays cheap when a client opens connections as fast as it can. Returns whether a connection for which
    /// `may` holds is ending.
    fn end_waiting(&self, table: &mut Table, of: usize, may: impl Fn(&Entry) -> bool) -> bool {
        let mut waiting = vec![];
        for (number, entry) in table.open.iter().filter(|(_, entry)| may(entry)) {
            if entry.ending {
                return true;
            }
            let since = entry.activity.waits_since();
            waiting.extend(since.map(|since| (entry.activity.is_known(), since, *number)));
        }
        waiting.sort_unstable();
        waiting.truncate((of / 64).max(1));
        for (_, _, number) in &waiting {
            if let Some(entry) = table.open.get_mut(number) {
                entry.ending = true;
                entry.activity.end();
            }
        }
        self.closed.fetch_add(waiting.len() as u64, Ordering::Relaxed);
        !waiting.is_empty()
    }

    /// Counts a stranger's connection that has got a request. If there are too many, ends another one whose client
    /// makes no progress.
    ///
    /// # Errors
    /// When there are too many, and the server is working on all of them.
    pub(super) fn busy_stranger(&self) -> Result<BusyStranger, NoPlace> {
        let (before, busy) = self.busy_strangers.add();
        let is_busy = |entry: &Entry| entry.activity.is_busy_stranger();
        if before < self.strangers || self.end_waiting(&mut self.table(), 1, is_busy) {
            return Ok(busy);
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        Err(NoPlace::OfStrangers(self.strangers))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn remove(&mut self, number: u64) {
        let Some(Entry { address, .. }) = self.open.remove(&number) else { return };
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

/// The place of one connection; free again when dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    /// The activity of the connection.
    pub(super) activity: Arc<Activity>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.table().remove(self.number);
        self.connections.freed.notify_one();
    }
}

/// The network of an address: a client with IPv6 may use any address in its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::serve::http::listen::activity::Request;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Enters as a connection does, while those that are told to end do so.
    fn enter(connections: &Arc<Connections>, held: &mut Vec<Place>) -> Result<u64, NoPlace> {
        loop {
            if let Some(place) = connections.try_enter(address("192.0.2.1"))? {
                held.push(place);
                return Ok(held.last().unwrap().number);
            }
            let is_ending = |place: &Place| connections.table().open[&place.number].ending;
            let (ending, staying): (Vec<_>, Vec<_>) = held.drain(..).partition(is_ending);
            *held = staying;
            drop(ending);
        }
    }

    #[test]
    fn who_is_waited_for_longest_makes_room_and_a_token_is_worth_waiting_for() {
        let (connections, mut held) = (Arc::new(Connections::with(3, 4)), vec![]);
        let known = enter(&connections, &mut held).unwrap();
        held[0].activity.set_known();
        let first = enter(&connections, &mut held).unwrap();
        let second = enter(&connections, &mut held).unwrap();
        let still_open = |number: u64| connections.table().open.contains_key(&number);
        let third = enter(&connections, &mut held).unwrap();
        assert!(still_open(known) && !still_open(first) && still_open(second));
        let begin = |held: &[Place], number: u64| {
            Request::begin(&held.iter().find(|place| place.number == number).unwrap().activity)
        };
        let requests = [begin(&held, second), begin(&held, third)];
        let fourth = enter(&connections, &mut held).unwrap();
        assert!(!still_open(known), "nobody else is waited for");
        let last = begin(&held, fourth);
        assert_eq!(enter(&connections, &mut held).err(), Some(NoPlace::All(3)));
        requests[1].is_sent(Instant::now());
        enter(&connections, &mut held).unwrap();
        assert!(!still_open(third), "a stranger who does not come on is waited for");
        drop((requests, last));
        assert_eq!(connections.counts().closed, 3);
    }

    #[tokio::test]
    async fn an_address_has_a_part_of_the_places_and_a_network_of_ipv6_is_one_address() {
        let connections = Arc::new(Connections::with(10, 2));
        let mut held = vec![];
        for text in ["2001:db8::1", "2001:db8::2"] {
            let place = connections.enter(address(text)).await.unwrap();
            held.push((Request::begin(&place.activity), place));
        }
        assert_eq!(connections.enter(address("2001:db8::3")).await.err(), Some(NoPlace::OfAddress(2)));
        assert!(connections.enter(address("2001:db8:0:1::3")).await.is_ok());
        drop(held);
        assert!(connections.table().by_address.is_empty());
        assert_eq!(connections.counts().refused, 1);
    }

    #[test]
    fn strangers_with_requests_leave_places_to_others() {
        let connections = Arc::new(Connections::with(4, 4));
        let busy: Vec<_> = (0..3).map(|_| connections.busy_stranger().unwrap()).collect();
        assert_eq!(connections.busy_stranger().err(), Some(NoPlace::OfStrangers(3)));
        drop(busy);
        assert!(connections.busy_stranger().is_ok());
    }
}
