//! The connections that are open: how many there may be, and which of them makes room for a new one.
//!
//! When all places are taken, the connection that has been without a request for longest is closed, those without a
//! token first. A quarter of the places is closed to requests without a token, so what is in it can always make room:
//! strangers never keep out those who have a token, whatever they do.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::config::ConnectionSettings;

use super::activity::Activity;

/// The connections that are open.
pub(in crate::serve) struct Connections {
    most: usize,
    per_address: usize,
    /// Most connections with requests by strangers.
    strangers: usize,
    busy_strangers: AtomicUsize,
    closed: AtomicU64,
    refused: AtomicU64,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: HashMap<u64, (IpAddr, Arc<Activity>)>,
    by_address: HashMap<IpAddr, usize>,
    next: u64,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::serve) enum NoPlace {
    /// All connections have requests.
    #[error("all {0} connections are in use; try again, or raise the server's --max-connections")]
    All(usize),
    /// All of this address have.
    #[error(
        "all {0} connections from this address are in use; try again, or raise the server's --max-connections-per-address"
    )]
    OfAddress(usize),
    /// All that strangers may have.
    #[error(
        "all {0} connections for requests without a token are in use; send a token, try again, or raise the server's \
         --max-connections"
    )]
    OfStrangers(usize),
}

/// What there is to count.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) struct Counts {
    /// Connections that are open.
    pub open: usize,
    /// Connections that were closed to make room.
    pub closed: u64,
    /// Connections and requests that found no place.
    pub refused: u64,
}

impl Connections {
    /// As the settings say, else as many as there are descriptors for.
    pub(in crate::serve) fn new(settings: &ConnectionSettings) -> Arc<Self> {
        let room = super::descriptors::connections();
        let most = settings.most.unwrap_or(room);
        if most > room {
            tracing::warn!(max_connections = most, room, "there are not descriptors for so many connections");
        }
        Arc::new(Self::with(most, settings.per_address.unwrap_or(most.div_ceil(2))))
    }

    fn with(most: usize, per_address: usize) -> Self {
        Self {
            most,
            per_address,
            strangers: most - most.div_ceil(4),
            busy_strangers: AtomicUsize::new(0),
            closed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
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

    /// A place for a connection from `peer`, if need be that of another.
    ///
    /// # Errors
    /// When all have requests.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Result<Place, NoPlace> {
        let address = network(peer);
        let mut table = self.table();
        let entered = self.make_room(&mut table, address);
        if entered.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        entered?;
        let number = table.next;
        let activity = Activity::new();
        table.next += 1;
        table.open.insert(number, (address, Arc::clone(&activity)));
        *table.by_address.entry(address).or_default() += 1;
        drop(table);
        Ok(Place { connections: Arc::clone(self), number, activity })
    }

    fn make_room(&self, table: &mut Table, address: IpAddr) -> Result<(), NoPlace> {
        let of_address = table.by_address.get(&address).copied().unwrap_or_default();
        if of_address >= self.per_address && !self.end_idle(table, of_address, Some(address)) {
            return Err(NoPlace::OfAddress(self.per_address));
        }
        if table.open.len() >= self.most && !self.end_idle(table, table.open.len(), None) {
            return Err(NoPlace::All(self.most));
        }
        Ok(())
    }

    /// Closes connections without a request, of one address or any: a few of many at once, so that looking for them is
    /// cheap even when somebody opens connections as fast as he can. Says whether there was one.
    fn end_idle(&self, table: &mut Table, of: usize, address: Option<IpAddr>) -> bool {
        let candidates = table.open.iter().filter(|(_, (from, _))| address.is_none_or(|address| address == *from));
        let mut idle: Vec<(bool, Instant, u64)> = candidates
            .filter_map(|(number, (_, activity))| Some((activity.is_known(), activity.idle_since()?, *number)))
            .collect();
        idle.sort_unstable();
        idle.truncate((of / 64).max(1));
        for (_, _, number) in &idle {
            table.remove(*number).into_iter().for_each(|activity| activity.end());
        }
        self.closed.fetch_add(idle.len() as u64, Ordering::Relaxed);
        !idle.is_empty()
    }

    /// Takes note of a stranger's connection that has got a request.
    ///
    /// # Errors
    /// When there are too many such.
    pub(super) fn busy_stranger(self: &Arc<Self>) -> Result<BusyStranger, NoPlace> {
        let before = self.busy_strangers.fetch_add(1, Ordering::AcqRel);
        let busy = BusyStranger(Arc::clone(self));
        if before < self.strangers {
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
    fn remove(&mut self, number: u64) -> Option<Arc<Activity>> {
        let (address, activity) = self.open.remove(&number)?;
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some(activity)
    }
}

/// The place of one connection, until it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    /// What the connection is doing.
    pub(super) activity: Arc<Activity>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.table().remove(self.number);
    }
}

/// A stranger's connection that has a request.
pub(super) struct BusyStranger(Arc<Connections>);

impl Drop for BusyStranger {
    fn drop(&mut self) {
        self.0.busy_strangers.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Whom an address stands for: one with IPv6 has as many as it likes of the last 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::activity::Request;
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn who_waits_longest_makes_room_and_a_token_is_worth_waiting_for() {
        let connections = Arc::new(Connections::with(3, 3));
        let enter = || connections.enter(address("192.0.2.1"));
        let (known, first, second) = (enter().unwrap(), enter().unwrap(), enter().unwrap());
        known.activity.set_known();
        let still_open = |place: &Place| connections.table().open.contains_key(&place.number);
        let third = enter().unwrap();
        assert!(still_open(&known) && !still_open(&first) && still_open(&second));
        let requests = [&second, &third].map(|place| Request::begin(&place.activity));
        let fourth = enter().unwrap();
        assert!(!still_open(&known), "nobody else is without a request");
        let last = Request::begin(&fourth.activity);
        assert_eq!(enter().err(), Some(NoPlace::All(3)));
        drop((requests, last));
        assert!(enter().is_ok());
        assert_eq!((connections.counts().closed, connections.counts().refused), (3, 1));
    }

    #[test]
    fn an_address_has_a_part_of_the_places_and_a_network_of_ipv6_is_one_address() {
        let connections = Arc::new(Connections::with(10, 2));
        let held = ["2001:db8::1", "2001:db8::2"].map(|text| {
            let place = connections.enter(address(text)).unwrap();
            (Request::begin(&place.activity), place)
        });
        assert_eq!(connections.enter(address("2001:db8::3")).err(), Some(NoPlace::OfAddress(2)));
        assert!(connections.enter(address("2001:db8:0:1::3")).is_ok());
        drop(held);
        assert!(connections.table().by_address.is_empty());
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
